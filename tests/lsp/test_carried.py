"""Findings move with the text around a change, and are gone where it cuts into them."""

import pytest

from promptls.lint.rule import Finding, Fix
from promptls.lsp.carried import carried
from promptls.syntax.source import Range, TextEdit

BEFORE = "one two three"
TWO = Finding(Range(4, 7), "two", fix=Fix("mend", (TextEdit(Range(4, 7), "2"),), safe=True))


@pytest.mark.parametrize(
    ("after", "left"),
    [
        ("one two three four", "two"),
        ("no one two three", "two"),
        ("one, two three", "two"),
        ("one twoo three", "two"),
        ("one twxo three", "twxo"),
        ("one tw three", "tw"),
        ("three", None),
        ("one t", None),
        ("one\u2028 two three", "two"),
        ("", None),
        (BEFORE, "two"),
    ],
)
def test_a_finding_stays_with_its_words(after: str, left: str | None) -> None:
    assert [after[each.range.start : each.range.end] for each in carried([TWO], BEFORE, after)] == [left] * bool(left)


def test_a_fix_of_the_old_text_is_left_out() -> None:
    (moved,) = carried([TWO], BEFORE, "x" + BEFORE)
    assert moved.fix is None
