"""The data of a preview: what was given, a file beside the prompt, the frontmatter's defaults, made-up examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from promptls.ide.input_files import input_file_paths
from promptls.language.inputs import input_defaults
from promptls.language.parameters import undeclared_names
from promptls.language.picoschema import input_schema
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.render.sample_input import generate_input
from promptls.syntax.source import Range, Source
from promptls.syntax.yaml_nodes import TooLargeError, YamlNode, read_yaml, to_data
from promptls.workspace import FileProblem

Origin = Literal["given", "file", "default", "generated"]
_ITEMS = 2


class Files(Protocol):
    """Whatever knows the texts of files, as the workspace does: open buffers first."""

    def exists(self, path: Path) -> bool:
        """Whether a file is open or on disk."""
        ...

    def source(self, path: Path) -> Source:
        """The text at a path; raises `FileProblem`."""
        ...


@dataclass(frozen=True, slots=True)
class InputValue:
    """One variable of a preview. `path` is the file that it stands in, and `range` its place there, if it has one."""

    name: str
    value: object
    origin: Origin
    path: Path | None = None
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class DataProblem:
    """Why a file of data cannot be used, and where in it."""

    message: str
    path: Path
    range: Range
    source: Source


@dataclass(frozen=True, slots=True)
class PreviewData:
    """The variables of a preview with their origins, and what else the host gave."""

    values: tuple[InputValue, ...]
    request: RenderRequest
    sidecar: Path | None = None
    problems: tuple[DataProblem, ...] = ()

    @property
    def input(self) -> dict[str, object]:
        """The variables as the template sees them."""
        return {each.name: each.value for each in self.values}


def preview_data(
    prompt: Prompt, files: Files | None, given: RenderRequest | None = None, *, complete: bool = True
) -> PreviewData:
    """The data that a preview of a prompt shows it with.

    What is given goes over the file beside the prompt, that over the frontmatter's defaults. `complete` looks for that
    file, and makes up what is left: every variable where there are neither given data nor a file, or else the required
    ones, since who writes data leaves out what should be absent.
    """
    given = given or RenderRequest()
    values: dict[str, InputValue] = dict(_made_up(prompt, None)) if complete else {}
    values |= _defaults(prompt, given)
    sidecar = _read_sidecar(prompt, files) if complete and files is not None else _Sidecar()
    if sidecar.values or given.input:
        if complete:
            values = {**dict(_made_up(prompt, False)), **_defaults(prompt, given)}
        values |= sidecar.values
        values |= {name: InputValue(name, value, "given") for name, value in given.input.items()}
    problem = (sidecar.problem,) if sidecar.problem else ()
    return PreviewData(tuple(values.values()), given, sidecar.path, problem)


def _defaults(prompt: Prompt, given: RenderRequest) -> dict[str, InputValue]:
    entries = input_defaults(prompt) if given.frontmatter_defaults else {}
    written = {
        name: InputValue(name, _data(entry.value), "default", prompt.path, entry.range)
        for name, entry in entries.items()
    }
    return {**written, **{name: InputValue(name, value, "given") for name, value in given.defaults.items()}}


def _made_up(prompt: Prompt, optional: bool | None) -> Iterator[tuple[str, InputValue]]:
    """Examples for the schema's fields; with `optional` None for what the template uses undeclared, too."""
    schema = input_schema(prompt)
    made = generate_input(schema.type, optional=optional is not False, items=_ITEMS) if schema else {}
    for name, value in made.items():
        yield name, InputValue(name, value, "generated")
    if optional is None:
        for each in undeclared_names(prompt):
            yield each.name, InputValue(each.name, _example(each.name, each.type), "generated")


def _example(name: str, type: str) -> object:
    if type == "array":
        return [f"{name} {index + 1}" for index in range(_ITEMS)]
    return {"boolean": True, "object": {}}.get(type, name)


def _data(node: YamlNode) -> object:
    try:
        return to_data(node)
    except TooLargeError:
        return None


@dataclass(frozen=True, slots=True)
class _Sidecar:
    path: Path | None = None
    values: Mapping[str, InputValue] = field(default_factory=dict)
    problem: DataProblem | None = None


def _read_sidecar(prompt: Prompt, files: Files) -> _Sidecar:
    if prompt.path is None:
        return _Sidecar()
    path = next(filter(files.exists, input_file_paths(prompt.path)), None)
    if path is None:
        return _Sidecar()
    try:
        source = files.source(path)
    except FileProblem as problem:
        return _Sidecar(path, problem=DataProblem(problem.message, path, Range(0, 0), Source("")))
    try:
        data = _read_json(source.text) if path.suffix == ".json" else _read_yaml(source.text)
    except _UnreadableError as error:
        return _Sidecar(path, problem=DataProblem(error.message, path, error.range, source))
    return _Sidecar(path, {name: InputValue(name, value, "file", path) for name, value in data.items()})


class _UnreadableError(Exception):
    def __init__(self, message: str, range: Range) -> None:
        super().__init__(message)
        self.message = message
        self.range = range


def _read_json(text: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        at = min(error.pos, len(text))
        raise _UnreadableError(f"not JSON: {error.msg}", Range(at, min(at + 1, len(text)))) from error
    except (ValueError, RecursionError) as error:
        raise _UnreadableError("not JSON that can be read: nested too deeply or too long", Range(0, 0)) from error
    return _mapping(data, "a JSON object")


def _read_yaml(text: str) -> Mapping[str, Any]:
    document = read_yaml(text)
    if document.error is not None:
        raise _UnreadableError(f"not YAML: {document.error.message}", document.error.range)
    try:
        data = to_data(document.root)
    except TooLargeError as error:
        raise _UnreadableError(str(error), Range(0, 0)) from error
    return _mapping({} if data is None else data, "a YAML mapping")


def _mapping(data: object, expected: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise _UnreadableError(f"the variables of a prompt are expected, as {expected}", Range(0, 0))
    return data
