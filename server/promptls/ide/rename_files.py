"""What moves with files: the includes of a partial that gets another name or place, a prompt's own name, its input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from promptls.ide.edits import FileRename, Refused, WorkspaceEdit
from promptls.ide.input_files import input_file_paths
from promptls.ide.names import Name, names
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, frontmatter
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlScalar, walk
from promptls.workspace import FileProblem, Workspace, prompt_name
from promptls.workspace.files import SUFFIX, is_prompt_file
from promptls.workspace.partials import find_partial, includes_computed_name, name_in, names_of, partial_file


class Moves:
    """The files as they will be: where everything is after some files or folders have moved."""

    def __init__(self, workspace: Workspace, renames: Sequence[FileRename]) -> None:
        self._workspace = workspace
        self._renames = [each for each in renames if each.old != each.new]

    def after(self, path: Path) -> Path:
        """Where the file that is at `path` now will be."""
        for each in self._renames:
            if path.is_relative_to(each.old):
                return each.new / path.relative_to(each.old)
        return path

    def exists(self, path: Path) -> bool:
        """Whether there will be a file."""
        for each in self._renames:
            if path.is_relative_to(each.new) and self._workspace.exists(each.old / path.relative_to(each.new)):
                return True
        return self.after(path) == path and self._workspace.exists(path)

    def partials_below(self, top: Path) -> Sequence[Path]:
        """The partials that will be at and below a folder."""
        stay = [path for path in self._workspace.partials_below(top) if self.after(path) == path]
        come = [path for path in self.moved.values() if path.name.startswith("_") and path.is_relative_to(top)]
        return sorted({*stay, *come})

    @cached_property
    def moved(self) -> Mapping[Path, Path]:
        """Every prompt that moves, by its old path."""
        found: dict[Path, Path] = {}
        for each in self._renames:
            below = (path for path in self._workspace.discover([each.old]) if isinstance(path, Path))
            found |= {path: self.after(path) for path in below if is_prompt_file(path.name)}
        found |= {path: self.after(path) for path in self._workspace.open_paths if self.after(path) != path}
        return found

    def called(self, name: str, file: Path) -> Path | None:
        """What the file that is at `file` now will include by `name`."""
        path = self.after(file)
        workspace = self._workspace
        found = find_partial(name, path, workspace.settings(path), workspace.folders, self)
        return found if found is not None and self.exists(found) else None

    def name(self, old: str, partial: Path, file: Path) -> str | None:
        """How the file now at `file` must call the partial now at `partial`: as before if it can, else much like it."""
        wanted, path, workspace = self.after(partial), self.after(file), self._workspace
        possible = [old, *names_of(wanted, path, workspace.settings(path), workspace.folders)]
        depth = old.count("/")
        if depth < len(partial.parents) and (same_root := name_in(wanted, partial.parents[depth])):
            possible.insert(1, same_root)
        return next((name for name in possible if self.called(name, file) == wanted), None)


def will_rename_files(workspace: Workspace, renames: Iterable[FileRename]) -> WorkspaceEdit:
    """What else to change when files or folders are about to move, all edits being of the texts before that.

    The includes of partials follow them, and those in the files that move keep their meaning. A frontmatter's `name`
    and `variant` that repeat the file's name follow it, and so does the example input beside a prompt.
    """
    renames = tuple(renames)
    moves = Moves(workspace, renames)
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
    return sorted(found | {file for file, _ in _captured(workspace, moves)})


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


# Renaming a partial where it is included


def rename_partial(workspace: Workspace, prompt: Prompt, name: Name, new: str) -> WorkspaceEdit:
    """The edits and file renames that give a partial and its variants another name; raises `Refused`."""
    old = existing_partial(workspace, prompt, name)
    if new == name.name:
        return WorkspaceEdit()
    renames = _partial_renames(workspace, old, name.name, new)
    for each in renames:
        if workspace.exists(each.new) or each.new.exists():
            raise Refused(f"{each.new.name} exists already.")
    moves = Moves(workspace, renames)
    _check_others(workspace, moves)
    notes = _check_computed(workspace, name.name)
    edit = will_rename_files(workspace, renames)
    if edit.notes:
        raise Refused(edit.notes[0])
    return WorkspaceEdit(edit.edits, renames=(*renames, *edit.renames), notes=tuple(notes))


def existing_partial(workspace: Workspace, prompt: Prompt, name: Name) -> Path:
    """The file of a partial's name; raises `Refused` where there is none."""
    path = prompt.project.partial_path(name.name, prompt)
    if path is None or not workspace.exists(path):
        raise Refused(f"The partial `{name.name}` was not found, so there is no file to rename.")
    return path


