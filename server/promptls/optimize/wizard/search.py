"""The search itself: gepa chooses parents and keeps the Pareto front, our operators propose, our guards refuse."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from promptls.language.token_estimate import estimate_tokens
from promptls.optimize.asking import Model
from promptls.optimize.draft import Draft
from promptls.optimize.guards import Guard, rejection
from promptls.optimize.llm.conversation import ModelError
from promptls.optimize.observers import Observer
from promptls.optimize.wizard.components import Components
from promptls.optimize.wizard.operators import Operators
from promptls.optimize.wizard.pool import Pool
from promptls.optimize.wizard.trials import Trial, run_trials
from promptls.testcases.document import TestCase

if TYPE_CHECKING:
    from gepa.core.result import GEPAResult

logger = logging.getLogger(__name__)

LENGTH_PENALTY = 0.05
"""What a candidate of twice the seed's length loses of its score in the search, as in CAPO (arXiv 2504.16005)."""

_TOGETHER, _ALONE, _WORSE = 2, 2, 0.05
_SHOWN_FAILURES, _ATTEMPTS, _RUN_OFF, _FRUITLESS = 3, 3, 4, 30
Candidate = dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate of the search: the numbers of its parents, what made it, and its mean score on the training share."""

    text: str
    parents: tuple[int, ...]
    operator: str
    score: float


@dataclass(slots=True, eq=False)
class Search:
    """One search; adapter, proposer, selector and logger to gepa at once.

    A change is tried on two cases beside its parent, and on two more where it seems hardly worse. How good a candidate
    is follows from its own scores and its parent's (see `Pool`); the best few are then tried on every training case.
    """

    draft: Draft
    model: Model
    training: Sequence[TestCase]
    guards: Mapping[str, Guard]
    observers: Observer
    components: Components = field(init=False)
    operators: Operators = field(init=False)
    pool: Pool = field(init=False)
    refused: Counter[str] = field(default_factory=Counter)
    _origins: dict[str, str] = field(default_factory=dict)
    _batch: list[int] = field(default_factory=list)
    _parent: str = field(default="")
    _fruitless: int = field(default=0)
    _out_of_budget: bool = field(default=False)

    # gepa looks for this name on its adapters.
    propose_new_texts: None = field(default=None)

    def __post_init__(self) -> None:
        self.components = Components.of(self.draft.prompt)
        rng = random.Random(self.draft.request.seed)
        self.pool = Pool(rng)
        self.operators = Operators(self.model, self.draft.prompt, self.training, rng)
        self._origins[self.draft.prompt.text] = "seed"

    def run(self) -> list[Found]:
        """Search until the budget is used up; gives the candidates in order of discovery, the seed first."""
        from gepa.api import optimize

        result: GEPAResult[str, int] = optimize(
            seed_candidate=self.components.texts,
            trainset=list(self.training),
            valset=list(self.training),
            adapter=self,  # type: ignore[arg-type]
            custom_candidate_proposer=self._propose,  # type: ignore[arg-type]
            candidate_selection_strategy=self,
            val_evaluation_policy=self,
            batch_sampler=self,
            stop_callbacks=lambda state: self._out_of_budget,
            acceptance_criterion=self,
            skip_perfect_score=False,
            cache_evaluation=True,
            logger=self,
            seed=self.draft.request.seed,
            raise_on_exception=True,
        )
        texts = [self.components.with_texts(candidate) for candidate in result.candidates]
        return [
            Found(
                text,
                tuple(parent for parent in parents if parent is not None),
                self._origins.get(text, "seed"),
                self.pool.estimate(text),
            )
            for text, parents in zip(texts, result.parents, strict=True)
        ]

    def run_off(self, found: Sequence[Found], model: Model, count: int) -> list[Found]:
        """The best `count` of the found by their scores on every training case, in order; the seed is none of them."""
        self.model = model
        known = {each.text: each for each in found if each.text != self.draft.prompt.text}
        for text in self.pool.best(known, _RUN_OFF):
            self._scored(text, self.training)
        return [replace(known[text], score=self.pool.estimate(text)) for text in self.pool.best(known, count)]

    # What gepa asks of a selector, of a policy, of a sampler and of a criterion.

    def should_accept(self, proposal: Any, state: Any) -> bool:
        """Whether a new candidate joins the pool: it is likely to be little worse than its parent, or better."""
        text = self.components.with_texts(proposal.candidate)
        known = {self.components.with_texts(each) for each in state.program_candidates}
        if text in known:
            self._fruitless += 1
            self._out_of_budget = self._out_of_budget or self._fruitless >= _FRUITLESS
            return False
        self._fruitless = 0
        return bool(self.pool.estimate(text) >= self.pool.estimate(self._parent) - _WORSE)

    def select_candidate_idx(self, state: Any) -> int:
        """The candidate to change next."""
        texts = [self.components.with_texts(each) for each in state.program_candidates]
        number = self.pool.parent(texts)
        self._parent = texts[number]
        return number

    def next_minibatch_ids(self, loader: Any, state: Any) -> list[int]:
        """The cases on which a parent and its child are both tried; other ones each time."""
        self._batch = self._some([], _TOGETHER)
        return self._batch

    def get_eval_batch(self, loader: Any, state: Any, target_program_idx: int | None = None) -> list[int]:
        """The cases on which a new candidate has just been tried, and some more: the rest is the run-off's business."""
        return [*self._batch, *self._some(self._batch, _ALONE)]

    def _some(self, besides: Sequence[int], count: int) -> list[int]:
        others = [number for number in range(len(self.training)) if number not in besides]
        return self.pool.rng.sample(others, min(len(others), count))

    def get_best_program(self, state: Any) -> int:
        """The candidate with the best estimate."""
        texts = [self.components.with_texts(each) for each in state.program_candidates]
        return max(range(len(texts)), key=lambda number: self.pool.estimate(texts[number]))

    def get_valset_score(self, program_idx: int, state: Any) -> float:
        """A candidate's estimate."""
        return self.pool.estimate(self.components.with_texts(state.program_candidates[program_idx]))

    def log(self, message: str) -> None:
        """Gepa's log; its own would go to stdout, which belongs to the protocol. It repeats texts of the prompt."""

    def evaluate(self, batch: list[TestCase], candidate: Candidate, capture_traces: bool = False) -> Any:
        """The scores of a candidate on a batch, with the length penalty; one that a guard refuses has none."""
        from gepa.core.adapter import EvaluationBatch

        self.draft.seed.check_cancelled()
        trials = self._scored(self.components.with_texts(candidate), batch)
        penalty = self._penalty(self.components.with_texts(candidate))
        scores = [max(0.0, trial.score - penalty) for trial in trials]
        answers = [trial.answer or "" for trial in trials]
        return EvaluationBatch(outputs=answers, scores=scores, trajectories=trials if capture_traces else None)

    def make_reflective_dataset(
        self, candidate: Candidate, batch: Any, components_to_update: list[str]
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What went wrong in a batch, for the operators that learn from it."""
        failures = [
            {"messages": trial.sent, "answer": trial.answer or "", "reason": trial.reason}
            for trial in batch.trajectories or ()
            if trial.score < 1.0
        ]
        shown: list[dict[str, str]] = failures[:_SHOWN_FAILURES] or [{"messages": "", "answer": "", "reason": ""}]
        return dict.fromkeys(components_to_update, shown)

    def _propose(
        self, candidate: Candidate, dataset: Mapping[str, Sequence[Mapping[str, Any]]], names: list[str]
    ) -> Candidate:
        """Another text for each piece; the old one where nothing gets past the guards."""
        changed: Candidate = {}
        for name in names:
            failures = [record for record in dataset.get(name, ()) if record["reason"]]
            changed[name] = self._proposed({**candidate, **changed}, name, failures)
        return changed

    def _proposed(self, candidate: Candidate, name: str, failures: Sequence[Mapping[str, str]]) -> str:
        whole = self.draft.prompt.with_text(self.components.with_texts(candidate))
        for _ in range(_ATTEMPTS):
            self.draft.seed.check_cancelled()
            try:
                proposal = self.operators.propose(name, candidate[name], whole, failures)
            except ModelError as error:
                self._out_of_budget = self._out_of_budget or "budget" in str(error)
                logger.debug("an operator gave nothing: %s", type(error).__name__)
                if self._out_of_budget:
                    break
                continue
            text = self.components.with_texts({**candidate, name: proposal.text})
            if text not in self._origins and self._allowed(text):
                self._origins[text] = proposal.operator
                self.pool.born(text, whole.text)
                return proposal.text
        return candidate[name]

    def _allowed(self, text: str) -> bool:
        refused = rejection(replace(self.draft, prompt=self.draft.prompt.with_text(text)), self.guards)
        if refused is not None:
            self.observers.candidate(text, None, refused.guard)
            self.refused[refused.guard] += 1
        return refused is None

    def _scored(self, text: str, batch: Sequence[TestCase]) -> list[Trial]:
        trials = run_trials(self.model, self.draft.prompt.with_text(text), batch)
        penalty = self._penalty(text)
        self._out_of_budget = self._out_of_budget or any(trial.unpaid for trial in trials)
        self.pool.learn(text, {trial.case.name: trial.score - penalty for trial in trials if not trial.unpaid})
        self.observers.candidate(text, self.pool.estimate(text), "kept")
        return trials

    def _penalty(self, text: str) -> float:
        grown = estimate_tokens(text) / max(1, estimate_tokens(self.draft.prompt.text)) - 1
        return LENGTH_PENALTY * min(max(0.0, grown), 4.0)
