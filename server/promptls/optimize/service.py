"""The one function that editor, command line and batches call, and the model that it may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.language.prompt import Prompt
from promptls.language.tokenizers import counter
from promptls.language.tokens import model_id, static_tokens
from promptls.optimize.asking import Model
from promptls.optimize.draft import Draft, Request, Usage
from promptls.optimize.llm.conversation import Answer, Ask, BudgetExceeded, ModelError
from promptls.optimize.pipeline import Analysed, Guarded, Pipeline, SafelyFixed, Stage
from promptls.optimize.plugins import hooked, measured
from promptls.optimize.result import Result
from promptls.optimize.static.strategy import Stepwise, refining
from promptls.optimize.strategies import Means, Strategy, overall, strategies
from promptls.optimize.templates import Templated, proposals, scaffold

if TYPE_CHECKING:
    from promptls.optimize.llm.client import Client
    from promptls.optimize.llm.consent import Consents
    from promptls.settings import Settings


class UnknownStrategy(ValueError):
    """There is no strategy of that name; `known` are those that there are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no strategy {name!r}")
        self.known = known


def optimised(prompt: Prompt, request: Request, means: Means | None = None) -> Result:
    """Optimise a prompt; what goes wrong is in the result.

    Raises `Cancelled`, and `UnknownStrategy` where the request names none.
    """
    means = means or Means()
    model = _Tallied(means.model) if means.model is not None else None
    means = replace(means, model=model)
    result = _pipeline(strategy(request.strategy), means).run(prompt, request)
    if result.status == "failed" and model is not None:
        # A stage that failed gave no draft that could tell what it had spent by then.
        result = replace(result, usage=replace(model.usage, seconds=result.usage.seconds))
    if result.status != "improved":
        return result
    return replace(result, metrics=measured(prompt, prompt.with_text(result.text)))


class _Tallied:
    """A model that adds up what it was asked for; it is asked from one thread for each prompt."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.usage = Usage()

    def ask(self, ask: Ask) -> Answer:
        """One answer; raises `ModelError`."""
        (answer,) = self.ask_all([ask])
        if isinstance(answer, ModelError):
            raise answer
        return answer

    def ask_all(self, asks: list[Ask]) -> list[Answer | ModelError]:
        """Several answers, asked side by side."""
        answers = self._model.ask_all(asks)
        for answer in answers:
            if not isinstance(answer, BudgetExceeded):
                self.usage = self.usage + (Usage(calls=1) if isinstance(answer, ModelError) else answer.usage)
        return answers

    def rate(self, answer: Answer, quality: float) -> None:
        """Hand on how good an answer has proved."""
        self._model.rate(answer, quality)


def strategy(name: str) -> Strategy:
    """The strategy of that name; raises `UnknownStrategy`."""
    known = strategies()
    if name not in known:
        raise UnknownStrategy(name, tuple(known))
    return known[name]


def _pipeline(chosen: Strategy, means: Means) -> Pipeline:
    observers = means.observers
    middle: tuple[Stage, ...] = (_Built("optimise", chosen, means),)
    if not chosen.needs_model:
        lines = Stepwise("template", (scaffold,), overall, observers=observers)
        middle = (refining(overall, observers), *middle, Templated(lines))
    stages: tuple[Stage, ...] = (Analysed(), SafelyFixed(), hooked("before"), *middle, hooked("after"), Guarded())
    return Pipeline(
        stages,
        overall,
        observers,
        means.cache,
        own_tokens,
        proposals,
        must_not_score_lower=not chosen.proves_itself,
    )


class _Built:
    """The strategy as a stage, built when it is due: one that cannot be built is a failure like any other."""

    def __init__(self, name: str, chosen: Strategy, means: Means) -> None:
        self.name = name
        self._chosen = chosen
        self._means = means

    def __call__(self, draft: Draft) -> Draft:
        return self._chosen.build(self._means)(draft)


def own_tokens(prompt: Prompt) -> int:
    """The tokens of a prompt's own text, without what the variables will hold."""
    by = counter(model_id(prompt), wait=not prompt.settings.in_editor)
    return sum(each.tokens for each in static_tokens(prompt, by))


@contextmanager
def opened_model(
    settings: Settings,
    consents: Consents,
    *,
    calls: int | None = None,
    usd: float | None = None,
    answers: Path | None = None,
    progress: Callable[[int], None] = lambda characters: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> Iterator[Client]:
    """The model that the settings name, for as long as the context lasts.

    `calls` and `usd` bound everything that it is asked; without them the settings do. `answers` keeps its answers.
    Raises `EndpointError` where none is named, and `ConsentNeeded` where nobody agreed that prompts go there.
    """
    from promptls.language.models import ModelCatalogue
    from promptls.optimize.llm.budget import Budget, Price
    from promptls.optimize.llm.cache import AnswerCache
    from promptls.optimize.llm.client import Client
    from promptls.optimize.llm.endpoint import endpoint

    named = endpoint(settings.llm)
    consents.require(named)
    known = ModelCatalogue(settings.models).find(named.catalogue_id)
    price = Price(known.input_mtok, known.output_mtok) if known is not None else Price()
    budget = Budget(
        settings.llm.budget_calls if calls is None else calls, settings.llm.budget_usd if usd is None else usd, price
    )
    with Client(
        named,
        settings.llm,
        budget=budget,
        cache=AnswerCache(answers),
        progress=progress,
        check_cancelled=check_cancelled,
    ) as client:
        yield client
