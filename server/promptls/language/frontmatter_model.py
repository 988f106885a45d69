"""The types of a frontmatter's values as one pydantic model; a module of its own, since pydantic is slow to import.

The types are those of dotprompt's Python runtime 0.2.0, the strictest reader there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_LENIENT = ConfigDict(extra="allow", strict=True)


class ToolDefinition(BaseModel):
    """A tool that the prompt itself defines."""

    model_config = _LENIENT
    name: str
    description: str | None = None
    inputSchema: Any
    outputSchema: Any = None


class InputModel(BaseModel):
    """What stands under `input`."""

    model_config = _LENIENT
    default: dict[str, Any] | None = None


class OutputModel(BaseModel):
    """What stands under `output`."""

    model_config = _LENIENT
    format: str | None = None


class FrontmatterModel(BaseModel):
    """A frontmatter; keys that are not named here may hold anything."""

    model_config = _LENIENT
    name: str | None = None
    variant: str | None = None
    version: str | None = None
    description: str | None = None
    model: str | None = None
    tools: list[str] | None = None
    tool_definitions: list[ToolDefinition] | None = Field(default=None, alias="toolDefs")
    config: dict[str, Any] | None = None
    input: InputModel | None = None
    output: OutputModel | None = None
    metadata: dict[str, Any] | None = None
    ext: dict[str, Any] | None = None
    raw: dict[str, Any] | None = None


_EXPECTED = {
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def wrong_types(data: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The key paths whose values have the wrong type, each with the type that was expected: text, a list, a mapping."""
    try:
        FrontmatterModel.model_validate(data)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            if each["type"] in _EXPECTED:
                yield each["loc"], _EXPECTED[each["type"]]
