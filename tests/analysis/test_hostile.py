"""No text makes the analysis slow or break."""

import pytest

from promptls.analysis.text import features
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from tests.support.hostile import LONG, hostile_text, seconds

MOST_SECONDS = 8.0
"""Of processor time on 100 KB: a twentieth to three seconds are usual on a slow machine."""


@pytest.mark.parametrize("unit", [".", "<", "`", "#", "<a>", "A: ", "a ", "\n", "- a\n", "A:\n", "{", "漢"])
def test_large_texts_pass(unit: str) -> None:
    prompt = Prompt(hostile_text(unit, LONG), settings=Settings())
    seconds(lambda _: features(prompt), "", MOST_SECONDS)
    found = features(prompt)
    ends = [each.range.end for each in found.sentences]
    assert ends == sorted(ends)
    assert all(each.range.end <= LONG + 1 for each in found.entities)
    assert 0 <= found.measures.complexity <= 1
