"""One expectation of an answer, and what is said of an answer that is held against it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from promptls.syntax.source import Range

Rubric = Callable[[str, str], "Verdict"]
"""Asks a model whether an answer (second) satisfies a rubric (first)."""

_LONGEST_SHOWN = 60


class Verdict(NamedTuple):
    """Whether an answer passes, how well (0 to 1), and why not."""

    passed: bool
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """One expectation. `path` is the JSONPath of `json-path`, `threshold` the least score of those that are graded."""

    type: str
    value: Any = None
    negated: bool = False
    threshold: float | None = None
    weight: float = 1.0
    path: str | None = None
    range: Range | None = None

    @property
    def name(self) -> str:
        """The name as written."""
        return f"not-{self.type}" if self.negated else self.type

    @property
    def needs_model(self) -> bool:
        """Whether only a model can judge it."""
        return self.type == "llm-rubric"

    @property
    def shown(self) -> str:
        """The expectation on one line, as reports name it."""
        if self.path is not None and self.value is not None:
            return f"{self.name} {self.path} {shown(self.value)}"
        value = self.path if self.value is None else self.value
        return self.name if value is None or value is True else f"{self.name} {shown(value)}"


def verdict(passed: bool, reason: str) -> Verdict:
    """A verdict without degrees."""
    return Verdict(passed, float(passed), "" if passed else reason)


def shown(value: Any) -> str:
    """A value on one line, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text.replace("\r", "\\r").replace("\n", "\\n")
    return f"`{text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}`"


def as_text(value: Any) -> str:
    """A value as an answer would have it: texts as they are, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
