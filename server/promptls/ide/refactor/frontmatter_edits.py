"""Edits of a frontmatter that change its data in one known way, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptls.ide.edits import Refused
from promptls.ide.refactor.yaml_text import block, flow
from promptls.language.prompt import Prompt, frontmatter
from promptls.syntax.frontmatter import Frontmatter, read_layout
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import (
    TooLargeError,
    YamlAlias,
    YamlEntry,
    YamlMapping,
    YamlScalar,
    resolve,
    to_data,
    walk,
)


def readable_frontmatter(prompt: Prompt) -> Frontmatter | None:
    """The frontmatter, None where there is none; raises `Refused` where it cannot be edited."""
    head = frontmatter(prompt)
    if head is None:
        return None
    if head.error is not None:
        line = prompt.source.line_at(head.error.range.start) + 1
        raise Refused(f"the frontmatter is not valid YAML: {head.error.message} (line {line}).")
    if head.close_fence is None:
        raise Refused("the frontmatter is never closed with ---.")
    if head.root is not None and head.mapping is None:
        raise Refused("the frontmatter is not a mapping.")
    return head


def with_entry(prompt: Prompt, path: Sequence[str], value: object) -> Prompt:
    """The prompt with a new entry in its frontmatter, at a path of keys; raises `Refused`.

    Mappings on the way are made where they lack, and so is the frontmatter.
    """
    after = prompt.with_text(prompt.source.edited([_insertion(prompt, path, value)]).text)
    if frontmatter_data(after.text) != _with(frontmatter_data(prompt.text), path, value):
        raise Refused(f"the frontmatter is written in a way that does not let {'.'.join(path)} be added.")
    return after


def change(before: Prompt, after: Prompt) -> tuple[TextEdit, ...]:
    """The one edit that makes one frontmatter of another, as short as can be; none where they are the same."""
    old, new = before.text, after.text
    if old == new:
        return ()
    head = frontmatter(before)
    shorter = min(len(old), len(new), head.range.end if head is not None else 0)
    start = next((index for index in range(shorter) if old[index] != new[index]), shorter)
    most = min(len(old), len(new)) - start
    end = next((index for index in range(most) if old[-1 - index] != new[-1 - index]), most)
    return (TextEdit(Range(start, len(old) - end), new[start : len(new) - end]),)


def frontmatter_data(text: str) -> Any:
    """What a frontmatter says, as plain data; empty where there is none."""
    head = read_layout(text).frontmatter
    try:
        return to_data(head.root) or {} if head is not None and head.error is None else {}
    except TooLargeError as error:
        raise Refused("the aliases of the frontmatter stand for too much.") from error


def comments_in(prompt: Prompt, range: Range) -> Iterator[Range]:
    """The YAML comments in a range."""
    head = frontmatter(prompt)
    if head is None or head.root is None:
        return
    scalars = [node.range for node in walk(head.root) if isinstance(node, YamlScalar) and node.range.end > range.start]
    at = prompt.text.find("#", range.start, range.end)
    while at >= 0:
        line = prompt.source.line_range(prompt.source.line_at(at))
        if not any(each.start <= at < each.end for each in scalars):
            yield Range(at, line.end)
            at = line.end
        at = prompt.text.find("#", at + 1, range.end)


def _with(data: Mapping[str, Any], path: Sequence[str], value: object) -> dict[str, Any]:
    first, *rest = path
    inner = data.get(first)
    return {**data, first: _with(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value}


def _nested(path: Sequence[str], value: object) -> dict[str, Any]:
    first, *rest = path
    return {first: _nested(rest, value) if rest else value}


def _insertion(prompt: Prompt, path: Sequence[str], value: object) -> TextEdit:
    head = readable_frontmatter(prompt)
    newline = prompt.source.newline
    if head is None:
        text = block(_nested(path, value), newline)
        return TextEdit(Range(0, 0), f"---{newline}{text}{newline}---{newline}")
    if head.mapping is None:
        at = head.yaml_range.end
        return TextEdit(Range(at, at), block(_nested(path, value), newline) + newline)
    mapping, rest = head.mapping, list(path)
    while entry := mapping.get(rest[0]):
        inner = entry.value
        if len(rest) > 1 and isinstance(inner, YamlMapping):
            mapping = inner
            del rest[0]
        elif len(rest) > 1 and isinstance(inner, YamlScalar) and inner.value is None:
            return _filled(prompt, mapping, entry, _nested(rest[1:], value))
        elif isinstance(inner, YamlAlias):
            raise Refused(f"{rest[0]} stands elsewhere in the frontmatter, and only its alias here.")
        else:
            raise Refused(f"{rest[0]} has another value already.")
    return _appended(prompt, mapping, _nested(rest, value))


def _appended(prompt: Prompt, mapping: YamlMapping, data: Mapping[str, Any]) -> TextEdit:
    """Entries after the last one of a mapping."""
    source = prompt.source
    if mapping.flow:
        at = mapping.entries[-1].range.end if mapping.entries else mapping.range.start + 1
        return TextEdit(Range(at, at), (", " if mapping.entries else "") + flow(data))
    first, last = mapping.entries[0].range.start, mapping.entries[-1].range.end
    indent = " " * (first - source.line_starts[source.line_at(first)])
    at = source.line_range(source.line_at(last)).end
    return TextEdit(Range(at, at), source.newline + indent + block(data, source.newline, indent))


def _filled(prompt: Prompt, mapping: YamlMapping, entry: YamlEntry, data: Mapping[str, Any]) -> TextEdit:
    """Entries for a key that has no value yet."""
    source = prompt.source
    at = prompt.text.index(":", entry.key.range.end) + 1
    end = max(at, resolve(entry.value).range.end) if isinstance(entry.value, YamlScalar) and entry.value.text else at
    if mapping.flow:
        return TextEdit(Range(at, end), f" {{{flow(data)}}}")
    start = entry.range.start
    indent = " " * (start - source.line_starts[source.line_at(start)] + 2)
    return TextEdit(Range(at, end), source.newline + indent + block(data, source.newline, indent))
