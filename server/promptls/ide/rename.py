"""Rename whatever a cursor is on, in every file, or say why that is not safe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.names import Name, name_at
from promptls.ide.rename_inline import check_inline_partial, rename_inline_partial
from promptls.ide.rename_names import rename_name, renameable
from promptls.ide.rename_partials import existing_partial, rename_partial
from promptls.ide.rename_variables import rename_variable, renameable_group
from promptls.ide.variables import Mention, variables
from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt, frontmatter
from promptls.syntax.source import Range
from promptls.workspace import Workspace

_FIXED = {
    "helper": "Helpers belong to Handlebars or to the host program, so `{name}` cannot be renamed here.",
    "data-variable": "`@{name}` belongs to Handlebars or to the host program and cannot be renamed here.",
    "model": "`{name}` is its vendor's name for the model.",
    "role": "Roles have fixed names; to change this one, write another.",
}


@dataclass(frozen=True, slots=True)
class Renameable:
    """What would be renamed: its place, and its present name, which an editor shows for a start."""

    range: Range
    name: str


def prepare_rename(workspace: Workspace, prompt: Prompt, offset: int) -> Renameable:
    """What a renaming at `offset` would change; raises `Refused` with the reason where it can be none."""
    with workspace.settled():
        return _prepared(workspace, prompt, _found(prompt, offset))


def _prepared(workspace: Workspace, prompt: Prompt, found: Mention | Name) -> Renameable:
    if isinstance(found, Mention):
        renameable_group(workspace, prompt, found)
        return Renameable(found.range, prompt.text[found.range.start : found.range.end])
    match found.kind:
        case "partial":
            existing_partial(workspace, prompt, found)
        case "inline-partial":
            check_inline_partial(prompt, found)
        case "schema" | "tool":
            renameable(workspace, prompt, found)
        case _:
            _refuse(found)
    return Renameable(found.range, found.name)


def rename(workspace: Workspace, prompt: Prompt, offset: int, new: str) -> WorkspaceEdit:
    """The edits that give what is at `offset` the name `new` everywhere; raises `Refused` where that is not safe.

    The prompts render the same messages before and after from the same data, its keys renamed too.
    """
    with workspace.settled():
        return _renamed(workspace, prompt, _found(prompt, offset), new)


def _renamed(workspace: Workspace, prompt: Prompt, found: Mention | Name, new: str) -> WorkspaceEdit:
    if isinstance(found, Mention):
        return rename_variable(workspace, prompt, found, new)
    match found.kind:
        case "partial":
            return rename_partial(workspace, prompt, found, new)
        case "inline-partial":
            return rename_inline_partial(prompt, found, new)
        case "schema" | "tool":
            return rename_name(workspace, prompt, found, new)
        case _:
            _refuse(found)


def _found(prompt: Prompt, offset: int) -> Mention | Name:
    if not is_dotprompt(prompt):
        raise Refused("This is no dotprompt file.")
    head = frontmatter(prompt)
    if head is not None and head.error is not None:
        raise Refused(f"The frontmatter cannot be read: {head.error.message}.")
    found = variables(prompt).at(offset) or name_at(prompt, offset)
    if found is None:
        raise Refused("There is no name here that could be changed.")
    return found


def _refuse(name: Name) -> NoReturn:
    raise Refused(_FIXED[name.kind].format(name=name.name))
