"""Rules about the marks that divide a prompt: tags and fences without an end, levels of headings that are left out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from promptls.analysis.lexicon.markup import DATA_TAGS
from promptls.analysis.prose import VALUE, prose
from promptls.analysis.sections import Section, sections, stretches, unclosed_fences, unclosed_tags
from promptls.language.files import is_partial
from promptls.language.prompt import Prompt, template
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.whole import included, is_program
from promptls.syntax.handlebars.nodes import Program, path_to
from promptls.syntax.source import Range, TextEdit

_TAG_NAME = re.compile(r"</?([^\s<>/]+)")
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})", re.MULTILINE)
_HASHES = re.compile(r"^[ \t]*(#{1,6})", re.MULTILINE)
_BLANK_LINE = re.compile(r"\r?\n[ \t]{0,200}\r?\n")
_ALIKE = 0.7


@rule(
    "structure/unclosed-tag",
    Severity.WARNING,
    certainty="likely",
    fixable="safe",
    dimension="structure",
    applies_to="any",
)
def unclosed_tag(prompt: Prompt) -> Iterator[Finding]:
    """An XML-like tag or a code fence is opened and never closed, or closed and never opened.

    Tags and fences tell the model where data ends and instructions go on; with one half missing, the rest of the prompt
    reads as data, or the data as instructions.

    A name in angle brackets that may be a placeholder or a mention, tags in code, and tags of partials, which may
    be closed by another file, are left alone. The fix closes the tag where its part plainly ends: before the next part,
    or at the end of the message. It is safe where there is but one such place.

    ```prompt bad
    {{role "system"}}
    <rules>
    Answer in one sentence.

    {{role "user"}}
    <question>{{question}}</question>
    ```

    ````prompt bad
    {{role "user"}}
    Explain this code:
    ```python
    {{code}}
    ````

    ```prompt bad
    <document>
    {{text}}
    </documnet>
    Summarise the document.
    ```

    ```prompt good
    {{role "system"}}
    Put the answer inside <answer> tags, and use <br> for line breaks.
    A list is written as List<String>; <name> stands for the customer's name.
    ```

    ````prompt good
    {{role "user"}}
    <code>
    ```html
    <p>unclosed
    ```
    </code>
    ````
    """
    if is_partial(prompt) or is_program(prompt):
        return
    yield from _lone_tags(prompt)
    for fence in unclosed_fences(prompt):
        match = _FENCE.match(prompt.text, fence.start)
        if match is not None:
            closing = prompt.text[fence.start : match.end()]
            fix = _insertion(prompt, fence, _message_end(prompt, fence.start), closing, safe=True)
            help = "The rest of the message reads as code."
            yield Finding(_shown(prompt, fence), "the code fence is never closed", help=help, fix=fix)


def _lone_tags(prompt: Prompt) -> Iterator[Finding]:
    lone = _without_counterpart(prompt)
    closings = {tag: _name(prompt, tag) for tag in lone if _is_closing(prompt, tag)}
    for tag in [each for each in lone if each not in closings]:
        name = _name(prompt, tag)
        end = _message_end(prompt, tag.start)
        after = {text: place for place, text in closings.items() if tag.end <= place.start < end}
        misspelt = get_close_matches(name, after, 1, _ALIKE)
        shown = prompt.text[tag.start : tag.end]
        if misspelt:
            place = after[misspelt[0]]
            del closings[place]
            rename = Fix(f"Write </{name}>", (TextEdit(place, f"</{name}>"),), safe=False)
            yield Finding(place, f"</{misspelt[0]}> does not close {shown}", help=f"Write </{name}>.", fix=rename)
            continue
        part_end = _end_of_part(prompt, tag.end, end)
        plain = "\n\n" not in prompt.text[tag.end : part_end].strip().replace("\r\n", "\n")
        closing = _insertion(prompt, tag, part_end, f"{_indent(prompt, tag)}</{name}>", safe=plain)
        yield Finding(tag, f"{shown} is never closed", help=f"Write </{name}> where its part ends.", fix=closing)
    for tag in closings:
        fix = Fix(f"Remove {prompt.text[tag.start : tag.end]}", (_removal(prompt, tag),), safe=False)
        yield Finding(tag, f"{prompt.text[tag.start : tag.end]} closes a tag that was never opened", fix=fix)


def _name(prompt: Prompt, tag: Range) -> str:
    match = _TAG_NAME.match(prompt.text, tag.start)
    return match[1] if match else ""


def _without_counterpart(prompt: Prompt) -> list[Range]:
    """The tags whose other half stands neither in another message nor in a partial."""
    partials = included(prompt)
    lone = unclosed_tags(prompt)
    if partials is None or not lone:
        return []
    starts = [range.start for _, range in stretches(prose(prompt))]
    messages: dict[tuple[bool, str], set[int]] = {}
    placed = [(tag, _is_closing(prompt, tag), _name(prompt, tag), bisect_right(starts, tag.start)) for tag in lone]
    for _, closing, name, message in placed:
        messages.setdefault((closing, name), set()).add(message)
    texts = [each.text for each in partials]
    return [
        tag
        for tag, closing, name, message in placed
        if messages.get((not closing, name), set()) <= {message}
        and not any((f"<{name}" if closing else f"</{name}>") in text for text in texts)
    ]


def _is_closing(prompt: Prompt, tag: Range) -> bool:
    return prompt.text.startswith("</", tag.start)


def _message_end(prompt: Prompt, offset: int) -> int:
    """Where the message around an offset ends, without the white space there."""
    start, end = next(range for _, range in stretches(prose(prompt)) if range.start <= offset < range.end)
    body = template(prompt).program.range
    for turn in prose(prompt).turns:
        if turn.range.start <= offset < turn.range.end:
            end = turn.range.end
    end = min(end, body.end) if body.end > offset else end
    return start + len(prompt.text[start:end].rstrip())


def _end_of_part(prompt: Prompt, start: int, end: int) -> int:
    """Where the part that begins at `start` ends: before the next heading or the next tag on a line of its own.

    A part that begins with a value ends with its paragraph: what follows is hardly data.
    """
    text = prose(prompt).text
    content = start + len(text[start:end]) - len(text[start:end].lstrip())
    blank = _BLANK_LINE.search(prompt.text, content, end)
    if blank is not None and text.startswith(VALUE, content):
        return blank.start()
    for section in sections(prompt):
        opens_line = not prompt.text[: section.range.start].rpartition("\n")[2].strip()
        if start < section.range.start < end and section.kind in ("heading", "tag") and opens_line:
            before = prompt.text[start : section.range.start]
            if before.strip():
                return start + len(before.rstrip())
    return end


def _indent(prompt: Prompt, tag: Range) -> str:
    line = prompt.text[: tag.start].rpartition("\n")[2]
    return line if not line.strip() else ""


def _insertion(prompt: Prompt, marker: Range, place: int, closing: str, *, safe: bool) -> Fix | None:
    """Write `closing` on a line of its own at `place`; not safe, where the block tags around the two places differ."""
    if place < marker.end:
        return None
    same = _programs(prompt, marker.start) == _programs(prompt, place)
    edit = TextEdit(Range(place, place), prompt.source.newline + closing)
    return Fix(f"Close it with {closing.strip()}", (edit,), safe=safe and same)


def _programs(prompt: Prompt, offset: int) -> list[int]:
    nodes = path_to(template(prompt).program, offset)
    return [id(node) for node in nodes if isinstance(node, Program) and node.range.start < offset < node.range.end]


def _removal(prompt: Prompt, tag: Range) -> TextEdit:
    """Take a tag out, with its line where nothing else is on it."""
    source = prompt.source
    line = source.line_at(tag.start)
    if prompt.text[slice(*source.line_range(line))].strip() != prompt.text[tag.start : tag.end]:
        return TextEdit(tag, "")
    start = source.line_starts[line]
    end = source.line_starts[line + 1] if line + 1 < source.line_count else len(prompt.text)
    return TextEdit(Range(start, end), "")


def _shown(prompt: Prompt, range: Range) -> Range:
    text = prompt.text[range.start : range.end]
    return Range(range.end - len(text.lstrip()), range.start + len(text.rstrip()))


@rule(
    "structure/heading-skip",
    Severity.INFO,
    certainty="certain",
    fixable="safe",
    dimension="structure",
    applies_to="any",
)
def heading_skip(prompt: Prompt) -> Iterator[Finding]:
    """A heading is more than one level below the one before it.

    Headings say what belongs to what. A `###` straight under a `#` leaves open which `##` it is part of. The first
    heading of a message may be of any level, and headings inside documents and examples are not looked at. The fix
    lifts the heading, with what is below it.

    ```prompt bad
    {{role "system"}}
    # Task
    Summarise the text.

    ### Rules
    Use three sentences.
    ```

    ```prompt bad
    ## Rol
    Eres profesor.

    #### Reglas
    Responde en español.

    #### Formato
    Una frase.
    ```

    ```prompt good
    {{role "system"}}
    # Task
    Summarise the text.

    ## Rules
    ### Length
    Three sentences.

    # Output
    Plain text.
    ```

    ```prompt good
    {{role "user"}}
    # Text
    <document>
    ### A heading of the document
    </document>

    {{role "user"}}
    ### Question: {{question}}
    ```
    """
    for headings in _outlines(prompt):
        levels = [each.level for each in headings]
        for index in range(1, len(headings)):
            skipped = levels[index] - levels[index - 1] - 1
            if skipped <= 0:
                continue
            before, heading = headings[index - 1], headings[index]
            fix, lifted = _lift(prompt, headings, index, skipped)
            for each in lifted:
                levels[each] -= skipped
            yield Finding(
                _title(prompt, heading),
                f"heading of level {heading.level} follows one of level {before.level}",
                help=f"Make it a heading of level {heading.level - skipped}.",
                fix=fix,
            )


def _outlines(prompt: Prompt) -> Iterator[Sequence[Section]]:
    """The headings of each message and of each tag in it, without those of documents and examples."""
    divided = sections(prompt)
    if not any(each.kind == "heading" for each in divided):
        return
    tags = [each for each in divided if each.kind == "tag"]
    for _, stretch in stretches(prose(prompt)):
        groups: dict[Range, list[Section]] = {}
        for heading in divided:
            if heading.kind != "heading" or not stretch.start <= heading.range.start < stretch.end:
                continue
            around = [tag for tag in tags if tag.content.start <= heading.range.start < tag.content.end]
            if not any(tag.name.lower().replace("-", "_") in DATA_TAGS for tag in around):
                groups.setdefault(around[-1].range if around else stretch, []).append(heading)
        yield from groups.values()


def _lift(prompt: Prompt, headings: Sequence[Section], first: int, by: int) -> tuple[Fix | None, list[int]]:
    """Lift a heading and those after it that are on its level or below, as far as the outline goes on like that."""
    edits, lifted = [], []
    for index in range(first, len(headings)):
        if headings[index].level < headings[first].level:
            break
        match = _HASHES.match(prompt.text, headings[index].range.start)
        if match is None:
            return None, []
        edits.append(TextEdit(Range(match.end(1) - by, match.end(1)), ""))
        lifted.append(index)
    return Fix(f"Lift the heading by {by}", tuple(edits), safe=True), lifted


def _title(prompt: Prompt, heading: Section) -> Range:
    line = prompt.source.line_range(prompt.source.line_at(heading.range.start))
    return _shown(prompt, replace(heading, range=Range(heading.range.start, line.end)).range)


RULES = (unclosed_tag, heading_skip)
