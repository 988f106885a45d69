"""YAML as positioned nodes, read from libyaml's events so that broken text still gives what stood before the break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import yaml

from promptls.syntax.source import Range

ScalarStyle = Literal["plain", "single", "double", "literal", "folded"]
Scalar = str | int | float | bool | None

_STYLES: dict[str | None, ScalarStyle] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "map", "seq", "set", "omap", "binary")
)
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_BRACKET = re.compile(r"[\[\]{}]")
_DEEPEST_FLOW = 1000
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass(frozen=True, slots=True, eq=False)
class YamlScalar:
    """A scalar: `text` as a string, `value` as YAML 1.2's core schema types it, as the official runtime reads it."""

    range: Range
    text: str
    value: Scalar
    style: ScalarStyle
    tag: str | None = None
    anchor: Range | None = None


@dataclass(frozen=True, slots=True, eq=False)
class YamlAlias:
    """A `*name`; `target` is the anchored node, shared and not copied."""

    range: Range
    target: YamlNode


@dataclass(frozen=True, slots=True, eq=False)
class YamlEntry:
    key: YamlNode
    value: YamlNode

    @property
    def range(self) -> Range:
        return Range(self.key.range.start, max(self.key.range.end, self.value.range.end))

    @property
    def name(self) -> str | None:
        """The key as text, or None where it is not a scalar."""
        return self.key.text if isinstance(self.key, YamlScalar) else None


@dataclass(frozen=True, slots=True, eq=False)
class YamlMapping:
    range: Range
    entries: tuple[YamlEntry, ...]
    flow: bool
    tag: str | None = None
    anchor: Range | None = None

    def get(self, name: str) -> YamlEntry | None:
        """The entry whose key reads `name`; of duplicates the last one, which is the one that loaders keep."""
        return next((entry for entry in reversed(self.entries) if entry.name == name), None)


@dataclass(frozen=True, slots=True, eq=False)
class YamlSequence:
    range: Range
    items: tuple[YamlNode, ...]
    flow: bool
    tag: str | None = None
    anchor: Range | None = None


YamlNode = YamlScalar | YamlMapping | YamlSequence | YamlAlias


@dataclass(frozen=True, slots=True)
class YamlError:
    """The first thing that makes the text invalid YAML."""

    message: str
    range: Range


@dataclass(frozen=True, slots=True, eq=False)
class YamlDocument:
    """`root` is None for an empty document; with an `error` it holds what could be read before it."""

    root: YamlNode | None
    error: YamlError | None


def resolve(node: YamlNode) -> YamlScalar | YamlMapping | YamlSequence:
    """The node itself, or what an alias stands for."""
    while isinstance(node, YamlAlias):
        node = node.target
    return node


def children(node: YamlNode) -> Iterator[YamlNode]:
    """The keys, values and items directly below a node, in source order; an alias has none."""
    if isinstance(node, YamlMapping):
        for entry in node.entries:
            yield entry.key
            yield entry.value
    elif isinstance(node, YamlSequence):
        yield from node.items


def walk(node: YamlNode) -> Iterator[YamlNode]:
    """Every node written in the text below and including `node`, parents first; aliases are not followed."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(tuple(children(current))))


def quoted(text: str) -> str:
    """A one-line text as a YAML string in quotes, double ones where they need no escapes."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


_YAML_1_1_TYPES = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "null": "empty",
    "timestamp": "a date",
}


