"""Edits that several rules make."""

from __future__ import annotations

from promptls.syntax.source import Range, Source, TextEdit


def deletion(source: Source, range: Range) -> TextEdit:
    """Delete `range`, with its whole line where nothing else stands on it."""
    return TextEdit(removal(source, range), "")


def removal(source: Source, range: Range) -> Range:
    """What goes when `range` is deleted: its whole lines too, where nothing else stands on them."""
    text = source.text
    first, last = source.line_at(range.start), source.line_at(range.end)
    line_start = source.line_starts[first]
    line_end = source.line_range(last).end
    if text[line_start : range.start].strip() or text[range.end : line_end].strip():
        return range
    if last + 1 < source.line_count:
        return Range(line_start, source.line_starts[last + 1])
    # The last line has no line end of its own, so the one before it goes instead.
    return Range(source.line_range(first - 1).end if first else 0, line_end)


def indentation(source: Source, offset: int) -> str:
    """The blanks at the beginning of the line that holds `offset`."""
    line = source.line_text(source.line_at(offset))
    return line[: len(line) - len(line.lstrip(" \t"))]
