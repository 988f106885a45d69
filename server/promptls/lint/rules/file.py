"""Rules about the file as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.formats import is_dotprompt, recognised
from promptls.language.prompt import Prompt
from promptls.lint.rule import Finding, Severity, rule
from promptls.syntax.source import Range


@rule("file/not-dotprompt", Severity.HINT, certainty="likely", applies_to="any")
def not_dotprompt(prompt: Prompt) -> Iterator[Finding]:
    """The file does not look like dotprompt, so the rules about that format are left out.

    Many tools call their files `.prompt`: of 36 files at generic paths in public repositories 28 % were dotprompt, the
    others plain text, whole-file YAML, Go templates, Jinja or another format. Errors about YAML or braces would be
    noise there; security rules still apply.

    ```prompt bad
    Summarise the following text in three sentences.
    ```

    ```prompt bad
    {% for item in items %}
    - {{ item.name }}
    {% endfor %}
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    ---
    Summarise the following text in three sentences.
    ```

    ```prompt good
    {{role "system"}}
    You summarise texts in three sentences.
    ```
    """
    if prompt.text.strip() and not is_dotprompt(prompt):
        seen = recognised(prompt)
        first_line = prompt.source.line_range(0)
        yield Finding(
            range=Range(first_line.start, max(first_line.end, first_line.start + 1)),
            message=f"this file was read as {seen.label}, not as dotprompt",
            help="A frontmatter with a known key, such as `model:` between two `---` lines, makes it dotprompt.",
        )


RULES = (not_dotprompt,)
