"""The strategy `examples`: a few worked examples, out of the test cases or made up by a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from promptls.analysis.conflicts import breaches
from promptls.analysis.contract import output_contract
from promptls.analysis.examples import examples
from promptls.optimize.asking import Model, question
from promptls.optimize.draft import Draft, Step
from promptls.optimize.guards import GUARDS, Guard, rejection
from promptls.optimize.llm.conversation import ModelError
from promptls.optimize.observers import Observer, Observers
from promptls.optimize.pipeline import OptimizationError
from promptls.optimize.wizard.components import Components
from promptls.optimize.wizard.examples import worked_examples
from promptls.optimize.wizard.operators import known_pair
from promptls.syntax.source import TextEdit
from promptls.testcases.document import TestCase

_COUNT = 3

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AddExamples:
    """Adds examples that keep the output contract. Test cases that state an answer come first; without them the model
    is asked once.
    """

    model: Model | None
    cases: Sequence[TestCase] = ()
    guards: Mapping[str, Guard] = field(default_factory=lambda: GUARDS)
    observers: Observer = field(default_factory=Observers)
    name: str = "examples"

    def __call__(self, draft: Draft) -> Draft:
        known = known_pairs(self.cases)
        pairs, draft = (known[:_COUNT], draft) if known else self._synthesised(draft)
        contract = output_contract(draft.prompt)
        there = {(each.input, each.output) for each in examples(draft.prompt)}
        good = [(given, output) for given, output in pairs if (given, output) not in there]
        good = [(given, output) for given, output in good if not breaches(contract, output)]
        if not good:
            raise OptimizationError("there is no example that keeps what the prompt says of its output")
        pieces = Components.of(draft.prompt)
        name = "system" if "system" in pieces.ranges else next(iter(pieces.ranges))
        text = (
            worked_examples(pieces.texts[name], good).replace("\r\n", "\n").replace("\n", draft.prompt.source.newline)
        )
        origin = "test cases" if known else "a model"
        title = f"Add {len(good)} example{'' if len(good) == 1 else 's'} from {origin}"
        candidate = draft.after(Step(self.name, title, (TextEdit(pieces.ranges[name], text),)))
        refused = rejection(candidate, self.guards)
        self.observers.candidate(candidate.prompt.text, None, refused.guard if refused else "kept")
        if refused is not None:
            raise OptimizationError(f"the examples do not get past the guards: {refused.reason}")
        if known:
            return candidate.noted("Judge the prompt by other test cases than those that it now shows.")
        return candidate.noted("The examples were made up by a model: see whether they are true.")

    def _synthesised(self, draft: Draft) -> tuple[list[Pair], Draft]:
        if self.model is None:
            raise OptimizationError("no test case states an answer with `equals`, and there is no model to ask")
        given = [{"input": pair.input, "output": pair.output} for pair in examples(draft.prompt)]
        data = {"prompt": draft.prompt.text, "count": _COUNT, "given": given}
        try:
            answer = self.model.ask(question("synthesise-examples", data, seed=draft.request.seed))
        except ModelError as error:
            raise OptimizationError(str(error)) from None
        self.observers.spent(answer.usage)
        made = [(str(each["input"]), str(each["output"])) for each in answer.data["examples"][:_COUNT]]
        return made, draft.spent(answer.usage)


def known_pairs(cases: Sequence[TestCase]) -> list[Pair]:
    """The cases that can serve as examples."""
    return [pair for case in cases if (pair := known_pair(case)) is not None]
