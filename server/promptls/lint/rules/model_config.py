"""Rules about how a prompt configures its model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.language.keys import ConfigKey
from promptls.language.metadata import ConfigEntry, Metadata, metadata
from promptls.language.models import vendor
from promptls.language.prompt import Prompt, frontmatter
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.yaml_edits import removal
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlMapping, YamlScalar, YamlSequence, resolve

_VENDOR_NAMES = {
    "google": "Google",
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "xai": "xAI",
    "mistral": "Mistral",
    "deepseek": "DeepSeek",
}
_NUMBER = re.compile(r"[-+]?(?:\d++(?:\.\d*)?|\.\d+)\Z")
_CLAUDE = re.compile(r"claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2})(?!\d))?")
_REASONING_ONLY = re.compile(r"(?:.*/)?(?:o[134]|gpt-5)(?:-mini|-nano|-pro|-preview)?(?:-\d{4}-\d\d-\d\d)?\Z")
_NEUTRAL = {"temperature": 1, "topP": 1, "presencePenalty": 0, "frequencyPenalty": 0}


@rule("model/config-range", Severity.WARNING, certainty="certain", fixable="unsafe")
def config_range(prompt: Prompt) -> Iterator[Finding]:
    """A value under `config` is outside what the model's vendor allows, or of another type.

    Vendors refuse such requests. The bounds are those of their API references and of Genkit's model plugins:
    temperature 0 to 2 for Gemini, OpenAI and xAI, 0 to 1 for Claude, 0 to 1.5 for Mistral; topP 0 to 1; topK at least 1
    for Gemini; penalties -2 to 2; 1 to 8 candidates; 5 stop sequences for Gemini, 4 for OpenAI. For a prompt without a
    model, or with one of another vendor, only what holds everywhere is checked. The fix takes the nearest such value.

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    config: {temperature: 3}
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: anthropic/claude-sonnet-4-5
    config: {temperature: 1.5}
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: openai/gpt-4.1-mini
    config:
      topP: 95
      maxOutputTokens: "1024"
    ---
    Hello
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    config: {temperature: 2, topP: 1.0, topK: 1, stopSequences: [a, b, c, d, e]}
    ---
    Hello
    ```

    ```prompt good
    ---
    model: ollama/llama3
    config: {temperature: 3}
    ---
    Hello
    ```
    """
    declared = metadata(prompt)
    maker = _vendor(declared)
    for entry in declared.config:
        known = entry.known
        if known is None:
            continue
        if known.type in ("number", "integer"):
            yield from _number(prompt, entry, known, maker)
        elif known.type == "list of strings":
            yield from _list(entry, known, maker)


def _vendor(declared: Metadata) -> str | None:
    return vendor(declared.model.value) if declared.model else None


def _number(prompt: Prompt, entry: ConfigEntry, known: ConfigKey, maker: str | None) -> Iterator[Finding]:
    value, where = entry.number, entry.node.range
    if value is None:
        node = resolve(entry.node)
        if isinstance(node, YamlScalar) and node.value is None:
            return
        digits = node.text.strip() if isinstance(node, YamlScalar) else ""
        bare = (TextEdit(where, digits),) if _NUMBER.match(digits) else ()
        yield Finding(
            range=where,
            message=f"{entry.name} must be a number",
            help=f"Write it without quotes: {entry.name}: {digits}" if bare else known.summary,
            fix=Fix("Remove the quotes", bare, safe=False) if bare else None,
        )
        return
    bounds, written = known.bounds_for(maker), prompt.text[where.start : where.end]
    if bounds is not None and not bounds.hold(value):
        nearest = bounds.clamp(value)
        whom = f" for {_VENDOR_NAMES[maker]}" if maker in known.bounds and maker in _VENDOR_NAMES else ""
        yield Finding(
            range=where,
            message=f"{entry.name} is {written}, but must be {bounds}{whom}",
            help=known.summary,
            fix=_set(where, nearest) if bounds.hold(nearest) else None,
        )
    elif known.type == "integer" and isinstance(value, float) and not value.is_integer():
        yield Finding(
            range=where,
            message=f"{entry.name} is {written}, but must be a whole number",
            help=known.summary,
        )


def _set(where: Range, value: float) -> Fix:
    return Fix(f"Set it to {value:g}", (TextEdit(where, f"{value:g}"),), safe=False)


def _list(entry: ConfigEntry, known: ConfigKey, maker: str | None) -> Iterator[Finding]:
    node = resolve(entry.node)
    if isinstance(node, YamlScalar) and node.value is None:
        return
    if not isinstance(node, YamlSequence):
        yield Finding(
            range=entry.node.range,
            message=f"{entry.name} must be a list",
            help=f"For example: {known.example}",
        )
        return
    bounds = known.bounds_for(maker)
    if bounds is not None and not bounds.hold(len(node.items)):
        yield Finding(
            range=entry.key_range,
            message=f"{entry.name} has {len(node.items)} items, but {_VENDOR_NAMES[maker or '']} takes {bounds}",
            help=known.documentation,
        )


@rule("model/conflicting-config", Severity.WARNING, certainty="certain", fixable="unsafe")
def conflicting_config(prompt: Prompt) -> Iterator[Finding]:
    """Two entries of `config` exclude each other.

    - Claude Opus 4.1 and Claude 4.5 and 4.6 refuse a request that sets both `temperature` and `topP` ("cannot both be
      specified for this model").
    - Gemini refuses a request with both `thinkingBudget` (for Gemini 2.5) and `thinkingLevel` (for Gemini 3).
    - Claude's `thinking` is either `enabled` with a budget or `adaptive`. Its budget must be smaller than
      `maxOutputTokens`, and while it is enabled `temperature` must be 1 and `topK` absent.

    The fix removes the later or the less common of the two.

    ```prompt bad
    ---
    model: anthropic/claude-sonnet-4-5
    config: {temperature: 0.2, topP: 0.9}
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: googleai/gemini-3-flash-preview
    config:
      thinkingConfig: {thinkingBudget: 1024, thinkingLevel: LOW}
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: anthropic/claude-sonnet-4-5
    config:
      maxOutputTokens: 2000
      thinking: {enabled: true, budgetTokens: 4096}
    ---
    Hello
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    config: {temperature: 0.2, topP: 0.9, topK: 40}
    ---
    Hello
    ```

    ```prompt good
    ---
    model: anthropic/claude-sonnet-4-5
    config:
      maxOutputTokens: 8000
      temperature: 1
      thinking: {enabled: true, budgetTokens: 4096}
    ---
    Hello
    ```
    """
    declared = metadata(prompt)
    maker = _vendor(declared)
    if declared.model is None or maker not in ("anthropic", "google"):
        return
    if maker == "google":
        yield from _thinking_twice(declared)
        return
    temperature, top_p = declared.setting("temperature"), declared.setting("topP")
    version = _claude_version(declared.model.value)
    if temperature and top_p and version and (4, 1) <= version < (4, 7):
        yield Finding(
            range=top_p.key_range,
            message=f"{declared.model.value} refuses requests that set both temperature and topP",
            help="Keep one of them.",
            fix=_removal(prompt, top_p),
            related=(Related("temperature is set here", temperature.key_range),),
        )
    yield from _claude_thinking(prompt, declared)


def _thinking_twice(declared: Metadata) -> Iterator[Finding]:
    thinking = _nested(declared.setting("thinkingConfig"))
    budget, level = (thinking.get("thinkingBudget"), thinking.get("thinkingLevel")) if thinking else (None, None)
    if budget and level:
        yield Finding(
            range=level.key.range,
            message="thinkingLevel and thinkingBudget exclude each other",
            help="Keep thinkingBudget for Gemini 2.5 and thinkingLevel for Gemini 3.",
            related=(Related("thinkingBudget is set here", budget.key.range),),
        )


def _claude_thinking(prompt: Prompt, declared: Metadata) -> Iterator[Finding]:
    thinking = _nested(declared.setting("thinking"))
    enabled = thinking.get("enabled") if thinking else None
    if thinking is None or enabled is None or _plain(enabled.value) is not True:
        return
    adaptive, budget, length = (
        thinking.get("adaptive"),
        thinking.get("budgetTokens"),
        declared.setting("maxOutputTokens"),
    )
    if adaptive and _plain(adaptive.value) is True:
        yield Finding(
            range=adaptive.key.range,
            message="thinking is either enabled with a budget or adaptive, not both",
            help="Keep one of them.",
            related=(Related("enabled here", enabled.key.range),),
        )
    tokens = _plain(budget.value) if budget else None
    if budget and length and isinstance(tokens, int) and length.number is not None and tokens >= length.number:
        yield Finding(
            range=budget.value.range,
            message=f"budgetTokens is {tokens}, but must be less than maxOutputTokens, which is {length.number}",
            help="Thinking is part of the output: raise maxOutputTokens or lower the budget.",
            related=(Related("maxOutputTokens is set here", length.key_range),),
        )
    for name in ("temperature", "topK"):
        entry = declared.setting(name)
        if entry and entry.number is not None and not (name == "temperature" and entry.number == 1):
            yield Finding(
                range=entry.key_range,
                message=f"Claude refuses {name} while thinking is enabled",
                help="Remove it, or switch thinking off.",
                fix=_removal(prompt, entry),
                related=(Related("thinking is enabled here", enabled.key.range),),
            )


def _nested(entry: ConfigEntry | None) -> YamlMapping | None:
    node = resolve(entry.node) if entry else None
    return node if isinstance(node, YamlMapping) else None


def _plain(node: object) -> object:
    return node.value if isinstance(node, YamlScalar) else None


def _claude_version(model_id: str) -> tuple[int, int] | None:
    match = _CLAUDE.search(model_id.lower())
    return (int(match[1]), int(match[2] or 0)) if match else None


def _removal(prompt: Prompt, entry: ConfigEntry) -> Fix | None:
    front = frontmatter(prompt)
    config = front.mapping.get("config") if front and front.mapping else None
    mapping = resolve(config.value) if config else None
    if not isinstance(mapping, YamlMapping):
        return None
    edit = removal(prompt.source, Range(entry.key_range.start, entry.node.range.end), mapping)
    return Fix(f"Remove {entry.name}", (edit,), safe=False)


@rule("model/unsupported-config", Severity.INFO, certainty="likely", fixable="unsafe")
def unsupported_config(prompt: Prompt) -> Iterator[Finding]:
    """An entry of `config` means nothing to the model.

    Either the vendor's API has nothing like it, so that the host drops it or the request fails: `topK` for OpenAI, xAI
    and Mistral, penalties, `seed` and `safetySettings` for Claude, `thinkingConfig` for anyone but Google. Or this very
    model refuses it, which is reported as a warning: Claude from 4.7 on takes no `temperature`, `topP` or `topK`, and
    OpenAI's o-series and the first GPT-5 models take sampling parameters at their defaults only. A value equal to the
    default is left alone.

    ```prompt bad
    ---
    model: openai/gpt-4.1-mini
    config: {topK: 40}
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: anthropic/claude-opus-4-8
    config: {temperature: 0.2}
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: openai/gpt-5-mini
    config:
      temperature: 0
    ---
    Hello
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    config: {topK: 40, temperature: 0.2, safetySettings: []}
    ---
    Hello
    ```

    ```prompt good
    ---
    model: openai/gpt-5-mini
    config: {temperature: 1}
    ---
    Hello
    ```

    ```prompt good
    ---
    model: anthropic/claude-sonnet-4-5
    config: {temperature: 0.2}
    ---
    Hello
    ```
    """
    declared = metadata(prompt)
    maker = _vendor(declared)
    if declared.model is None or maker is None:
        return
    name = declared.model.value
    refused = () if name.startswith("openrouter/") else _refused_settings(name, maker)
    for entry in declared.config:
        if entry.name in refused and not _is_neutral(entry):
            yield Finding(
                range=entry.key_range,
                message=f"{name} refuses {entry.name}: it takes no value but the default",
                help=f"Remove {entry.name}; requests that set it fail.",
                fix=_removal(prompt, entry),
                severity=Severity.WARNING,
            )
        elif entry.known is not None and maker in entry.known.ignored_by:
            yield Finding(
                range=entry.key_range,
                message=f"{_VENDOR_NAMES[maker]} has no {entry.name}",
                help="The host drops it, or the request fails.",
                fix=_removal(prompt, entry),
            )


def _refused_settings(name: str, maker: str) -> tuple[str, ...]:
    if maker == "anthropic":
        version = _claude_version(name)
        return ("temperature", "topP", "topK") if version is not None and version >= (4, 7) else ()
    if maker == "openai" and _REASONING_ONLY.match(name):
        return (*_NEUTRAL, "logProbs", "topLogProbs")
    return ()


def _is_neutral(entry: ConfigEntry) -> bool:
    node = resolve(entry.node)
    if isinstance(node, YamlScalar) and node.value in (None, False):
        return node.value is None or entry.name == "logProbs"
    return entry.name in _NEUTRAL and entry.number == _NEUTRAL[entry.name]
