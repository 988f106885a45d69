"""The text of one file, its lines, and the translation between offsets and positions."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal, NamedTuple

PositionEncoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_SURROGATE_PAIR_IN_UTF_16 = re.compile("[\U00010000-\U0010ffff]")


class Range(NamedTuple):
    """A half-open span of the text, in code points."""

    start: int
    end: int

    def contains(self, offset: int) -> bool:
        """Whether a cursor at `offset` touches this range; both ends count, for a cursor stands between characters."""
        return self.start <= offset <= self.end

    def encloses(self, other: Range) -> bool:
        """Whether `other` lies inside this range."""
        return self.start <= other.start and other.end <= self.end


class Position(NamedTuple):
    """A zero-based line and a zero-based character, the latter in the units of a `PositionEncoding`."""

    line: int
    character: int


@dataclass(frozen=True)
class TextEdit:
    """Replace `range` by `text`; a set of edits refers to one and the same original text."""

    range: Range
    text: str


class OverlappingEditsError(ValueError):
    """Two edits of one set touch the same characters, so that their order would matter."""


class Source:
    """An immutable text with its line table.

    Lines end where the Language Server Protocol says they do: at \\n, \\r\\n or \\r and nowhere else (U+2028, U+0085
    and the form feed, at which `str.splitlines` also cuts, are ordinary characters).
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset of every line's first character; there is always at least one line."""
        text = self.text
        if "\r" not in text:
            starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
            starts.pop()
            return starts
        return [0, *(match.end() for match in _LINE_END.finditer(text))]

    @cached_property
    def newline(self) -> str:
        """The line end that this text uses first, for insertions that should match it; \\n where there is none."""
        match = re.search(r"\r\n|\r|\n", self.text)
        return match.group() if match else "\n"

    @property
    def line_count(self) -> int:
        """How many lines there are; a trailing line end opens one more, empty, line."""
        return len(self.line_starts)

    def line_range(self, line: int) -> Range:
        """The range of a line without its line end; a line outside the text gives the nearest end of the text."""
        if line < 0:
            return Range(0, 0)
        if line >= self.line_count:
            return Range(len(self.text), len(self.text))
        start = self.line_starts[line]
        end = self.line_starts[line + 1] if line + 1 < self.line_count else len(self.text)
        if end > start and line + 1 < self.line_count:
            end -= 2 if self.text[end - 1] == "\n" and self.text[max(start, end - 2)] == "\r" else 1
        return Range(start, max(start, end))

    def first_line(self, range: Range) -> Range:
        """The part of a range that stands on its first line, so that a mark on it stays small."""
        end = self.line_range(self.line_at(range.start)).end
        return Range(range.start, max(range.start, min(range.end, end)))

    def line_text(self, line: int) -> str:
        """The characters of a line without its line end."""
        start, end = self.line_range(line)
        return self.text[start:end]

    def line_at(self, offset: int) -> int:
        """The zero-based line that holds `offset`, which is clamped to the text."""
        return bisect_right(self.line_starts, max(0, offset)) - 1

    def position(self, offset: int, encoding: PositionEncoding = "utf-32") -> Position:
        """The position of `offset` (clamped to the text) with its character in units of `encoding`."""
        offset = min(max(0, offset), len(self.text))
        line = self.line_at(offset)
        return Position(line, text_units(self.text[self.line_starts[line] : offset], encoding))

    def offset(self, position: tuple[int, int], encoding: PositionEncoding = "utf-32") -> int:
        """The offset of a position whose character counts units of `encoding`.

        A line past the end means the end of the text, a character past the end of its line the end of that line, and a
        character inside a surrogate pair or a multi-byte sequence the start of that code point.
        """
        line, character = position
        if line < 0:
            return 0
        start, end = self.line_range(line)
        if character <= 0:
            return start
        if encoding == "utf-32" or (text := self.text[start:end]).isascii():
            return min(start + character, end)
        return start + _code_points(text, character, encoding)

    def edited(self, edits: Iterable[TextEdit]) -> Source:
        """The source after `edits`, applied together; raises `OverlappingEditsError` where they collide."""
        pieces: list[str] = []
        cursor = 0
        for edit in sorted(edits, key=lambda edit: (edit.range.start, edit.range.end)):
            if edit.range.start < cursor:
                raise OverlappingEditsError(f"two edits overlap at offset {edit.range.start}")
            pieces += (self.text[cursor : edit.range.start], edit.text)
            cursor = edit.range.end
        pieces.append(self.text[cursor:])
        return Source("".join(pieces))


def text_units(text: str, encoding: PositionEncoding) -> int:
    """The length of a text in the units of an encoding."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text) + len(_SURROGATE_PAIR_IN_UTF_16.findall(text))
    return len(text.encode("utf-8", errors="surrogatepass"))


def _code_points(text: str, units: int, encoding: PositionEncoding) -> int:
    """How many whole code points the first `units` of `text` hold."""
    if encoding == "utf-16":
        for match in _SURROGATE_PAIR_IN_UTF_16.finditer(text):
            if match.start() >= units:
                break
            units -= 1
        return min(units, len(text))
    encoded = text.encode("utf-8", errors="surrogatepass")
    while units < len(encoded) and encoded[units] & 0xC0 == 0x80:
        units -= 1
    return len(encoded[:units].decode("utf-8", errors="surrogatepass"))
