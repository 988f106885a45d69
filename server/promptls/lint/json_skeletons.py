"""JSON as prompts show it: the members of a written object, and a skeleton made from a schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from promptls.language.schema import SchemaType
from promptls.syntax.source import Range

_TOKEN = re.compile(r"\"(?:[^\"\\\n]|\\.){0,1000}+\"|[{}\[\],:]")
_LONGEST_LINE = 100
_DEEPEST = 6


class Member(NamedTuple):
    """One `"key": value` of an object: the key's words without quotes, and all of it without the comma."""

    name: str
    name_range: Range
    range: Range


def members(text: str, object: Range) -> tuple[Member, ...]:
    """The members of the JSON object that stands at `object`, as far as it can be read."""
    return tuple(_members(text, object))


def _members(text: str, object: Range) -> Iterator[Member]:
    depth, key, colon = 0, None, False
    for token in _TOKEN.finditer(text, *object):
        mark = token[0]
        if mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
        elif mark == ":":
            colon = colon or (depth == 1 and key is not None)
        elif depth == 1 and mark[0] == '"' and key is None:
            key = token
        if key is not None and colon and ((depth == 1 and mark == ",") or depth == 0):
            end = key.start() + len(text[key.start() : token.start()].rstrip())
            yield Member(key[0][1:-1], Range(key.start() + 1, key.end() - 1), Range(key.start(), end))
            key, colon = None, False
        if depth == 0:
            return


def skeleton(type: SchemaType) -> str:
    """An object of this type with empty values, on one line where it is short.

    Two closing braces never touch, for they would look like the end of a tag.
    """
    value = _empty(type, 0)
    line = json.dumps(value, ensure_ascii=False)
    shown = line if len(line) <= _LONGEST_LINE else json.dumps(value, ensure_ascii=False, indent=2)
    return shown.replace("}}", "} }").replace("}}", "} }").replace("{{", "{ {")


def _empty(type: SchemaType, depth: int) -> Any:
    if depth > _DEEPEST:
        return None
    match type.type:
        case "object":
            return {field.name: _empty(field.type, depth + 1) for field in type.fields}
        case "array":
            has_fields = type.items is not None and bool(type.items.fields)
            return [_empty(type.items, depth + 1)] if has_fields and type.items is not None else []
        case "enum":
            return next((value for value in type.values if value is not None), None)
        case "string":
            return ""
        case "number" | "integer":
            return 0
        case "boolean":
            return False
        case _:
            return None
