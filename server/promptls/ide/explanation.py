"""A score explained to people: briefly in a hover, at length on a page of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from promptls.ide.hover import Hover
from promptls.ide.lenses import top_of
from promptls.language.prompt import Prompt
from promptls.score.defects import scoring_findings
from promptls.score.score import DimensionScore, Reason, Score, score, worst
from promptls.syntax.source import Range

Link = Callable[[Range], str | None]
"""The address of a place of the prompt, if it has one that can be followed."""

_BAR = 20
_SHORT_BAR = 10
_MOST = 3
NO_SCORE = "There is no prose in this file, so there is nothing to score."


def _no_link(_: Range) -> str | None:
    return None


def score_hover(prompt: Prompt, offset: int, link: Link = _no_link) -> Hover | None:
    """The score, shown on the line that its lens stands above; None for another place."""
    top = top_of(prompt)
    if not prompt.settings.editor.score or not top.start <= offset <= top.end:
        return None
    found = score(prompt)
    if found is None:
        return None
    bars = "\n".join(f"{each.name:<13}{_bar(each)} {each.value:>3}" for each in found.dimensions)
    return Hover(top, f"{_headline(found)}\n{bars}", "text", tuple(_brief(prompt, found, link)))


def score_summary(prompt: Prompt) -> str:
    """The score in a few lines of plain text."""
    found = score(prompt)
    if found is None:
        return NO_SCORE
    figures = ", ".join(f"{each.name} {each.value}" for each in found.dimensions)
    mending = [line.lstrip("* ").replace("*", "") for line in _mending(prompt, found)]
    return "\n".join((f"{_headline(found)}: {figures}", *mending[:_MOST]))


def score_page(prompt: Prompt) -> str:
    """All that makes up the score, with what mending would earn, as Markdown.

    Places are told in words: VS Code makes no links of addresses of files, and other editors show the page as written.
    """
    name = prompt.path.name if prompt.path is not None else "this prompt"
    found = score(prompt)
    if found is None:
        return f"# Score of {name}\n\n{NO_SCORE}\n"
    return "\n\n".join((f"# Score of {name}: {found.overall} of 100", *_page(prompt, found))) + "\n"


def _page(prompt: Prompt, found: Score) -> Iterator[str]:
    known = f"the domain `{found.domain}` ({found.domain_confidence:.0%} sure)"
    yield f"Judged as {known if found.domain != 'general' else 'a prompt of no particular domain'}."
    rows = "\n".join(
        f"| {each.name} | {_bar(each, _SHORT_BAR)} | {each.value} | {each.weight:.0%} |" for each in found.dimensions
    )
    yield f"| Dimension | | Points | Weight |\n|:--|:--|--:|--:|\n{rows}"
    mending = "\n".join(_mending(prompt, found))
    if mending:
        yield "## What mending would earn"
        yield mending
    for dimension in found.dimensions:
        yield f"## {dimension.name.capitalize()}: {dimension.value}"
        total = dimension.start + sum(each.points for each in dimension.reasons)
        cut = f", which add up to {total}" if total != dimension.value else ""
        yield (
            f"It starts at {dimension.start}{cut}."
            if not dimension.reasons
            else (f"It starts at {dimension.start}; these are the reasons for more or less{cut}.")
        )
        if dimension.reasons:
            ordered = sorted(dimension.reasons, key=lambda each: -abs(each.points))
            yield "\n".join(f"* {each.points:+} {_told(each, prompt)}" for each in ordered)


def _brief(prompt: Prompt, found: Score, link: Link) -> Iterator[str]:
    lines = list(_mending(prompt, found, link))
    if lines:
        more = [f"* and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
        yield "\n".join(("**What mending would earn**", "", *lines[:_MOST], *more))
    earned = sorted((each for each in found.reasons if each.points > 0), key=lambda each: -each.points)
    if earned:
        reasons = (f"* {each.points:+} {each.dimension}: {_told(each, prompt, link)}" for each in earned[:_MOST])
        yield "\n".join(("**What counts for it**", "", *reasons))


def _mending(prompt: Prompt, found: Score, link: Link = _no_link) -> Iterator[str]:
    """A line for each rule whose findings cost the score something, the costliest first."""
    fixed = {each.rule for each in scoring_findings(prompt) if each.fix is not None or each.alternatives}
    for each in worst(found):
        points = points_label(each.points)
        if points is None:
            continue
        more = f", and {each.count - 1} more like it" if each.count > 1 else ""
        quick = "; there is a quick fix" if each.first.rule in fixed else ""
        yield f"* **{points}** {each.first.dimension}: {_told(each.first, prompt, link)}{more}{quick}"


def points_label(points: float) -> str | None:
    """So many points of the whole score in words; None for what rounding leaves nothing of."""
    whole = int(points + 0.5)
    return f"+{whole} point{'' if whole == 1 else 's'}" if whole > 0 else None


def _told(reason: Reason, prompt: Prompt, link: Link = _no_link) -> str:
    line, column = prompt.source.position(reason.range.start)
    place, address = f"line {line + 1}", link(reason.range)
    at = f"[{place}]({address})" if address else f"{place}, column {column + 1}"
    return f"{' '.join(reason.message.split())} ({at})"


def _headline(found: Score) -> str:
    domain = f" · {found.domain}" if found.domain != "general" else ""
    return f"Score {found.overall} of 100{domain}"


def _bar(dimension: DimensionScore, length: int = _BAR) -> str:
    full = round(dimension.value * length / 100)
    return "█" * full + "░" * (length - full)
