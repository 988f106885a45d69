"""The one pipeline, whoever asks: analyse, refine, optimise, template, guard, score and compile, with a cache."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from promptls.language.prompt import Cancelled, Prompt, template
from promptls.language.token_estimate import estimate_tokens
from promptls.lint.runner import fixed
from promptls.optimize.draft import Draft, Request, Step, Usage
from promptls.optimize.guards import GUARDS, Guard, rejection
from promptls.optimize.observers import Observer, Observers
from promptls.optimize.result import Proposals, Result, Standing, Status
from promptls.syntax.source import Range, TextEdit


class OptimizationError(Exception):
    """Why there is no answer: one sentence for people, without a final stop."""


class Stage(Protocol):
    """One thing that is done to a draft. It raises `OptimizationError` where there can be no answer."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    def __call__(self, draft: Draft) -> Draft:
        """The draft after it."""
        ...


class Scorer(Protocol):
    """Judges a prompt, from 0 to 100; None where there is nothing to judge."""

    def __call__(self, prompt: Prompt) -> int | None: ...


class ResultCache(Protocol):
    """Keeps results; a lost one costs time only."""

    def get(self, prompt: Prompt, request: Request) -> Result | None:
        """The result of the same request for the same text, or None."""
        ...

    def put(self, prompt: Prompt, request: Request, result: Result) -> None:
        """Keep a result."""
        ...


@dataclass(frozen=True, slots=True)
class Analysed:
    """Refuses what cannot be optimised, so that later stages need not ask."""

    name: str = "analyse"

    def __call__(self, draft: Draft) -> Draft:
        errors = template(draft.seed).errors
        if errors:
            raise OptimizationError(f"the template has a syntax error ({errors[0].message}): mend it first")
        return draft


@dataclass(frozen=True, slots=True)
class SafelyFixed:
    """Applies the safe fixes of all selected rules: what they leave is the baseline that guards compare with."""

    name: str = "fix"

    def __call__(self, draft: Draft) -> Draft:
        if draft.request.steps is not None:
            return draft
        result = fixed(draft.prompt)
        if not result.applied or result.text == draft.prompt.text:
            return draft
        titles = dict.fromkeys(f"{each.rule}: {each.fix.title}" for each in result.applied if each.fix)
        rules = {each.rule for each in result.applied}
        whole = TextEdit(Range(0, len(draft.prompt.text)), result.text)
        step = Step(self.name, "; ".join(titles), (whole,), next(iter(rules)) if len(rules) == 1 else None)
        return replace(draft.after(step), baseline=draft.prompt.with_text(result.text))


@dataclass(frozen=True, slots=True)
class Guarded:
    """Takes back everything where the outcome gets past no guard."""

    guards: Mapping[str, Guard] = field(default_factory=lambda: GUARDS)
    name: str = "guard"

    def __call__(self, draft: Draft) -> Draft:
        refused = rejection(draft, self.guards)
        if refused is not None:
            raise Rejected(refused.guard, refused.reason)
        return draft


class Rejected(OptimizationError):
    """A guard refused what a strategy made."""

    def __init__(self, guard: str, reason: str) -> None:
        super().__init__(f"the result was refused: {reason}")
        self.guard = guard


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages in order, injected, so that a test or a plugin can replace one.

    The score comes after them: a draft that scores lower than its seed is not handed out (`must_not_score_lower`), and
    of two that score the same the shorter one is.
    """

    stages: Sequence[Stage]
    scorer: Scorer
    observers: Observer = field(default_factory=Observers)
    cache: ResultCache | None = None
    count: Callable[[Prompt], int] = lambda prompt: estimate_tokens(prompt.text)
    proposals: Callable[[Prompt], Proposals] = lambda prompt: Proposals()
    must_not_score_lower: bool = True

    def run(self, prompt: Prompt, request: Request) -> Result:
        """Optimise a prompt. Never raises but `Cancelled`: what goes wrong is in the result."""
        known = self.cache.get(prompt, request) if self.cache else None
        if known is not None:
            self.observers.spent(Usage(cache_hits=1))
            return known
        begun = time.monotonic()
        draft = Draft.of(prompt, request)
        self.observers.started(draft)
        try:
            for stage in self.stages:
                prompt.check_cancelled()
                self.observers.stage(stage.name, draft)
                draft = stage(draft)
            result = self._judged(draft)
        except Cancelled:
            self.observers.failed(Cancelled("cancelled"))
            raise
        except Rejected as error:
            result = self._refused(draft, "rejected", str(error))
        except OptimizationError as error:
            self.observers.failed(error)
            result = self._refused(draft, "failed", str(error))
        result = replace(result, usage=replace(result.usage, seconds=time.monotonic() - begun))
        self.observers.completed(draft, result.status)
        if self.cache is not None and result.status in ("improved", "unchanged"):
            self.cache.put(prompt, request, result)
        return result

    def _judged(self, draft: Draft) -> Result:
        before, after = self._standing(draft.seed), self._standing(draft.prompt)
        if draft.prompt.text == draft.seed.text:
            return self._result(draft.without_changes(), "unchanged", before, before)
        lower = before.score is not None and after.score is not None and after.score < before.score
        self.observers.candidate(draft.prompt.text, after.score, "score" if lower else "kept")
        if lower and self.must_not_score_lower:
            note = f"What came out scores {after.score}, less than the {before.score} of the prompt as it is."
            return self._result(draft.without_changes(note), "unchanged", before, before)
        if before.score == after.score and after.tokens > before.tokens and self.must_not_score_lower:
            note = "What came out scores no more than the prompt as it is, and is longer."
            return self._result(draft.without_changes(note), "unchanged", before, before)
        return self._result(draft, "improved", before, after)

    def _standing(self, prompt: Prompt) -> Standing:
        return Standing(self.scorer(prompt), self.count(prompt))

    def _result(self, draft: Draft, status: Status, before: Standing, after: Standing) -> Result:
        return Result(
            seed=draft.seed,
            strategy=draft.request.strategy,
            status=status,
            text=draft.prompt.text,
            before=before,
            after=after,
            steps=draft.steps,
            usage=draft.usage,
            notes=draft.notes,
            proposals=self.proposals(draft.seed),
        )

    def _refused(self, draft: Draft, status: Status, error: str) -> Result:
        standing = self._standing(draft.seed)
        unchanged = draft.without_changes()
        return replace(self._result(unchanged, status, standing, standing), error=error)
