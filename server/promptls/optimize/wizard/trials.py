"""Has cases answered by a candidate and judges the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptls.language.prompt import Prompt
from promptls.language.render.engine import Rendering
from promptls.optimize.asking import Model, question
from promptls.optimize.llm.conversation import Answer, Ask, BudgetExceeded, ModelError
from promptls.testcases.assertions import judge
from promptls.testcases.document import TestCase
from promptls.testcases.running import rendered
from promptls.testcases.verdict import Rubric, Verdict

_ROLES = {"model": "assistant"}


@dataclass(frozen=True, slots=True)
class Trial:
    """One case answered by one candidate. `score` runs from 0 to 1; `answer` is None where there was none."""

    case: TestCase
    sent: str
    answer: str | None
    score: float
    reason: str
    unpaid: bool = False


def task_ask(rendering: Rendering, name: str) -> Ask:
    """The question that a rendered prompt is to the model that does the task."""
    messages = tuple(
        {"role": _ROLES.get(message.role, message.role), "content": message.text} for message in rendering.messages
    )
    return Ask(messages, name, temperature=0.0)


def run_trials(model: Model, prompt: Prompt, cases: Sequence[TestCase]) -> list[Trial]:
    """The trials of a candidate, asked side by side; raises `ModelError` where the endpoint answered none of them."""
    renderings = [rendered(prompt, case) for case in cases]
    asks = [task_ask(rendering, "task") for rendering in renderings]
    answers = model.ask_all(asks)
    failures = [each for each in answers if isinstance(each, ModelError) and not isinstance(each, BudgetExceeded)]
    if failures and len(failures) == len(answers):
        raise failures[0]
    return [_judged(model, case, ask, answer) for case, ask, answer in zip(cases, asks, answers, strict=True)]


def _judged(model: Model, case: TestCase, ask: Ask, answer: Answer | ModelError) -> Trial:
    sent = "\n\n".join(f"{message['role']}: {message['content']}" for message in ask.messages)
    if isinstance(answer, ModelError):
        return Trial(case, sent, None, 0.0, str(answer), isinstance(answer, BudgetExceeded))
    verdicts = [(each, judge(each, answer.text, _rubric(model))) for each in case.assertions]
    weight = sum(each.weight for each, _ in verdicts)
    score = sum(verdict.score * each.weight for each, verdict in verdicts) / weight if weight else 1.0
    model.rate(answer, score)
    return Trial(case, sent, answer.text, score, "; ".join(verdict.reason for _, verdict in verdicts if verdict.reason))


def _rubric(model: Model) -> Rubric:
    def ask(rubric: str, answer: str) -> Verdict:
        try:
            found = model.ask(question("rubric", {"rubric": rubric, "answer": answer})).data
        except ModelError as error:
            return Verdict(False, 0.0, f"the judge gave no verdict: {error}")
        return Verdict(found["satisfied"], float(found["satisfied"]), "" if found["satisfied"] else found["reason"])

    return ask
