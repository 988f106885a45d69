"""No text makes the patterns of the analysis slow: four times the text takes about four times the time."""

import re
from collections.abc import Callable
from time import process_time

import pytest

import promptls.analysis
from promptls.analysis.entities import entities
from promptls.analysis.measures import measures
from promptls.analysis.sections import sections
from promptls.analysis.sentences import sentences
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from tests.analysis.hostile import UNITS, hostile_text, patterns_of

PATTERNS = {id(pattern): (name, pattern) for name, pattern in patterns_of(promptls.analysis)}
SHORT, LONG, LONGEST = 4_000, 16_000, 100_000
FEWEST_SECONDS = 0.02
"""Below this a measurement says nothing."""
MOST_GROWTH = 9
"""Of the time when the text is four times as long: 4 is linear and 16 quadratic."""


def spent(work: Callable[[str], object], text: str) -> float:
    start = process_time()
    work(text)
    return process_time() - start


def every_match(pattern: re.Pattern[str]) -> Callable[[str], object]:
    def work(text: str) -> None:
        for _ in pattern.finditer(text):
            pass

    return work


@pytest.mark.parametrize(("name", "pattern"), PATTERNS.values(), ids=[name for name, _ in PATTERNS.values()])
def test_patterns_are_linear(name: str, pattern: re.Pattern[str]) -> None:
    work = every_match(pattern)
    for unit in UNITS:
        short, long = hostile_text(unit, SHORT), hostile_text(unit, LONG)
        if spent(work, long) > FEWEST_SECONDS:
            assert min(spent(work, long) for _ in range(2)) < MOST_GROWTH * spent(work, short), unit


@pytest.mark.parametrize("unit", [".", "<", "`", "#", "<a>", "A: ", "a ", "\n", "- a\n", "A:\n", "{", "漢"])
def test_large_texts_pass(unit: str) -> None:
    prompt = Prompt(hostile_text(unit, LONGEST), settings=Settings())
    assert sections(prompt) is not None
    ends = [each.range.end for each in sentences(prompt)]
    assert ends == sorted(ends)
    assert all(each.range.end <= LONGEST + 1 for each in entities(prompt))
    assert 0 <= measures(prompt).complexity <= 1


def test_there_are_patterns() -> None:
    assert len(PATTERNS) > 50
