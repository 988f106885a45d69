"""The explained score: what is present earns points, what rules find costs points, and nothing else moves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from promptls.analysis.prose import prose
from promptls.language.prompt import Prompt, facet
from promptls.lint.domain import domain, weights
from promptls.lint.rule import Dimension, Finding
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
    """The score of a prompt, or None where there is no prose to judge."""
    if prose(prompt).is_blank:
        return None
    reasons = [*_earned(prompt), *_lost(prompt)]
    share = weights(prompt)
    dimensions = tuple(_dimension(name, getattr(share, name), reasons) for name in DIMENSIONS)
    known = domain(prompt)
    return Score(_overall(dimensions), known.name, known.confidence, dimensions)


def _dimension(name: Dimension, weight: float, reasons: Iterable[Reason]) -> DimensionScore:
    own = tuple(sorted((each for each in reasons if each.dimension == name), key=lambda each: (each.range, each.rule)))
    value = START[name] + sum(reason.points for reason in own)
    return DimensionScore(name, max(0, min(100, value)), START[name], weight, own)


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
    """What each finding with a fix would earn if it were mended, the most first."""
    scored = score(prompt)
    if scored is None:
        return ()
    lost = {(reason.rule, reason.range): (reason, each) for each in scored.dimensions for reason in each.reasons}
    found: list[Earning] = []
    for finding in scoring_findings(prompt):
        reason = lost.get((finding.rule, finding.range))
        if reason is not None and (finding.fix is not None or finding.alternatives):
            found.append(Earning(finding, -reason[0].points * reason[1].weight))
    return tuple(sorted(found, key=lambda each: (-each.points, each.finding.range)))
