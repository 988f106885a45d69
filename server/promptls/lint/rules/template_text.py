"""Rules about the text between the tags: what was meant to be a tag, and what was meant to be finished."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from promptls.language.prompt import Prompt, facet, template
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.rules.template_syntax import GO_FIELD
from promptls.syntax.handlebars.nodes import ContentStatement
from promptls.syntax.source import Range, TextEdit

_FENCE = re.compile(r"^[ \t>]*(?P<fence>`{3,}|~{3,})[^\n]*$.*?(?:^[ \t>]*(?P=fence)|\Z)", re.M | re.S)
_CODE = re.compile(r"`[^`\n]+`")


@facet
def quoted_ranges(prompt: Prompt) -> tuple[Range, ...]:
    """Code in the template's text, in source order: fenced blocks and words in backticks, shown and not meant."""
    start, end = template(prompt).program.range
    if prompt.text.find("`", start, end) < 0 and prompt.text.find("~~~", start, end) < 0:
        return ()
    fences = [Range(*match.span()) for match in _FENCE.finditer(prompt.text, start, end)]
    words = [Range(*match.span()) for match in _CODE.finditer(prompt.text, start, end)]
    disjoint: list[Range] = []
    for range in sorted([*fences, *words]):
        if not disjoint or range.start >= disjoint[-1].end:
            disjoint.append(range)
    return tuple(disjoint)


def is_quoted(prompt: Prompt, offset: int) -> bool:
    """Whether what stands at `offset` is code that is shown."""
    ranges = quoted_ranges(prompt)
    index = bisect_right(ranges, offset, key=lambda each: each.start) - 1
    return index >= 0 and offset < ranges[index].end


_FOREIGN = re.compile(
    r"""(?P<jinja>\{%-?[ \t]*(?:if|elif|else|endif|for|endfor|set|endset|block|endblock|include|macro|raw)\b[^%\n]*%\})
    |(?P<dollar>\$\{(?P<dollar_name>[A-Za-z_]\w*)\})
    |(?<![\w${}\\/^\]])(?P<brace>\{(?P<brace_name>[A-Za-z_]\w*)\})(?!\w)
    |(?<![{\\])(?P<helper>\{(?:role|section|media)[ ]+(?:url=)?"[^"{}\n]*"\})
    |(?P<insert>[\[<](?:INSERT|ENTER|YOUR|FILL[ ]IN|PASTE)(?:[ _][A-Z][A-Z _-]*)+[\]>])
    |(?P<angle><(?P<angle_name>[A-Za-z_]\w*)>)""",
    re.VERBOSE,
)
_FOREIGN_START = re.compile(r"[{$<\[]")
_PROSE_BEFORE = re.compile(r"[a-z,] \Z")
_PROSE_AFTER = re.compile(r"[ .,;:!?)'\"]|\s|\Z")


@rule("template/foreign-syntax", Severity.WARNING, certainty="likely", fixable="unsafe")
def foreign_syntax(prompt: Prompt) -> Iterator[Finding]:
    """A placeholder is written in the syntax of another template language.

    Only `{{…}}` is filled in. `{x}`, `${x}`, `{% … %}`, `<x>` and `[INSERT X]` reach the model as they are, which real
    files show again and again: the model then answers about a subject called "{subject}". Go's `{{.Name}}` is worse:
    Handlebars refuses the whole template (an error).

    Single braces count where they hold the name of an input, or stand in a sentence as a word (only an info where the
    text has real variables too); `<x>` counts where it holds the name of an input that has no other use and is not
    closed by `</x>`. Braces in code are left alone unless they hold an input's name.

    ```prompt bad
    ---
    input:
      schema:
        subject: string
    ---
    Tell a joke about {subject}
    ```

    ```prompt bad
    {{role "user"}}
    {% if premium %}Welcome back!{% endif %}
    ```

    ```prompt bad
    {{role "user"}}
    Hello {{.Name}}, write about [INSERT TOPIC]
    ```

    ```prompt bad
    ---
    input:
      schema:
        subject: string
    ---
    {role "user"}
    Tell a joke about {subject}}
    ```

    ```prompt good
    ---
    input:
      schema:
        subject: string
    ---
    <subject>{{subject}}</subject> Answer with {"joke": "..."}, and write sums as $\\frac{a}{b}$.
    ```

    ```prompt good
    {{role "user"}}
    Call GET /users/{id} or run `echo ${HOME}`. In Svelte `{role "user"}` is an error.
    Answer as:
    Name: {name}
    ```
    """
    yield from _go_fields(prompt)
    declared = {each.name.lower(): each.name for each in scope(prompt).declarations}
    for content in tree(prompt).of(ContentStatement):
        start, end = content.range
        for first in _FOREIGN_START.finditer(prompt.text, start, end):
            match = _FOREIGN.match(prompt.text, first.start(), end)
            finding = _placeholder(prompt, declared, match) if match else None
            if finding is not None:
                yield finding


def _go_fields(prompt: Prompt) -> Iterator[Finding]:
    reported: set[int] = set()
    for error in template(prompt).errors:
        start = prompt.text.rfind("{{", 0, error.range.start + 2)
        match = GO_FIELD.match(prompt.text, start) if error.kind == "syntax" and start >= 0 else None
        if match is None or start in reported:
            continue
        reported.add(start)
        name = match["name"]
        first, dot, rest = name.partition(".")
        known = {each.name.lower(): each.name for each in scope(prompt).declarations}
        written = f"{{{{{known.get(first.lower(), first)}{dot}{rest}}}}}"
        yield Finding(
            Range(*match.span()),
            f"`{match.group()}` is Go's syntax, and Handlebars refuses it",
            help=f"Write {written}, without the dot.",
            fix=Fix(f"Write {written}", (TextEdit(Range(*match.span()), written),), safe=False),
            severity=Severity.ERROR,
        )


