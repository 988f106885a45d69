"""Rules about the model that a prompt names; those about its configuration have a module of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.language.metadata import Located, metadata
from promptls.language.models import model, model_catalogue
from promptls.language.prompt import Prompt
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.rules.model_config import config_range, conflicting_config, unsupported_config
from promptls.syntax.source import Range, TextEdit


@rule("model/unknown", Severity.INFO, certainty="likely", fixable="unsafe")
def unknown(prompt: Prompt) -> Iterator[Finding]:
    """The model's name looks like a misspelling of one in the catalogue.

    A model that does not exist fails only when the prompt is called. New models appear every week, though, so a name is
    not reported merely because the catalogue lacks it: it must be a name of Google AI, OpenAI, Anthropic or xAI that
    becomes a known one by mending a word, the order of its words or its punctuation. Another number or another
    combination of known words is taken for a newer model. Names that hold white space or end after the provider are
    reported for any provider.

    The catalogue is the offline data of genai-prices; models of your own go into the setting `models`.

    ```prompt bad
    ---
    model: googleai/gemini-flash-2.5
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: anthropic/claude-sonet-4-5
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: openai/GPT 4o
    ---
    Hello
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash-001
    ---
    Hello
    ```

    ```prompt good
    ---
    model: googleai/gemini-99-flash
    ---
    Hello
    ```

    ```prompt good
    ---
    model: ollama/gemini-flash-2.5-distilled
    ---
    Hello
    ```
    """
    named = metadata(prompt).model
    if named is None or "{" in named.value:
        return
    name = named.value
    if re.search(r"\s", name.strip()) or (name.endswith("/") and name.strip("/")):
        yield Finding(
            range=named.range,
            message=f'"{name}" cannot be the name of a model',
            help="Write provider/model, without blanks.",
        )
        return
    catalogue = model_catalogue(prompt)
    if not catalogue.covers(name) or catalogue.find(name) is not None:
        return
    meant = catalogue.nearest(name)
    if meant is None:
        return
    yield Finding(
        range=named.range,
        message=f"{name} is not in the catalogue of models; {meant} is",
        help="Correct the name, or add the model to the setting models if it exists.",
        fix=Fix(f"Change to {meant}", (TextEdit(_inside_quotes(prompt, named), meant),), safe=False),
    )


def _inside_quotes(prompt: Prompt, located: Located[str]) -> Range:
    start, end = located.range
    return Range(start + 1, end - 1) if prompt.text[start] in "\"'" and end - start >= 2 else located.range


@rule("model/deprecated", Severity.WARNING, certainty="likely", fixable="unsafe")
def deprecated(prompt: Prompt) -> Iterator[Finding]:
    """The vendor has deprecated the model or shut it down.

    Requests to a model that was shut down fail. The facts come from genai-prices and from the vendors' own pages on
    deprecations; a model whose end is announced but has not come yet is not reported. The setting `models` can declare
    further ones, with a `replacement`. The fix changes to the model that the vendor names instead; answers will differ,
    so test the prompt with it.

    ```prompt bad
    ---
    model: googleai/gemini-2.0-flash
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: anthropic/claude-3-opus-20240229
    ---
    Hello
    ```

    ```prompt good
    ---
    model: anthropic/claude-sonnet-4-6
    ---
    Hello
    ```

    ```prompt good
    ---
    model: mycloud/gemini-2.0-flash
    ---
    Hello
    ```
    """
    named, known = metadata(prompt).model, model(prompt)
    if named is None or known is None or not known.deprecated:
        return
    instead = known.replacement
    edits = (TextEdit(_inside_quotes(prompt, named), instead),) if instead else ()
    yield Finding(
        range=named.range,
        message=f"{named.value} is deprecated: its vendor has shut it down or is about to",
        help=f"Its vendor names {instead} in its place." if instead else "Choose a current model.",
        fix=Fix(f"Change to {instead}", edits, safe=False) if edits else None,
        tags=("deprecated",),
    )


RULES = (unknown, deprecated, config_range, conflicting_config, unsupported_config)
