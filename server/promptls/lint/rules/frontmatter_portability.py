"""The rule about frontmatters that one runtime reads and another does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeGuard

from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, frontmatter
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.runtimes import minds
from promptls.syntax.frontmatter import Frontmatter
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import (
    YamlAlias,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    quoted,
    resolve,
    walk,
    yaml_1_1_type,
)

_TEXT_KEYS = frozenset({"name", "variant", "version", "description", "model"})
_ENUM_KEY = re.compile(r"[^(]+\(\s*enum\b")


@rule("frontmatter/portability", Severity.WARNING, certainty="certain", fixable="safe")
def portability(prompt: Prompt) -> Iterator[Finding]:
    r"""The frontmatter works in one of the prompt's runtimes and not in another.

    The runtimes that the setting `runtimes` names must all read the file alike; by default these are dotprompt for
    JavaScript and for Python. Observed with JavaScript 1.1.2 and Python 0.2.0:

    - a byte-order mark before `---`, or another line in its place, such as `----`: both take the whole file as text;
    - blank or `#` lines before `---`, an empty frontmatter, a closing `---` that ends the file without a line end:
      JavaScript takes the whole file as text, Python reads it;
    - anchors, aliases, explicit tags and keys that are no strings: JavaScript reads them, Python refuses the file;
    - `yes`, `no`, `on`, `off`, dates and the like without quotes: JavaScript reads YAML 1.2, where they are text,
      Python reads YAML 1.1, where they are true, false or a date. That matters in keys, in values that must be text, in
      the members of an enum and in defaults.

    The fixes keep the meaning: they quote, or move what stands before the frontmatter into it.

    ```prompt bad
    # Licence: Apache-2.0

    ---
    model: openai/gpt-5-mini
    ---
    {{role "user"}}
    Hello
    ```

    ```prompt bad
    ---
    model: openai/gpt-5-mini
    input:
      schema: {a: &text string, b: *text}
    ---
    Hello {{a}} {{b}}
    ```

    ```prompt bad
    ---
    model: openai/gpt-5-mini
    output:
      schema:
        answer(enum): [yes, no]
    ---
    Is it so?
    ```

    ```prompt bad
    \u{feff}---
    model: openai/gpt-5-mini
    ---
    Hello
    ```

    ```prompt bad
    ----
    model: openai/gpt-5-mini
    ---
    Hello
    ```

    ```prompt good
    ----
    Note: a rule of Markdown stands above.
    ---
    {{role "user"}}
    Hello
    ```

    ```prompt good
    ---
    # Licence: Apache-2.0
    model: openai/gpt-5-mini
    output:
      schema:
        answer(enum): ["yes", "no", maybe]
    ---
    Is it so?
    ```

    ```prompt good
    ---
    model: openai/gpt-5-mini
    config: {stream: yes, temperature: 0.2}
    description: yes & no, and *all* of it
    metadata:
      reviewed: 2026-01-31
    ---
    Hello
    ```
    """
    front = frontmatter(prompt)
    if front is None:
        return
    if front.has_bom:
        yield _byte_order_mark()
    if prompt.text[slice(*front.open_fence)] != "---" or prompt.text[: front.open_fence.start].endswith((" ", "\t")):
        yield _no_fence(prompt, front)
        return
    if minds(prompt, "js"):
        yield from _for_javascript(prompt, front)
    if minds(prompt, "python") and front.root is not None and front.error is None:
        yield from _for_python(front.root)
        yield from _misread_text(prompt, front.root)


def _byte_order_mark() -> Finding:
    return Finding(
        range=Range(0, 1),
        message="a byte-order mark stands before the frontmatter: every runtime takes the whole file as text",
        help="Save the file as UTF-8 without a byte-order mark.",
        fix=Fix("Remove the byte-order mark", (TextEdit(Range(0, 1), ""),), safe=True),
        severity=Severity.ERROR,
    )


def _no_fence(prompt: Prompt, front: Frontmatter) -> Finding:
    line = Range(prompt.source.line_range(0).start, front.open_fence.end)
    return Finding(
        range=line,
        message="this line opens no frontmatter: every runtime takes the whole file as text",
        help="Write exactly three hyphens, with nothing before them.",
        fix=Fix("Write ---", (TextEdit(line, "---"),), safe=True),
        severity=Severity.ERROR,
    )


_JAVASCRIPT = (
    "The JavaScript runtime (dotprompt 1.1.2) takes the whole file, frontmatter and all, as the prompt's text."
)


def _for_javascript(prompt: Prompt, front: Frontmatter) -> Iterator[Finding]:
    text, start = prompt.text, 1 if front.has_bom else 0
    if front.open_fence.start > start:
        yield _leading_lines(prompt, front, Range(start, front.open_fence.start))
    if front.close_fence is None:
        return
    if not text[front.yaml_range.start : front.yaml_range.end].strip():
        yield Finding(
            range=front.open_fence,
            message="the frontmatter is empty, which the JavaScript runtime does not take for one",
            help=f"Remove both fences, or put a key between them. {_JAVASCRIPT}",
            fix=Fix("Remove the empty frontmatter", (TextEdit(front.range, ""),), safe=True),
        )
    elif front.range.end == len(text) and text[-1] not in "\r\n":
        yield Finding(
            range=front.close_fence,
            message="the closing --- ends the file without a line end",
            help=f"Add a line end after it. {_JAVASCRIPT}",
            fix=Fix("Add a line end", (TextEdit(Range(len(text), len(text)), prompt.source.newline),), safe=True),
        )


def _leading_lines(prompt: Prompt, front: Frontmatter, header: Range) -> Finding:
    lines = [line for line in re.split(r"\r\n|\r|\n", prompt.text[header.start : header.end]) if line.strip()]
    newline, at = prompt.source.newline, front.yaml_range.start
    edits = [TextEdit(header, "")]
    if lines:
        edits.append(TextEdit(Range(at, at), "".join(f"{line.strip()}{newline}" for line in lines)))
    first = prompt.text.find(lines[0], header.start) if lines else 0
    return Finding(
        range=Range(first, first + len(lines[0])) if lines else front.open_fence,
        message=f"{'comments stand' if lines else 'a blank line stands'} before the opening --- of the frontmatter",
        help=f"Begin the file with ---; comments may follow it. {_JAVASCRIPT}",
        fix=Fix("Move them into the frontmatter" if lines else "Remove the blank lines", tuple(edits), safe=True),
    )


def _for_python(root: YamlNode) -> Iterator[Finding]:
    nodes = list(walk(root))
    aliases = [node for node in nodes if isinstance(node, YamlAlias)]
    for node in nodes:
        if isinstance(node, YamlAlias):
            continue
        if node.anchor is not None:
            uses = tuple(Related("used here", alias.range) for alias in aliases if alias.target is node)
            yield Finding(
                range=node.anchor,
                message="anchors and aliases are refused by the Python runtime",
                help="Write the value out in each place. The Python runtime stops with an error on this file.",
                related=uses,
            )
        if node.tag is not None:
            yield Finding(
                range=node.range,
                message=f"the tag {_tag_name(node.tag)} is refused by the Python runtime",
                help="Leave the tag out; quotes make a text of anything. The Python runtime stops with an error.",
            )
        if isinstance(node, YamlMapping):
            yield from _keys(node)


def _tag_name(tag: str) -> str:
    return "!!" + tag.removeprefix("tag:yaml.org,2002:") if tag.startswith("tag:yaml.org,2002:") else tag


def _keys(mapping: YamlMapping) -> Iterator[Finding]:
    for entry in mapping.entries:
        key = entry.key
        if isinstance(key, YamlMapping | YamlSequence):
            yield Finding(
                range=key.range,
                message="a key that is no text is refused by the Python runtime",
                help="Quote it if it is meant as text, such as a template expression. The Python runtime stops with "
                "an error on this file.",
            )
        elif isinstance(key, YamlScalar) and key.style == "plain" and key.tag is None:
            read = yaml_1_1_type(key.text)
            if read != "text":
                yield Finding(
                    range=key.range,
                    message=f"the key {key.text or 'that is empty'} is {read} to the Python runtime, which refuses it",
                    help="Put the key in quotes.",
                    fix=_quote(key) if key.text != "<<" else None,
                )


def _misread_text(prompt: Prompt, root: YamlNode) -> Iterator[Finding]:
    """Texts by YAML 1.2 that YAML 1.1 takes for something else, where that makes a difference."""
    if isinstance(root, YamlMapping):
        for scalar in _texts_by_type(root):
            read = yaml_1_1_type(scalar.text)
            yield Finding(
                range=scalar.range,
                message=f"{scalar.text} is {read} to the Python runtime, which wants a text here",
                help="Put it in quotes. The Python runtime reads YAML 1.1 and refuses the file.",
                fix=_quote(scalar),
            )
    if not minds(prompt, "js"):
        return
    declared = metadata(prompt)
    for schema in (declared.input_schema, declared.output_schema):
        for scalar in _enum_members(schema) if schema else ():
            yield _read_differently(scalar)
    for node in walk(declared.input_default) if declared.input_default else ():
        if isinstance(node, YamlMapping):
            for entry in node.entries:
                if _is_misread(value := entry.value):
                    yield _read_differently(value)


def _read_differently(scalar: YamlScalar) -> Finding:
    read = yaml_1_1_type(scalar.text)
    return Finding(
        range=scalar.range,
        message=f"{scalar.text} is a text to the JavaScript runtime and {read} to the Python runtime",
        help="Put it in quotes if it is meant as text; write true or false if it is not.",
        fix=_quote(scalar),
    )


def _texts_by_type(root: YamlMapping) -> Iterator[YamlScalar]:
    for entry in root.entries:
        value = resolve(entry.value)
        if entry.name in _TEXT_KEYS and _is_misread(value):
            yield value
        elif entry.name == "tools" and isinstance(value, YamlSequence):
            yield from (item for item in value.items if _is_misread(item))
        elif entry.name == "output" and isinstance(value, YamlMapping):
            form = value.get("format")
            if form is not None and _is_misread(form.value):
                yield form.value


def _enum_members(schema: YamlNode) -> Iterator[YamlScalar]:
    for node in walk(schema):
        if not isinstance(node, YamlMapping):
            continue
        for entry in node.entries:
            members = resolve(entry.value)
            if (
                isinstance(members, YamlSequence)
                and entry.name is not None
                and (entry.name == "enum" or _ENUM_KEY.match(entry.name))
            ):
                yield from (item for item in members.items if _is_misread(item))


def _is_misread(node: YamlNode) -> TypeGuard[YamlScalar]:
    """Whether a scalar without quotes is a text by YAML 1.2 and another thing by YAML 1.1."""
    return (
        isinstance(node, YamlScalar)
        and node.style == "plain"
        and node.tag is None
        and isinstance(node.value, str)
        and yaml_1_1_type(node.text) != "text"
    )


def _quote(scalar: YamlScalar) -> Fix:
    return Fix("Put it in quotes", (TextEdit(scalar.range, quoted(scalar.text)),), safe=True)
