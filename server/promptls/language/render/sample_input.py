"""Example data for a schema: what a preview shows before anyone has given it real input."""

from __future__ import annotations

from typing import Any

from promptls.language.parameters import undeclared_names
from promptls.language.picoschema import input_schema
from promptls.language.prompt import Prompt
from promptls.language.schema import SchemaType

_DEEPEST = 12
_SCALARS: dict[str, object] = {"number": 1.5, "integer": 1, "boolean": True, "null": None}


def generate_input(schema: SchemaType, *, optional: bool = True, items: int = 2) -> dict[str, Any]:
    """Data of an object schema, the same at every call: a text is the name of its field, a choice its first member.

    `optional=False` leaves optional fields out; `items` is the length of lists. A schema of another type gives `{}`.
    """
    value = _value(schema, "", optional, items, 0)
    return value if isinstance(value, dict) else {}


def sample_inputs(prompt: Prompt) -> tuple[dict[str, Any], ...]:
    """Data that take a template's ways: everything, only what is required, one item a list, no to all, nothing."""
    schema = input_schema(prompt)
    names = {each.name: _example(each.name, each.type) for each in undeclared_names(prompt)}
    if schema is None:
        return ({}, names, _refuting(names))
    full = {**names, **generate_input(schema.type)}
    sparse = generate_input(schema.type, optional=False, items=0)
    single = {**names, **generate_input(schema.type, items=1)}
    return ({}, full, sparse, single, _refuting(full))


def _example(name: str, type: str) -> Any:
    return {"array": [name, name], "boolean": True, "object": {}}.get(type, name)


def _refuting(value: Any) -> Any:
    """The same data with every answer no and every number 0."""
    if isinstance(value, dict):
        return {key: _refuting(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_refuting(each) for each in value]
    if isinstance(value, bool):
        return False
    return 0 if isinstance(value, int | float) else value


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
