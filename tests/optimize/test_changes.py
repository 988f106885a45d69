"""Steps, each an edit of what the one before it left, as changes of the text that they began with."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from promptls.optimize.changes import changes
from promptls.optimize.draft import Step
from promptls.syntax.source import Range, Source, TextEdit


def step(*edits: tuple[int, int, str]) -> Step:
    return Step("test", "a step", tuple(TextEdit(Range(start, end), text) for start, end, text in edits))


def outcome(seed: str, *steps: Step) -> str:
    for each in steps:
        seed = Source(seed).edited(each.edits).text
    return seed


@pytest.mark.parametrize(
    ("seed", "steps", "expected"),
    [
        ("one\ntwo\nthree\n", [step((4, 7, "2"))], [((4, 7), "2", (0,))]),
        ("one\ntwo\nthree\n", [step((0, 3, "1")), step((2, 5, "2"))], [((0, 3), "1", (0,)), ((4, 7), "2", (1,))]),
        ("one\ntwo\n", [step((4, 7, "second")), step((4, 10, "2"))], [((4, 7), "2", (0, 1))]),
        ("one\n", [step((4, 4, "two\n")), step((4, 8, ""))], []),
        ("one\ntwo\n", [step((0, 8, "one\nzwei\n"))], [((4, 8), "zwei\n", (0,))]),
        ("a b", [step((1, 1, "x")), step((2, 2, "y"))], [((1, 1), "xy", (0, 1))]),
        ("", [step((0, 0, "x"))], [((0, 0), "x", (0,))]),
    ],
)
def test_changes(seed: str, steps: list[Step], expected: list[object]) -> None:
    assert [(tuple(each.range), each.text, each.steps) for each in changes(seed, steps)] == expected


def test_they_come_to_the_same_as_the_steps() -> None:
    rng = random.Random(7)
    for _ in range(500):
        seed = text = "".join(rng.choice("ab\n\r😀") for _ in range(rng.randrange(30)))
        steps: list[Step] = []
        for _ in range(rng.randrange(1, 6)):
            places = sorted(rng.sample(range(len(text) + 1), min(len(text) + 1, rng.choice((2, 4)))))
            pairs = zip(places[::2], places[1::2], strict=False)
            steps.append(step(*((start, end, rng.choice(("", "x", "y\nz", "ab\n"))) for start, end in pairs)))
            text = outcome(text, steps[-1])
        found = changes(seed, steps)
        edits = [TextEdit(each.range, each.text) for each in found]
        assert Source(seed).edited(edits).text == text
        assert all(first.range.end < second.range.start for first, second in pairwise(found))
        assert all(each.steps for each in found)
