"""A model with a bound of its own, so that the search leaves enough for the decision."""

from __future__ import annotations

import threading

from promptls.optimize.asking import Model
from promptls.optimize.draft import Usage
from promptls.optimize.llm.conversation import Answer, Ask, BudgetExceeded, ModelError


class Allowance:
    """Passes questions on until the calls that they may cost are used up; answers that cost no call are free."""

    def __init__(self, model: Model, calls: int | None) -> None:
        self._model = model
        self._left = calls
        self._lock = threading.Lock()
        self.spent = Usage()

    def ask(self, ask: Ask) -> Answer:
        """One answer; raises `BudgetExceeded` or `ModelError`."""
        self._take(1)
        answer = self._model.ask(ask)
        self._settle(1, [answer])
        return answer

    def ask_all(self, asks: list[Ask]) -> list[Answer | ModelError]:
        """The answers to as many questions as may still be asked."""
        with self._lock:
            paid = asks if self._left is None else asks[: max(0, self._left)]
            if self._left is not None:
                self._left -= len(paid)
        answers = self._model.ask_all(list(paid)) if paid else []
        self._settle(len(paid), answers)
        refused = BudgetExceeded("the budget of the search is used up")
        return [*answers, *(refused for _ in asks[len(paid) :])]

    def rate(self, answer: Answer, quality: float) -> None:
        """Hand on how good an answer has proved."""
        self._model.rate(answer, quality)

    def _take(self, calls: int) -> None:
        with self._lock:
            if self._left is not None:
                if self._left < calls:
                    raise BudgetExceeded("the budget of the search is used up")
                self._left -= calls

    def _settle(self, taken: int, answers: list[Answer | ModelError] | list[Answer]) -> None:
        """Give back what cost nothing; a structured answer that had to be asked for twice costs one more."""
        with self._lock:
            for answer in answers:
                if isinstance(answer, Answer):
                    self.spent = self.spent + answer.usage
                    if self._left is not None:
                        self._left += 1 - answer.usage.calls
                else:
                    self.spent = self.spent + Usage(calls=1)
