"""The explained score: what is present earns points, what rules find costs points, and nothing else moves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from promptls.analysis.prose import prose
from promptls.language.prompt import Prompt, facet
from promptls.lint.domain import domain, weights
from promptls.lint.rule import Dimension, Finding
from promptls.lint.whole import is_program
from promptls.score.defects import defects, scoring_findings
from promptls.score.evidence import EVIDENCE, START
from promptls.syntax.source import Range

DIMENSIONS: tuple[Dimension, ...] = ("clarity", "specificity", "structure", "completeness")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a dimension has points more or less. `rule` is the id of a rule or of a kind of evidence."""

    dimension: Dimension
    points: int
    rule: str
    message: str
    range: Range


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """One dimension: its `value` is `start` and the points of its reasons, cut to 0..100. `weight` is its share."""

    name: Dimension
    value: int
    start: int
    weight: float
    reasons: tuple[Reason, ...]

    def without(self, points: int) -> float:
        """What the whole score would gain if this dimension lacked so many points of its reasons."""
        total = self.start + sum(reason.points for reason in self.reasons)
        return (_cut(total - points) - self.value) * self.weight


@dataclass(frozen=True, slots=True)
class Score:
    """A prompt's score from 0 to 100 and everything that it is made of."""

    overall: int
    domain: str
    domain_confidence: float
    dimensions: tuple[DimensionScore, ...]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason, dimension by dimension, in the order of the text."""
        return tuple(reason for dimension in self.dimensions for reason in dimension.reasons)

    @property
    def weakest(self) -> DimensionScore:
        """The dimension with the lowest value; the first of equals."""
        return min(self.dimensions, key=lambda each: each.value)


@dataclass(frozen=True, slots=True)
class Earning:
    """What mending a finding would earn, in points of the whole score."""

    finding: Finding
    points: float


@facet
def score(prompt: Prompt) -> Score | None:
    """The score of a prompt, or None where there is no prose to judge, or nothing but a program."""
    if prose(prompt).is_blank or is_program(prompt):
        return None
    reasons = [*_earned(prompt), *_lost(prompt)]
    share = weights(prompt)
    dimensions = tuple(_dimension(name, getattr(share, name), reasons) for name in DIMENSIONS)
    known = domain(prompt)
    return Score(_overall(dimensions), known.name, known.confidence, dimensions)


def _dimension(name: Dimension, weight: float, reasons: Iterable[Reason]) -> DimensionScore:
    own = tuple(sorted((each for each in reasons if each.dimension == name), key=lambda each: (each.range, each.rule)))
    value = START[name] + sum(reason.points for reason in own)
    return DimensionScore(name, _cut(value), START[name], weight, own)


def _cut(value: int) -> int:
    return max(0, min(100, value))


def _overall(dimensions: Sequence[DimensionScore]) -> int:
    return int(sum(each.value * each.weight for each in dimensions) + 0.5)


def _earned(prompt: Prompt) -> Iterator[Reason]:
    for kind in EVIDENCE:
        prompt.check_cancelled()
        for sign in kind.find(prompt):
            yield Reason(kind.dimension, sign.points, kind.id, sign.message, sign.range)


def _lost(prompt: Prompt) -> Iterator[Reason]:
    for defect in defects(prompt):
        yield Reason(defect.dimension, -defect.cost, defect.finding.rule, defect.finding.message, defect.finding.range)


@facet
def earnings(prompt: Prompt) -> tuple[Earning, ...]:
    """What each finding with a fix would earn if it alone were mended, the most first.

    Of several findings of a rule each earns what the last one costs, for the others cost as much as before.
    """
    scored = score(prompt)
    if scored is None:
        return ()
    lost = {(reason.rule, reason.range): (reason, each) for each in scored.dimensions for reason in each.reasons}
    least: dict[str, int] = {}
    for reason in scored.reasons:
        least[reason.rule] = max(reason.points, least.get(reason.rule, reason.points))
    found: list[Earning] = []
    for finding in scoring_findings(prompt):
        known = lost.get((finding.rule, finding.range))
        if known is not None and (finding.fix is not None or finding.alternatives):
            found.append(Earning(finding, known[1].without(least[finding.rule])))
    return tuple(sorted(found, key=lambda each: (-each.points, each.finding.range)))


@dataclass(frozen=True, slots=True)
class Fault:
    """All that one rule found against a prompt: the `first` reason, how many there are, and what mending them all would
    earn, in points of the whole score.
    """

    first: Reason
    count: int
    points: float


def worst(scored: Score) -> tuple[Fault, ...]:
    """What rules found against a prompt, rule by rule, the costliest first."""
    found: list[Fault] = []
    for dimension in scored.dimensions:
        by_rule: dict[str, list[Reason]] = {}
        for reason in dimension.reasons:
            if reason.points < 0:
                by_rule.setdefault(reason.rule, []).append(reason)
        for reasons in by_rule.values():
            lost = sum(reason.points for reason in reasons)
            found.append(Fault(reasons[0], len(reasons), dimension.without(lost)))
    return tuple(sorted(found, key=lambda each: (-each.points, each.first.range)))
