"""The versions of a prompt as an editor shows them: a line above the text, the edit that states one, and a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from promptls.ide.edits import Refused
from promptls.ide.refactor.frontmatter_edits import change, with_entry
from promptls.language.prompt import Prompt, frontmatter
from promptls.store.bump import stated_version
from promptls.store.changelog import changelog
from promptls.store.history import HistoryProblem
from promptls.store.versions import Version, read_version
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlScalar, resolve
from promptls.workspace import Workspace
from promptls.workspace.history import history_of


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a prompt stands in its history: how many versions there are, the newest one, and the one that its text
    would become; None where that is recorded already.
    """

    count: int
    newest: Version
    following: Version | None

    @property
    def title(self) -> str:
        """`v2.1.0, 3 versions`, and what comes next where the text has changed since."""
        count = "1 version" if self.count == 1 else f"{self.count:,} versions"
        title = f"v{self.newest.version}, {count}"
        return f"{title}, next v{self.following.version} ({self.following.bump})" if self.following else title


@dataclass(frozen=True, slots=True)
class StateVersion:
    """The edits that put a version into the frontmatter."""

    title: str
    edits: tuple[TextEdit, ...]


def standing(workspace: Workspace, prompt: Prompt, told: Callable[[str], None] | None = None) -> Standing | None:
    """Where a prompt stands; None where it is no file, nothing is recorded, or the history cannot be read.

    `told` hears in a sentence of damage that was mended.
    """
    if prompt.path is None:
        return None
    try:
        history = history_of(workspace, prompt.path, told)
        known = history.versions(prompt.path)
        return Standing(len(known), known[-1], history.next(prompt)) if known else None
    except HistoryProblem:
        return None


def state_version(workspace: Workspace, prompt: Prompt) -> StateVersion | None:
    """The action that has the frontmatter state the version that the prompt is or is about to become.

    None where it says so already, or where the frontmatter cannot be edited.
    """
    found = standing(workspace, prompt)
    if found is None:
        return None
    meant = found.following or found.newest
    if read_version(stated_version(prompt) or "") == read_version(meant.version):
        return None
    try:
        edits = _edits(prompt, meant.version)
    except Refused:
        return None
    why = f" ({meant.bump}: {meant.reasons[0].message})" if found.following and meant.reasons else ""
    return StateVersion(f"Set version to {meant.version}{why}", edits)


def states_version_at(prompt: Prompt, range: Range) -> bool:
    """Whether a range or cursor is on the first line, or on the entry of the frontmatter that states the version."""
    if range.start <= prompt.source.line_range(0).end:
        return True
    head = frontmatter(prompt)
    entry = head.mapping.get("version") if head is not None and head.mapping is not None else None
    return entry is not None and entry.range.start <= range.end and range.start <= entry.range.end


def history_page(workspace: Workspace, prompt: Prompt) -> str:
    """The history of a prompt as a page of Markdown."""
    name = prompt.path.name if prompt.path is not None else "this prompt"
    try:
        known = history_of(workspace, prompt.path).versions(prompt.path) if prompt.path is not None else ()
    except HistoryProblem as problem:
        return f"# Changes of {name}\n\n{str(problem)[:1].upper()}{str(problem)[1:]}.\n"
    return changelog(name, known) if known else f"# Changes of {name}\n\nNothing is recorded yet.\n"


def _edits(prompt: Prompt, version: str) -> tuple[TextEdit, ...]:
    head = frontmatter(prompt)
    entry = head.mapping.get("version") if head is not None and head.mapping is not None else None
    if entry is None:
        return change(prompt, with_entry(prompt, ("version",), version))
    node = resolve(entry.value)
    if not isinstance(node, YamlScalar) or node is not entry.value or node.style in ("literal", "folded"):
        raise Refused("the version is written in a way that cannot be edited.")
    if node.range.start == node.range.end:
        return (TextEdit(node.range, f" {version}"),)
    quote = {"single": "'", "double": '"'}.get(node.style, "")
    return (TextEdit(node.range, f"{quote}{version}{quote}"),)
