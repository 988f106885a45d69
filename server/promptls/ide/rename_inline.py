"""Renaming a partial that a template defines in place."""

from __future__ import annotations

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.names import Name, names
from promptls.ide.variables import variables
from promptls.language.prompt import Prompt
from promptls.language.uses import inline_partials
from promptls.syntax.source import TextEdit
from promptls.workspace.partials import partial_file


def check_inline_partial(prompt: Prompt, name: Name) -> None:
    """Raise `Refused` where a call of an inline partial may stand in another file."""
    for text, call in variables(prompt).calls:
        if call.name is None:
            raise Refused(f"A partial is included by a computed name, which may be `{name.name}`.")
        if text is not prompt and call.name == name.name:
            raise Refused(f"The partial {text.path.name if text.path else ''} includes `{name.name}` from here.")


def rename_inline_partial(prompt: Prompt, name: Name, new: str) -> WorkspaceEdit:
    """The edits that give an inline partial another name; raises `Refused`."""
    check_inline_partial(prompt, name)
    if partial_file(new) is None or not all(character.isalnum() or character in "_-" for character in new):
        raise Refused(f"`{new}` is not a partial's name: it is letters, digits, `_` and `-`.")
    if new == name.name:
        return WorkspaceEdit()
    calls = {call.name for _, call in variables(prompt).calls}
    if new in {each for each, _ in inline_partials(prompt)} | calls or prompt.project.partial(new, prompt) is not None:
        raise Refused(f"There is a partial `{new}` already.")
    places = (each for each in names(prompt) if each.kind == name.kind and each.name == name.name)
    return WorkspaceEdit({prompt.path: tuple(TextEdit(each.range, new) for each in places)})
