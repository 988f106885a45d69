"""Positions written inside sample text: `‸` is a cursor and `⟦…⟧` a range, so that a test shows what it is about.

    sample = marked("Hello {{⟦na‸me⟧}}.")
    assert sample.text == "Hello {{name}}."
    assert rename_range(sample.text, sample.cursor) == sample.range

And the other way round, for answers: `show(text, ranges=found)` is the text with its ranges marked.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from promptls.syntax.source import Range

CURSOR = "‸"
_MARKER = re.compile("[‸⟦⟧]")


class Marked(NamedTuple):
    """A sample without its marks; cursors and ranges (which may nest) come in source order, as offsets into `text`."""

    text: str
    cursors: tuple[int, ...]
    ranges: tuple[Range, ...]

    @property
    def cursor(self) -> int:
        """The one cursor."""
        (cursor,) = self.cursors
        return cursor

    @property
    def range(self) -> Range:
        """The one range."""
        (range,) = self.ranges
        return range


def marked(sample: str) -> Marked:
    """Read and remove the marks of a sample."""
    cursors: list[int] = []
    ranges: list[Range] = []
    opened: list[int] = []
    for seen, mark in enumerate(_MARKER.finditer(sample)):
        offset = mark.start() - seen
        if mark.group() == CURSOR:
            cursors.append(offset)
        elif mark.group() == "⟦":
            opened.append(offset)
        else:
            ranges.append(Range(opened.pop(), offset))
    assert not opened, "a range is never closed"
    return Marked(_MARKER.sub("", sample), tuple(cursors), tuple(sorted(ranges, key=lambda each: (each[0], -each[1]))))


def show(text: str, *, ranges: Iterable[Range] = (), cursors: Iterable[int] = ()) -> str:
    """A text with ranges and cursors marked, as `marked` reads it."""
    marks = [(cursor, 1, CURSOR) for cursor in cursors]
    for start, end in ranges:
        marks += [(start, 2, "⟦"), (end, 0, "⟧")] if start < end else [(start, 1, "⟦⟧")]
    pieces: list[str] = []
    last = 0
    for offset, _, mark in sorted(marks):
        pieces += (text[last:offset], mark)
        last = offset
    return "".join((*pieces, text[last:]))
