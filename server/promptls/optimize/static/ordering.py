"""Steps that move whole lines: what varies behind what stays, and stray words about the output to its section."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.analysis.contract import output_contract
from promptls.analysis.examples import examples
from promptls.analysis.sections import Section, sections
from promptls.analysis.sentences import Sentence, sentences
from promptls.language.messages import Message, messages
from promptls.language.prompt import Prompt, template
from promptls.optimize.draft import Draft, Step
from promptls.optimize.static.mending import STAGE, asked_for
from promptls.optimize.static.places import is_in_block
from promptls.score.instructions import task
from promptls.syntax.handlebars.nodes import BlockStatement, ContentStatement, PartialStatement, path_to
from promptls.syntax.source import Range, TextEdit

CACHE = "cost/cache-hostile"
_LONGEST_MOVED = 400  # characters
_POINTS_ON = re.compile(r"[:：]\s*$|\b(?:following|below|siguientes?|abajo)\b", re.IGNORECASE)
_OUTPUT = re.compile(
    r"(?:the\s+)?(?:output|response|answer|salida|respuesta)(?:[ _-]?(?:format|formato))?|"
    r"(?:format|formato)(?:\s+(?:of\s+the\s+output|de\s+(?:la\s+)?(?:salida|respuesta)))?",
    re.IGNORECASE,
)
_ITEM = re.compile(r"[ \t]*[-*•][ \t]+")


def variables_last(draft: Draft) -> Iterator[Step]:
    """Move the sentence or line that holds the first variable to the end of its message."""
    prompt = draft.prompt
    finding = next((each for each in asked_for(prompt) if each.rule == CACHE), None)
    message = next((each for each in messages(prompt) if finding and each.range.encloses(finding.range)), None)
    if finding is None or message is None or message.body is not template(prompt).program or examples(prompt):
        return
    moved = _movable(prompt, message, finding.range)
    if moved is None:
        return
    start, end = message.content_range
    content = prompt.text[start:end]
    at = start + len(content.rstrip())
    piece = prompt.text[slice(*moved)]
    gap = piece[len(piece.rstrip()) :]
    newline = prompt.source.newline
    edits = (
        TextEdit(Range(moved.start, moved.start + len(piece.rstrip()) + len(gap)), ""),
        TextEdit(Range(at, at), newline * 2 + piece.strip()),
    )
    yield Step(STAGE, "Move what varies behind what stays", edits, CACHE)


def _movable(prompt: Prompt, message: Message, tag: Range) -> Range | None:
    """The sentence around a tag, or the lines of a block; None where what follows hangs on it."""
    if tag.start < message.content_range.start:
        return None
    outermost = next(
        (each for each in path_to(template(prompt).program, tag.start + 1) if isinstance(each, BlockStatement)), None
    )
    if outermost is not None:
        first, last = (prompt.source.line_at(each) for each in outermost.range)
        start, end = prompt.source.line_starts[first], prompt.source.line_range(last).end
        if prompt.text[start : outermost.range.start].strip() or prompt.text[outermost.range.end : end].strip():
            return None
    else:
        own = next((each for each in sentences(prompt) if each.range.encloses(tag)), None)
        named = task(prompt)
        if own is None or own.kind != "sentence" or (named is not None and named.range == own.range):
            return None
        start, end = own.range
    piece = prompt.text[start:end]
    if len(piece) > _LONGEST_MOVED or _POINTS_ON.search(piece) or not _stays_whole(prompt, Range(start, end)):
        return None
    rest = prompt.text[end : message.range.end]
    return Range(start, end + len(rest) - len(rest.lstrip())) if rest.strip() else None


def _stays_whole(prompt: Prompt, range: Range) -> bool:
    """Whether no tag reaches over an end of the range, and none of them is a partial, which may be long."""
    return all(
        isinstance(each, ContentStatement)
        or range.encloses(each.range)
        or each.range.end <= range.start
        or each.range.start >= range.end
        for each in template(prompt).program.body
    ) and not any(
        isinstance(each, PartialStatement) and range.encloses(each.range) for each in template(prompt).program.body
    )


def output_together(draft: Draft) -> Iterator[Step]:
    """Move list items about the output that stand elsewhere into the section that is about it."""
    prompt = draft.prompt
    for message in messages(prompt):
        own = [each for each in sections(prompt) if message.range.encloses(each.range)]
        about = [each for each in own if each.kind == "heading" and _OUTPUT.fullmatch(each.name.strip(" :*_"))]
        if len(about) == 1 and message.body is template(prompt).program:
            strays = [each for each in _strays(prompt, message) if not about[0].range.encloses(each.range)]
            edits = _gathered(prompt, about[0], strays)
            if edits:
                yield Step(STAGE, "Lift what is said of the output to one place", edits)


def _strays(prompt: Prompt, message: Message) -> Iterator[Sentence]:
    said = output_contract(prompt)
    places = [*said.only, *(each.range for each in said.mentions)]
    named = task(prompt)
    for each in sentences(prompt):
        line = prompt.source.line_range(prompt.source.line_at(each.range.start))
        marker = _ITEM.match(prompt.text, line.start, line.end)
        if (
            each.kind == "item"
            and each.directive
            and message.range.encloses(each.range)
            and (named is None or named.range != each.range)
            and marker is not None
            and marker.end() == each.range.start
            and not prompt.text[each.range.end : line.end].strip(" \t\r")
            and "{{" not in prompt.text[line.start : line.end]
            and any(place.start < each.range.end and each.range.start < place.end for place in places)
        ):
            yield each


def _gathered(prompt: Prompt, section: Section, strays: list[Sentence]) -> tuple[TextEdit, ...]:
    if not strays:
        return ()
    source, text = prompt.source, prompt.text
    content = text[slice(*section.content)]
    at = section.content.start + len(content.rstrip())
    last = content.rstrip().rpartition("\n")[2]
    if not content.strip() or "```" in content or "{{" in last or is_in_block(prompt, at):
        return ()
    newline = source.newline
    lines = [source.line_range(source.line_at(each.range.start)) for each in strays]
    as_items = _ITEM.match(last) is not None
    gap = newline if as_items else newline * 2
    written = gap + newline.join(text[slice(*each)].strip(" \t\r") for each in lines)
    removed = [TextEdit(Range(each.start, min(len(text), each.end + len(newline))), "") for each in lines]
    return (*removed, TextEdit(Range(at, at), written))
