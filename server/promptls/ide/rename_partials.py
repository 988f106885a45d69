"""Renaming a partial where it is included: its file, its variants, and every include of them."""

from __future__ import annotations

from pathlib import Path

from promptls.ide.edits import FileRename, Refused, WorkspaceEdit
from promptls.ide.moves import Moves
from promptls.ide.names import Name
from promptls.ide.rename_files import moving
from promptls.language.prompt import Prompt, frontmatter
from promptls.syntax.yaml_nodes import YamlScalar, walk
from promptls.workspace import FileProblem, Workspace, prompt_name
from promptls.workspace.files import SUFFIX
from promptls.workspace.partials import partial_file


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
    for file, wanted in moves.captured:
        raise Refused(f"{file.name} includes `{wanted}`, which would then be the renamed partial.")
    notes = _check_computed(workspace, name.name)
    edit = moving(workspace, renames, moves)
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


def _check_computed(workspace: Workspace, name: str) -> list[str]:
    """Refuse where a computed include may well mean the partial; else give a sentence on each that there is."""
    notes = []
    for file in workspace.computing():
        try:
            prompt = workspace.prompt(file)
        except FileProblem:
            continue
        head, text = frontmatter(prompt), prompt.text
        values = walk(head.root) if head is not None and head.root is not None else ()
        listed = any(isinstance(each, YamlScalar) and each.text == name for each in values)
        if listed or f'"{name}"' in text or f"'{name}'" in text:
            raise Refused(f"{file.name} includes a partial by a computed name, which may be `{name}`.")
        notes.append(f"{file.name} includes a partial by a computed name; see that it is not `{name}`.")
    return notes
