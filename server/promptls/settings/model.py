"""The one model of all settings: defaults, types and descriptions.

Names are snake_case in Python and kebab-case in files; the loader accepts both, and camelCase as editors write it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SeverityName = Literal["hint", "info", "warning", "error"]
Priority = Literal["low", "normal", "high", "critical"]
Runtime = Literal["js", "python", "pybars"]
Named = TypeVar("Named", bound=str)


def setting_name(key: str) -> str:
    """The Python name of a setting that is spelled `fail-on`, `failOn` or `fail_on`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).replace("-", "_").lower()


def key_name(name: str) -> str:
    """How a file spells a setting: `fail-on`."""
    return name.replace("_", "-")


def _checked_pattern(pattern: str) -> str:
    try:
        _spec(pattern)
    except ValueError as error:
        raise ValueError(f"{pattern!r} is not a pattern of .gitignore") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_checked_pattern)]


class _Table(BaseModel):
    """What the tables of settings have in common: keys in any spelling, and no others."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=key_name,
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _spell(cls, data: Any) -> Any:
        return {setting_name(key): value for key, value in data.items()} if isinstance(data, dict) else data


class ModelSettings(_Table):
    """A model that the built-in catalogue lacks or has wrong. Prices are US dollars per million tokens."""

    context_window: PositiveInt | None = None
    """How many tokens the prompt and its answer may have together."""
    input_mtok: NonNegativeFloat | None = None
    """US dollars per million input tokens."""
    cached_mtok: NonNegativeFloat | None = None
    """US dollars per million input tokens that the provider has in its cache of prefixes."""
    output_mtok: NonNegativeFloat | None = None
    """US dollars per million output tokens."""
    deprecated: bool = False
    """Whether prompts should stop using it."""
    replacement: str | None = None
    """The model to use instead of a deprecated one."""


class FormatSettings(_Table):
    """How `promptls format` and editors lay out a prompt."""

    sort_keys: bool = False
    """Whether to put the keys of the frontmatter in dotprompt's own order."""
    tag_spacing: Literal["compact", "spaced", "keep"] = "compact"
    """`{{name}}` (compact), `{{ name }}` (spaced), or as written."""
    trim_trailing_blanks: bool = True
    """Whether to remove blanks at the ends of the text's lines. Markdown's line breaks (two blanks) always stay."""


class EditorSettings(_Table):
    """What editors show of a prompt beside its text."""

    lenses: bool = True
    """Whether the score, tokens and cost stand above a prompt, and the tokens above each message."""
    score: bool = True
    """Whether the score is shown: as a lens, on the first line, and the points that a quick fix earns."""
    token_hints: Literal["auto", "always", "never"] = "auto"
    """Whether the tokens of a message stand beside its role: `auto` where no lenses show them."""


class LlmSettings(_Table):
    """Which model optimises, where it answers and what it may cost. Nothing is sent unless a command asks for it."""

    provider: Literal["openai", "anthropic", "google", "azure", "openrouter", "ollama", "vllm", "llama.cpp"] = "openai"
    """Whose address and whose key's environment variable are used unless `base-url` and `api-key-env` say otherwise."""
    base_url: str | None = None
    """The address of an OpenAI-compatible endpoint, such as `http://localhost:11434/v1`."""
    model: str | None = None
    """The model that optimises, as the endpoint names it."""
    api_key_env: str | None = None
    """The environment variable that holds the key. The key itself is never a setting."""
    timeout_seconds: PositiveFloat = 60.0
    """How long to wait for an answer, in seconds."""
    max_retries: NonNegativeInt = 2
    """How often to ask again after a failure that may pass, such as too many requests."""
    requests_per_minute: PositiveInt = 60
    """How many questions a minute may be asked."""
    tokens_per_minute: PositiveInt = 200_000
    """How many tokens a minute may be sent and received."""
    max_output_tokens: PositiveInt = 4096
    """How long an answer may be, in tokens."""
    budget_calls: NonNegativeInt | None = None
    """How many calls one optimisation may make. Without it, the strategy's own bound holds."""
    budget_usd: NonNegativeFloat | None = None
    """How many US dollars one optimisation may cost."""


