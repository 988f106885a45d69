"""The wizard on the simulated task model: what it finds, what it spends, what it refuses, and that it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptls.language.prompt import Cancelled, Prompt
from promptls.optimize.draft import Draft, Request
from promptls.optimize.llm.conversation import Answer, Ask, ModelError
from promptls.optimize.observers import Silent
from promptls.optimize.pipeline import Analysed, Guarded, OptimizationError, Pipeline
from promptls.optimize.wizard.components import Components
from promptls.optimize.wizard.examples import worked_examples
from promptls.optimize.wizard.strategy import Wizard, split
from promptls.settings import Settings

from .compare_searches import CALLS, SEARCHES, prompt_of, run
from .simulation import TASKS, SimulatedModel


def test_it_finds_more_than_it_was_given_and_than_others_do() -> None:
    """Means over three tasks and five seeds; the script compare_searches prints the table."""
    means = {
        search: sum(run(search, task, seed).accuracy for task in TASKS for seed in range(5)) / 15 for search in SEARCHES
    }
    print({search: round(mean, 3) for search, mean in means.items()})
    assert means["wizard"] > means["seed"] + 0.2
    assert means["wizard"] > means["PromptWizard loop"] + 0.05
    assert means["wizard"] > means["random mutation"] - 0.06


def test_it_keeps_to_its_budget_to_the_call() -> None:
    for calls in (60, 61, 100):
        model = SimulatedModel(TASKS[0], 1)
        strategy = Wizard(model, TASKS[0].cases(20), calls=calls)
        strategy(Draft.of(prompt_of(TASKS[0]), Request("wizard")))
        assert model.spent.calls <= calls


def test_the_same_seed_finds_the_same() -> None:
    texts = {SEARCHES["wizard"](SimulatedModel(TASKS[1], 3), TASKS[1], 3) for _ in range(2)}
    assert len(texts) == 1


def test_too_few_cases_or_calls_are_told() -> None:
    task = TASKS[0]
    draft = Draft.of(prompt_of(task), Request("wizard"))
    with pytest.raises(OptimizationError, match="4 test cases"):
        Wizard(SimulatedModel(task, 1), task.cases(3))(draft)
    with pytest.raises(OptimizationError, match="a budget of at least"):
        Wizard(SimulatedModel(task, 1), task.cases(20), calls=10)(draft)


class Killed(Exception):
    """The process went away."""


class Mortal(SimulatedModel):
    """Dies after some calls."""

    def ask(self, ask: Ask) -> Answer:
        if self.spent.calls >= 70:
            raise Killed
        return super().ask(ask)


def test_a_killed_run_goes_on_where_it_stood(tmp_path: Path) -> None:
    task = TASKS[0]
    log = tmp_path / "runs" / "run.jsonl"
    whole = SimulatedModel(task, 2)
    expected = Wizard(whole, task.cases(20), calls=150)(Draft.of(prompt_of(task), Request("wizard")))
    with pytest.raises(Killed):
        Wizard(Mortal(task, 2), task.cases(20), calls=150, run_log=log)(Draft.of(prompt_of(task), Request("wizard")))
    with log.open("a") as file:
        file.write('{"key": "half a li')
    again = SimulatedModel(task, 2)
    resumed = Wizard(again, task.cases(20), calls=150, run_log=log)(Draft.of(prompt_of(task), Request("wizard")))
    assert again.spent.calls < whole.spent.calls - 40
    assert resumed.prompt.text == expected.prompt.text
    third = SimulatedModel(task, 2)
    Wizard(third, task.cases(20), calls=150, run_log=log)(Draft.of(prompt_of(task), Request("wizard")))
    assert third.spent.calls == 0, "an identical run asks nothing"


class Useless(SimulatedModel):
    """Never answers a case rightly, whatever the prompt."""

    def _task_answer(self, sent: str) -> tuple[str, None]:
        return "no idea", None


def test_where_nothing_is_better_the_seed_is_the_answer() -> None:
    task = TASKS[0]
    pipeline = Pipeline(
        [Analysed(), Wizard(Useless(task, 1), task.cases(20), calls=100), Guarded()], lambda prompt: None
    )
    result = pipeline.run(prompt_of(task), Request("wizard"))
    assert (result.status, result.text) == ("unchanged", prompt_of(task).text)
    assert "nothing that was found is better" in result.notes[-1]


class Thief(SimulatedModel):
    """Writes the cases that it was shown, and others, into the prompt."""

    def _mutated(self, piece: str, rng: object) -> str:
        words = "kettle review number 7 is a very good case to remember"
        return piece.replace("\n\n", f"\n{words}\n\n", 1)


def test_held_out_cases_are_not_copied() -> None:
    task = TASKS[0]
    cases = [
        case.__class__(
            **{
                **{name: getattr(case, name) for name in case.__slots__},
                "input": {"text": f"{case.input['text']} is a very good case"},
            }
        )
        for case in task.cases(20)
    ]
    heard: list[str] = []

    class Listener(Silent):
        def candidate(self, text: str, score: float | None, verdict: str) -> None:
            heard.append(verdict)

    strategy = Wizard(Thief(task, 1), cases, calls=120, observers=Listener())
    strategy(Draft.of(prompt_of(task), Request("wizard")))
    assert "copied" in heard or "number 7" not in "".join(str(case.input) for case in split(cases, 0)[1])


def test_cancelled() -> None:
    task = TASKS[0]
    asked = 0

    def cancelled() -> None:
        nonlocal asked
        asked += 1
        if asked > 50:
            raise Cancelled

    seed = prompt_of(task)
    prompt = Prompt(seed.text, settings=Settings(), check_cancelled=cancelled)
    with pytest.raises(Cancelled):
        Wizard(SimulatedModel(task, 1), task.cases(20))(Draft.of(prompt, Request("wizard")))


def test_an_endpoint_that_is_down_is_one_sentence() -> None:
    class Down(SimulatedModel):
        def ask(self, ask: Ask) -> Answer:
            raise ModelError("example.org cannot be reached")

    result = Pipeline([Wizard(Down(TASKS[0], 1), TASKS[0].cases(20))], lambda prompt: None).run(
        prompt_of(TASKS[0]), Request("wizard")
    )
    assert (result.status, result.error) == ("failed", "example.org cannot be reached")


def test_components_are_the_messages() -> None:
    text = '---\nmodel: x/y\n---\n{{role "system"}}\nRules.\n{{role "user"}}\nAsk {{q}}.\n{{role "user"}}\nMore.\n'
    parts = Components.of(Prompt(text, settings=Settings()))
    assert parts.texts == {"system": "Rules.", "user": "Ask {{q}}.", "user 2": "More."}
    assert parts.with_texts({}) == text
    assert parts.with_texts({"system": "Better."}) == text.replace("Rules.", "Better.")
    nested = '{{#if a}}{{role "system"}}x{{/if}}y'
    assert list(Components.of(Prompt(nested, settings=Settings())).texts) == ["template"]


def test_worked_examples_stand_before_the_first_tag_and_replace_their_own() -> None:
    piece = "Do it well.\n\nText: {{text}}"
    once = worked_examples(piece, [("a", "b")])
    assert once == "Do it well.\n\n# Examples\n<example>\nInput: a\nOutput: b\n</example>\n\nText: {{text}}"
    twice = worked_examples(once, [("c", "d"), ("{{evil}}", "x")])
    assert twice == once.replace("Input: a\nOutput: b", "Input: c\nOutput: d")
    assert CALLS == 300
