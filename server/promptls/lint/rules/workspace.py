"""Rules about a prompt among the others of its workspace; they need the index."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.files import is_partial
from promptls.language.prompt import Prompt, layout
from promptls.lint.rule import Finding, Related, Severity, rule
from promptls.syntax.source import Range

_MOST_RELATED = 3


@rule("workspace/near-duplicate", Severity.INFO, certainty="suggestion", applies_to="any")
def near_duplicate(prompt: Prompt) -> Iterator[Finding]:
    """Another prompt of the workspace says almost the same.

    Two copies drift apart: a mistake that is mended in one stays in the other. What they share can be a partial, and
    what tells them apart an input; where they must differ for one case, make it a variant (`name.case.prompt`).
    Prompts count as near duplicates where seven tenths of their runs of three words are the same, values aside.
    Variants of one prompt are not compared, nor are short texts. Needs the index, which editors keep and
    `promptls index` makes.

    ```prompt file other.prompt
    {{role "system"}}
    You sort the messages that customers write to a bookshop. Read the message between the tags and answer with the
    name of the one queue that it belongs to: orders, refunds, events or other. Write nothing else.
    {{role "user"}}
    <message>{{text}}</message>
    ```

    ```prompt bad
    {{role "system"}}
    You sort the messages that customers write to a bookshop. Read the message between the tags and answer with the
    name of the one queue that it belongs to: orders, refunds, events or other. Write nothing more.
    {{role "user"}}
    <message>{{message}}</message>
    ```

    ```prompt bad
    {{role "system"}}
    You sort the messages that customers write to a bookshop. Read the message between the tags and answer with the
    name of the one queue that it belongs to: orders, refunds, events or other. Write nothing else.
    Answer in English.
    {{role "user"}}
    <message>{{text}}</message>
    ```

    ```prompt good
    {{role "system"}}
    You answer the messages that customers write to a bookshop. Thank them, say when the book will arrive, and sign as
    the shop. Leave the queue out: another prompt sorts the messages into orders, refunds, events and other.
    {{role "user"}}
    <message>{{text}}</message>
    ```

    ```prompt good
    {{role "system"}}
    You sort messages.
    ```
    """
    if is_partial(prompt):
        return
    others = prompt.project.alike(prompt)
    if others:
        start, _ = layout(prompt).template_range
        line = prompt.source.line_range(prompt.source.line_at(start))
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        yield Finding(
            Range(*line),
            f"this says almost the same as {others[0].name}{more}",
            help="Share the text as a partial, or make one prompt of them with one more input.",
            related=tuple(Related("the other prompt", Range(0, 0), str(each)) for each in others[:_MOST_RELATED]),
        )


RULES = (near_duplicate,)
