"""Rules about the frontmatter as YAML; those about its keys and about single runtimes have modules of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from promptls.language.broken_schema import broken_schema
from promptls.language.prompt import Prompt, frontmatter
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.rules.frontmatter_keys import unknown_key, wrong_type
from promptls.lint.rules.frontmatter_portability import portability
from promptls.lint.runtimes import consequences
from promptls.lint.yaml_edits import removal
from promptls.syntax.frontmatter import Frontmatter
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlEntry, YamlMapping, YamlSequence, walk

_WHOLE_FILE_IS_TEXT = "takes the whole file, frontmatter and all, as the prompt's text"
_REFUSES = "refuses the file"


@rule("frontmatter/invalid-yaml", Severity.ERROR, certainty="certain")
def invalid_yaml(prompt: Prompt) -> Iterator[Finding]:
    """The frontmatter is not valid YAML.

    Nothing of a broken frontmatter can be relied on: dotprompt 1.1.2 for JavaScript logs the error and then sends the
    whole file to the model as text, keys and all; dotprompt 0.2.0 for Python raises an error with line and column. The
    silent case is the worse one, and users have asked for it to be reported (google/dotprompt issue 85).

    The finding stands at the first character that cannot be read. Where the break comes from a well-known slip in a
    schema, such as an unquoted colon in a description, the rule for that slip reports it instead. An anchor that is
    never defined, a tag that nobody knows and a second YAML document count as broken too.

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    config:
      temperature: 0.2
      stopSequences: [END
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    description: "never closed
    ---
    Hello
    ```

    ```prompt bad
    ---
    description: greets: a person
    model: googleai/gemini-2.5-flash
    ---
    Hello
    ```

    ```prompt good
    ---
    description: "greets: a person"
    model: googleai/gemini-2.5-flash
    ---
    Hello
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    description: see https://example.com/a#b
    ---
    Config {temperature: is not YAML here
    ```
    """
    front = frontmatter(prompt)
    if front is None or front.error is None or front.close_fence is None or broken_schema(prompt) is not None:
        return
    advice = _advice(prompt, front)
    runtimes = consequences(prompt, js=_WHOLE_FILE_IS_TEXT, python=_REFUSES)
    yield Finding(
        range=front.error.range,
        message=f"invalid YAML: {front.error.message}",
        help=f"{advice} {runtimes}" if advice else runtimes,
    )


def _advice(prompt: Prompt, front: Frontmatter) -> str | None:
    """How to mend the commonest breaks."""
    assert front.error is not None
    message, line = front.error.message, prompt.source.line_text(prompt.source.line_at(front.error.range.start))
    if "cannot start any token" in message and "\t" in line[: len(line) - len(line.lstrip())]:
        return "Indent with blanks: YAML takes no tabs."
    if "cannot start any token" in message:
        return "Put the value in quotes: it begins with a character that YAML keeps for itself."
    if "mapping values are not allowed" in message:
        if ": " in line.partition(":")[2]:
            return "Put the value in quotes: a colon followed by a blank begins another mapping."
        return "The line before it probably lacks a colon, or the blank after one."
    if "quoted scalar" in message:
        return "Close the quote."
    return None


@rule("frontmatter/unclosed", Severity.ERROR, certainty="certain", fixable="safe")
def unclosed(prompt: Prompt) -> Iterator[Finding]:
    """The frontmatter begins with `---` but no such line ends it.

    Without the second fence there is no frontmatter: dotprompt 1.1.2 for JavaScript sends the whole file to the model
    as text, so that the model is not chosen and the schema not checked, while the roles still work, which hides it;
    dotprompt 0.2.0 for Python refuses the file ("missing closing delimiter").

    Only a file whose first line after `---` is a key is taken to have a frontmatter, since a lone `---` may also be a
    rule of Markdown. The fix closes the frontmatter after its last line that can be YAML, in place of a line such as
    `----` if one stands there.

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    input:
      schema:
        name: string
    {{role "user"}}
    Hello {{name}}
    ```

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    ----
    {{role "user"}}
    Hello
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    ---
    {{role "user"}}
    Hello
    ```

    ```prompt good
    ---
    {{role "user"}}
    A rule of Markdown stands above, and {{#if name}}no{{/if}} frontmatter.
    ```
    """
    front = frontmatter(prompt)
    if front is None or front.close_fence is not None:
        return
    newline, end = prompt.source.newline, front.yaml_range.end
    lead = "" if prompt.text[end - 1 : end] in "\r\n" else newline
    yield Finding(
        range=front.open_fence,
        message="the frontmatter that begins here is never closed",
        help="Put a line --- after it. " + consequences(prompt, js=_WHOLE_FILE_IS_TEXT, python=_REFUSES),
        fix=Fix("Close the frontmatter", (TextEdit(Range(end, front.range.end), f"{lead}---{newline}"),), safe=True),
    )


@rule("frontmatter/not-a-mapping", Severity.ERROR, certainty="certain")
def not_a_mapping(prompt: Prompt) -> Iterator[Finding]:
    """The frontmatter is a list or a text instead of keys with values.

    dotprompt 1.1.2 for JavaScript accepts it without a word and finds no model, no configuration and no schema in it;
    dotprompt 0.2.0 for Python refuses the file ("frontmatter must be a mapping").

    ```prompt bad
    ---
    - model: googleai/gemini-2.5-flash
    - config: {temperature: 0.2}
    ---
    {{role "user"}}
    Hello
    ```

    ```prompt bad
    ---
    model=googleai/gemini-2.5-flash
    ---
    {{role "user"}}
    Hello
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    ---
    {{role "user"}}
    Hello
    ```

    ```prompt good
    ---
    {model: googleai/gemini-2.5-flash, config: {temperature: 0.2}}
    ---
    {{role "user"}}
    Hello
    ```
    """
    front = frontmatter(prompt)
    root = front.root if front else None
    if front is None or front.error is not None or root is None or isinstance(root, YamlMapping):
        return
    kind = "a list" if isinstance(root, YamlSequence) else "a text"
    yield Finding(
        range=prompt.source.first_line(root.range),
        message=f"the frontmatter is {kind}, not keys with values",
        help="Write key: value lines. " + consequences(prompt, js="ignores it without a word", python=_REFUSES),
    )


@rule("frontmatter/duplicate-key", Severity.ERROR, certainty="certain", fixable="unsafe")
def duplicate_key(prompt: Prompt) -> Iterator[Finding]:
    """A key stands twice in one mapping.

    YAML forbids it. dotprompt 1.1.2 for JavaScript then treats the whole file as text, dotprompt 0.2.0 for Python
    refuses it, and loaders that allow it keep one of the two values without saying which. The fix removes the earlier
    entry, which such loaders drop; it is not safe, since only the author knows which value was meant.

    ```prompt bad
    ---
    model: openai/gpt-5-mini
    model: openai/gpt-5
    ---
    Hello
    ```

    ```prompt bad
    ---
    input:
      schema:
        name: string
        age: integer
        name: string, the full name
    ---
    Hello {{name}}, {{age}}
    ```

    ```prompt good
    ---
    input:
      schema: {name: string}
    output:
      schema: {name: string}
    ---
    Hello {{name}}
    ```

    ```prompt good
    ---
    input:
      schema:
        name: string
        Name: string
    ---
    Hello {{name}} and {{Name}}
    ```
    """
    for mapping in _mappings(prompt):
        seen: dict[str, YamlEntry] = {}
        for entry in mapping.entries:
            if entry.name is None:
                continue
            earlier = seen.get(entry.name)
            seen[entry.name] = entry
            if earlier is None:
                continue
            edit = removal(prompt.source, earlier.range, mapping)
            yield Finding(
                range=entry.key.range,
                message=f"the key {entry.name} stands twice here",
                help="Keep one of them. " + consequences(prompt, js=_WHOLE_FILE_IS_TEXT, python=_REFUSES),
                fix=Fix("Remove the earlier entry", (edit,), safe=False),
                related=(Related("the earlier entry", earlier.key.range),),
            )


def _mappings(prompt: Prompt) -> Iterable[YamlMapping]:
    front = frontmatter(prompt)
    if front is None or front.root is None:
        return ()
    return (node for node in walk(front.root) if isinstance(node, YamlMapping))


RULES = (
    invalid_yaml,
    unclosed,
    not_a_mapping,
    duplicate_key,
    wrong_type,
    unknown_key,
    portability,
)
