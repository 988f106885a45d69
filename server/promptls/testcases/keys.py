"""The keys of a test file, each with what it takes and means; one table for reading, completion, hover and schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Key:
    """A key. `schema` is the JSON Schema of its value, `summary` Markdown that says what it is for."""

    name: str
    summary: str
    schema: Mapping[str, Any]
    snippet: str = ""


def _table(*keys: Key) -> Mapping[str, Key]:
    return MappingProxyType({key.name: key for key in keys})


_TEXT = {"type": "string", "minLength": 1}

FILE_KEYS = _table(
    Key(
        "prompt",
        "The prompt that the cases are of, as a path from this file's folder. Without it, it is the one beside this "
        "file: `ticket.test.yaml` is about `ticket.prompt`.",
        _TEXT,
    ),
    Key("model", "The model that answers, as the endpoint names it, instead of the setting `llm.model`.", _TEXT),
    Key(
        "cases",
        "The cases: what the prompt gets, and what must hold of the answer.",
        {"type": "array", "items": {"$ref": "#/$defs/case"}},
        "\n  - name: $1\n    input:\n      $2\n    expect:\n      - ",
    ),
)

CASE_KEYS = _table(
    Key("name", "What the case is called, once in a file.", _TEXT),
    Key("description", "What the case is about; also its name where it has none.", _TEXT),
    Key("input", "The values of the prompt's variables.", {"type": "object"}),
    Key("context", "What `@name` reads in the template, such as `state`.", {"type": "object"}),
    Key(
        "history",
        "The turns of the conversation so far, in dotprompt's shape: a `role` and a `content` of parts.",
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"role": {"type": "string"}, "content": {"type": "array", "items": {"type": "object"}}},
                "required": ["role", "content"],
            },
        },
    ),
    Key(
        "expect",
        "What must hold of the answer: one assertion or several, all of which must pass.",
        {"$ref": "#/$defs/expect"},
    ),
)

DETAIL_KEYS = _table(
    Key("type", "The assertion's name, such as `contains` or `not-contains`.", {"$ref": "#/$defs/name"}),
    Key("value", "What the answer is compared with.", {}),
    Key(
        "threshold",
        "The least score, from 0 to 1, with which an assertion that is graded passes.",
        {"type": "number", "minimum": 0, "maximum": 1},
    ),
    Key(
        "weight",
        "How much the assertion counts in the score, 1 unless given. One of weight 0 is only told: it fails nothing.",
        {"type": "number", "minimum": 0},
    ),
    Key("path", "Where in the JSON to look: `$.items[0].name`, with `[*]` for every item.", _TEXT),
)
