"""Which field a text belongs to, judged by the words that it uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from promptls.syntax.source import Range

GENERAL = "general"
THRESHOLD = 0.5
"""A text is one of a domain where the confidence is above this: more likely than not."""

# What speaks for no domain at all, in the unit of the terms' weights; longer texts mention more things in passing.
_PRIOR = 2.0
_WORDS_PER_PRIOR = 400

# Words of many fields (table, account, scene) count in full only beside one of the field's own.
_OWN_WEIGHT = 2.0
_SHARE_WITHOUT_OWN = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """How a domain is recognised: `find` gives the terms that occur in a text with their places and weights."""

    name: str
    find: Callable[[str], Sequence[Evidence]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One term that speaks for a domain, where it stands first, and how much it says."""

    term: str
    range: Range
    weight: float


@dataclass(frozen=True, slots=True)
class Guess:
    """A domain that a text may belong to; `confidence` is from 0 to 1."""

    name: str
    confidence: float
    evidence: tuple[Evidence, ...]


def detect(text: str, profiles: Sequence[Profile]) -> tuple[Guess, ...]:
    """The domains that anything speaks for, the most likely first.

    The confidence in a domain is its share in the weights of all different terms found, those of other domains and a
    constant for "none of them" included. A term counts once, however often it occurs, and of terms that overlap the
    heaviest.
    """
    found = {profile.name: _apart(profile.find(text)) for profile in profiles}
    weights = {name: _weight(evidence) for name, evidence in found.items()}
    rest = _PRIOR * max(1.0, (_word_count(text) / _WORDS_PER_PRIOR) ** 0.5)
    ranked = sorted(weights, key=lambda name: (-weights[name], name))
    if not ranked or not weights[ranked[0]]:
        return ()
    # Of the other domains the strongest counts: four that are mentioned in passing do not add up to a rival.
    return tuple(
        Guess(name, weight / (weight + rival + rest), tuple(sorted(found[name], key=lambda each: each.range)))
        for name in ranked
        if (weight := weights[name])
        for rival in [max((weights[other] for other in ranked if other != name), default=0.0)]
    )


def _apart(evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """The evidence without what lies in the place of a heavier piece: "brand" in "brand voice" is no news."""
    kept: list[Evidence] = []
    for each in sorted(evidence, key=lambda each: (-each.weight, each.range.start - each.range.end)):
        if not any(each.range.start < other.range.end and other.range.start < each.range.end for other in kept):
            kept.append(each)
    return kept


def _weight(evidence: Sequence[Evidence]) -> float:
    total = sum(each.weight for each in evidence)
    has_own = any(each.weight >= _OWN_WEIGHT for each in evidence)
    return total if has_own else total * _SHARE_WITHOUT_OWN


_WORD = re.compile(r"\w+")


def _word_count(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))