class Settings(_Table):
    """Everything that can be set. `Settings()` holds the defaults."""

    select: Sequence[str] = ("default",)
    """Rules to run: ids (`variables/undefined`), families (`security`), `default` or `all`."""
    extend_select: Sequence[str] = ()
    """Rules to run in addition to those of `select`."""
    ignore: Sequence[str] = ()
    """Rules not to run: ids, families or `all`. The more specific of `select` and `ignore` wins."""
    per_file_ignores: Mapping[Pattern, Sequence[str]] = Field(default_factory=dict)
    """Rules not to run in files that match a pattern, written as in `.gitignore`."""
    severity: Mapping[str, SeverityName] = Field(default_factory=dict)
    """Another severity for a rule, by its id: `hint`, `info`, `warning` or `error`."""
    suggestions: Literal["editor", "always", "never"] = "editor"
    """Where rules that only suggest run unless they are selected by id or family: in editors, `always` or `never`."""
    fail_on: Literal["error", "warning", "info"] = "error"
    """The least severity that makes `promptls check` exit with 1."""
    exclude: Sequence[Pattern] = ()
    """Files and folders not to look at, as patterns of `.gitignore`, besides what `.gitignore` itself names."""
    prompt_roots: Sequence[str] = ()
    """Folders in which `{{> name}}` looks for `_name.prompt`. Without any, it is the nearest folder that has it."""
    helpers: Sequence[str] = ()
    """Helpers that the host program registers, besides those of Handlebars and dotprompt."""
    partials: Sequence[str] = ()
    """Partials that the host program registers, besides those in files."""
    max_tokens: PositiveInt | None = None
    """The most tokens that a prompt, rendered with its defaults, should take."""
    max_cost: NonNegativeFloat | None = None
    """The most US dollars that the input of one call should cost."""
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
    domain: str | None = None
    """The domain of every prompt, such as `sql`, whatever a prompt says itself."""
    domains: Mapping[Pattern, str] = Field(default_factory=dict)
    """The domain of prompts that name none, by patterns of files as in `.gitignore`; of several the last one counts."""
    priorities: Mapping[Pattern, Priority] = Field(default_factory=dict)
    """What `promptls optimize` does first and gives its budget to, by patterns of files as in `.gitignore`; of several
    the last one counts."""
    packs: Sequence[str] = ()
    """Domain packs of your own: YAML files, or folders of them. One takes the place of a built-in one with its name."""
    rules: Mapping[str, dict[str, Any]] = Field(default_factory=dict)
    """Rules of your own by id (`house/no-slogans`), written as in a domain pack; they hold in every domain."""
    dictionary: Sequence[str] = ()
    """Words and phrases that are terms of the project, which rules about wording accept."""
    history: bool = True
    """Whether saving a prompt in an editor records a version of it, in the platform's folder for state."""
    usage: bool = True
    """Whether to count, on this machine alone, how often prompts are viewed, rendered and optimised."""
    format: FormatSettings = FormatSettings()
    """How to lay prompts out."""
    editor: EditorSettings = EditorSettings()
    """What editors show beside the text."""
    llm: LlmSettings = LlmSettings()
    """Which model optimises prompts."""

    folder: SkipJsonSchema[Path | None] = Field(default=None, exclude=True)
    """What relative paths and patterns are relative to. Not a setting: the loader fills it in."""
    in_editor: SkipJsonSchema[bool] = Field(default=False, exclude=True)
    """Whether the prompts are open in an editor. Not a setting: the loader fills it in."""

    @property
    def suggests(self) -> bool:
        """Whether suggestions count among the `default` rules."""
        return self.suggestions == "always" or (self.suggestions == "editor" and self.in_editor)

    def ignored_in(self, path: Path) -> frozenset[str]:
        """What `per_file_ignores` says not to run in the file at `path`."""
        if not self.per_file_ignores:
            return frozenset()
        return frozenset(
            selector
            for pattern, selectors in self.per_file_ignores.items()
            if self._matches(pattern, path)
            for selector in selectors
        )

    def domain_of(self, path: Path) -> str | None:
        """The domain that `domains` gives the file at `path`."""
        return self._last(self.domains, path)

    def priority_of(self, path: Path) -> Priority | None:
        """The priority that `priorities` gives the file at `path`."""
        return self._last(self.priorities, path)

    def _last(self, by_pattern: Mapping[str, Named], path: Path) -> Named | None:
        matching = [value for pattern, value in by_pattern.items() if self._matches(pattern, path)]
        return matching[-1] if matching else None

    def _matches(self, pattern: str, path: Path) -> bool:
        inside = self.folder is not None and path.is_relative_to(self.folder)
        return _spec(pattern).match_file(
            path.relative_to(self.folder) if self.folder is not None and inside else path.name
        )


@lru_cache(maxsize=256)
def _spec(pattern: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([pattern])


Shape = Literal["list", "table", "group", "value"]
"""A table has entries of any name, a group the settings of its own model; both are merged entry by entry."""


def _shape(annotation: Any) -> Shape:
    origin = get_origin(annotation)
    if isinstance(annotation, type) and issubclass(annotation, _Table):
        return "group"
    return "list" if origin is Sequence else "table" if origin is Mapping else "value"


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {name: _shape(field.annotation) for name, field in Settings.model_fields.items() if not field.exclude}
)


def settings_schema() -> dict[str, Any]:
    """The JSON Schema of a `promptls.toml`, with every description."""
    schema = Settings.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_untitled(schema),
        "title": "promptls",
        "description": "Settings of promptls.",
    }


def _untitled(schema: Any) -> Any:
    """A schema without the titles that pydantic makes of names, which say nothing."""
    if isinstance(schema, list):
        return [_untitled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _untitled(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
