"""Renaming inputs, their fields, block parameters and partials' arguments, wherever they are named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.input_files import input_files
from promptls.ide.rename_checks import RenameChecks, check_identifier
from promptls.ide.variable_groups import Entries, Group, group_of
from promptls.ide.variables import Mention, Slot, keys_at, variables
from promptls.language.files import identity, is_partial
from promptls.language.json_schema import inner_range
from promptls.language.prompt import Prompt
from promptls.language.scope import scope
from promptls.syntax.source import TextEdit
from promptls.workspace import Workspace


def renameable_group(workspace: Workspace, prompt: Prompt, mention: Mention) -> Group:
    """All that has to change with a variable's name; raises `Refused` where that cannot be told."""
    name = prompt.text[mention.range.start : mention.range.end]
    group = group_of(mention, Entries(workspace, prompt))
    if not group.members:
        raise Refused(f"No schema tells what `{name}` is, so its other uses cannot be found.")
    for entry, each in group.members:
        if each.slot is not None and _is_foreign(entry, each.slot):
            raise Refused(f"`{name}` is a field of a schema in the settings; rename it there.")
    return group


def rename_variable(workspace: Workspace, prompt: Prompt, mention: Mention, new: str) -> WorkspaceEdit:
    """The edits that give a variable another name in all prompts that share it; raises `Refused`."""
    group = renameable_group(workspace, prompt, mention)
    check_identifier(new)
    old = prompt.text[mention.range.start : mention.range.end]
    if old == new:
        return WorkspaceEdit()
    RenameChecks(prompt, old, new).check(group)
    edits: dict[Path | None, set[TextEdit]] = defaultdict(set)
    for _, each in group.members:
        edits[each.text.path].add(TextEdit(each.range, new))
    for path, edit in _in_input_files(workspace, group, new):
        edits[path].add(edit)
    ordered = {path: tuple(sorted(each, key=lambda edit: edit.range)) for path, each in edits.items()}
    return WorkspaceEdit(ordered, notes=tuple(_notes(prompt, group, old)))


def _is_foreign(entry: Prompt, slot: Slot) -> bool:
    """Whether the settings declare a variable."""
    schema = scope(entry).inputs.schema
    is_named = schema is not None and schema.type.name is not None and schema.type.field(slot.name) is not None
    return slot.kind == "foreign" or (slot.kind == "input" and is_named)


def _in_input_files(workspace: Workspace, group: Group, new: str) -> Iterator[tuple[Path, TextEdit]]:
    """The edits of the example input that lies beside the prompts."""
    seen: set[tuple[object, Slot]] = set()
    for entry, mention in group.members:
        slot = mention.slot
        if slot is None or slot.kind not in ("input", "field") or entry.path is None:
            continue
        if (identity(entry), slot) in seen:
            continue
        seen.add((identity(entry), slot))
        fields = variables(entry).fields.get(slot)
        paths = fields.paths if fields else [(slot.name,)]
        for path, text, document in input_files(workspace, entry.path):
            if document.root is None or document.error is not None:
                raise Refused(f"{path.name} cannot be read, and it holds input for {entry.path.name}.")
            for each in paths:
                if any(True for _ in keys_at(document.root, (*each[:-1], new))):
                    raise Refused(f"{path.name} has a key `{new}` already.")
                for key in keys_at(document.root, each):
                    range = inner_range(key)
                    if text[range.start : range.end] != slot.name:
                        raise Refused(f"{path.name} writes `{slot.name}` with escapes.")
                    yield path, TextEdit(range, new)


def _notes(prompt: Prompt, group: Group, old: str) -> Iterator[str]:
    """What the renaming changes for those who call other prompts."""
    others = {
        entry.path.name
        for entry, mention in group.members
        if entry is not prompt
        and entry.path is not None
        and not is_partial(entry)
        and mention.slot is not None
        and mention.slot.kind == "input"
    }
    if others:
        names = sorted(others)
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        yield f"The input `{old}` gets its new name in {shown} too, which share it through a partial."
