"""The rule about test cases."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.analysis.prose import prose
from promptls.language.files import TESTS_SUFFIX, is_partial
from promptls.language.prompt import Prompt, frontmatter, template
from promptls.language.scope import scope
from promptls.lint.rule import Finding, Severity, rule
from promptls.syntax.source import Range


@rule("tests/none", Severity.HINT, certainty="suggestion")
def none(prompt: Prompt) -> Iterator[Finding]:
    """No test cases stand beside a prompt that takes input.

    Whether a change of a prompt makes its answers better or worse cannot be seen by reading it. Cases in
    `<name>.test.yaml`, an input with what the answer must hold, tell after every change, and the optimiser works from
    them. Of the changes of prompts in public repositories only 21.9 % say what they are for (arXiv 2412.17298).

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    input:
      schema:
        ticket: string
    ---
    Sort this ticket into billing, bug or other: {{ticket}}
    ```

    ```prompt bad
    {{role "system"}}
    Translate the text into English.
    {{role "user"}}
    {{text}}
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    ---
    Tell a joke about cats.
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    input:
      schema:
        name: string
    ---
    {{! Nothing is written yet. }}
    ```
    """
    takes_input = any(use.kind != "helper" and not use.path.data for use in scope(prompt).uses)
    if prompt.path is None or is_partial(prompt) or not takes_input or prose(prompt).is_blank:
        return
    if not prompt.project.has_tests(prompt):
        name = prompt.path.name.removesuffix(prompt.path.suffix)
        help = f"Write {name}{TESTS_SUFFIX}: for each case an input and what its answer must hold."
        yield Finding(_first_line(prompt), "no test cases stand beside this prompt", help=help)


def _first_line(prompt: Prompt) -> Range:
    head = frontmatter(prompt)
    if head is not None:
        return head.open_fence
    start = template(prompt).program.range.start
    start += len(prompt.text[start:]) - len(prompt.text[start:].lstrip())
    return prompt.source.line_range(prompt.source.line_at(start))


RULES = (none,)
