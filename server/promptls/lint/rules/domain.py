"""Rules about the domain that a prompt names."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.prompt import Prompt
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.syntax.source import TextEdit


@rule("domain/unknown", Severity.WARNING, certainty="certain", fixable="unsafe")
def unknown(prompt: Prompt) -> Iterator[Finding]:
    """The frontmatter names a domain that no pack has.

    `promptls.domain` chooses the rules of a field and what counts in the score. A name that neither promptls nor the
    packs of the settings know changes nothing, and the prompt is judged by its words.

    ```prompt bad
    ---
    model: openai/gpt-4.1
    promptls.domain: slq
    ---
    Write one query for SQLite that counts the orders.
    ```

    ```prompt bad
    ---
    promptls.domain: cooking
    ---
    Suggest a recipe with {{ingredient}}.
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1
    promptls.domain: sql
    ---
    Write one query for SQLite that counts the orders.
    ```

    ```prompt good
    ---
    acme.domain: cooking
    ---
    Suggest a recipe with {{ingredient}}.
    ```
    """
    if "promptls.domain" not in prompt.text:
        return
    from promptls.lint.domain import declared
    from promptls.lint.packs import packs_of

    named = declared(prompt)
    known = packs_of(prompt.settings).by_name
    if named is None or named[0] in known:
        return
    from difflib import get_close_matches

    name, range = named
    near = get_close_matches(name, known, n=1)
    yield Finding(
        range=range,
        message=f"there is no domain {name!r}",
        help=f"There are {', '.join(known)}.",
        fix=Fix(f"Replace by {near[0]}", (TextEdit(range, near[0]),), safe=False) if near else None,
    )


RULES = (unknown,)
