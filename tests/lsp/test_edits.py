"""Edits that end where no position leads: between the two characters of a line end."""

import pytest
from lsprotocol import types

from promptls.lsp.convert import Lines
from promptls.syntax.source import Range, Source, TextEdit
from tests.lsp.editor import applied


@pytest.mark.parametrize(("start", "end"), [(1, 2), (2, 3), (1, 3), (2, 2), (0, 2), (2, 4)])
def test_edits_inside_a_line_end_take_in_all_of_it(start: int, end: int) -> None:
    source = Source("a\r\nb")
    edit = TextEdit(Range(start, end), "x")
    assert applied(source.text, [Lines(source, "utf-16").edit(edit)]) == source.edited([edit]).text


def test_a_place_inside_a_line_end_is_where_the_line_ends() -> None:
    lines = Lines(Source("a\r\nb"), "utf-16")
    assert [lines.position(offset) for offset in range(5)] == [
        types.Position(0, 0),
        types.Position(0, 1),
        types.Position(0, 1),
        types.Position(1, 0),
        types.Position(1, 1),
    ]
