"""The strategy `examples`: a few worked examples, out of the test cases or made up by a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from promptls.optimize.asking import Model
from promptls.optimize.draft import Draft, Step
from promptls.optimize.guards import GUARDS, Guard, rejection
from promptls.optimize.llm.conversation import ModelError
from promptls.optimize.observers import Observer, Observers
from promptls.optimize.pipeline import OptimizationError
from promptls.optimize.proposed_examples import propose
from promptls.optimize.wizard.components import Components
from promptls.optimize.wizard.examples import worked_examples
from promptls.optimize.wizard.operators import known_pair
from promptls.syntax.source import TextEdit
from promptls.testcases.document import TestCase

_COUNT = 3


@dataclass(frozen=True, slots=True)
class AddExamples:
    """Adds examples that keep the output contract. A model is asked only where no test case states an answer."""

    model: Model | None
    cases: Sequence[TestCase] = ()
    guards: Mapping[str, Guard] = field(default_factory=lambda: GUARDS)
    observers: Observer = field(default_factory=Observers)
    name: str = "examples"

    def __call__(self, draft: Draft) -> Draft:
        model = None if has_examples(self.cases) else self.model
        if model is None and not has_examples(self.cases):
            raise OptimizationError("no test case states an answer with `equals`, and there is no model to ask")
        try:
            proposal = propose(draft.prompt, _COUNT, self.cases, model, draft.request.seed)
        except ModelError as error:
            raise OptimizationError(str(error)) from None
        self.observers.spent(proposal.usage)
        draft = draft.spent(proposal.usage)
        if not proposal.examples:
            reason = f" ({proposal.refused[0]})" if proposal.refused else ""
            raise OptimizationError(f"there is no new example that keeps what the prompt says of its output{reason}")
        candidate = self._with(draft, [(each.input, each.output) for each in proposal.examples])
        refused = rejection(candidate, self.guards)
        self.observers.candidate(candidate.prompt.text, None, refused.guard if refused else "kept")
        if refused is not None:
            raise OptimizationError(f"the examples do not get past the guards: {refused.reason}")
        if model is None:
            return candidate.noted("Judge the prompt by other test cases than those that it now shows.")
        return candidate.noted("The examples were made up by a model: see whether they are true.")

    def _with(self, draft: Draft, pairs: Sequence[tuple[str, str]]) -> Draft:
        pieces = Components.of(draft.prompt)
        name = "system" if "system" in pieces.ranges else next(iter(pieces.ranges))
        text = worked_examples(pieces.texts[name].replace("\r\n", "\n"), pairs)
        text = text.replace("\n", draft.prompt.source.newline)
        title = f"Add {len(pairs)} example{'' if len(pairs) == 1 else 's'}"
        return draft.after(Step(self.name, title, (TextEdit(pieces.ranges[name], text),)))


def has_examples(cases: Sequence[TestCase]) -> bool:
    """Whether any of the cases can serve as an example."""
    return any(known_pair(case) is not None for case in cases)
