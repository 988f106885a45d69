"""From several sources to one `Settings`: what is wrong is named, and the rest still counts."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from promptls.settings.model import SHAPES, Settings, key_name, setting_name
from promptls.settings.sources import Layer, Origin, SettingsProblem, environment, project_file, read_file, user_file
from promptls.settings.toml import KeyPath

_SELECTOR_LISTS = frozenset({"select", "extend_select", "ignore", "per_file_ignores"})
_SECRET = re.compile(r"(?:\A|_)(?:api_?key|key|password|secret|token)\Z")
_NO_SECRETS = (
    "a secret does not belong into settings; set it as an environment variable (OPENAI_API_KEY, or the one that "
    "llm.api-key-env names)"
)
_DEFAULT = Origin("default", "default")
_NOTHING = object()


@dataclass(frozen=True)
class LoadedSettings:
    """The effective settings, what was wrong with their sources, and which source each value came from.

    `owners` maps a setting (`("fail_on",)`), or one entry of a table (`("severity", "template/leftover")`), to the
    source that set it and to its key as that source spells it; what is not in it has its default.
    """

    settings: Settings
    problems: tuple[SettingsProblem, ...] = ()
    owners: Mapping[tuple[str, ...], tuple[Layer, KeyPath]] = field(default_factory=dict)

    def origin(self, *path: str) -> Origin:
        """Where a setting, or one entry of a table, came from."""
        owner = self.owners.get(path)
        return owner[0].origin(owner[1]) if owner else _DEFAULT

    def effective(self) -> Iterator[tuple[tuple[str, ...], Any, Origin]]:
        """Every setting, tables entry by entry: its key as files spell it, its value as JSON data, and its origin."""
        values = self.settings.model_dump(mode="json", by_alias=True, exclude_defaults=False)
        for name, shape in SHAPES.items():
            value = values[key_name(name)]
            if shape in ("table", "group") and value:
                for entry, item in value.items():
                    yield (key_name(name), entry), item, self.origin(name, entry)
            else:
                yield (key_name(name),), value, self.origin(name)

    def unknown_selectors(self, knows: Callable[[str], bool]) -> Iterator[SettingsProblem]:
        """A problem for everything that names a rule and is not one; only the caller knows the rules."""
        for (name, *_), (layer, path) in self.owners.items():
            if name == "severity" and not knows(str(path[-1])):
                yield layer.problem(path, "there is no such rule", at="key")
            elif name in _SELECTOR_LISTS:
                for index, selector in enumerate(_at(layer.values, path)):
                    if isinstance(selector, str) and selector != "default" and not knows(selector):
                        yield layer.problem((*path, index), f"there is no rule or family {selector!r}", at="value")


@dataclass(frozen=True)
class SettingsSources:
    """The sources besides a project's own file; the same for all files of a workspace.

    Values of the editor and the command line are keyed as Python, TOML or an editor spells them; None means not set.
    `user` is the user's own file; None means that there is none. `in_editor` says that an editor asks.
    """

    user: Path | None = field(default_factory=user_file)
    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    editor: Mapping[str, Any] = field(default_factory=dict)
    command_line: Mapping[str, Any] = field(default_factory=dict)
    in_editor: bool = False

    def load(self, project: Path | None, folder: Path | None = None) -> LoadedSettings:
        """The settings under a project's file; relative paths are relative to its folder, or without one to `folder`.

        Later sources win: defaults, the user's file, the project's, the environment, the editor, the command line.
        Lists are replaced as a whole, tables entry by entry.
        """
        layers: list[Layer] = []
        problems: list[SettingsProblem] = []
        files = [read_file(self.user, "user")] if self.user is not None and self.user.is_file() else []
        files += [read_file(project, "project")] if project is not None else []
        for file in files:
            if isinstance(file, Layer):
                layers.append(file)
            else:
                problems.append(file)
        layers += [
            environment(self.variables, SHAPES),
            Layer("editor", self.editor),
            Layer("command line", self.command_line),
        ]
        given = {"folder": project.parent if project else folder, "in_editor": self.in_editor}
        return _merged(layers, problems, given)


def load_settings(folder: Path, sources: SettingsSources | None = None) -> LoadedSettings:
    """The settings of the files in `folder`: those of the nearest settings file at or above it."""
    folder = folder.absolute()
    found = (project_file(each) for each in (folder, *folder.parents))
    return (sources or SettingsSources()).load(next(filter(None, found), None), folder)


def _merged(layers: list[Layer], problems: list[SettingsProblem], given: Mapping[str, Any]) -> LoadedSettings:
    """The layers as one, with the fields that are `given` and no settings."""
    values: dict[str, Any] = {}
    owners: dict[tuple[str, ...], tuple[Layer, KeyPath]] = {}
    for layer in layers:
        seen: dict[str, str] = {}
        for key, raw in layer.values.items():
            name = setting_name(key)
            if raw is None:
                continue
            if name not in SHAPES:
                problems.extend(_unknown(layer, (key,), raw, SHAPES))
                continue
            if name in seen:
                problems.append(layer.problem((key,), f"is set twice, as {seen[name]} too", at="key"))
                continue
            seen[name] = key
            value, found = _cleaned(layer, key, raw)
            problems.extend(found)
            if value is _NOTHING:
                continue
            if SHAPES[name] == "group":
                spelled = {key_name(setting_name(entry)): entry for entry in value}
                values.setdefault(name, {}).update({entry: value[written] for entry, written in spelled.items()})
                owners.update({(name, entry): (layer, (key, written)) for entry, written in spelled.items()})
            elif SHAPES[name] == "table":
                values.setdefault(name, {}).update(value)
                owners.update({(name, entry): (layer, (key, entry)) for entry in value})
            else:
                values[name] = value
                owners[(name,)] = (layer, (key,))
    return LoadedSettings(Settings.model_validate({**values, **given}), tuple(problems), owners)


def _cleaned(layer: Layer, key: str, raw: Any) -> tuple[Any, list[SettingsProblem]]:
    """A setting's value without those parts of it that are wrong, or `_NOTHING` where nothing is left of it."""
    value = deepcopy(raw)
    problems: list[SettingsProblem] = []
    while True:
        try:
            Settings.model_validate({setting_name(key): value})
        except ValidationError as failure:
            errors: dict[KeyPath, list[ErrorDetails]] = {}
            for error in failure.errors(include_url=False):
                errors.setdefault(_existing(value, error["loc"][1:]), []).append(error)
            for path, group in reversed(errors.items()):
                problems.extend(_explained(layer, (key, *path), group))
                if not path:
                    return _NOTHING, problems
                del _at(value, path[:-1])[path[-1]]
        else:
            problems.reverse()
            return (_NOTHING if problems and value == [] else value), problems


