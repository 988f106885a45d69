"""The strategies by name: those of promptls, and those that other packages offer (see `plugins`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from promptls.language.prompt import Prompt
from promptls.optimize.asking import Model
from promptls.optimize.observers import Observer, Observers
from promptls.optimize.pipeline import OptimizationError, ResultCache, Stage
from promptls.score.score import score
from promptls.testcases.document import TestCase


@dataclass(frozen=True, slots=True)
class Means:
    """What an optimisation has at hand besides the prompt.

    `cases` and `run_log` are the wizard's, `calls` is how many calls of the model one prompt may take.
    """

    model: Model | None = None
    cases: Sequence[TestCase] = ()
    calls: int | None = None
    run_log: Path | None = None
    observers: Observer = field(default_factory=Observers)
    cache: ResultCache | None = None


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy that can be asked for. `proves_itself` says that it decides by test cases, not by the score."""

    name: str
    summary: str
    build: Callable[[Means], Stage]
    needs_model: bool = False
    needs_cases: bool = False
    proves_itself: bool = False


def overall(prompt: Prompt) -> int | None:
    """The score of a prompt, from 0 to 100; None where there is no prose to judge."""
    scored = score(prompt)
    return scored.overall if scored is not None else None


def _static(means: Means) -> Stage:
    from promptls.optimize.static.strategy import static

    return static(overall, means.observers)


def _quick(means: Means) -> Stage:
    from promptls.optimize.quick import Quick

    return Quick(_model(means), observers=means.observers)


def _examples(means: Means) -> Stage:
    from promptls.optimize.few_shot import AddExamples

    return AddExamples(means.model, means.cases, observers=means.observers)


def _wizard(means: Means) -> Stage:
    from promptls.optimize.wizard.strategy import DEFAULT_CALLS, Wizard

    calls = DEFAULT_CALLS if means.calls is None else means.calls
    return Wizard(_model(means), means.cases, calls, observers=means.observers, run_log=means.run_log)


def _model(means: Means) -> Model:
    if means.model is None:
        raise OptimizationError("this strategy asks a model, and none was given")
    return means.model


BUILT_IN: Mapping[str, Strategy] = MappingProxyType(
    {
        each.name: each
        for each in (
            Strategy("static", "what rules ask for, without a model", _static),
            Strategy("quick", "what a model finds wrong, rewritten by it; two to five calls", _quick, needs_model=True),
            Strategy(
                "examples",
                "a few worked examples, from test cases or from a model; at most two calls",
                _examples,
                needs_model=True,
                needs_cases=True,
            ),
            Strategy(
                "wizard",
                "a search by test cases, decided on cases that it never saw",
                _wizard,
                needs_model=True,
                needs_cases=True,
                proves_itself=True,
            ),
        )
    }
)


def strategies() -> Mapping[str, Strategy]:
    """Every strategy by name; a plugin cannot take the place of a built-in one."""
    from promptls.optimize.plugins import plugins

    return {**{each.name: each for each in plugins().strategies}, **BUILT_IN}
