"""What moves with files: the includes of a partial that gets another name or place, a prompt's own name, its input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from promptls.ide.edits import FileRename, WorkspaceEdit
from promptls.ide.input_files import input_file_paths
from promptls.ide.moves import Moves
from promptls.ide.names import Name, names
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, frontmatter
from promptls.syntax.source import Range, TextEdit
from promptls.workspace import FileProblem, Workspace, prompt_name
from promptls.workspace.files import is_prompt_file


def will_rename_files(workspace: Workspace, renames: Iterable[FileRename]) -> WorkspaceEdit:
    """What else to change when files or folders are about to move, all edits being of the texts before that.

    The includes of partials follow them, and those in the files that move keep their meaning. A frontmatter's `name`
    and `variant` that repeat the file's name follow it, and so does the example input beside a prompt.
    """
    renames = tuple(renames)
    with workspace.settled():
        return moving(workspace, renames, Moves(workspace, renames))


def moving(workspace: Workspace, renames: Sequence[FileRename], moves: Moves) -> WorkspaceEdit:
    """See `will_rename_files`."""
    edits: dict[Path | None, tuple[TextEdit, ...]] = {}
    notes: list[str] = []
    for file in _concerned(workspace, moves):
        try:
            prompt = workspace.prompt(file)
        except FileProblem as problem:
            notes.append(str(problem))
            continue
        changes = [*_includes(prompt, file, workspace, moves, notes), *_own_name(prompt, file, moves.after(file))]
        if changes:
            edits[file] = tuple(sorted(set(changes), key=lambda edit: edit.range))
    return WorkspaceEdit(edits, renames=tuple(_input_files(workspace, renames)), notes=tuple(notes))


def _concerned(workspace: Workspace, moves: Moves) -> list[Path]:
    """The files that move, and those that include one of them."""
    includers = workspace.includers()
    found = set(moves.moved)
    for path in moves.moved:
        found |= includers.get(path, set())
    return sorted(found | {file for file, _ in moves.captured})


def _includes(prompt: Prompt, file: Path, workspace: Workspace, moves: Moves, notes: list[str]) -> Iterator[TextEdit]:
    for name in names(prompt):
        partial = prompt.project.partial_path(name.name, prompt) if name.kind == "partial" else None
        if partial is None or not workspace.exists(partial):
            continue
        new = moves.name(name.name, partial, file)
        if new is None:
            notes.append(f"{file.name} will not find the partial `{name.name}` any more.")
        elif new != name.name:
            yield include_edit(prompt, name, new)


def include_edit(prompt: Prompt, name: Name, new: str) -> TextEdit:
    """The edit of an include; a name that Handlebars would not read as one gets quotes."""
    range = name.range
    before = prompt.text[range.start - 1 : range.start]
    is_plain = all(character.isalnum() or character in "_-/.$" for character in new)
    if is_plain or before in ('"', "'", "["):
        return TextEdit(range, new)
    return TextEdit(range, f'"{new}"')


def _own_name(prompt: Prompt, old: Path, new: Path) -> Iterator[TextEdit]:
    """A `name` and `variant` in the frontmatter that only repeat the file's name."""
    before, after = prompt_name(old), prompt_name(new)
    known, head = metadata(prompt), frontmatter(prompt)
    if head is None or head.mapping is None or head.error is not None or before.is_partial:
        # The frontmatter of a partial is a part of the text that it inserts.
        return
    for written, was, becomes in (
        (known.name, before.name, after.name),
        (known.variant, before.variant, after.variant),
    ):
        if written is not None and was != becomes and becomes is not None and written.value == was:
            yield TextEdit(_unquoted(prompt, written.range), becomes)


def _unquoted(prompt: Prompt, range: Range) -> Range:
    quoted = prompt.text[range.start] in "\"'"
    return Range(range.start + 1, range.end - 1) if quoted else range


def _input_files(workspace: Workspace, renames: Iterable[FileRename]) -> Iterator[FileRename]:
    """The example input that lies beside prompts that move alone."""
    renames = tuple(renames)
    moving = {each.old for each in renames}
    for each in renames:
        if not (is_prompt_file(each.old.name) and is_prompt_file(each.new.name)):
            continue
        for old, new in zip(input_file_paths(each.old), input_file_paths(each.new), strict=True):
            if old not in moving and workspace.exists(old) and not workspace.exists(new):
                yield FileRename(old, new)
