"""A score as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from promptls.cli.reporters.excerpt import visible
from promptls.cli.style import Style

if TYPE_CHECKING:
    from promptls.score.score import DimensionScore, Earning, Reason, Score
    from promptls.syntax.source import Source

_BAR = 20
_MOST_REASONS = 4
_MOST_EARNINGS = 5


class ScoreText:
    """A score for people: a bar for each dimension with its weightiest reasons, then what mending would earn."""

    def __init__(self, path: str, source: Source, style: Style, width: int) -> None:
        self._path = path
        self._source = source
        self._style = style
        self._width = width

    def lines(self, score: Score | None, earnings: tuple[Earning, ...], format: str) -> Iterator[str]:
        path = self._style.bold(visible(self._path))
        if score is None:
            yield f"{path}: no score, for there is no prose in it ({format})"
            return
        known = f"{score.domain}, {score.domain_confidence:.0%} sure" if score.domain != "general" else "general"
        yield f"{path}: {self._style.bold(str(score.overall))} of 100 {self._style.dim(f'({known})')}"
        for dimension in score.dimensions:
            yield from self._dimension(dimension)
        if earnings:
            yield "  what mending would earn"
            for each in earnings[:_MOST_EARNINGS]:
                yield from self._wrapped(f"{each.points:>+7.1f}  ", f"{each.finding.message} {self._at(each.finding)}")
            if len(earnings) > _MOST_EARNINGS:
                yield f"           and {len(earnings) - _MOST_EARNINGS} more, see promptls check --suggestions"

    def _dimension(self, dimension: DimensionScore) -> Iterator[str]:
        full = round(dimension.value * _BAR / 100)
        color = "red" if dimension.value < 40 else "yellow" if dimension.value < 70 else "green"
        bar = self._style.colored("█" * full, color) + self._style.dim("░" * (_BAR - full))
        share = self._style.dim(f"weighs {dimension.weight:.0%}, starts at {dimension.start}")
        yield f"  {dimension.name:<13}{bar} {dimension.value:>3}  {share}"
        together = list(_together(dimension.reasons))
        together.sort(key=lambda each: -abs(each[0]))
        for points, reason, count in together[:_MOST_REASONS]:
            more = f", and {count - 1} more like it" if count > 1 else ""
            yield from self._wrapped(f"{points:>+7}  ", f"{reason.message}{more} {self._at(reason)}")
        if len(together) > _MOST_REASONS:
            rest = sum(points for points, _, _ in together[_MOST_REASONS:])
            yield self._style.dim(f"{rest:>+7}  for {len(together) - _MOST_REASONS} more reasons")

    def _at(self, found: Reason | Any) -> str:
        line, column = self._source.position(found.range.start)
        return f"[{found.rule} {line + 1}:{column + 1}]"

    def _wrapped(self, head: str, text: str) -> Iterator[str]:
        rows = wrap(visible(text), max(40, self._width - len(head)), break_on_hyphens=False)
        yield f"{head}{rows[0]}"
        yield from (f"{' ' * len(head)}{row}" for row in rows[1:])


def _together(reasons: tuple[Reason, ...]) -> Iterator[tuple[int, Reason, int]]:
    """The reasons by rule, each with all points, the first of them and how many there are."""
    by_rule: dict[str, list[Reason]] = {}
    for reason in reasons:
        by_rule.setdefault(reason.rule, []).append(reason)
    for each in by_rule.values():
        yield sum(reason.points for reason in each), each[0], len(each)
