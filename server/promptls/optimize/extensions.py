"""What other packages may offer under the entry point group `promptls.strategies`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from promptls.language.prompt import Prompt
from promptls.optimize.draft import Draft


@dataclass(frozen=True, slots=True)
class OwnStrategy:
    """A strategy: what `optimize --strategy NAME` runs. It gives a draft with more steps; guards judge the outcome."""

    name: str
    summary: str
    run: Callable[[Draft], Draft]


@dataclass(frozen=True, slots=True)
class Hook:
    """Something that is done before or after every strategy; it gives a draft with more steps, or the same."""

    name: str
    when: Literal["before", "after"]
    run: Callable[[Draft], Draft]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure that is measured before and after, and reported beside the score; it decides nothing."""

    name: str
    measure: Callable[[Prompt], float]


Extension = OwnStrategy | Hook | Metric
