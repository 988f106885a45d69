"""A few seconds of the sweep that `make fuzz` runs in full, by other random seeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptls.syntax.source import Range, TextEdit
from tests.ide import sweep
from tests.ide.sweep_features import AT_CURSOR, Answer


def test_every_feature_at_some_offsets_of_samples_and_of_damaged_ones(tmp_path: Path) -> None:
    whole, ruins = sweep.texts(variants=30, seed=7_000)
    runner = sweep.Sweep(tmp_path)
    for number, text in enumerate((*whole, *ruins)):
        runner.run(text, range(number % 67, len(text.text) + 1, 67))
    assert runner.tally.failures == []
    assert runner.tally.texts == len(whole) + 30
    # Other tests run at the same time; what is slow for good is slow in many places.
    assert sum(runner.tally.slow.values()) <= 3, runner.tally.slow


@pytest.mark.parametrize(
    "answer",
    [
        Answer([(None, Range(3, 10_000))]),
        Answer(edits=[(None, (TextEdit(Range(-1, 2), "x"),))]),
        Answer(edits=[(None, (TextEdit(Range(1, 3), "x"), TextEdit(Range(2, 4), "y")))]),
        ValueError("no answer at all"),
    ],
)
def test_the_sweep_finds_what_it_looks_for(
    answer: Answer | ValueError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> Answer:
        if isinstance(answer, ValueError):
            raise answer
        return answer

    monkeypatch.setattr(sweep, "AT_CURSOR", {**AT_CURSOR, "hover": faulty})
    text = sweep.texts(variants=0, seed=0)[0][0]
    runner = sweep.Sweep(tmp_path)
    runner.run(text, [5])
    (failure,) = runner.tally.failures
    assert failure.startswith(f"hover at 5 of {text.label}: ")
