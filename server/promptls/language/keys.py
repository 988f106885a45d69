"""The keys of a frontmatter and of its `config`: two tables that hover, completion and lint all read.

Facts: google/dotprompt's runtimes (JavaScript 1.1.2, Python 0.2.0) for the frontmatter; for `config` the schemas of
Genkit's model plugins and the vendors' own API references (Gemini API GenerationConfig, OpenAI Chat Completions,
Anthropic Messages, Mistral and xAI chat completions). A bound stands here only where such a source states it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

KeyType = Literal["string", "list of strings", "list", "mapping", "schema", "any"]
ConfigType = Literal["number", "integer", "string", "boolean", "list of strings", "list", "mapping"]


@dataclass(frozen=True, slots=True)
class FrontmatterKey:
    """A key that dotprompt gives a meaning to; `children` are the keys of its mapping that have one too.

    `reserved` keys belong to the runtime: authors should not write them.
    """

    name: str
    type: KeyType
    summary: str
    documentation: str
    example: str
    reserved: bool = False
    children: tuple[FrontmatterKey, ...] = ()

    def child(self, name: str) -> FrontmatterKey | None:
        """The key `name` of this key's mapping, or None."""
        return next((key for key in self.children if key.name == name), None)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest allowed value, both included; None is no bound. Of a list it bounds the length."""

    least: float | None = None
    greatest: float | None = None

    def __str__(self) -> str:
        if self.greatest is None:
            return f"at least {self.least:g}"
        if self.least is None:
            return f"at most {self.greatest:g}"
        return f"from {self.least:g} to {self.greatest:g}"

    def hold(self, value: float) -> bool:
        """Whether `value` lies within."""
        return (self.least is None or value >= self.least) and (self.greatest is None or value <= self.greatest)

    def clamp(self, value: float) -> float:
        """The nearest value within."""
        if self.least is not None and value < self.least:
            return self.least
        return self.greatest if self.greatest is not None and value > self.greatest else value


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """A key of `config`. `bounds` go by vendor; the entry `""` holds for every other vendor.

    `vendors` are those known to take it, `ignored_by` those whose API has nothing like it; a vendor in neither is not
    known either way.
    """

    name: str
    type: ConfigType
    summary: str
    documentation: str
    example: str
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    vendors: tuple[str, ...] = ()
    ignored_by: tuple[str, ...] = ()

    def bounds_for(self, vendor: str | None) -> Bounds | None:
        """What the vendor of a model allows, or None where nothing is known."""
        return self.bounds.get(vendor or "") or self.bounds.get("")


_SCHEMA = (
    "Written in picoschema (`name: string, a description`), as JSON Schema, or as the name of a schema that the host "
    "registers."
)

_FRONTMATTER = (
    FrontmatterKey(
        "name",
        "string",
        "The prompt's name.",
        "Without it, the file name counts: `greet.formal.prompt` is the prompt `greet` in the variant `formal`.",
        "name: greet",
    ),
    FrontmatterKey(
        "variant",
        "string",
        "Which variant of the prompt this is.",
        "Without it, the last part of the file name before `.prompt` counts, where there are two.",
        "variant: formal",
    ),
    FrontmatterKey(
        "version",
        "string",
        "The prompt's version.",
        "Quote it when it looks like a number: the Python runtime refuses `1.0` and takes `'1.0'`.",
        "version: '1.2'",
    ),
    FrontmatterKey(
        "description",
        "string",
        "What the prompt is for.",
        "For people and for catalogues of prompts; the model does not see it.",
        "description: Answers customers from the facts at hand.",
    ),
    FrontmatterKey(
        "model",
        "string",
        "The model that answers.",
        "Usually `provider/model`, where the provider is a plugin of the host. The host may have a default.",
        "model: googleai/gemini-2.5-flash",
    ),
    FrontmatterKey(
        "tools",
        "list of strings",
        "The tools that the model may call, by name.",
        "The host resolves the names. A name that it does not know stays unresolved.",
        "tools: [searchFlights, getForecast]",
    ),
    FrontmatterKey(
        "toolDefs",
        "list",
        "Tools that are defined in the prompt itself.",
        "Each has a `name`, an `inputSchema` and, if you like, a `description` and an `outputSchema`.",
        "toolDefs:\n  - name: getForecast\n    inputSchema: {city: string}",
        children=(
            FrontmatterKey("name", "string", "The tool's name.", "", "name: getForecast"),
            FrontmatterKey(
                "description", "string", "When the model should call it.", "", "description: Weather of a city."
            ),
            FrontmatterKey("inputSchema", "schema", "The arguments of a call.", _SCHEMA, "inputSchema: {city: string}"),
            FrontmatterKey(
                "outputSchema", "schema", "What a call returns.", _SCHEMA, "outputSchema: {degrees: number}"
            ),
        ),
    ),
    FrontmatterKey(
        "config",
        "mapping",
        "How the model generates: temperature, length, safety and so on.",
        "Handed to the model's plugin. A value here wins over the model's default.",
        "config:\n  temperature: 0.2",
    ),
    FrontmatterKey(
        "input",
        "mapping",
        "The variables of the template.",
        "`schema` says what they are, `default` what they hold when the caller gives nothing.",
        "input:\n  schema:\n    question: string, what the user asks",
        children=(
            FrontmatterKey(
                "schema",
                "schema",
                "The names and types of the variables.",
                _SCHEMA,
                "schema:\n  question: string, what the user asks\n  tags?(array): string",
            ),
            FrontmatterKey(
                "default",
                "mapping",
                "Values for variables that the caller leaves out.",
                "The Python runtime and Genkit apply them; dotprompt 1.1.2 for JavaScript alone does not.",
                "default:\n  tone: friendly",
            ),
        ),
    ),
    FrontmatterKey(
        "output",
        "mapping",
        "The form of the answer.",
        "`format` names it, `schema` describes its data.",
        "output:\n  format: json\n  schema:\n    answer: string",
        children=(
            FrontmatterKey(
                "format",
                "string",
                "The kind of answer.",
                "`json` and `text` everywhere; Genkit also knows `media`, `enum`, `array` and `jsonl`.",
                "format: json",
            ),
            FrontmatterKey(
                "schema", "schema", "The names and types of the answer's data.", _SCHEMA, "schema:\n  answer: string"
            ),
        ),
    ),
    FrontmatterKey(
        "metadata",
        "mapping",
        "Anything else worth keeping with the prompt.",
        "The runtimes hand it on unread.",
        "metadata:\n  owner: support-team",
    ),
    FrontmatterKey(
        "ext", "mapping", "What `namespace.key` entries become.", "The runtime fills it in.", "ext: {}", reserved=True
    ),
    FrontmatterKey(
        "raw", "mapping", "The frontmatter as written.", "The runtime fills it in.", "raw: {}", reserved=True
    ),
)

FRONTMATTER_KEYS: Mapping[str, FrontmatterKey] = MappingProxyType({key.name: key for key in _FRONTMATTER})

_UNIT = {"": Bounds(0, 1)}
_PENALTY = {vendor: Bounds(-2, 2) for vendor in ("openai", "google", "mistral", "xai")}

_CONFIG = (
    ConfigKey(
        "temperature",
        "number",
        "How much chance there is in the choice of words.",
        "0 makes answers repeat themselves almost word for word; high values make them vary.",
        "temperature: 0.2",
        {
            "": Bounds(0),
            "google": Bounds(0, 2),
            "openai": Bounds(0, 2),
            "xai": Bounds(0, 2),
            "anthropic": Bounds(0, 1),
            "mistral": Bounds(0, 1.5),
        },
        ("google", "openai", "anthropic", "xai", "mistral"),
    ),
    ConfigKey(
        "topP",
        "number",
        "Considers only the likeliest words that together reach this probability.",
        "Vendors advise to change either this or the temperature.",
        "topP: 0.95",
        _UNIT,
        ("google", "openai", "anthropic", "xai", "mistral"),
    ),
    ConfigKey(
        "topK",
        "integer",
        "Considers only this many of the likeliest words.",
        "OpenAI, xAI and Mistral have nothing like it.",
        "topK: 40",
        {"": Bounds(0), "google": Bounds(1)},
        ("google", "anthropic"),
        ("openai", "xai", "mistral"),
    ),
    ConfigKey(
        "maxOutputTokens",
        "integer",
        "The most tokens that the answer may have.",
        "An answer that would be longer is cut off. Thinking counts too on most models.",
        "maxOutputTokens: 1024",
        {"": Bounds(1)},
        ("google", "openai", "anthropic", "xai", "mistral"),
    ),
    ConfigKey(
        "stopSequences",
        "list of strings",
        "Texts at which the answer ends.",
        "Gemini takes up to 5, OpenAI up to 4.",
        "stopSequences: ['END']",
        {"google": Bounds(None, 5), "openai": Bounds(None, 4)},
        ("google", "openai", "anthropic", "mistral"),
    ),
    ConfigKey(
        "candidateCount",
        "integer",
        "How many answers to generate.",
        "A Gemini setting.",
        "candidateCount: 1",
        {"": Bounds(1), "google": Bounds(1, 8)},
        ("google",),
        ("anthropic",),
    ),
    ConfigKey(
        "presencePenalty",
        "number",
        "Makes words that occurred before less likely, however often they did.",
        "Negative values make them likelier.",
        "presencePenalty: 0.3",
        _PENALTY,
        ("google", "openai", "mistral"),
        ("anthropic",),
    ),
    ConfigKey(
        "frequencyPenalty",
        "number",
        "Makes words less likely the more often they occurred before.",
        "Negative values make them likelier.",
        "frequencyPenalty: 0.3",
        _PENALTY,
        ("google", "openai", "mistral"),
        ("anthropic",),
    ),
    ConfigKey(
        "seed",
        "integer",
        "Makes answers repeatable where the model can.",
        "No vendor promises that the same seed always gives the same answer.",
        "seed: 7",
        {},
        ("google", "openai"),
        ("anthropic",),
    ),
    ConfigKey(
        "version",
        "string",
        "The exact version of the model.",
        "Genkit calls this one instead of the id in `model`.",
        "version: gemini-2.5-flash-001",
    ),
    ConfigKey(
        "apiKey",
        "string",
        "A key for this prompt alone.",
        "Never write a real key into a file: let the host read it from its environment.",
        "apiKey: ...",
        {},
        ("google", "openai", "anthropic"),
    ),
    ConfigKey(
        "safetySettings",
        "list",
        "What Gemini blocks, by category of harm.",
        "Each entry has a `category` and a `threshold`.",
        "safetySettings:\n  - category: HARM_CATEGORY_HARASSMENT\n    threshold: BLOCK_ONLY_HIGH",
        {},
        ("google",),
        ("openai", "anthropic", "xai", "mistral"),
    ),
    ConfigKey(
        "thinkingConfig",
        "mapping",
        "How much Gemini thinks before it answers.",
        "`thinkingBudget` in tokens for Gemini 2.5, `thinkingLevel` for Gemini 3; never both.",
        "thinkingConfig:\n  thinkingLevel: LOW",
        {},
        ("google",),
        ("openai", "anthropic", "xai", "mistral"),
    ),
    ConfigKey(
        "thinking",
        "mapping",
        "How much Claude thinks before it answers.",
        "`enabled` with `budgetTokens` (at least 1,024), or `adaptive`.",
        "thinking:\n  enabled: true\n  budgetTokens: 4096",
        {},
        ("anthropic",),
    ),
    ConfigKey(
        "responseModalities",
        "list of strings",
        "What Gemini answers with: TEXT, IMAGE or AUDIO.",
        "",
        "responseModalities: [TEXT, IMAGE]",
        {},
        ("google",),
        ("anthropic",),
    ),
    ConfigKey(
        "speechConfig",
        "mapping",
        "Voice and language of spoken answers.",
        "A setting of Gemini's speech models.",
        "speechConfig:\n  voiceConfig:\n    prebuiltVoiceConfig: {voiceName: Kore}",
        {},
        ("google",),
        ("anthropic",),
    ),
    ConfigKey(
        "functionCallingConfig",
        "mapping",
        "Whether Gemini must, may or must not call tools.",
        "`mode` is AUTO, ANY or NONE.",
        "functionCallingConfig: {mode: ANY}",
        {},
        ("google",),
        ("openai", "anthropic", "xai", "mistral"),
    ),
    ConfigKey(
        "codeExecution",
        "boolean",
        "Lets Gemini write and run code.",
        "",
        "codeExecution: true",
        {},
        ("google",),
        ("openai", "anthropic", "xai", "mistral"),
    ),
    ConfigKey(
        "reasoningEffort",
        "string",
        "How much an OpenAI reasoning model thinks.",
        "",
        "reasoningEffort: low",
        {},
        ("openai", "xai"),
        ("anthropic",),
    ),
    ConfigKey(
        "logProbs",
        "boolean",
        "Returns the probability of every token.",
        "",
        "logProbs: true",
        {},
        ("openai",),
        ("anthropic",),
    ),
    ConfigKey(
        "topLogProbs",
        "integer",
        "How many alternatives to return for every token.",
        "",
        "topLogProbs: 3",
        {"openai": Bounds(0, 20)},
        ("openai",),
        ("anthropic",),
    ),
)

CONFIG_KEYS: Mapping[str, ConfigKey] = MappingProxyType({key.name: key for key in _CONFIG})