def _existing(value: Any, location: tuple[str | int, ...]) -> KeyPath:
    """The part of pydantic's location that is a path in the value, spelled as the value spells it."""
    path: list[str | int] = []
    for part in location:
        if isinstance(value, Mapping):
            name = next((key for key in value if key == part or setting_name(key) == setting_name(str(part))), None)
            if name is None:
                break
            value = value[name]
            path.append(name)
        elif isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
            value = value[part]
            path.append(part)
        else:
            break
    return tuple(path)


def _at(value: Any, path: KeyPath) -> Any:
    for part in path:
        value = value[part]
    return value


def _unknown(layer: Layer, path: KeyPath, raw: Any, names: Mapping[str, object]) -> Iterator[SettingsProblem]:
    if secrets := list(_secrets(path, raw)):
        yield from (layer.problem(secret, _NO_SECRETS, at="key") for secret in secrets)
        return
    near = get_close_matches(setting_name(str(path[-1])), names, 1, 0.7)
    suggestion = f"; did you mean {key_name(near[0])}?" if near else ""
    yield layer.problem(path, f"unknown setting{suggestion}", at="key")


def _secrets(path: KeyPath, raw: Any) -> Iterator[KeyPath]:
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            yield from _secrets((*path, key), value)
    elif _SECRET.search(setting_name(str(path[-1]))):
        yield path


_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a table",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "is_instance_of": "a list of strings",
    "mapping_type": "a table",
    "model_type": "a table",
    "sequence_str": "a list of strings",
    "string_type": "a string",
}


def _explained(layer: Layer, path: KeyPath, errors: list[ErrorDetails]) -> Iterator[SettingsProblem]:
    """The problem with one value, of which every member of a union complains on its own."""
    first = errors[0]
    if first["type"] == "extra_forbidden":
        yield from _unknown(layer, path, first["input"], _names_beside(path))
    elif first["type"] == "value_error":
        yield layer.problem(path, str(first["ctx"]["error"]), at="key")
    else:
        expected = " or ".join(dict.fromkeys(map(_expected, errors)))
        yield layer.problem(path, f"expected {expected}, found {_shown(first['input'])}", at="value")


def _expected(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "literal_error":
            return str(context["expected"])
        case "greater_than":
            return f"more than {context['gt']}"
        case "greater_than_equal":
            return f"at least {context['ge']}"
        case type:
            return _EXPECTED.get(type, error["msg"])


def _names_beside(path: KeyPath) -> Mapping[str, object]:
    """The settings that the table which holds `path` knows."""
    fields = Settings.model_fields
    annotation: Any = None
    for part in path[:-1]:
        if get_origin(annotation) is Mapping:
            annotation = get_args(annotation)[1]
        else:
            annotation = fields[setting_name(str(part))].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields
    return fields


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