def _partial_renames(workspace: Workspace, old: Path, name: str, new: str) -> list[FileRename]:
    """The partial's file and its variants, under the new name."""
    if not all(part and all(c.isalnum() or c in "_-." for c in part) for part in new.split("/")):
        raise Refused(
            f"`{new}` is not a partial's name: it is letters, digits, `_`, `-` and `.`, with `/` for folders."
        )
    file = partial_file(new)
    if file is None or file.name.startswith("_."):
        raise Refused(f"`{new}` is not a partial's name that runtimes accept.")
    folder = old.parent
    if new.rpartition("/")[0] != name.rpartition("/")[0]:
        above = name.count("/")
        if above and old.parts[-1 - above : -1] != tuple(name.split("/")[:-1]):
            raise Refused(f"`{name}` is not found by its folders, so it cannot move to others.")
        folder = old.parents[above] / file.parent
    renames = [FileRename(old, folder / file.name)]
    base = prompt_name(old)
    if base.variant is None:
        ending = f"_{new.rpartition('/')[2]}"
        for other in sorted(workspace.partials_below(old.parent)):
            variant = prompt_name(other)
            if other.parent == old.parent and variant.name == base.name and variant.variant is not None:
                renames.append(FileRename(other, folder / f"{ending}.{variant.variant}{SUFFIX}"))
    return renames


def _check_others(workspace: Workspace, moves: Moves) -> None:
    """Refuse where a partial under its new name would take the place of another, or of one that is missing."""
    for file, name in _captured(workspace, moves):
        raise Refused(f"{file.name} includes `{name}`, which would then be the renamed partial.")


def _captured(workspace: Workspace, moves: Moves) -> Iterator[tuple[Path, str]]:
    """The includes of partials that stay which would find one that has moved, by file and name."""
    arriving = {path.name for path in moves.moved.values()}
    for file in _all_files(workspace):
        for name, partial in workspace.included(file):
            wanted = partial_file(name)
            if wanted is None or wanted.name not in arriving or partial in moves.moved:
                continue
            found = moves.called(name, file)
            if found is not None and (found != partial or not workspace.exists(partial)):
                yield file, name


def _check_computed(workspace: Workspace, name: str) -> list[str]:
    """Refuse where a computed include may well mean the partial; else give a sentence on each that there is."""
    notes = []
    for file in _all_files(workspace):
        try:
            text = workspace.source(file).text
            if not includes_computed_name(text):
                continue
            head = frontmatter(workspace.prompt(file))
        except FileProblem:
            continue
        values = walk(head.root) if head is not None and head.root is not None else ()
        listed = any(isinstance(each, YamlScalar) and each.text == name for each in values)
        if listed or f'"{name}"' in text or f"'{name}'" in text:
            raise Refused(f"{file.name} includes a partial by a computed name, which may be `{name}`.")
        notes.append(f"{file.name} includes a partial by a computed name; see that it is not `{name}`.")
    return notes


def _all_files(workspace: Workspace) -> list[Path]:
    return sorted({each for each in workspace.discover() if isinstance(each, Path)} | set(workspace.open_paths))
