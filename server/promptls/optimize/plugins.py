"""Strategies, hooks and metrics of other packages. Their code runs in a process of its own, as that of rules does.

Whatever they do costs only what they were asked for: a strategy fails, a hook or a metric is left out and told of.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from promptls.language.prompt import Prompt
from promptls.lint.plugin_process import FAILURES, PluginProcess
from promptls.optimize.draft import Draft, Request, Step
from promptls.optimize.pipeline import OptimizationError, Stage
from promptls.optimize.strategies import Means, Strategy
from promptls.settings import SettingsProblem

GROUP = "promptls.strategies"
LOAD_SECONDS, STRATEGY_SECONDS, HOOK_SECONDS = 20.0, 30.0, 5.0
"""How long loading, one strategy, and one hook or metric may take."""

Kind = Literal["strategy", "before", "after", "metric"]

logger = logging.getLogger(__name__)


class Offer(NamedTuple):
    """An extension without its code, which stays in the other process."""

    kind: Kind
    name: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One extension to run on one draft; partials stay out of reach."""

    kind: Kind
    name: str
    texts: tuple[str, str, str]
    """Of the seed, of the baseline, and as it stands."""
    path: str | None
    settings: dict[str, Any]
    request: Request


@dataclass(frozen=True, slots=True)
class Answered:
    """What an extension did: steps from where the draft stood, and notes."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Why it did nothing."""

    reason: str


@dataclass(frozen=True, eq=False)
class Plugins:
    """What other packages offer, and what was wrong with some of it."""

    offers: tuple[Offer, ...] = ()
    problems: tuple[SettingsProblem, ...] = ()
    process: PluginProcess | None = None

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        """Their strategies, as any other."""
        return tuple(Strategy(each.name, each.summary, self._builder(each)) for each in self.of("strategy"))

    def of(self, kind: Kind) -> tuple[Offer, ...]:
        """The offers of one kind."""
        return tuple(each for each in self.offers if each.kind == kind)

    def _builder(self, offer: Offer) -> Any:
        def build(means: Means) -> Stage:
            return _Elsewhere(offer.name, offer, self)

        return build

    def run(self, offer: Offer, draft: Draft) -> Answered | float | Failed:
        """What an extension gives for a draft."""
        assert self.process is not None
        prompt = draft.prompt
        task = Task(
            offer.kind,
            offer.name,
            (draft.seed.text, draft.baseline.text, prompt.text),
            str(prompt.path) if prompt.path is not None else None,
            prompt.settings.model_dump(exclude_defaults=True),
            draft.request,
        )
        try:
            answer: Answered | float | Failed = self.process.ask(task)
        except FAILURES:
            seconds = STRATEGY_SECONDS if offer.kind == "strategy" else HOOK_SECONDS
            return Failed(f"it took more than {seconds:g} s, or crashed")
        return answer


@lru_cache(maxsize=1)
def plugins() -> Plugins:
    """What installed packages offer. What cannot be loaded is told of and left out."""
    from importlib.metadata import entry_points

    if not entry_points(group=GROUP):
        return Plugins()
    process = PluginProcess("promptls.optimize.plugin_host")
    atexit.register(process.end)
    try:
        offers, broken = process.ask(None)
    except FAILURES as error:
        problem = f"strategies of plugins could not be loaded within {LOAD_SECONDS:g} s ({type(error).__name__})"
        return Plugins(problems=(SettingsProblem(problem, GROUP),))
    problems = tuple(SettingsProblem(message, f"{GROUP}: {name}") for name, message in broken)
    return Plugins(tuple(offers), problems, process)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A plugin's strategy as a stage."""

    name: str
    offer: Offer
    plugins: Plugins

    def __call__(self, draft: Draft) -> Draft:
        answer = self.plugins.run(self.offer, draft)
        if isinstance(answer, Failed):
            raise OptimizationError(f"the strategy {self.offer.name} failed: {answer.reason}")
        assert isinstance(answer, Answered)
        return _with(draft, answer)


@dataclass(frozen=True, slots=True)
class _Hooked:
    """The hooks before or after the strategy as a stage."""

    name: str
    kind: Kind

    def __call__(self, draft: Draft) -> Draft:
        known = plugins()
        for offer in known.of(self.kind):
            draft.seed.check_cancelled()
            answer = known.run(offer, draft)
            if isinstance(answer, Failed):
                draft = draft.noted(f"The hook {offer.name} was left out: {answer.reason}.")
            elif isinstance(answer, Answered):
                draft = _with(draft, answer)
        return draft


def hooked(when: Literal["before", "after"]) -> Stage:
    """The stage that runs the hooks before or after the strategy."""
    return _Hooked(f"hooks {when}", when)


def measured(before: Prompt, after: Prompt) -> Mapping[str, tuple[float, float]]:
    """What the metrics of plugins say of two prompts; one that fails is left out."""
    known = plugins()
    found: dict[str, tuple[float, float]] = {}
    for offer in known.of("metric"):
        figures = [known.run(offer, Draft.of(each)) for each in (before, after)]
        failed = next((each for each in figures if isinstance(each, Failed)), None)
        if failed is not None:
            logger.warning("the metric %s was left out: %s", offer.name, failed.reason)
        elif isinstance(figures[0], float) and isinstance(figures[1], float):
            found[offer.name] = (figures[0], figures[1])
    return found


def _with(draft: Draft, answer: Answered) -> Draft:
    for step in answer.steps:
        draft = draft.after(step)
    return replace(draft, notes=(*draft.notes, *answer.notes))
