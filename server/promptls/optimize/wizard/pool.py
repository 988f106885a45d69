"""What is known of the candidates, and which one to go on from."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_INHERITED, _EXPLORE = 8, 0.15


@dataclass(slots=True, eq=False)
class Pool:
    """Every score that a candidate got on a case of the training share.

    Few cases say little, so a candidate's estimate begins with its parent's, as if that had been seen in eight cases.
    """

    rng: random.Random
    _scores: dict[str, dict[str, float]] = field(default_factory=dict)
    _parents: dict[str, str] = field(default_factory=dict)

    def born(self, text: str, parent: str) -> None:
        """A candidate was made from another."""
        if text != parent:
            self._parents.setdefault(text, parent)

    def learn(self, text: str, scores: Mapping[str, float]) -> None:
        """A candidate was tried on cases."""
        self._scores.setdefault(text, {}).update(scores)

    def knows(self, text: str, case: str) -> bool:
        """Whether a candidate was tried on a case."""
        return case in self._scores.get(text, {})

    def estimate(self, text: str) -> float:
        """What a candidate's mean score is likely to be."""
        line = [text]
        while (parent := self._parents.get(line[-1])) is not None and parent not in line:
            line.append(parent)
        estimate, weight = 0.0, 0
        for each in reversed(line):
            scores = self._scores.get(each, {}).values()
            seen = weight + len(scores)
            estimate = (estimate * weight + sum(scores)) / seen if seen else 0.0
            weight = _INHERITED
        return estimate

    def parent(self, texts: Iterable[str]) -> int:
        """The number of the candidate to change next: mostly the best one, of equals the latest, sometimes any."""
        known = list(texts)
        if self.rng.random() < _EXPLORE:
            return self.rng.randrange(len(known))
        return max(range(len(known)), key=lambda number: (round(self.estimate(known[number]), 6), number))

    def best(self, texts: Iterable[str], count: int) -> list[str]:
        """The candidates with the best estimates."""
        return sorted(dict.fromkeys(texts), key=lambda text: -self.estimate(text))[:count]
