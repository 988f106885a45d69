"""The frontmatter as dotprompt reads it: typed values that know where they stand, and what has the wrong type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from promptls.language.keys import CONFIG_KEYS, FRONTMATTER_KEYS, ConfigKey, FrontmatterKey
from promptls.language.prompt import Prompt, facet, frontmatter
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import (
    TooLargeError,
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    resolve,
    to_data,
)

__all__ = [
    "CONFIG_KEYS",
    "FRONTMATTER_KEYS",
    "ConfigEntry",
    "ConfigKey",
    "Extension",
    "FrontmatterKey",
    "Located",
    "Metadata",
    "TypeProblem",
    "metadata",
    "type_problems",
]

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Located(Generic[Value]):
    """A value and where it is written."""

    value: Value
    range: Range


@dataclass(frozen=True, slots=True, eq=False)
class ConfigEntry:
    """One entry of `config`; `known` is what the catalogue says of its key."""

    name: str
    key_range: Range
    node: YamlNode

    @property
    def known(self) -> ConfigKey | None:
        return CONFIG_KEYS.get(self.name)

    @property
    def number(self) -> float | None:
        """The value where it is a number, which true and false are not."""
        node = resolve(self.node)
        value = node.value if isinstance(node, YamlScalar) else None
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True, eq=False)
class Extension:
    """An entry `namespace.name: value`; only the last dot splits the key."""

    namespace: str
    name: str
    entry: YamlEntry


@dataclass(frozen=True, slots=True, eq=False)
class Metadata:
    """What a frontmatter says, as far as it has the right type; what has another type is left out here.

    Schemas, defaults and free values stay YAML nodes, since their meaning is for others to read. `unknown` are the
    top-level entries that dotprompt keeps unread.
    """

    name: Located[str] | None = None
    variant: Located[str] | None = None
    version: Located[str] | None = None
    description: Located[str] | None = None
    model: Located[str] | None = None
    tools: tuple[Located[str], ...] = ()
    tool_definitions: tuple[YamlMapping, ...] = ()
    config: tuple[ConfigEntry, ...] = ()
    input_schema: YamlNode | None = None
    input_default: YamlMapping | None = None
    output_format: Located[str] | None = None
    output_schema: YamlNode | None = None
    metadata: YamlNode | None = None
    extensions: tuple[Extension, ...] = ()
    unknown: tuple[YamlEntry, ...] = ()

    def setting(self, name: str) -> ConfigEntry | None:
        """The entry `name` of `config`; of duplicates the last one."""
        return next((entry for entry in reversed(self.config) if entry.name == name), None)


@dataclass(frozen=True, slots=True)
class TypeProblem:
    """A value of a type that dotprompt does not take: where, under which key path, what it should be, what it is.

    `scalar` says that a text was wanted and another single value stands there, which only strict runtimes mind.
    """

    path: tuple[str, ...]
    range: Range
    expected: str
    actual: str
    scalar: bool

    @property
    def key(self) -> str:
        """The key path as a person would say it: `input.default`."""
        return ".".join(self.path)


@facet
def metadata(prompt: Prompt) -> Metadata:
    """What the prompt's frontmatter says; empty where there is none. Never raises."""
    front = frontmatter(prompt)
    root = front.mapping if front else None
    if root is None:
        return Metadata()
    input_, output = _mapping(_value(root, "input")), _mapping(_value(root, "output"))
    return Metadata(
        name=_text(root, "name"),
        variant=_text(root, "variant"),
        version=_text(root, "version"),
        description=_text(root, "description"),
        model=_text(root, "model"),
        tools=tuple(_texts(_value(root, "tools"))),
        tool_definitions=tuple(_mappings(_value(root, "toolDefs"))),
        config=tuple(_config(_value(root, "config"))),
        input_schema=_value(input_, "schema"),
        input_default=_mapping(_value(input_, "default")),
        output_format=_text(output, "format"),
        output_schema=_value(output, "schema"),
        metadata=_value(root, "metadata"),
        extensions=tuple(_extensions(root)),
        unknown=tuple(_unknown(root)),
    )


