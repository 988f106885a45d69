"""What an optimisation may spend on models; checked before each call, so that it is never overspent."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from promptls.optimize.draft import Usage
from promptls.optimize.llm.conversation import BudgetExceeded


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; None where nobody knows."""

    input_mtok: float | None = None
    output_mtok: float | None = None

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """What so many tokens cost; 0.0 for what has no known price."""
        return (input_tokens * (self.input_mtok or 0.0) + output_tokens * (self.output_mtok or 0.0)) / 1_000_000

    @property
    def is_known(self) -> bool:
        return self.input_mtok is not None and self.output_mtok is not None


class Budget:
    """Calls and dollars that are left; None for no bound. Safe to use from several threads.

    A call is paid for in advance with the most that it can cost, and what it did not need comes back.
    """

    def __init__(self, calls: int | None = None, usd: float | None = None, price: Price | None = None) -> None:
        self._calls = calls
        self._usd = usd
        self.price = price or Price()
        self._lock = threading.Lock()
        self._spent = Usage()
        self._reserved = 0.0
        self._begun = 0

    @property
    def spent(self) -> Usage:
        """What has been spent so far."""
        with self._lock:
            return self._spent

    def reserve(self, input_tokens: int, most_output_tokens: int) -> float:
        """Set aside what a call can cost at most, in US dollars; raises `BudgetExceeded`."""
        most = self.price.of(input_tokens, most_output_tokens)
        with self._lock:
            if self._calls is not None and self._begun >= self._calls:
                raise BudgetExceeded(f"the budget of {self._calls} calls is used up")
            if self._usd is not None:
                if not self.price.is_known:
                    raise BudgetExceeded("the budget is in dollars, but the price of this model is not known")
                left = self._usd - self._spent.cost_usd - self._reserved
                if most > left:
                    raise BudgetExceeded(
                        f"the next call may cost {most:.4f} USD, and {max(left, 0.0):.4f} of {self._usd:.4f} are left"
                    )
            self._begun += 1
            self._reserved += most
        return most

    def settle(self, reserved: float, usage: Usage) -> None:
        """A call has ended and took this; also for one that failed, which counts as a call."""
        with self._lock:
            self._reserved -= reserved
            self._spent = self._spent + usage

    def count(self, usage: Usage) -> None:
        """Something happened that needs no budget, such as an answer from the cache."""
        with self._lock:
            self._spent = self._spent + usage
