"""PromptWizard's operators, each over one piece of a prompt: mutate, critique and refine, examples, persona, intent."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from promptls.analysis.conflicts import breaches
from promptls.analysis.contract import output_contract
from promptls.analysis.examples import examples
from promptls.language.prompt import Prompt
from promptls.optimize.asking import Model, question
from promptls.optimize.wizard.examples import worked_examples
from promptls.testcases.document import TestCase

STYLES = (
    "Break the task into steps and order them.",
    "Say what a wrong answer looks like and how to avoid it.",
    "Say it in half the words.",
    "Name what is given, what is wanted and what is allowed.",
    "Decide the difficult borderline cases in advance.",
    "Put what matters most first and last.",
    "Explain it to a careful newcomer.",
)

Failures = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an operator made of a piece."""

    operator: str
    text: str


@dataclass(slots=True)
class Operators:
    """Proposes changes of a piece. Each raises `ModelError` where the model gives no usable answer.

    Chosen at random with a seed, weighted towards what learns from failures; a style is not tried twice on one text.
    """

    model: Model
    seed_prompt: Prompt
    training: Sequence[TestCase]
    rng: random.Random
    _tried: set[tuple[str, str]] = field(default_factory=set)

    def propose(self, name: str, piece: str, whole: Prompt, failures: Failures) -> Proposal:
        """One proposal for the piece called `name` of a candidate."""
        weights = dict(_WEIGHTS if examples(whole) else _WEIGHTS_WITHOUT_EXAMPLES)
        if not failures:
            del weights["critique"]
        operator = self.rng.choices(list(weights), list(weights.values()))[0]
        return Proposal(operator, _OPERATORS[operator](self, piece, whole, failures))

    def _mutated(self, piece: str, whole: Prompt, failures: Failures) -> str:
        left = [style for style in STYLES if (style, piece) not in self._tried] or list(STYLES)
        style = self.rng.choice(left)
        self._tried.add((style, piece))
        return str(self._data("mutate", {"part": piece, "style": style})["prompt"])

    def _refined(self, piece: str, whole: Prompt, failures: Failures) -> str:
        critique = self._data("critique", {"part": piece, "failures": list(failures)})["critique"]
        return str(self._data("refine", {"part": piece, "critique": critique})["prompt"])

    def _with_examples(self, piece: str, whole: Prompt, failures: Failures) -> str:
        """Examples from the training cases where they state an answer, and else from the model."""
        known = [pair for case in self.training if (pair := known_pair(case)) is not None]
        count = self.rng.choice((1, 2, 3))
        if known and self.rng.random() < 0.5:
            pairs = self.rng.sample(known, min(count, len(known)))
        else:
            given = [{"input": pair.input, "output": pair.output} for pair in examples(whole)]
            made = self._data("synthesise-examples", {"prompt": whole.text, "count": count, "given": given})["examples"]
            pairs = [(each["input"], each["output"]) for each in made[:count]]
        contract = output_contract(self.seed_prompt)
        good = [(given, output) for given, output in pairs if not breaches(contract, output)]
        return worked_examples(piece, good)

    def _with_persona(self, piece: str, whole: Prompt, failures: Failures) -> str:
        sentence = self._data("persona", {"part": piece})["sentence"].strip()
        return f"{sentence}\n{piece}"

    def _with_intent(self, piece: str, whole: Prompt, failures: Failures) -> str:
        sentence = self._data("intent", {"part": piece})["sentence"].strip()
        return f"{piece}\n{sentence}"

    def _data(self, name: str, data: Mapping[str, Any]) -> Any:
        temperature = 0.0 if name == "critique" else 0.8
        return self.model.ask(question(name, data, temperature=temperature, seed=self.rng.randrange(2**31))).data


def known_pair(case: TestCase) -> tuple[str, str] | None:
    """A case as an example: what it gives and the answer that it states; None where it states none."""
    output = next((each.value for each in case.assertions if each.type == "equals" and not each.negated), None)
    if not isinstance(output, str) or not case.input:
        return None
    values = list(case.input.values())
    given = values[0] if len(values) == 1 else "\n".join(f"{name}: {value}" for name, value in case.input.items())
    return str(given), output


_Operator = Callable[[Operators, str, Prompt, Failures], str]
_OPERATORS: Mapping[str, _Operator] = MappingProxyType(
    {
        "mutate": Operators._mutated,
        "critique": Operators._refined,
        "examples": Operators._with_examples,
        "persona": Operators._with_persona,
        "intent": Operators._with_intent,
    }
)
# The replication of PromptWizard found no gain in personas and keywords, and most of it in examples that fit.
_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"mutate": 0.3, "critique": 0.45, "examples": 0.15, "persona": 0.05, "intent": 0.05}
)
# One example beats none in 14 of 15 cells of CAPO's results.
_WEIGHTS_WITHOUT_EXAMPLES: Mapping[str, float] = MappingProxyType({**_WEIGHTS, "examples": 0.5})
