"""Structured answers: the JSON in a text, checked against the schema that was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_FENCED = re.compile(r"```[a-zA-Z]*\s*\n(.*?)\n\s*```", re.S)


class StructureError(Exception):
    """What is wrong with an answer, in words that go on from "that answer"."""


def read_structure(text: str, schema: Mapping[str, Any]) -> Any:
    """The data in an answer, alone or fenced; raises `StructureError` where it is not what the schema describes."""
    fenced = _FENCED.search(text)
    try:
        data = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        raise StructureError("is not valid JSON") from None
    wrong = _mismatch(data, schema, "the answer")
    if wrong:
        raise StructureError(f"does not have the form that was asked for: {wrong}")
    return data


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def _mismatch(data: Any, schema: Mapping[str, Any], where: str) -> str | None:
    """Where data departs from the part of JSON Schema that structured outputs allow; None where it does not."""
    kind = schema.get("type")
    if kind is not None and (not isinstance(data, _TYPES[kind]) or (kind != "boolean" and isinstance(data, bool))):
        return f"{where} should be of type {kind}"
    if "enum" in schema and data not in schema["enum"]:
        return f"{where} should be one of {', '.join(map(str, schema['enum']))}"
    if isinstance(data, dict):
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in data:
                return f"{where} lacks {name}"
        for name, value in data.items():
            if name in properties and (wrong := _mismatch(value, properties[name], name)):
                return wrong
    if isinstance(data, list):
        if len(data) > schema.get("maxItems", len(data)):
            return f"{where} has more than {schema['maxItems']} items"
        for value in data:
            if wrong := _mismatch(value, schema.get("items", {}), f"an item of {where}"):
                return wrong
    return None
