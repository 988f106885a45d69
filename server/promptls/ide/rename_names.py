"""Renaming named schemas and tools, in the prompts and in the settings that declare them."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.names import Name
from promptls.ide.references import named_places
from promptls.ide.settings_places import SettingsPlace, settings_place
from promptls.language.picoschema_syntax import KEY_TYPES, SCALAR_TYPES
from promptls.language.prompt import Prompt, frontmatter, layout
from promptls.settings.toml import locate
from promptls.syntax.source import Range, Source, TextEdit
from promptls.syntax.yaml_nodes import yaml_1_1_type
from promptls.workspace import Workspace

_SCHEMA = re.compile(r"[^\W\d][\w-]*\Z")
_TOOL = re.compile(r"[^\W\d][\w./-]*\Z")


def rename_name(workspace: Workspace, prompt: Prompt, name: Name, new: str) -> WorkspaceEdit:
    """The edits that give a named schema or a tool another name; raises `Refused`."""
    place = renameable(workspace, prompt, name)
    _check_new(workspace, prompt, name, new)
    if new == name.name:
        return WorkspaceEdit()
    edits: dict[Path | None, set[TextEdit]] = defaultdict(set)
    mentioning = set()
    for other, each in named_places(workspace, prompt, name):
        head = frontmatter(other)
        if head is not None and head.error is not None:
            raise Refused(f"The frontmatter of {_file(other)} cannot be read: {head.error.message}.")
        if other.text[each.range.start : each.range.end] != name.name:
            raise Refused(f"{_file(other)} writes `{name.name}` with escapes.")
        edits[other.path].add(TextEdit(each.range, new))
        body = layout(other).template_range
        if name.kind == "tool" and re.search(rf"\b{re.escape(name.name)}\b", other.text[body.start : body.end]):
            mentioning.add(_file(other))
    if place is not None and place.path is not None:
        edits[place.path].update(_in_settings(workspace, place, name, new))
    notes = []
    if place is None:
        notes.append(f"The host program registers `{name.name}`, and has to learn of its new name.")
    notes += [f"The text of {file} speaks of `{name.name}`, too." for file in sorted(mentioning)]
    ordered = {path: tuple(sorted(each, key=lambda edit: edit.range)) for path, each in edits.items()}
    return WorkspaceEdit(ordered, notes=tuple(notes))


def renameable(workspace: Workspace, prompt: Prompt, name: Name) -> SettingsPlace | None:
    """Where the settings declare the name, if they do; raises `Refused` where it cannot be changed there."""
    place = settings_place(workspace, prompt.path, name.kind, name.name)
    if place is not None and place.path is None:
        raise Refused(f"`{name.name}` is declared by {place.layer.kind} settings, which promptls cannot edit.")
    return None if place is not None and place.is_pattern else place


def _check_new(workspace: Workspace, prompt: Prompt, name: Name, new: str) -> None:
    pattern, what = (_SCHEMA, "schema") if name.kind == "schema" else (_TOOL, "tool")
    if not pattern.match(new):
        raise Refused(
            f"`{new}` is not a {what}'s name: it begins with a letter and goes on with letters, digits, `_`, `-`."
        )
    if new in SCALAR_TYPES or new in KEY_TYPES or yaml_1_1_type(new) != "text":
        raise Refused(f"`{new}` has a meaning of its own in YAML or picoschema.")
    other = name._replace(name=new)
    taken = settings_place(workspace, prompt.path, name.kind, new)
    if (taken is not None and not taken.is_pattern) or next(named_places(workspace, prompt, other), None):
        raise Refused(f"There is a {what} `{new}` already.")


def _in_settings(workspace: Workspace, place: SettingsPlace, name: Name, new: str) -> Iterator[TextEdit]:
    """The edits of a settings file; refused where reading it again would not show just the new name."""
    assert place.path is not None
    text = place.layer.text
    if workspace.source(place.path).text.removeprefix("\ufeff") != text:
        raise Refused(f"{place.path.name} has changed since it was read.")
    edits = [TextEdit(place.name, new)]
    if name.kind == "schema":
        edits += _other_schemas(text, place, name.name, new)
    expected = _renamed(tomllib.loads(text), (*place.layer.prefix, *place.keys), name, new)
    try:
        found = tomllib.loads(Source(text).edited(edits).text)
    except tomllib.TOMLDecodeError:
        found = None
    if found != expected:
        raise Refused(f"{place.path.name} writes `{name.name}` in more than one place; rename it there first.")
    yield from edits


def _other_schemas(text: str, place: SettingsPlace, old: str, new: str) -> Iterator[TextEdit]:
    """The places at which other schemas of the settings refer to one by its name."""
    top = (*place.layer.prefix, place.keys[0])
    for keys, entry in locate(text).items():
        if keys[: len(top)] == top and text[entry.value.start : entry.value.start + 1] in ('"', "'"):
            start = entry.value.start + 1
            if re.match(rf"{re.escape(old)}(?=[,\"'])", text[start : entry.value.end]):
                yield TextEdit(Range(start, start + len(old)), new)


def _renamed(data: Any, path: tuple[str | int, ...], name: Name, new: str) -> Any:
    """The data of a settings file with the new name in it."""
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    if isinstance(holder, list):
        holder[int(path[-1])] = new
        return data
    renamed = {new if key == path[-1] else key: _referring(value, name.name, new) for key, value in holder.items()}
    holder.clear()
    holder.update(renamed)
    return data


def _referring(schema: Any, old: str, new: str) -> Any:
    if isinstance(schema, dict):
        return {key: _referring(value, old, new) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_referring(each, old, new) for each in schema]
    if isinstance(schema, str) and (schema == old or schema.startswith(f"{old},")):
        return new + schema[len(old) :]
    return schema


def _file(prompt: Prompt) -> str:
    return prompt.path.name if prompt.path is not None else "this prompt"
