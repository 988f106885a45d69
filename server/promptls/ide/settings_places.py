"""Where the settings declare what prompts name: schemas, tools, helpers, roles, models."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from promptls.ide.names import NameKind
from promptls.settings.sources import Layer
from promptls.settings.toml import KeyPath
from promptls.syntax.source import Range
from promptls.workspace import Workspace

_SETTING: dict[NameKind, str] = {
    "schema": "schemas",
    "tool": "tools",
    "helper": "helpers",
    "role": "roles",
    "model": "models",
    "data-variable": "data_variables",
}


class SettingsPlace(NamedTuple):
    """The source that declares something; `path`, `name` and `range` are None and empty where it is no file.

    `name` covers the name without quotes, `range` the name and what stands for it. `keys` are as the source spells
    them. `is_pattern` says that the entry covers the name without being it.
    """

    layer: Layer
    keys: KeyPath
    path: Path | None
    name: Range
    range: Range
    is_pattern: bool = False


def settings_place(
    workspace: Workspace, path: Path | None, kind: NameKind, name: str, inside: tuple[str | None, ...] = ()
) -> SettingsPlace | None:
    """Where the settings that hold for the file at `path` declare a name; None where they do not.

    `inside` leads on to a field of a schema; if that has no place of its own, what holds it has.
    """
    setting = _SETTING.get(kind)
    if path is None or setting is None:
        return None
    owners = workspace.loaded_settings(path).owners
    if (setting, name) in owners:
        layer, keys = owners[setting, name]
        return _place(layer, keys, inside)
    if (setting,) not in owners:
        return None
    layer, keys = owners[(setting,)]
    items = layer.values[str(keys[0])]
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if item == name or (kind == "tool" and isinstance(item, str) and fnmatchcase(name, item)):
            return _place(layer, (*keys, index), ())._replace(is_pattern=item != name)
    return None


def _place(layer: Layer, keys: KeyPath, inside: tuple[str | None, ...]) -> SettingsPlace:
    entry = layer.place(keys)
    if entry is None or layer.path is None:
        return SettingsPlace(layer, keys, None, Range(0, 0), Range(0, 0))
    for step in inside:
        deeper = _deeper(layer, keys, step)
        if deeper is None:
            break
        keys, entry = deeper, layer.place(deeper) or entry
    name = entry.value if isinstance(keys[-1], int) else entry.key
    written = layer.text[name.start : name.end]
    if written[:1] in ('"', "'") and written[-1:] == written[:1]:
        name = Range(name.start + 1, name.end - 1)
    range = Range(min(entry.key.start, entry.value.start), max(entry.key.end, entry.value.end))
    return SettingsPlace(layer, keys, layer.path, name, range)


def _deeper(layer: Layer, keys: KeyPath, step: str | None) -> KeyPath | None:
    """The key of a field inside a schema, written as picoschema or as JSON Schema."""
    written: object = layer.values
    for key in keys:
        written = written[key] if isinstance(written, dict) else None
    if not isinstance(written, dict):
        return None
    properties = written.get("properties")
    if step is None:
        found = next((key for key in ("items", "additionalProperties") if key in written), None)
        return (*keys, found) if found and layer.place((*keys, found)) else None
    if isinstance(properties, dict) and step in properties:
        return (*keys, "properties", step) if layer.place((*keys, "properties", step)) else None
    name = next((key for key in written if key.split("(")[0].rstrip("?").strip() == step), None)
    return (*keys, name) if name is not None and layer.place((*keys, name)) else None
