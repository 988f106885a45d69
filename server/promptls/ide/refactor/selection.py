"""What a selection in the template covers: whole statements of one program, and text as far as it is selected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from promptls.ide.edits import Refused
from promptls.language.prompt import Prompt, template
from promptls.language.resolution import Frame
from promptls.language.scope import scope
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    ContentStatement,
    PartialBlockStatement,
    Program,
    Statement,
    Tag,
)
from promptls.syntax.source import Range

_CROSSING = "the selection begins in one block and ends in another or outside."


@dataclass(frozen=True, slots=True)
class Selection:
    """A stretch of one program. `lines` is its range with the rest of its first and last line where that is blank."""

    range: Range
    program: Program
    statements: tuple[Statement, ...]
    lines: Range | None


def selects_text(prompt: Prompt, range: Range) -> bool:
    """Whether something of the template is selected that is more than blanks."""
    start = max(range.start, template(prompt).program.range.start)
    return bool(prompt.text[start : range.end].strip())


def selection(prompt: Prompt, range: Range) -> Selection:
    """What is selected, without the white space around it; raises `Refused`."""
    trimmed = _trimmed(prompt.text, range)
    if trimmed.start == trimmed.end:
        raise Refused("no text is selected.")
    root = template(prompt).program
    if not root.range.encloses(trimmed):
        raise Refused("the selection reaches into the frontmatter.")
    program = _innermost(root, trimmed)
    start = _snapped(program, trimmed, trimmed.start)
    end = _snapped(program, trimmed, trimmed.end)
    snapped = Range(min(start, trimmed.start), max(end, trimmed.end))
    for error in template(prompt).errors:
        if snapped.start < error.range.end and error.range.start < snapped.end:
            raise Refused(f"the selection holds an error: {error.message}.")
    covered = tuple(each for each in program.body if each.range.start < snapped.end and snapped.start < each.range.end)
    return Selection(snapped, program, covered, _whole_lines(prompt, program, snapped))


def frame_of(prompt: Prompt, range: Range) -> Frame:
    """The frame in which the names of a stretch of one program are looked up."""
    frames = scope(prompt).frames
    return [frame for frame in frames if frame.range.encloses(range)][-1] if frames else frames[0]


def _trimmed(text: str, range: Range) -> Range:
    selected = text[range.start : range.end]
    start = range.start + len(selected) - len(selected.lstrip())
    return Range(start, max(start, range.start + len(selected.rstrip())))


def _innermost(root: Program, range: Range) -> Program:
    program = root
    while True:
        around = next((each for each in program.body if each.range.encloses(range)), None)
        if isinstance(around, BlockStatement) and around.raw and around.range != range:
            raise Refused("the selection is in a raw block, in which nothing is evaluated.")
        inner = next((part for part in _programs(around) if part.range.encloses(range)), None)
        if inner is None:
            return program
        program = inner


def _programs(statement: Statement | None) -> Iterator[Program]:
    """The programs between the tags of a block; those of an `{{else if}}` belong to the block around it."""
    if isinstance(statement, PartialBlockStatement):
        yield statement.program
    while isinstance(statement, BlockStatement):
        block, statement = statement, None
        for program in (block.program, block.inverse):
            if program is not None and program.chained:
                statement = program.body[0]
            elif program is not None:
                yield program


def _tags(block: BlockStatement | PartialBlockStatement) -> Iterator[Tag]:
    yield block.open
    current: Statement | None = block
    while isinstance(current, BlockStatement):
        yield from (tag for tag in (current.open, current.else_tag, current.close) if tag is not None)
        inverse = current.inverse
        current = inverse.body[0] if inverse is not None and inverse.chained else None
    if block.close is not None:
        yield block.close


def _snapped(program: Program, range: Range, offset: int) -> int:
    """An end of the selection, moved to that of the statement that it would cut."""
    cut = next((each for each in program.body if each.range.start < offset < each.range.end), None)
    if cut is None or isinstance(cut, ContentStatement):
        return offset
    if isinstance(cut, BlockStatement | PartialBlockStatement):
        in_tag = any(tag.range.start <= offset <= tag.range.end for tag in _tags(cut))
        other = range.end if offset == range.start else range.start
        if not in_tag or any(part.range.start < other < part.range.end for part in _programs(cut)):
            raise Refused(_CROSSING)
    return cut.range.start if offset == range.start else cut.range.end


def _whole_lines(prompt: Prompt, program: Program, range: Range) -> Range | None:
    source = prompt.source
    first, last = source.line_at(range.start), source.line_at(range.end)
    start = max(source.line_starts[first], program.range.start)
    end = source.line_starts[last + 1] if last + 1 < source.line_count else len(source.text)
    end = min(end, program.range.end)
    # A program may begin in the middle of a line, after the tag that opens it.
    begins_line = start == source.line_starts[first] or program is template(prompt).program
    ends_line = end in (len(source.text), template(prompt).program.range.end) or source.text[end - 1] in "\r\n"
    blank = not source.text[start : range.start].strip() and not source.text[range.end : end].strip()
    return Range(start, end) if begins_line and ends_line and blank else None
