"""Runs test cases: renders the prompt with each input, has it answered, and judges the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderedMessage, Rendering, RenderRequest
from promptls.language.render.evaluator import render
from promptls.testcases.assertions import judge
from promptls.testcases.document import TestCase
from promptls.testcases.snapshots import Comparison
from promptls.testcases.verdict import Assertion, Rubric, Verdict

Outcome = Literal["passed", "failed", "error"]

_AT_ONCE = 8


class NotAnswered(Exception):
    """Why a model gave no answer, or no verdict: one sentence without a final stop."""


Complete = Callable[[Sequence[RenderedMessage], Prompt], str]
"""Has a model answer the messages of a prompt; raises `NotAnswered`."""


@dataclass(frozen=True, slots=True)
class Judges:
    """What answers and what judges by a rubric; either may raise `NotAnswered`."""

    complete: Complete
    rubric: Rubric


@dataclass(frozen=True, slots=True)
class Judged:
    """An expectation and its verdict."""

    assertion: Assertion
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class CaseResult:
    """What became of one case.

    `failure` is why it failed whatever the answer, `error` why there is no answer, or no verdict on it. `answer` is
    None where no model was asked, and then nothing is judged. `seconds` is wall time.
    """

    case: TestCase
    rendering: Rendering
    answer: str | None = None
    judged: tuple[Judged, ...] = ()
    failure: str | None = None
    error: str | None = None
    comparison: Comparison | None = None
    seconds: float = 0.0

    @property
    def outcome(self) -> Outcome:
        """Whether it ran and met every expectation; those of weight 0 are only told."""
        if self.error is not None:
            return "error"
        missed = any(not each.verdict.passed and each.assertion.weight for each in self.judged)
        return "failed" if missed or self.failure is not None else "passed"

    @property
    def score(self) -> float:
        """The weighted mean of the verdicts, from 0 to 1; 1.0 for a case that expects nothing and was answered."""
        if not self.judged and (self.failure is not None or self.error is not None):
            return 0.0
        weight = sum(each.assertion.weight for each in self.judged)
        if not weight:
            return 1.0
        return sum(each.verdict.score * each.assertion.weight for each in self.judged) / weight


def run_case(prompt: Prompt, case: TestCase, judges: Judges | None = None) -> CaseResult:
    """Run one case; without `judges` the prompt is rendered only."""
    begun = time.monotonic()
    rendering = rendered(prompt, case)
    result = CaseResult(case, rendering)
    if not rendering.ok:
        result = replace(result, failure=f"the prompt does not render: {render_failure(rendering)}")
    elif judges is not None:
        result = _asked(prompt, result, judges)
    return replace(result, seconds=time.monotonic() - begun)


def _asked(prompt: Prompt, result: CaseResult, judges: Judges) -> CaseResult:
    answer: str | None = None
    try:
        answer = judges.complete(result.rendering.messages, prompt)
        judged = tuple(Judged(each, judge(each, answer, judges.rubric)) for each in result.case.assertions)
    except NotAnswered as error:
        return replace(result, answer=answer, error=str(error))
    return replace(result, answer=answer, judged=judged)


def run_cases(work: Sequence[tuple[Prompt, TestCase]], judges: Judges | None = None) -> Iterator[CaseResult]:
    """Run cases, their questions side by side; the results come in the order of the work."""
    if judges is None:
        yield from (run_case(prompt, case) for prompt, case in work)
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(_AT_ONCE, "promptls-case")
    try:
        yield from pool.map(lambda each: run_case(each[0], each[1], judges), work)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def render_failure(rendering: Rendering) -> str:
    """Why a prompt does not render, as the runtime would say it."""
    return next(error.message for error in rendering.errors if error.throws)


def rendered(prompt: Prompt, case: TestCase) -> Rendering:
    """The messages that a case makes of the prompt."""
    return render(prompt, RenderRequest(input=case.input, context=case.context, history=case.history))
