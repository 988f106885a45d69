"""Rules about suppression comments: those that silence nothing and those that name no rule."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from promptls.language.prompt import Prompt
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.runner import registry, selected_rules, unsuppressed_findings
from promptls.lint.suppressions import Selector, Suppression, suppressions
from promptls.syntax.source import Range, TextEdit


@rule("suppressions/unused", Severity.WARNING, certainty="certain", fixable="safe")
def unused(prompt: Prompt) -> Iterator[Finding]:
    """A suppression comment silences nothing.

    The finding it was written for is gone, or it stands on the wrong line: a comment covers its own line and the next.
    Left in place it would hide the next real mistake. A rule that is not selected is given the benefit of the doubt.

    ```prompt bad
    {{! promptls: ignore template/leftover }}
    Answer in English.
    ```

    ```prompt bad
    {{! promptls: ignore-file variables/undefined }}
    Answer {{question}} in English.
    ```

    ```prompt good
    {{! promptls: ignore template/leftover }}
    TODO: marks an open point in the notes.
    ```

    ```prompt good
    Answer in English.
    {{! promptls is great }}
    ```
    """
    selected = {each.id for each in selected_rules(prompt)}
    for suppression in suppressions(prompt):
        held_back = [each for each in unsuppressed_findings(prompt) if suppression.silences(each)]
        for selector in suppression.selectors:
            can_be_judged = registry().knows(selector.text) and any(selector.takes(id) for id in selected)
            if can_be_judged and not any(selector.takes(each.rule) for each in held_back):
                yield Finding(
                    range=selector.range,
                    message=f"nothing here is silenced by this suppression of {selector.text}",
                    help="Remove it.",
                    fix=_removal(prompt, suppression, selector),
                    tags=("unnecessary",),
                )


@rule("suppressions/unknown-rule", Severity.WARNING, certainty="certain", fixable="safe")
def unknown_rule(prompt: Prompt) -> Iterator[Finding]:
    """A suppression comment names a rule that does not exist, or none at all.

    It silences nothing, whatever its author believes. `promptls rule` lists the names.

    ```prompt bad
    {{! promptls: ignore template/leftovers }}
    TODO write this prompt.
    ```

    ```prompt bad
    {{! promptls: ignore }}
    TODO write this prompt.
    ```

    ```prompt good
    {{! promptls: ignore template }}
    TODO: marks an open point in the notes.
    ```

    ```prompt good
    {{! promptls: ignore all }}
    TODO: marks an open point in the notes.
    ```
    """
    for suppression in suppressions(prompt):
        if not suppression.selectors:
            yield Finding(
                range=suppression.range,
                message="this suppression names no rule",
                help="Name the rules, a family of rules, or `all`.",
                fix=Fix("Remove the suppression", (_whole_comment(prompt, suppression),), safe=True),
            )
        for selector in suppression.selectors:
            if not registry().knows(selector.text):
                near = get_close_matches(selector.text, [*registry().by_id, *registry().families], n=1)
                yield Finding(
                    range=selector.range,
                    message=f"there is no rule {selector.text!r}",
                    help=f"Did you mean {near[0]!r}?" if near else "`promptls rule` lists them.",
                    fix=Fix(f"Replace by {near[0]}", (TextEdit(selector.range, near[0]),), safe=True)
                    if near
                    else _removal(prompt, suppression, selector),
                )


def _removal(prompt: Prompt, suppression: Suppression, selector: Selector) -> Fix:
    if len(suppression.selectors) == 1:
        return Fix("Remove the suppression", (_whole_comment(prompt, suppression),), safe=True)
    index = suppression.selectors.index(selector)
    if index:
        range = Range(suppression.selectors[index - 1].range.end, selector.range.end)
    else:
        range = Range(selector.range.start, suppression.selectors[1].range.start)
    return Fix(f"Remove {selector.text} from the suppression", (TextEdit(range, ""),), safe=True)


def _whole_comment(prompt: Prompt, suppression: Suppression) -> TextEdit:
    """Remove the comment, and its line where it stands alone there, which the renderer would drop as well."""
    source = prompt.source
    start, end = suppression.range
    first = source.line_range(source.line_at(start)).start
    last = source.line_at(end)
    alone = not prompt.text[first:start].strip() and not prompt.text[end : source.line_range(last).end].strip()
    if alone:
        after = source.line_starts[last + 1] if last + 1 < source.line_count else len(prompt.text)
        return TextEdit(Range(first, after), "")
    return TextEdit(suppression.range, "")


RULES = (unused, unknown_rule)
