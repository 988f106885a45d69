"""Marks are read, removed and written where they belong."""

from promptls.syntax.source import Range
from tests.support.markers import marked, show


def test_marks_are_offsets_into_the_bare_text() -> None:
    sample = marked("é {{⟦us‸er⟧.na‸me}} ⟦a⟦b⟧⟧")
    assert sample.text == "é {{user.name}} ab"
    assert sample.cursors == (6, 11)
    assert sample.ranges == (Range(4, 8), Range(16, 18), Range(17, 18))


def test_one_cursor_and_one_range_have_names_of_their_own() -> None:
    sample = marked("⟦a‸⟧b")
    assert (sample.cursor, sample.range) == (1, Range(0, 1))


def test_showing_reverses_reading() -> None:
    text = "{{⟦user⟧.⟦na‸me⟧}}⟦⟧ ⟦⟦a⟧b⟧"
    sample = marked(text)
    assert show(sample.text, ranges=sample.ranges, cursors=sample.cursors) == text
