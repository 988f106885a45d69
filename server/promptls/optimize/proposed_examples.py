"""Few-shot examples for a prompt: from its test cases where they state an answer, and else from a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from promptls.analysis.conflicts import breaches
from promptls.analysis.contract import output_contract
from promptls.analysis.examples import examples
from promptls.language.prompt import Prompt
from promptls.optimize.asking import Model, question
from promptls.optimize.draft import Usage
from promptls.optimize.wizard.operators import known_pair
from promptls.testcases.document import TestCase

Origin = Literal["cases", "model"]
_MOST_ASKED = 2


@dataclass(frozen=True, slots=True)
class Proposed:
    """An example that keeps the output contract, and where it comes from."""

    input: str
    output: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed; `refused` says of others what in the output contract they break."""

    examples: tuple[Proposed, ...]
    refused: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)


def propose(
    prompt: Prompt, count: int, cases: Sequence[TestCase] = (), model: Model | None = None, seed: int = 0
) -> Proposal:
    """Up to `count` examples that the prompt does not have yet; raises `ModelError` where the model gives none.

    Without a model only the cases are used. They are taken in order, one of each answer first, so that no label is
    left out.
    """
    known = {(each.input, each.output) for each in examples(prompt)}
    refused: list[str] = []
    pairs = [pair for case in cases if (pair := known_pair(case)) is not None]
    chosen = [Proposed(*pair, "cases") for pair in _sound(prompt, _varied(pairs), known, refused)][:count]
    usage = Usage()
    for _ in range(_MOST_ASKED):
        if model is None or len(chosen) >= count:
            break
        given = [{"input": given, "output": output} for given, output in sorted(known)]
        data = {"prompt": prompt.text, "count": count - len(chosen), "given": given}
        answer = model.ask(question("synthesise-examples", data, seed=seed))
        usage = usage + answer.usage
        made = [(str(each["input"]), str(each["output"])) for each in answer.data["examples"]]
        sound = [Proposed(*pair, "model") for pair in _sound(prompt, made, known, refused)]
        chosen += sound[: count - len(chosen)]
        if not sound:
            break
    return Proposal(tuple(chosen), tuple(dict.fromkeys(refused)), usage)


def _sound(
    prompt: Prompt, pairs: Iterable[tuple[str, str]], known: set[tuple[str, str]], refused: list[str]
) -> Iterator[tuple[str, str]]:
    """The pairs that are new, keep the contract and can stand in a template as they are."""
    contract = output_contract(prompt)
    for given, output in pairs:
        pair = given.strip(), output.strip()
        if pair in known or not all(pair):
            continue
        known.add(pair)
        reasons = [breach.reason for breach in breaches(contract, pair[1])]
        if "{{" in given + output:
            reasons.append("it holds double braces, which a template would read")
        refused += reasons
        if not reasons:
            yield pair


def _varied(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs, one of each output first."""
    first = {output: (given, output) for given, output in reversed(pairs)}
    leading = [pair for pair in pairs if first[pair[1]] == pair]
    return [*leading, *(pair for pair in pairs if pair not in leading)]
