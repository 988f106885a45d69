"""The JSON Schema of test files, made of the tables of keys and assertions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from promptls.testcases.assertions import ASSERTIONS, Kind, Takes
from promptls.testcases.keys import CASE_KEYS, DETAIL_KEYS, FILE_KEYS, Key

_SCALAR = {"type": ["string", "number", "boolean"]}
_COUNT = {"type": "number", "minimum": 0}

_VALUES: Mapping[Takes, Mapping[str, Any]] = {
    "text": _SCALAR,
    "pattern": _SCALAR,
    "list": {"anyOf": [{"type": "array", "minItems": 1}, {"type": "string", "minLength": 1}]},
    "data": {},
    "schema": {"type": ["boolean", "object", "null"]},
    "path": {"type": "string", "minLength": 1},
    "count": {
        "anyOf": [
            _COUNT,
            {
                "type": "object",
                "properties": {"min": _COUNT, "max": _COUNT},
                "minProperties": 1,
                "additionalProperties": False,
            },
        ]
    },
}


def test_file_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a `.test.yaml`, with every description."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Test cases of a prompt",
        "description": "What a .prompt file gets, and what must hold of the answers. promptls test runs the cases.",
        **_object(FILE_KEYS, required=["cases"]),
        "$defs": {
            "case": _object(CASE_KEYS),
            "expect": {
                "anyOf": [
                    {"$ref": "#/$defs/assertion"},
                    {"$ref": "#/$defs/name"},
                    {
                        "type": "array",
                        "items": {"anyOf": [{"$ref": "#/$defs/assertion"}, {"$ref": "#/$defs/name"}]},
                    },
                ]
            },
            "assertion": {
                "anyOf": [
                    _object(DETAIL_KEYS, required=["type"]),
                    {
                        "type": "object",
                        "minProperties": 1,
                        "properties": {name: _short(name) for name in assertion_names()},
                        "additionalProperties": False,
                    },
                ]
            },
            "name": {"enum": assertion_names()},
        },
    }


test_file_schema.__test__ = False  # type: ignore[attr-defined]


def assertion_names() -> list[str]:
    """Every name of an assertion, each also with `not-` before it."""
    return [f"{prefix}{name}" for prefix in ("", "not-") for name in ASSERTIONS]


def _object(keys: Mapping[str, Key], required: list[str] | None = None) -> dict[str, Any]:
    properties = {key.name: {"description": _plain(key.summary), **key.schema} for key in keys.values()}
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


def _short(name: str) -> dict[str, Any]:
    """What may stand after an assertion's name: its value, that with details, or a list of them."""
    kind = ASSERTIONS[name.removeprefix("not-")]
    turned = "The contrary must hold: " if name.startswith("not-") else ""
    one: list[Mapping[str, Any]] = [_VALUES[kind.takes]]
    if kind.takes != "data":
        one.append(_detailed(kind))
    if kind.takes not in ("list", "data"):
        one.append({"type": "array", "items": {"anyOf": list(one)}})
    return {"description": turned + _plain(kind.summary), "anyOf": one}


def _detailed(kind: Kind) -> dict[str, Any]:
    details = {name: key.schema for name, key in DETAIL_KEYS.items() if name not in ("type", "value")}
    value = {} if kind.takes == "path" else _VALUES[kind.takes]
    return {"type": "object", "properties": {"value": value, **details}, "additionalProperties": False}


def _plain(markdown: str) -> str:
    return markdown.replace("`", "")
