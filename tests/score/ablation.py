"""What each kind of evidence, and each rule, does for the score: the marks on pairs of prompts with known outcomes.

usage: python -m tests.score.ablation PAIRS.jsonl

A line of PAIRS holds source, stratum, better and worse. Printed is the share of pairs in which the better prompt has
the higher score, a tie counting half: with everything; for each half of the pairs; without each kind; by each alone.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from promptls.language.prompt import Prompt
from promptls.score.score import Score, score
from promptls.settings import Settings


class Pair(NamedTuple):
    """Two prompts of which the first is known to do better."""

    stratum: str
    better: Score
    worse: Score


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file, scored; those with a side that has no score are left out."""
    settings = Settings()
    known: dict[str, Score | None] = {}

    def scored(text: str) -> Score | None:
        if text not in known:
            known[text] = score(Prompt(text, settings=settings))
        return known[text]

    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        better, worse = scored(row["better"]), scored(row["worse"])
        if better is not None and worse is not None:
            pairs.append(Pair(f"{row['source']} {row['stratum']}", better, worse))
    return pairs


def marks(pairs: Iterable[Pair], value: Callable[[Score], float]) -> dict[str, float]:
    """The share of pairs by stratum in which the better prompt has the higher value; a tie counts half."""
    won: dict[str, list[float]] = defaultdict(list)
    for pair in pairs:
        better, worse = value(pair.better), value(pair.worse)
        won[pair.stratum].append(1.0 if better > worse else 0.5 if better == worse else 0.0)
    return {stratum: sum(each) / len(each) for stratum, each in sorted(won.items())}


def without(rule: str) -> Callable[[Score], float]:
    """The overall score if a rule or a kind of evidence were not there."""

    def value(found: Score) -> float:
        total = 0.0
        for dimension in found.dimensions:
            points = dimension.start + sum(each.points for each in dimension.reasons if each.rule != rule)
            total += dimension.weight * max(0, min(100, points))
        return int(total + 0.5)

    return value


def alone(rule: str) -> Callable[[Score], float]:
    """The points that a rule or a kind of evidence gives or takes."""
    return lambda found: sum(each.points for each in found.reasons if each.rule == rule)


def main(arguments: Sequence[str]) -> None:
    """Print the tables."""
    if len(arguments) != 1:
        sys.exit(__doc__)
    pairs = read_pairs(Path(arguments[0]))
    strata = sorted({pair.stratum for pair in pairs})
    print(f"{'':<38}" + "".join(f"{stratum:>18}" for stratum in strata))

    def show(name: str, found: dict[str, float]) -> None:
        print(f"{name:<38}" + "".join(f"{found.get(stratum, float('nan')):>18.3f}" for stratum in strata))

    show("everything", marks(pairs, lambda each: each.overall))
    show("pairs with an even number", marks(pairs[0::2], lambda each: each.overall))
    show("pairs with an odd number", marks(pairs[1::2], lambda each: each.overall))
    rules = sorted({reason.rule for pair in pairs for side in pair[1:] for reason in side.reasons})
    for title, measure in (("without", without), ("alone", alone)):
        print(f"\n{title}")
        for rule in rules:
            show(f"  {rule}", marks(pairs, measure(rule)))


if __name__ == "__main__":
    main(sys.argv[1:])
