"""The strategy `static`: deterministic, without a model, and done when a second run would change nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from promptls.language.prompt import Prompt
from promptls.lint.runner import run
from promptls.optimize.draft import Draft, Step
from promptls.optimize.every_finding import rules
from promptls.optimize.guards import GUARDS, Guard, rejection
from promptls.optimize.observers import Observer, Observers
from promptls.optimize.pipeline import Scorer
from promptls.optimize.static.mending import StepMaker, refine
from promptls.optimize.static.steps import STEPS

_MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Stepwise:
    """A stage that takes steps until there is none left. A step that a guard refuses, or that costs points, is not
    taken; of a step's alternatives the first that passes is.
    """

    name: str
    makers: Sequence[StepMaker]
    scorer: Scorer
    guards: Mapping[str, Guard] = field(default_factory=lambda: GUARDS)
    observers: Observer = field(default_factory=Observers)

    def __call__(self, draft: Draft) -> Draft:
        tried: dict[StepMaker, str] = {}
        for _ in range(_MOST_ROUNDS):
            before = draft
            for maker in self.makers:
                if tried.get(maker) != draft.prompt.text:
                    tried[maker] = draft.prompt.text
                    draft = self._stepped(draft, maker)
            if draft is before:
                break
        return draft

    def _stepped(self, draft: Draft, maker: StepMaker) -> Draft:
        for step in maker(draft):
            draft.seed.check_cancelled()
            if not _is_wanted(step, draft):
                continue
            taken = draft.after(step)
            if taken.prompt.text == draft.prompt.text:
                continue
            verdict = self._verdict(taken, draft, step)
            self.observers.candidate(taken.prompt.text, None, verdict)
            if verdict == "kept":
                return taken
        return draft

    def _verdict(self, taken: Draft, draft: Draft, step: Step) -> str:
        if step.rule is not None and 0 < _count(draft.prompt, step.rule) <= _count(taken.prompt, step.rule):
            return step.rule  # it mends nothing of what it was asked for, and would be asked for without end
        refused = rejection(taken, self.guards)
        if refused is not None:
            return refused.guard
        return "score" if self._is_lower(taken, draft) else "kept"

    def _is_lower(self, taken: Draft, draft: Draft) -> bool:
        after, before = self.scorer(taken.prompt), self.scorer(draft.prompt)
        return before is not None and (after is None or after < before)


def _is_wanted(step: Step, draft: Draft) -> bool:
    wanted = draft.request.steps
    if wanted is not None:
        return step.rule in wanted
    return step.rule is None or any(rule.id == step.rule for rule in rules(draft.seed))


def _count(prompt: Prompt, rule: str) -> int:
    return sum(1 for _ in run(prompt, [each for each in rules(prompt) if each.id == rule]))


def refining(scorer: Scorer, observers: Observer | None = None) -> Stepwise:
    """The stage that does what the rules of the prompt's domain ask for."""
    return Stepwise("refine", (refine,), scorer, observers=observers or Observers())


def static(scorer: Scorer, observers: Observer | None = None) -> Stepwise:
    """The strategy."""
    return Stepwise("static", STEPS, scorer, observers=observers or Observers())
