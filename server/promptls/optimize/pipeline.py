"""The one pipeline, whoever asks: analyse, refine, optimise, template, guard, score and compile, with a cache."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from promptls.language.formats import recognised
from promptls.language.prompt import Cancelled, Prompt, frontmatter, template
from promptls.language.token_estimate import estimate_tokens
from promptls.lint.rule import Severity
from promptls.lint.runner import applicable, findings
from promptls.optimize.draft import Draft, Request, Step, Usage
from promptls.optimize.every_finding import every_finding, rules
from promptls.optimize.guards import GUARDS, Guard, rejection
from promptls.optimize.observers import Observer, Observers
from promptls.optimize.result import Proposals, Result, Standing, Status
from promptls.syntax.source import TextEdit

_MOST_FIXES = 50


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
        read = recognised(draft.seed)
        if read.format not in ("dotprompt", "text"):
            raise OptimizationError(f"the file was read as {read.label}, and only dotprompt can be optimised")
        return draft


@dataclass(frozen=True, slots=True)
class SafelyFixed:
    """Applies the safe fixes of all selected rules, a step for each rule: what they leave is the baseline that guards
    compare with. Rules that only suggest are the strategies' business, so that editors, where they show, get the same.
    """

    name: str = "fix"

    def __call__(self, draft: Draft) -> Draft:
        seen = {draft.prompt.text}
        while len(seen) <= _MOST_FIXES:
            step = next(self._steps(draft), None)
            if step is None:
                break
            draft = draft.after(step)
            if draft.prompt.text in seen:
                break  # two rules undo each other
            seen.add(draft.prompt.text)
        head = frontmatter(draft.prompt)
        if head is not None and head.error is not None:
            raise OptimizationError(f"the frontmatter has a syntax error ({head.error.message}): mend it first")
        return replace(draft, baseline=draft.prompt)

    def _steps(self, draft: Draft) -> Iterator[Step]:
        """The steps of rules that have something to mend, in source order."""
        wanted = draft.request.steps
        suggested = {rule.id for rule in rules(draft.prompt) if rule.certainty == "suggestion"}
        found = [
            each
            for each in findings(draft.prompt)
            if each.rule not in suggested and (wanted is None or each.rule in wanted)
        ]
        by_rule: dict[str, list[TextEdit]] = {}
        titles: dict[str, list[str]] = {}
        for each in applicable(found, unsafe=False):
            assert each.fix is not None
            by_rule.setdefault(each.rule, []).extend(each.fix.edits)
            titles.setdefault(each.rule, []).append(each.fix.title)
        for rule, edits in by_rule.items():
            places = f" ({len(titles[rule])} places)" if len(titles[rule]) > 1 else ""
            yield Step(self.name, f"{titles[rule][0]}{places}", tuple(edits), rule)


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


def faults(prompt: Prompt) -> tuple[int, ...]:
    """How many findings a prompt has of each severity, the worst first; those of rules that only suggest count too."""
    counted = Counter(each.severity for each in every_finding(prompt))
    return tuple(counted[severity] for severity in sorted(Severity, reverse=True))


class Rejected(OptimizationError):
    """A guard refused what a strategy made."""

    def __init__(self, guard: str, reason: str) -> None:
        super().__init__(f"the result was refused: {reason}")
        self.guard = guard


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages in order, injected, so that a test or a plugin can replace one.

    The score comes after them: a draft that scores lower than its seed is not handed out (`must_not_score_lower`). Of
    two that score the same the one is that has fewer faults in the eyes of all rules, then the shorter one.
    """

    stages: Sequence[Stage]
    scorer: Scorer
    observers: Observer = field(default_factory=Observers)
    cache: ResultCache | None = None
    count: Callable[[Prompt], int] = lambda prompt: estimate_tokens(prompt.text)
    proposals: Callable[[Prompt], Proposals] = lambda prompt: Proposals()
    faults: Callable[[Prompt], tuple[int, ...]] = field(default_factory=lambda: faults)
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
        before = self._standing(draft.seed)
        if draft.prompt.text == draft.seed.text:
            return self._result(draft.without_changes(), "unchanged", before, before)
        after = self._standing(draft.prompt)
        objection = self._objection(draft, before, after) if self.must_not_score_lower else None
        self.observers.candidate(draft.prompt.text, after.score, "score" if objection else "kept")
        if objection is not None:
            return self._result(draft.without_changes(objection), "unchanged", before, before)
        return self._result(draft, "improved", before, after)

    def _objection(self, draft: Draft, before: Standing, after: Standing) -> str | None:
        if before.score is not None and (after.score is None or after.score < before.score):
            return f"What came out scores {after.score}, less than the {before.score} of the prompt as it is."
        if before.score != after.score:
            return None
        faults, left = self.faults(draft.seed), self.faults(draft.prompt)
        if left > faults or (left == faults and after.tokens > before.tokens):
            return "What came out scores no more than the prompt as it is, has no fewer faults, and is longer."
        return None

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
            search=draft.search,
        )

    def _refused(self, draft: Draft, status: Status, error: str) -> Result:
        standing = self._standing(draft.seed)
        unchanged = draft.without_changes()
        return replace(self._result(unchanged, status, standing, standing), error=error)
