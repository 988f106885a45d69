"""Example data for a schema: what a preview shows before anyone has given it real input."""

from __future__ import annotations

from typing import Any

from promptls.language.schema import SchemaType

_DEEPEST = 12
_SCALARS: dict[str, object] = {"number": 1.5, "integer": 1, "boolean": True, "null": None}


def generate_input(schema: SchemaType, *, optional: bool = True, items: int = 2) -> dict[str, Any]:
    """Data of an object schema, the same at every call: a text is the name of its field, a choice its first member.

    `optional=False` leaves optional fields out; `items` is the length of lists. A schema of another type gives `{}`.
    """
    value = _value(schema, "", optional, items, 0)
    return value if isinstance(value, dict) else {}


def _value(type: SchemaType, name: str, optional: bool, items: int, depth: int) -> object:
    if depth > _DEEPEST:
        return None
    for key in ("default", "const"):
        if key in type.json:
            return type.json[key]
    match type.type:
        case "object":
            return {
                field.name: _value(field.type, field.name, optional, items, depth + 1)
                for field in type.fields
                if optional or not field.optional
            }
        case "array":
            if type.items is None:
                return []
            return [_value(type.items, _numbered(name, index), optional, items, depth + 1) for index in range(items)]
        case "enum":
            return type.values[0] if type.values else None
        case scalar if scalar in _SCALARS:
            return _SCALARS[scalar]
        case _:
            return name or "text"


def _numbered(name: str, index: int) -> str:
    return f"{name} {index + 1}" if name else f"item {index + 1}"
