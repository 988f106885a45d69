"""The one model of all settings: defaults, types and descriptions.

Names are snake_case in Python and kebab-case in files; the loader accepts both, and camelCase as editors write it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveInt
from pydantic.json_schema import SkipJsonSchema

SeverityName = Literal["hint", "info", "warning", "error"]
Runtime = Literal["js", "python", "pybars"]


def _kebab(name: str) -> str:
    return name.replace("_", "-")


_CONFIG = ConfigDict(
    frozen=True,
    extra="forbid",
    alias_generator=_kebab,
    validate_by_name=True,
    validate_by_alias=True,
    use_attribute_docstrings=True,
    hide_input_in_errors=True,
)


class ModelSettings(BaseModel):
    """A model that the built-in catalogue lacks or has wrong. Prices are US dollars per million tokens."""

    model_config = _CONFIG

    context_window: PositiveInt | None = None
    """How many tokens the prompt and its answer may have together."""
    input_mtok: NonNegativeFloat | None = None
    """US dollars per million input tokens."""
    output_mtok: NonNegativeFloat | None = None
    """US dollars per million output tokens."""
    deprecated: bool = False
    """Whether prompts should stop using it."""
    replacement: str | None = None
    """The model to use instead of a deprecated one."""


class Settings(BaseModel):
    """Everything that can be set. `Settings()` holds the defaults."""

    model_config = _CONFIG

    select: Sequence[str] = ("default",)
    """Rules to run: ids (`variables/undefined`), families (`security`), `default` or `all`."""
    extend_select: Sequence[str] = ()
    """Rules to run in addition to those of `select`."""
    ignore: Sequence[str] = ()
    """Rules not to run: ids, families or `all`. The more specific of `select` and `ignore` wins."""
    per_file_ignores: Mapping[str, Sequence[str]] = Field(default_factory=dict)
    """Rules not to run in files that match a pattern, written as in `.gitignore`."""
    severity: Mapping[str, SeverityName] = Field(default_factory=dict)
    """Another severity for a rule, by its id: `hint`, `info`, `warning` or `error`."""
    fail_on: Literal["error", "warning", "info"] = "error"
    """The least severity that makes `promptls check` exit with 1."""
    exclude: Sequence[str] = ()
    """Files and folders not to look at, as patterns of `.gitignore`, besides what `.gitignore` itself names."""
    prompt_roots: Sequence[str] = ()
    """Folders in which `{{> name}}` looks for `_name.prompt`. Without any, it is the nearest folder that has it."""
    helpers: Sequence[str] = ()
    """Helpers that the host program registers, besides those of Handlebars and dotprompt."""
    runtimes: Sequence[Runtime] = ("js", "python")
    """The runtimes that the prompts must work in."""
    models: Mapping[str, ModelSettings] = Field(default_factory=dict)
    """Models by name that the built-in catalogue lacks or has wrong."""
    tools: Sequence[str] = ()
    """Tools that the host program registers. Without any, a prompt may name what it likes."""
    schemas: Mapping[str, str | dict[str, Any]] = Field(default_factory=dict)
    """Named schemas that the host program registers, as JSON Schema or picoschema."""
    roles: Sequence[str] = ()
    """Roles of messages besides `system`, `user`, `model` and `tool`."""
    data_variables: Sequence[str] = ()
    """Names after `@` that the host program provides, besides those of Handlebars and dotprompt."""

    folder: SkipJsonSchema[Path | None] = Field(default=None, exclude=True)
    """What relative paths and patterns are relative to. Not a setting: the loader fills it in."""
