"""Two other searches over the same operators, to be compared with: random mutation, and PromptWizard's own loop."""

from __future__ import annotations

import random
from collections.abc import Sequence

from promptls.language.prompt import Prompt
from promptls.optimize.llm.conversation import ModelError
from promptls.optimize.wizard.components import Components
from promptls.optimize.wizard.examples import worked_examples
from promptls.optimize.wizard.operators import STYLES, Operators
from promptls.optimize.wizard.trials import run_trials
from promptls.testcases.document import TestCase

from .simulation import SimulatedModel


def random_mutation(model: SimulatedModel, prompt: Prompt, training: Sequence[TestCase], seed: int) -> str:
    """Hill climbing: any operator, five random cases, kept where it does at least as well; no guards, no decision."""
    rng = random.Random(seed)
    operators = Operators(model, prompt, training, rng)
    best, best_score = prompt.text, -1.0
    try:
        best_score = _score(model, prompt, rng.sample(list(training), min(5, len(training))))
        while True:
            whole = prompt.with_text(best)
            parts = Components.of(whole)
            name = rng.choice(list(parts.ranges))
            failures = [{"messages": "", "answer": "", "reason": "unknown"}]
            text = parts.with_texts({name: operators.propose(name, parts.texts[name], whole, failures).text})
            score = _score(model, prompt.with_text(text), rng.sample(list(training), min(5, len(training))))
            if score >= best_score:
                best, best_score = text, score
    except ModelError:
        return best


def promptwizard_loop(model: SimulatedModel, prompt: Prompt, training: Sequence[TestCase], seed: int) -> str:
    """The published loop (microsoft/PromptWizard at a018fc1), ended early where the budget ends.

    Three rounds of mutating, scoring and refining; then examples and a persona, neither scored nor compared.
    """
    rng = random.Random(seed)
    operators = Operators(model, prompt, training, rng)
    best = prompt.text
    try:
        for _ in range(3):
            candidates = [best]
            for _ in range(4):
                for style in STYLES[:5]:
                    data = operators._data("mutate", {"part": _only(prompt, best), "style": style})
                    candidates.append(_whole(prompt, data["prompt"]))
            scored = [(_pw_score(model, prompt.with_text(text), training, rng), len(text), text) for text in candidates]
            score, _, best = max(scored)
            failures = [{"messages": "", "answer": "", "reason": "wrong"}] if score < 0.5 else []
            refined = _whole(prompt, operators._refined(_only(prompt, best), prompt, failures))
            if _pw_score(model, prompt.with_text(refined), training, rng) >= score:
                best = refined
        for _ in range(3):
            made = operators._data("synthesise-examples", {"prompt": best, "count": 5, "given": []})["examples"]
            pairs = [(each["input"], each["output"]) for each in made]
            best = _whole(prompt, worked_examples(_only(prompt, best), pairs))
        return _whole(prompt, operators._with_persona(_only(prompt, best), prompt, []))
    except ModelError:
        return best


def _only(prompt: Prompt, text: str) -> str:
    return next(iter(Components.of(prompt.with_text(text)).texts.values()), text)


def _whole(prompt: Prompt, piece: str) -> str:
    parts = Components.of(prompt)
    return parts.with_texts({next(iter(parts.ranges)): piece})


def _score(model: SimulatedModel, prompt: Prompt, cases: Sequence[TestCase]) -> float:
    try:
        trials = run_trials(model, prompt, cases)
    except AssertionError:
        return 0.0  # without its placeholder the prompt has no case in it
    if any(trial.answer is None for trial in trials):
        raise ModelError("the budget is used up")
    return sum(trial.score for trial in trials) / len(trials)


def _pw_score(model: SimulatedModel, prompt: Prompt, training: Sequence[TestCase], rng: random.Random) -> float:
    """One case at a time until one is wrong or three are right."""
    for right in range(3):
        if _score(model, prompt, [rng.choice(list(training))]) < 1:
            return right / (right + 1)
    return 1.0
