"""The strategy `wizard`: searches on a training share of the cases, and decides on the others."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from promptls.language.token_estimate import estimate_tokens
from promptls.optimize.asking import Model
from promptls.optimize.draft import Candidate, Draft, SearchTree
from promptls.optimize.guards import GUARDS, Guard, rejection
from promptls.optimize.llm.conversation import ModelError
from promptls.optimize.observers import Observer, Observers
from promptls.optimize.pipeline import OptimizationError
from promptls.optimize.quick import with_body
from promptls.optimize.wizard.allowance import Allowance
from promptls.optimize.wizard.run_log import RunLog
from promptls.optimize.wizard.search import Found, Search
from promptls.optimize.wizard.trials import run_trials
from promptls.syntax.frontmatter import read_layout
from promptls.testcases.document import TestCase

FEWEST_CASES = 4
DEFAULT_CALLS = 150
"""Calls of a run whose budget nobody set; PromptWizard's own default comes to 101-253 (its code at a018fc1)."""

_FINALISTS = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """How the seed and the finalists did on the held-out share, 0 to 1, and what the search came across."""

    seed: float
    finalists: tuple[tuple[Found, float], ...]
    candidates: tuple[Found, ...]
    held_out: int
    training: int


@dataclass(slots=True)
class Wizard:
    """Keeps to `calls` to the call. The answer is the seed unless a finalist is better on cases that the search never
    saw; of two that are equally good the shorter one wins. `decision` tells how it came to that.
    """

    model: Model
    cases: Sequence[TestCase]
    calls: int = DEFAULT_CALLS
    guards: Mapping[str, Guard] = field(default_factory=lambda: GUARDS)
    observers: Observer = field(default_factory=Observers)
    run_log: Path | None = None
    name: str = "wizard"
    decision: Decision | None = None

    def __call__(self, draft: Draft) -> Draft:
        judged = [case for case in self.cases if case.assertions]
        if len(judged) < FEWEST_CASES:
            raise OptimizationError(
                f"the wizard needs {FEWEST_CASES} test cases that expect something, and there are {len(judged)}"
            )
        training, held_out = split(judged, draft.request.seed)
        decision = len(held_out) * (1 + _FINALISTS)
        reserved = decision + min(len(training) * 2, (self.calls - decision) // 4)
        if self.calls < reserved + len(training):
            raise OptimizationError(
                f"with {len(judged)} test cases the wizard needs a budget of at least {reserved + len(training)} calls"
            )
        bounded = replace(
            draft, request=replace(draft.request, held_out=tuple(text for case in held_out for text in texts_of(case)))
        )
        remembering = RunLog(self.model, self.run_log)
        search_model = Allowance(remembering, self.calls - reserved)
        late_model = Allowance(remembering, reserved - decision)
        decision_model = Allowance(remembering, decision)
        try:
            search = Search(bounded, search_model, training, self.guards, self.observers)
            found = search.run()
            best = search.run_off(found, late_model, _FINALISTS)
            self.decision = self._decide(bounded, decision_model, held_out, best, found)
        except ModelError as error:
            raise OptimizationError(str(error)) from None
        draft = draft.spent(search_model.spent).spent(late_model.spent).spent(decision_model.spent)
        answer = self._answer(draft, bounded)
        return replace(answer, search=_tree(self.decision, draft.prompt.text, answer.prompt.text, search.refused))

    def _decide(
        self, draft: Draft, model: Model, held_out: Sequence[TestCase], best: Sequence[Found], found: Sequence[Found]
    ) -> Decision:
        def mean(text: str) -> float:
            trials = run_trials(model, draft.prompt.with_text(text), held_out)
            return sum(trial.score for trial in trials) / len(trials)

        finalists = tuple((each, mean(each.text)) for each in best if _passes(draft, each, self.guards))
        return Decision(
            mean(draft.prompt.text), finalists, tuple(found), len(held_out), len(self.cases) - len(held_out)
        )

    def _answer(self, draft: Draft, bounded: Draft) -> Draft:
        decision = self.decision
        assert decision is not None
        length = estimate_tokens(draft.prompt.text)
        told = f"{len(decision.candidates)} candidates; the seed is right in {decision.seed:.0%} of the held-out cases"
        # Which finalist is the better one both shares say together; whether it beats the seed, the held-out one alone.
        ranked = sorted(decision.finalists, key=lambda each: (-_pooled(each, decision), estimate_tokens(each[0].text)))
        for found, score in ranked:
            shorter = estimate_tokens(found.text) < length
            if score > decision.seed or (score == decision.seed and shorter):
                title = f"Take what is right in {score:.0%} of {decision.held_out} held-out cases"
                body = found.text[read_layout(found.text).template_range.start :]
                return with_body(draft, body, self.name, title).noted(f"{told}, the answer in {score:.0%}.")
        return draft.noted(f"{told}, and nothing that was found is better.")


def _tree(decision: Decision, seed: str, answer: str, refused: Mapping[str, int]) -> SearchTree:
    held_out = {seed: decision.seed, **{found.text: score for found, score in decision.finalists}}
    candidates = tuple(
        Candidate(each.text, each.parents, each.operator, each.score, held_out.get(each.text))
        for each in decision.candidates
    )
    # The answer's ends may have lost blank lines.
    taken = next((number for number, each in enumerate(candidates) if each.text.strip() == answer.strip()), None)
    kept_out = tuple(sorted(refused.items()))
    return SearchTree(candidates, decision.held_out, taken if answer != seed else None, kept_out)


def _pooled(finalist: tuple[Found, float], decision: Decision) -> float:
    found, score = finalist
    return found.score * decision.training + score * decision.held_out


def split(cases: Sequence[TestCase], seed: int) -> tuple[list[TestCase], list[TestCase]]:
    """A training share of three fifths and the held-out rest, at least two each; the same for the same seed."""
    shuffled = list(cases)
    random.Random(seed).shuffle(shuffled)
    training = max(2, min(len(cases) - 2, round(len(cases) * 0.6)))
    return shuffled[:training], shuffled[training:]


def texts_of(case: TestCase) -> list[str]:
    """The texts in a case that no candidate may have copied."""
    expected = [each.value for each in case.assertions if isinstance(each.value, str)]
    return [text for text in [*_strings(case.input), *expected] if text]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _strings(each)]
    return [text for each in value for text in _strings(each)] if isinstance(value, list) else []


def _passes(draft: Draft, found: Found, guards: Mapping[str, Guard]) -> bool:
    return rejection(replace(draft, prompt=draft.prompt.with_text(found.text)), guards) is None
