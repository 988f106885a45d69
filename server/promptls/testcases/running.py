"""Runs test cases: renders the prompt with each input, has it answered, and judges the answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderedMessage, Rendering, RenderRequest
from promptls.language.render.evaluator import render
from promptls.testcases.assertions import Assertion, Rubric, Verdict, judge
from promptls.testcases.document import TestCase

Complete = Callable[[Sequence[RenderedMessage]], str]
"""Has a model answer messages; raises what it cannot help, with a sentence as its text."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An expectation and its verdict."""

    assertion: Assertion
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class CaseResult:
    """What became of one case. `answer` is None where no model was asked; `error` is why the case could not be run."""

    case: TestCase
    rendering: Rendering
    answer: str | None = None
    judged: tuple[Judged, ...] = ()
    error: str | None = None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether it ran and met every expectation."""
        return self.error is None and all(each.verdict.passed for each in self.judged)

    @property
    def score(self) -> float:
        """The weighted mean of the verdicts, from 0 to 1; 1.0 for a case that expects nothing and ran."""
        if self.error is not None:
            return 0.0
        weight = sum(each.assertion.weight for each in self.judged)
        if not weight:
            return 1.0
        return sum(each.verdict.score * each.assertion.weight for each in self.judged) / weight


def run_case(
    prompt: Prompt, case: TestCase, complete: Complete | None = None, rubric: Rubric | None = None
) -> CaseResult:
    """Run one case; without `complete` the prompt is rendered only."""
    begun = time.monotonic()
    rendering = rendered(prompt, case)
    if not rendering.ok:
        reason = next(error.message for error in rendering.errors if error.throws)
        return CaseResult(case, rendering, error=f"the prompt does not render: {reason}")
    if complete is None:
        return CaseResult(case, rendering, seconds=time.monotonic() - begun)
    answer = complete(rendering.messages)
    judged = tuple(Judged(each, judge(each, answer, rubric)) for each in case.assertions)
    return CaseResult(case, rendering, answer, judged, seconds=time.monotonic() - begun)


def rendered(prompt: Prompt, case: TestCase) -> Rendering:
    """The messages that a case makes of the prompt."""
    return render(prompt, RenderRequest(input=case.input, context=case.context, history=case.history))


def snapshot(rendering: Rendering) -> list[dict[str, Any]]:
    """The messages as plain data, to be kept and compared."""
    data: list[dict[str, Any]] = json.loads(json.dumps([message.to_data() for message in rendering.messages]))
    return data