@facet
def type_problems(prompt: Prompt) -> tuple[TypeProblem, ...]:
    """The values of known keys that have a type which dotprompt does not take, in source order.

    Broken YAML, whose last value may not be what was written, and YAML that is too large to expand yield none.
    """
    front = frontmatter(prompt)
    root = front.mapping if front else None
    if front is None or root is None or front.error is not None:
        return ()
    from promptls.language.frontmatter_model import wrong_types

    try:
        data = to_data(root)
    except TooLargeError:
        return ()
    problems = (_problem(root, path, expected) for path, expected in wrong_types(data))
    return tuple(sorted((problem for problem in problems if problem), key=lambda problem: problem.range))


def _problem(root: YamlMapping, path: tuple[str | int, ...], expected: str) -> TypeProblem | None:
    node: YamlNode = root
    for step in path:
        inner = resolve(node)
        if isinstance(inner, YamlMapping) and isinstance(step, str):
            entry = inner.get(step)
            if entry is None:
                return None
            node = entry.value
        elif isinstance(inner, YamlSequence) and isinstance(step, int):
            node = inner.items[step]
        else:
            return None
    found = resolve(node)
    return TypeProblem(
        path=tuple(step if isinstance(step, str) else str(step + 1) for step in path),
        range=node.range,
        expected=expected,
        actual=_kind(found),
        scalar=expected == "text" and isinstance(found, YamlScalar),
    )


def _kind(node: YamlNode) -> str:
    if isinstance(node, YamlMapping):
        return "a mapping"
    if isinstance(node, YamlSequence):
        return "a list"
    value = node.value if isinstance(node, YamlScalar) else None
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "empty" if value is None else "text"


def _value(mapping: YamlMapping | None, name: str) -> YamlNode | None:
    """What stands under a key, unless it is empty."""
    entry = mapping.get(name) if mapping else None
    if entry is None:
        return None
    node = resolve(entry.value)
    return None if isinstance(node, YamlScalar) and node.value is None else entry.value


def _mapping(node: YamlNode | None) -> YamlMapping | None:
    resolved = resolve(node) if node else None
    return resolved if isinstance(resolved, YamlMapping) else None


def _text(mapping: YamlMapping | None, name: str) -> Located[str] | None:
    node = _value(mapping, name)
    return _located(node) if node else None


def _located(node: YamlNode) -> Located[str] | None:
    scalar = resolve(node)
    return (
        Located(scalar.value, node.range) if isinstance(scalar, YamlScalar) and isinstance(scalar.value, str) else None
    )


def _items(node: YamlNode | None) -> tuple[YamlNode, ...]:
    resolved = resolve(node) if node else None
    return resolved.items if isinstance(resolved, YamlSequence) else ()


def _texts(node: YamlNode | None) -> Iterator[Located[str]]:
    for item in _items(node):
        if located := _located(item):
            yield located


def _mappings(node: YamlNode | None) -> Iterator[YamlMapping]:
    for item in _items(node):
        if mapping := _mapping(item):
            yield mapping


def _config(node: YamlNode | None) -> Iterator[ConfigEntry]:
    mapping = _mapping(node)
    for entry in mapping.entries if mapping else ():
        if entry.name is not None:
            yield ConfigEntry(entry.name, entry.key.range, entry.value)


def _extensions(root: YamlMapping) -> Iterator[Extension]:
    for entry in root.entries:
        namespace, dot, name = (entry.name or "").rpartition(".")
        if dot and entry.name not in FRONTMATTER_KEYS:
            yield Extension(namespace, name, entry)


def _unknown(root: YamlMapping) -> Iterator[YamlEntry]:
    for entry in root.entries:
        if entry.name is not None and "." not in entry.name and entry.name not in FRONTMATTER_KEYS:
            yield entry