def _placeholder(prompt: Prompt, declared: dict[str, str], match: re.Match[str]) -> Finding | None:
    place = Range(*match.span())
    if match["jinja"]:
        if is_quoted(prompt, place.start):
            return None
        help = "Handlebars writes {{#if x}}…{{else}}…{{/if}} and {{#each items as |item|}}…{{/each}}."
        return Finding(place, f"`{match['jinja']}` is Jinja's syntax and stays in the text as it is", help=help)
    if match["insert"]:
        if is_quoted(prompt, place.start):
            return None
        help = "Write the text, or a variable in double braces."
        return Finding(place, f"`{match['insert']}` is a gap that was never filled in", help=help)
    if match["helper"]:
        if is_quoted(prompt, place.start):
            return None
        written = f"{{{match['helper']}}}"
        fix = Fix(f"Write {written}", (TextEdit(place, written),), safe=False)
        return Finding(place, f"`{match['helper']}` calls no helper: it stays in the text as it is", fix=fix)
    name = match["dollar_name"] or match["brace_name"] or match["angle_name"]
    known = declared.get(name.lower())
    if match["angle"] and (known is None or not _is_gap(prompt, name, known)):
        return None
    if match["brace"] and prompt.text.startswith("}", place.end):
        if known is None or prompt.text.startswith("}}", place.end):
            return None
        place = _with_stray_brace(prompt, place)
    if known is None and (is_quoted(prompt, place.start) or not _in_sentence(prompt.text, place)):
        return None
    written = f"{{{{{known or name}}}}}"
    fix = Fix(f"Write {written}", (TextEdit(place, written),), safe=False)
    doubtful = known is None and any(use.kind == "read" for use in scope(prompt).uses)
    return Finding(
        place,
        f"`{prompt.text[slice(*place)]}` is not filled in: it stays in the text as it is",
        help=f"Write {written}.",
        fix=fix,
        severity=Severity.INFO if doubtful else None,
    )


def _with_stray_brace(prompt: Prompt, place: Range) -> Range:
    """`{name}}` as a whole, unless its last brace closes another one of the line."""
    before = prompt.text[prompt.source.line_range(prompt.source.line_at(place.start)).start : place.start]
    return place if before.count("{") > before.count("}") else Range(place.start, place.end + 1)


def _is_gap(prompt: Prompt, written: str, name: str) -> bool:
    """Whether `<name>` stands for the input, and is not a tag around something."""
    if f"</{written}>" in prompt.text:
        return False
    return not any(use.steps and use.steps[0].segment.name == name for use in scope(prompt).uses)


def _in_sentence(text: str, place: Range) -> bool:
    """Whether a placeholder stands among the words of a sentence, and not in a form to fill in or in code."""
    before = text[max(0, place.start - 2) : place.start]
    return bool(_PROSE_BEFORE.match(before)) and bool(_PROSE_AFTER.match(text, place.end))


_LEFTOVER = re.compile(
    r"""^[ \t]*+(?:(?:[-*+]|\#+|//|\d+[.)])[ \t]*+)?(?P<note>TODO|FIXME|XXX)(?:\([^)\n]*\))?(?=:|[ ]-)
    |(?<!\bas[ ])\b(?P<lorem>[Ll]orem[ ]ipsum\b)
    |(?<=:)[ \t]*(?P<tbd>TBD|TBC)\b(?=[.;)]?[ \t]*(?:[\r\n]|\Z))
    |(?P<brackets>[\[(<](?:TODO|TBD|FIXME)(?:[:][^\])>\n]*)?[\])>])""",
    re.VERBOSE | re.MULTILINE,
)


_LEFTOVER_WORDS = ("TODO", "FIXME", "XXX", "orem ipsum", "TBD", "TBC")


@rule("template/leftover", Severity.WARNING, certainty="likely")
def leftover(prompt: Prompt) -> Iterator[Finding]:
    """A note to self or filler text was left in the prompt.

    The model reads it as part of its instructions. Notes belong into a comment (`{{! … }}`), which is not rendered. A
    prompt that is about such notes ("find every TODO", "text such as lorem ipsum") is not meant, nor is code in
    backticks or fences.

    ```prompt bad
    {{role "system"}}
    TODO: describe the tone.
    ```

    ```prompt bad
    {{role "system"}}
    Audience: TBD
    Style: lorem ipsum dolor sit amet
    ```

    ```prompt good
    {{role "system"}}
    {{! TODO: describe the tone. }}
    List every TODO and FIXME comment of the code. Never write filler such as lorem ipsum.
    ```

    ````prompt good
    {{role "system"}}
    Answer like this:
    ```
    TODO: call Anna
    ```
    ````
    """
    if not any(word in prompt.text for word in _LEFTOVER_WORDS):
        return
    for content in tree(prompt).of(ContentStatement):
        start, end = content.range
        for match in _LEFTOVER.finditer(prompt.text, start, end):
            kind = match.lastgroup or "note"
            place = Range(*match.span(kind))
            if not is_quoted(prompt, place.start):
                shown = prompt.text[slice(*place)]
                help = "Finish it, or move it into {{! a comment }}."
                yield Finding(place, f"`{shown}` was left in the text", help=help)