@lru_cache(maxsize=1024)
def yaml_1_1_type(text: str) -> str:
    """What YAML 1.1, as PyYAML reads it, takes a scalar without quotes for: text, a number, a date, true or false, …"""
    resolvers: dict[str | None, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
    for tag, pattern in (*resolvers.get(text[:1], ()), *resolvers.get(None, ())):
        if pattern.match(text):
            return _YAML_1_1_TYPES.get(tag.rpartition(":")[2], "a sign of YAML's own")
    return "text"


class TooLargeError(ValueError):
    """Expanding the aliases of a document would make more values than anyone wrote by hand."""


def to_data(node: YamlNode | None, limit: int = 20_000) -> object:
    """Plain Python data; raises `TooLargeError` past `limit` values, which is how alias bombs are stopped.

    Of duplicate keys the last wins; keys that are not scalars are dropped.
    """
    return _Expander(limit).data(node, 0)


_DEEPEST = 200


class _Expander:
    def __init__(self, limit: int) -> None:
        self._left = limit

    def data(self, node: YamlNode | None, depth: int) -> object:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            raise TooLargeError("the aliases of this document expand to too many values")
        if node is None:
            return None
        resolved = resolve(node)
        if isinstance(resolved, YamlScalar):
            return resolved.value
        if isinstance(resolved, YamlSequence):
            return [self.data(item, depth + 1) for item in resolved.items]
        return {entry.name: self.data(entry.value, depth + 1) for entry in resolved.entries if entry.name is not None}


@lru_cache(maxsize=32)
def read_yaml(text: str, base: int = 0) -> YamlDocument:
    """Read one YAML document; ranges are offset by `base`. Never raises.

    Remembers its last answers: while a template is typed its frontmatter stays the same.
    """
    reader = _Reader(text, base)
    if (too_deep := _nested_too_deeply(text)) is not None:
        at = base + too_deep
        return YamlDocument(None, YamlError("collections are nested too deeply", Range(at, at + 1)))
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reader.event(event)
        error = reader.error
    except yaml.MarkedYAMLError as failure:
        error = _marked_error(failure, text, base)
    except yaml.reader.ReaderError as failure:
        at = base + min(max(failure.position, 0), len(text))
        error = YamlError(f"{failure.reason} in YAML", Range(at, at + 1))
    except UnicodeEncodeError as failure:
        error = YamlError("a lone surrogate is not a character", Range(base + failure.start, base + failure.end))
    return YamlDocument(reader.finish(), error)


def _nested_too_deeply(text: str) -> int | None:
    """Where brackets nest past a bound that no author reaches; libyaml's time grows with the square of the depth."""
    if text.count("[") + text.count("{") <= _DEEPEST_FLOW:
        return None
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match.group() in "[{" else -1
        if depth > _DEEPEST_FLOW:
            return match.start()
    return None


def _marked_error(failure: yaml.MarkedYAMLError, text: str, base: int) -> YamlError:
    message = failure.problem or "invalid YAML"
    if failure.context:
        message = f"{message} ({failure.context})"
    mark = failure.problem_mark or failure.context_mark
    # PyYAML's pure-Python errors count characters as ours do; its C errors do too, but may lie past the end.
    at = min(mark.index if mark else 0, len(text))
    if at >= len(text.rstrip()):
        at = max(0, len(text.rstrip()) - 1)
    end = at + 1
    while end < len(text) and text[end] not in " \t\r\n,]}":
        end += 1
    return YamlError(message, Range(base + at, base + min(end, len(text))))


@dataclass(slots=True)
class _Open:
    """A collection being read; `nodes` alternates keys and values in a mapping."""

    start: int
    mapping: bool
    flow: bool
    tag: str | None
    anchor: Range | None
    name: str | None
    nodes: list[YamlNode] = field(default_factory=list)


class _Reader:
    def __init__(self, text: str, base: int) -> None:
        self._text = text
        self._base = base
        self._stack: list[_Open] = []
        self._anchors: dict[str, YamlNode] = {}
        self._root: YamlNode | None = None
        self._documents = 0
        self.error: YamlError | None = None

    def event(self, event: yaml.Event) -> None:
        if self.error is not None or event.start_mark is None or event.end_mark is None:
            return
        start = event.start_mark.index
        end = event.end_mark.index
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, start, end)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event, start, end)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close(end)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event, start, end)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._fail("expected a single document in the frontmatter, but another begins here", start, end)

    def finish(self) -> YamlNode | None:
        """The root, after ending whatever an error left open."""
        while self._stack:
            if self._stack[-1].mapping and len(self._stack[-1].nodes) % 2:
                last = self._stack[-1].nodes[-1]
                self._stack[-1].nodes.append(YamlScalar(Range(last.range.end, last.range.end), "", None, "plain"))
            self._close(None)
        return self._root

    def _fail(self, message: str, start: int, end: int) -> None:
        self.error = YamlError(message, self._range(start, max(end, start + 1)))

    def _range(self, start: int, end: int) -> Range:
        return Range(self._base + start, self._base + end)

    def _add(self, node: YamlNode, name: str | None) -> None:
        if name is not None:
            self._anchors[name] = node
        if self._stack:
            self._stack[-1].nodes.append(node)
        else:
            self._root = node

    def _check_tag(self, tag: str | None, start: int, end: int) -> None:
        if tag is not None and tag not in _CORE_TAGS and tag != "!":
            self._fail(f"could not determine a constructor for the tag {tag!r}", start, end)

    def _anchor(self, name: str | None, start: int) -> Range | None:
        if name is None:
            return None
        at = self._text.find("&" + name, start)
        return self._range(at, at + len(name) + 1) if at >= 0 else None

    def _scalar(self, event: yaml.ScalarEvent, start: int, end: int) -> None:
        tag = event.tag
        self._check_tag(tag, start, end)
        anchor = self._anchor(event.anchor, start)
        style = _STYLES.get(event.style, "plain")
        if tag or anchor:
            start = self._after_properties(start, end)
        if style in ("literal", "folded"):
            end = start + len(self._text[start:end].rstrip())
        value = _typed(event.value) if style == "plain" and tag is None else event.value
        self._add(YamlScalar(self._range(start, end), event.value, value, style, tag, anchor), event.anchor)

    def _after_properties(self, start: int, end: int) -> int:
        while (match := _PROPERTY.match(self._text, start, end)) is not None:
            start = match.end()
        return start

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, start: int, end: int) -> None:
        tag = event.tag
        self._check_tag(tag, start, end)
        self._stack.append(
            _Open(
                start=start,
                mapping=isinstance(event, yaml.MappingStartEvent),
                flow=bool(event.flow_style),
                tag=tag,
                anchor=self._anchor(event.anchor, start),
                name=event.anchor,
            )
        )

    def _close(self, end: int | None) -> None:
        """End the innermost collection; a block collection ends where its last value does."""
        opened = self._stack.pop()
        start = self._base + opened.start
        last = opened.nodes[-1].range.end if opened.nodes else start
        stop = self._base + end if opened.flow and end is not None else last
        if not opened.flow and opened.nodes:
            start = opened.nodes[0].range.start
        range = Range(start, max(start, stop))
        node: YamlNode
        if opened.mapping:
            pairs = zip(opened.nodes[::2], opened.nodes[1::2], strict=False)
            entries = tuple(YamlEntry(key, value) for key, value in pairs)
            node = YamlMapping(range, entries, opened.flow, opened.tag, opened.anchor)
        else:
            node = YamlSequence(range, tuple(opened.nodes), opened.flow, opened.tag, opened.anchor)
        self._add(node, opened.name)

    def _alias(self, event: yaml.AliasEvent, start: int, end: int) -> None:
        target = self._anchors.get(event.anchor or "")
        if target is None:
            self._fail(f"found undefined alias {event.anchor!r}", start, end)
            return
        self._add(YamlAlias(self._range(start, end), target), None)


_PROPERTY = re.compile(r"[&!][^\s,\[\]{}]*[ \t\r\n]*")


def _typed(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first not in "+-.0123456789":
        return text
    if _INTEGER.match(text):
        return int(text) if len(text) < 1000 else text
    if _OCTAL_OR_HEX.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return float(text)
    return text
