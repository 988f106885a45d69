"""Who includes a partial, and which partials a prompt includes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from promptls.ide.names import names
from promptls.ide.navigation import partial_start
from promptls.ide.references import inclusions
from promptls.language.files import is_partial
from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt
from promptls.language.tree import tree
from promptls.syntax.handlebars.nodes import PartialBlockStatement, PartialStatement, SubExpression
from promptls.syntax.source import Range
from promptls.workspace import FileProblem, Workspace

CallItemKind = Literal["prompt", "partial", "missing", "computed"]


@dataclass(frozen=True, slots=True)
class CallItem:
    """A file that includes or is included.

    A partial that is `missing`, or whose name is `computed`, has no file: `path` and `range` are those of its include.
    """

    name: str
    kind: CallItemKind
    path: Path
    range: Range
    selection: Range


@dataclass(frozen=True, slots=True)
class Call:
    """The other end of some includes, and where they stand in the text that includes."""

    item: CallItem
    ranges: tuple[Range, ...]


def prepare_call_hierarchy(workspace: Workspace, prompt: Prompt, offset: int) -> CallItem | None:
    """The partial that a cursor is on, or else the file itself; None in what is not dotprompt or no file."""
    if prompt.path is None or not is_dotprompt(prompt):
        return None
    for name in names(prompt):
        if name.kind == "partial" and name.range.contains(offset):
            return _included(prompt, prompt.path, name.name, name.range)
    return _item(prompt, prompt.path)


def incoming_calls(workspace: Workspace, item: CallItem) -> tuple[Call, ...]:
    """The files that include an item by its name."""
    if item.kind != "partial":
        return ()
    found: dict[Path, tuple[CallItem, list[Range]]] = {}
    with workspace.settled():
        for prompt, name in inclusions(workspace, item.path):
            if prompt.path is not None:
                found.setdefault(prompt.path, (_item(prompt, prompt.path), []))[1].append(name.range)
    return tuple(Call(caller, tuple(ranges)) for caller, ranges in found.values())


def outgoing_calls(workspace: Workspace, item: CallItem) -> tuple[Call, ...]:
    """The partials that an item includes, in source order of their first includes."""
    if item.kind not in ("prompt", "partial"):
        return ()
    try:
        prompt = workspace.prompt(item.path)
    except FileProblem:
        return ()
    ranges: dict[tuple[CallItemKind, str], list[Range]] = defaultdict(list)
    items: dict[tuple[CallItemKind, str], CallItem] = {}
    for name in names(prompt):
        if name.kind == "partial":
            called = _included(prompt, item.path, name.name, name.range)
            key = (called.kind, str(called.path) if called.kind == "partial" else called.name)
            items.setdefault(key, called)
            ranges[key].append(name.range)
    calls: list[PartialStatement | PartialBlockStatement] = [*tree(prompt).of(PartialStatement)]
    for call in (*calls, *tree(prompt).of(PartialBlockStatement)):
        if isinstance(call.name, SubExpression):
            written = prompt.text[call.name.range.start : call.name.range.end]
            key = ("computed", written)
            items.setdefault(key, CallItem(written, "computed", item.path, call.range, call.name.range))
            ranges[key].append(call.name.range)
    return tuple(
        sorted((Call(items[key], tuple(found)) for key, found in ranges.items()), key=lambda each: each.ranges)
    )


def _included(prompt: Prompt, path: Path, name: str, range: Range) -> CallItem:
    partial = prompt.project.partial(name, prompt)
    if partial is None or partial.path is None:
        return CallItem(name, "missing", path, range, range)
    return _item(partial, partial.path)


def _item(prompt: Prompt, path: Path) -> CallItem:
    start = partial_start(prompt)
    kind: CallItemKind = "partial" if is_partial(prompt) else "prompt"
    name = path.name.removeprefix("_").removesuffix(".prompt")
    return CallItem(name, kind, path, Range(0, len(prompt.text)), Range(start, start))
