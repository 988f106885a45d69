"""The wizard beside two other searches on the simulated task model: `python -m tests.optimize.compare_searches`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from promptls.language.prompt import Prompt
from promptls.optimize.draft import Request
from promptls.optimize.pipeline import Analysed, Guarded, Pipeline
from promptls.optimize.wizard.strategy import Wizard, split
from promptls.settings import Settings

from .searches import promptwizard_loop, random_mutation
from .simulation import TASKS, SimulatedModel, Task, accuracy

CASES, CALLS, SEEDS = 30, 300, range(5)


@dataclass(frozen=True)
class Run:
    """What one search came to: expected accuracy on 300 unseen cases, calls and tokens."""

    accuracy: float
    calls: int
    tokens: int


def prompt_of(task: Task) -> Prompt:
    return Prompt(f"---\ninput:\n  schema:\n    text: string\n---\n{task.prompt}", settings=Settings())


def wizard(model: SimulatedModel, task: Task, seed: int) -> str:
    strategy = Wizard(model, task.cases(CASES), calls=CALLS)
    pipeline = Pipeline([Analysed(), strategy, Guarded()], scorer=lambda prompt: None, must_not_score_lower=False)
    result = pipeline.run(prompt_of(task), Request("wizard", seed=seed))
    assert result.error is None, result.error
    return result.text


def seed_itself(model: SimulatedModel, task: Task, seed: int) -> str:
    return prompt_of(task).text


def randomly(model: SimulatedModel, task: Task, seed: int) -> str:
    return random_mutation(model, prompt_of(task), split(task.cases(CASES), seed)[0], seed)


def as_promptwizard(model: SimulatedModel, task: Task, seed: int) -> str:
    return promptwizard_loop(model, prompt_of(task), split(task.cases(CASES), seed)[0], seed)


SEARCHES: dict[str, Callable[[SimulatedModel, Task, int], str]] = {
    "seed": seed_itself,
    "wizard": wizard,
    "random mutation": randomly,
    "PromptWizard loop": as_promptwizard,
}


def run(search: str, task: Task, seed: int) -> Run:
    model = SimulatedModel(task, seed, most=CALLS)
    text = SEARCHES[search](model, task, seed)
    tokens = model.spent.input_tokens + model.spent.output_tokens
    return Run(accuracy(task, text, task.cases(300, start=1000)), model.spent.calls, tokens)


def main() -> None:
    print(f"{CASES} cases, {CALLS} calls at most, {len(SEEDS)} seeds: expected accuracy (least), calls, tokens")
    for task in TASKS:
        for search in SEARCHES:
            runs = [run(search, task, seed) for seed in SEEDS]
            mean = sum(each.accuracy for each in runs) / len(runs)
            print(
                f"{task.name:<12}{search:<20}{mean:6.1%} ({min(each.accuracy for each in runs):.1%})"
                f"{sum(each.calls for each in runs) / len(runs):8.0f}"
                f"{sum(each.tokens for each in runs) / len(runs):10.0f}"
            )


if __name__ == "__main__":
    main()
