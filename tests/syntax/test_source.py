"""Offsets, positions and lines agree with plain, slow definitions of themselves."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from promptls.syntax.source import OverlappingEditsError, Position, PositionEncoding, Range, Source, TextEdit

ENCODINGS: list[PositionEncoding] = ["utf-8", "utf-16", "utf-32"]
UNIT = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
pieces = [
    "a",
    "é",
    "日",
    "𝒳",
    "👩‍💻",
    "\ud800",
    "\udc00",
    "\u2028",
    "\u0085",
    "\f",
    "\v",
    "\0",
    "\ufeff",
    "\n",
    "\r",
    "\r\n",
]
texts = st.lists(st.sampled_from(pieces), max_size=25).map("".join)
encodings = st.sampled_from(ENCODINGS)


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends, as the Language Server Protocol cuts them."""
    return re.split(r"\r\n|\n|\r", text)


def units(text: str, encoding: PositionEncoding) -> int:
    codec, size = UNIT[encoding]
    return sum(len(char.encode(codec, "surrogatepass")) // size for char in text)


@given(texts)
def test_lines(text: str) -> None:
    source = Source(text)
    lines = lines_of(text)
    assert source.line_count == len(lines)
    assert [source.line_text(line) for line in range(source.line_count)] == lines
    for line, start in enumerate(source.line_starts):
        assert source.line_at(start) == line
        assert source.line_range(line) == Range(start, start + len(lines[line]))


@given(texts, encodings)
def test_positions_count_units_from_the_start_of_the_line(text: str, encoding: PositionEncoding) -> None:
    source = Source(text)
    for offset in range(len(text) + 1):
        line, character = source.position(offset, encoding)
        start = source.line_starts[line]
        assert start <= offset
        assert line + 1 == source.line_count or offset < source.line_starts[line + 1]
        assert character == units(text[start:offset], encoding)


@given(texts, encodings)
def test_offset_undoes_position(text: str, encoding: PositionEncoding) -> None:
    source = Source(text)
    for offset in range(len(text) + 1):
        is_inside_line_end = text[max(0, offset - 1) : offset + 1] == "\r\n"
        expected = offset - 1 if is_inside_line_end else offset
        assert source.offset(source.position(offset, encoding), encoding) == expected


@given(texts, encodings)
def test_a_position_inside_a_code_point_is_its_start(text: str, encoding: PositionEncoding) -> None:
    source = Source(text)
    for line, line_text in enumerate(lines_of(text)):
        start = source.line_starts[line]
        for character in range(units(line_text, encoding) + 1):
            offset = source.offset((line, character), encoding) - start
            assert units(line_text[:offset], encoding) <= character
            assert offset == len(line_text) or units(line_text[: offset + 1], encoding) > character


@given(texts, encodings, st.integers(-3, 30), st.integers(-3, 100))
def test_positions_outside_are_clamped(text: str, encoding: PositionEncoding, line: int, character: int) -> None:
    source = Source(text)
    offset = source.offset((line, character), encoding)
    lines = lines_of(text)
    if line < 0:
        assert offset == 0
    elif line >= len(lines):
        assert offset == len(text)
    elif character <= 0:
        assert offset == source.line_starts[line]
    elif character >= units(lines[line], encoding):
        assert offset == source.line_range(line).end


@given(texts, encodings, st.integers())
def test_offsets_outside_are_clamped(text: str, encoding: PositionEncoding, offset: int) -> None:
    source = Source(text)
    clamped = min(max(0, offset), len(text))
    assert source.position(offset, encoding) == source.position(clamped, encoding)
    assert 0 <= source.line_at(offset) < source.line_count


@st.composite
def edit_sets(draw: st.DrawFn) -> tuple[str, list[TextEdit]]:
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=8)))
    ranges = [Range(*pair) for pair in zip(cuts[::2], cuts[1::2], strict=False)]
    return text, [TextEdit(range, draw(texts)) for range in ranges]


@given(edit_sets(), st.randoms())
def test_edits_replace_their_ranges(text_and_edits, random) -> None:
    text, edits = text_and_edits
    expected = text
    for edit in reversed(edits):
        expected = expected[: edit.range.start] + edit.text + expected[edit.range.end :]
    shuffled = list(edits)
    if len({edit.range for edit in edits}) == len(edits):
        random.shuffle(shuffled)
    assert Source(text).edited(shuffled).text == expected


@given(
    texts, encodings, st.lists(st.tuples(st.integers(-1, 8), st.integers(-1, 12), st.integers(0, 9), texts), max_size=6)
)
@example("a\r\n𝒳b\u2028c\r", "utf-16", [(1, 1, 1, "\n"), (0, 9, 3, "")])
def test_a_chain_of_edits_at_positions_equals_slicing(
    text: str, encoding: PositionEncoding, edits: list[tuple[int, int, int, str]]
) -> None:
    source, plain = Source(text), text
    for line, character, length, inserted in edits:
        start = source.offset((line, character), encoding)
        end = source.offset(source.position(start + length, encoding), encoding)
        source = source.edited([TextEdit(Range(start, max(start, end)), inserted)])
        plain = plain[:start] + inserted + plain[max(start, end) :]
        assert source.text == plain
        assert source.line_starts == Source(plain).line_starts


def test_insertions_at_one_place_keep_their_order() -> None:
    edits = [TextEdit(Range(1, 1), "x"), TextEdit(Range(1, 1), "y"), TextEdit(Range(1, 2), "z")]
    assert Source("abc").edited(edits).text == "axyzc"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(OverlappingEditsError):
        Source("abc").edited([TextEdit(Range(0, 2), ""), TextEdit(Range(1, 3), "")])


@pytest.mark.parametrize(
    ("encoding", "character", "offset"),
    [("utf-8", 5, 2), ("utf-8", 4, 1), ("utf-16", 2, 1), ("utf-16", 3, 2), ("utf-32", 2, 2)],
)
def test_units_of_each_encoding(encoding: PositionEncoding, character: int, offset: int) -> None:
    assert Source("a𝒳\nb").offset(Position(0, character), encoding) == offset


@pytest.mark.parametrize(
    ("text", "newline"), [("", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb\n", "\r"), ("a\u2028\nb", "\n")]
)
def test_newline_is_the_first_one_used(text: str, newline: str) -> None:
    assert Source(text).newline == newline
