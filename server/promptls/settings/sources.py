"""The sources of settings: files, environment, editor, command line; each becomes a `Layer` of raw values."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from promptls.settings.model import Shape
from promptls.settings.toml import KeyPath, TomlEntry, locate
from promptls.syntax.source import Range, Source

FILE_NAME = "promptls.toml"
PYPROJECT = "pyproject.toml"
PREFIX = "PROMPTLS_"

SourceKind = Literal["default", "user", "project", "environment", "editor", "command line"]


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """One thing wrong with the settings, in one sentence; `where` and `key` may be unknown.

    `where` is a file, an environment variable or the name of another source. Lines and columns count from 1.
    """

    message: str
    where: str
    key: str | None = None
    path: Path | None = None
    range: Range | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.where, self.line, self.column) if part is not None)
        return f"{place}: {f'{self.key}: ' if self.key else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an effective value came from; `where` is a path, a variable or the source's name."""

    kind: SourceKind
    where: str
    line: int | None = None

    def __str__(self) -> str:
        return self.where if self.line is None else f"{self.where}:{self.line}"


@dataclass(frozen=True)
class Layer:
    """The raw values of one source, and where they stand. `prefix` is the table of a file that holds the settings."""

    kind: SourceKind
    values: Mapping[str, Any]
    path: Path | None = None
    text: str = ""
    prefix: KeyPath = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _entries(self) -> dict[KeyPath, TomlEntry]:
        return locate(self.text) if self.path else {}

    @cached_property
    def _source(self) -> Source:
        return Source(self.text)

    def origin(self, path: KeyPath) -> Origin:
        """Where the value at `path` (keys as the source spells them) was set."""
        entry = self._entry(path)
        line = self._source.line_at(entry.key.start) + 1 if entry else None
        return Origin(self.kind, self._where(path), line)

    def problem(self, path: KeyPath, message: str, *, at: Literal["key", "value"]) -> SettingsProblem:
        """A problem with the value at `path`, or with its key."""
        key = ".".join(str(part) for part in path if isinstance(part, str)) or None
        entry = self._entry(path)
        if entry is None:
            return SettingsProblem(message, self._where(path), key, self.path)
        range = entry.key if at == "key" else entry.value
        line, column = self._source.position(range.start)
        return SettingsProblem(message, self._where(path), key, self.path, range, line + 1, column + 1)

    def place(self, path: KeyPath) -> TomlEntry | None:
        """Where the file writes the value at `path` (keys as it spells them); None where it does not, or is no file."""
        return self._entries.get((*self.prefix, *path))

    def _entry(self, path: KeyPath) -> TomlEntry | None:
        for length in range(len(path), 0, -1):
            if entry := self.place(path[:length]):
                return entry
        return None

    def _where(self, path: KeyPath) -> str:
        if self.path:
            return str(self.path)
        return self.variables.get(str(path[0]), self.kind) if path else self.kind


def user_file() -> Path:
    """The user's own settings file, in the platform's configuration folder; it need not exist."""
    from platformdirs import user_config_path

    return user_config_path("promptls", appauthor=False) / FILE_NAME


def project_file(folder: Path) -> Path | None:
    """The settings file that stands in exactly this folder; `promptls.toml` goes before `pyproject.toml`."""
    own = folder / FILE_NAME
    if own.is_file():
        return own
    shared = folder / PYPROJECT
    return shared if shared.is_file() and _mentions_promptls(shared) else None


def _mentions_promptls(path: Path) -> bool:
    """Whether a `pyproject.toml` is also meant for us; one that is broken elsewhere is other tools' business."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        return "promptls" in text and "promptls" in tomllib.loads(text).get("tool", {})
    except (OSError, RecursionError):
        return False
    except tomllib.TOMLDecodeError:
        return re.search(r"^\s*\[\s*tool\s*\.\s*promptls\b", text, re.MULTILINE) is not None


def read_file(path: Path, kind: SourceKind) -> Layer | SettingsProblem:
    """The settings in a file, or the one thing that keeps it from being read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        return SettingsProblem(f"cannot be read: {error.strerror or error}", str(path), path=path)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return SettingsProblem("is not UTF-8, which TOML must be", str(path), path=path, line=line)
    except RecursionError:
        return SettingsProblem("is nested too deeply", str(path), path=path)
    except tomllib.TOMLDecodeError as error:
        return _decode_problem(path, text, str(error))
    if path.name != PYPROJECT:
        return Layer(kind, data, path, text)
    table = data["tool"]["promptls"] if isinstance(data.get("tool"), dict) else {}
    prefix: KeyPath = ("tool", "promptls")
    if not isinstance(table, dict):
        return Layer(kind, {}, path, text).problem(prefix, "expected a table", at="key")
    return Layer(kind, table, path, text, prefix)


_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


def _decode_problem(path: Path, text: str, message: str) -> SettingsProblem:
    match = _AT.search(message)
    source = Source(text)
    if match and match[1]:
        line, column = int(match[1]), int(match[2])
    else:
        line, column = (part + 1 for part in source.position(len(text)))
    offset = source.offset((line - 1, column - 1))
    reason = message[: match.start()] if match else message
    return SettingsProblem(
        f"is not valid TOML: {reason[:1].lower()}{reason[1:]}",
        str(path),
        path=path,
        range=Range(offset, min(offset + 1, len(text))),
        line=line,
        column=column,
    )


def environment(variables: Mapping[str, str], shapes: Mapping[str, Shape]) -> Layer:
    """The settings among environment variables: `PROMPTLS_FAIL_ON` sets `fail-on`, `PROMPTLS_LLM_MODEL` `llm.model`.

    A list is written with commas or as JSON, a table as JSON. Of other variables with the prefix only those that come
    near to a setting count, so that a slip of the pen is told; the rest may belong to anybody.
    """
    from difflib import get_close_matches

    values: dict[str, Any] = {}
    names: dict[str, str] = {}
    groups = [name for name, shape in shapes.items() if shape == "group"]
    for variable, text in sorted(variables.items()):
        name = variable.removeprefix(PREFIX).lower()
        group = next((each for each in groups if name.startswith(f"{each}_")), None)
        if group and variable.startswith(PREFIX):
            table = values.setdefault(group, {})
            if isinstance(table, dict):
                table[name.removeprefix(f"{group}_")] = text
                names[group] = variable
            continue
        if not variable.startswith(PREFIX) or not (name in shapes or get_close_matches(name, shapes, 1, 0.85)):
            continue
        values[name] = _parsed(text, shapes.get(name, "value"))
        names[name] = variable
    return Layer("environment", values, variables=names)


def _parsed(text: str, shape: Shape) -> Any:
    if shape in ("table", "group") or (shape == "list" and text.lstrip().startswith("[")):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return [item.strip() for item in text.split(",") if item.strip()] if shape == "list" else text
