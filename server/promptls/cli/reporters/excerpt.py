"""A line of source with carets under a range, as a terminal shows it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from promptls.syntax.source import Range, Source

_TAB = 4
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F
_JOINERS = "\u200d\ufe0e\ufe0f"
_MOST = 400


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line made visible, and the columns that the carets stand under."""

    line: str
    indent: int
    carets: int


def excerpt(source: Source, range: Range, width: int) -> Excerpt:
    """The first line of `range`, cut to `width` columns around where it begins.

    Tabs become spaces, control and invisible characters become visible ones, and wide characters count two columns
    (Unicode Standard Annex 11), so that the carets stand where the text is.
    """
    line_range = source.line_range(source.line_at(range.start))
    begin = max(line_range.start, range.start - _MOST)
    end = min(line_range.end, range.start + _MOST)
    cells: list[tuple[str, int]] = []
    column = 0
    for char in source.text[begin:end]:
        cell = _cell(char, column)
        cells.append(cell)
        column += cell[1]
    first = min(range.start, end) - begin
    last = max(first, min(range.end, end) - begin)
    left = _cut_left(cells, first, width, cut=begin > line_range.start)
    shown = cells[left:]
    right = _cut_right(shown, width - (left > 0))
    cut = right < len(shown) or end < line_range.end
    indent = sum(cell_width for _, cell_width in cells[left:first]) + (left > 0 or begin > line_range.start)
    carets = sum(cell_width for _, cell_width in cells[first : min(last, left + right)])
    text = "".join(shown_text for shown_text, _ in shown[:right])
    prefix = "…" if left > 0 or begin > line_range.start else ""
    return Excerpt(prefix + text + ("…" if cut else ""), indent, max(1, carets))


def visible(text: str) -> str:
    """Text that cannot move a terminal's cursor, hide or reorder itself."""
    return "".join(_cell(char, 0)[0] for char in text)


def _cell(char: str, column: int) -> tuple[str, int]:
    """How a character is shown, and in how many columns."""
    if " " <= char <= "~":
        return char, 1
    if char == "\t":
        spaces = _TAB - column % _TAB
        return " " * spaces, spaces
    if char < " ":
        return chr(_CONTROL_PICTURES + ord(char)), 1
    category = unicodedata.category(char)
    if category in ("Mn", "Me") or char in _JOINERS:
        return char, 0
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        name = f"<U+{ord(char):04X}>" if ord(char) != _DELETE else "\u2421"
        return name, len(name)
    return char, 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut_left(cells: list[tuple[str, int]], first: int, width: int, *, cut: bool) -> int:
    """How many cells to leave out in front, so that a third of the width at most stands before `first`."""
    before = sum(cell_width for _, cell_width in cells[:first])
    if before <= width * 2 // 3:
        return 0
    left = 0
    while left < first and before > width // 3 - cut:
        before -= cells[left][1]
        left += 1
    return left


def _cut_right(cells: list[tuple[str, int]], width: int) -> int:
    """How many cells fit into `width` columns, leaving one for the mark of a cut where not all do."""
    total = sum(cell_width for _, cell_width in cells)
    if total <= width:
        return len(cells)
    right = len(cells)
    while right and total > width - 1:
        right -= 1
        total -= cells[right][1]
    return right
