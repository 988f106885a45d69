"""The figures as one page to look at: it loads nothing, and follows the reader's choice of light or dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from promptls.cli.plots import Point, bar_plot, line_plot
from promptls.store.usage import USES
from promptls.workspace.stats import Stats

ShowPath = Callable[[Path | None], str]

_MOST_BARS = 12
_MOST_PROMPTS = 8

_STYLE = """
:root { color-scheme: light dark; --page: #f4f5f8; --card: #fff; --ink: #1d2333; --soft: #6a7289; --line: #e4e7ee;
  --score: #4a63e7; --tokens: #0b8f7f; --findings: #d9730d; --domains: #8b4fd9;
  --shade: 0 1px 2px #1d233310, 0 4px 16px #1d23330a }
@media (prefers-color-scheme: dark) {
  :root { --page: #11141c; --card: #1a1f2b; --ink: #e8ebf4; --soft: #98a1b8; --line: #2b3242; --score: #8b9dff;
    --tokens: #3fcdb9; --findings: #f5a04c; --domains: #c08cff; --shade: none } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums }
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 56px }
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -.02em; margin: 0 }
h2 { font-size: 15px; margin: 0 } h2 + p { margin: 0 0 10px }
.soft { color: var(--soft); font-size: 13px }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin: 28px 0 16px }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 16px }
.tile, .card { background: var(--card); border-radius: 14px; box-shadow: var(--shade); padding: 18px 20px }
.tile b { display: block; font-size: 30px; line-height: 1.15; letter-spacing: -.02em }
.tile span { color: var(--soft); font-size: 13px }
.plot { display: block; width: 100%; height: auto; overflow: visible }
.plot text { fill: var(--soft); font-size: 13px } .plot .figure { fill: var(--ink); font-weight: 600 }
.plot .tick line { stroke: var(--line); stroke-width: 1 } .lines .bottom .tick line { stroke: none }
.plot.bars .tick line { stroke: none } .plot.bars .left text { fill: var(--ink) }
.series.lines path { fill: none; stroke: var(--color); stroke-width: 2.5; stroke-linejoin: round;
  stroke-linecap: round }
.series.lines .area { fill: var(--color); opacity: .12; stroke: none }
.series.lines circle { fill: var(--card); stroke: var(--color); stroke-width: 2 }
.many .series.lines circle { opacity: 0 } .many .series.lines circle:hover { opacity: 1 }
.series.bars rect { fill: var(--color); rx: 4px }
.series.bars rect:hover, .series.lines circle:hover { fill: var(--ink) }
.score { --color: var(--score) } .tokens { --color: var(--tokens) } .findings { --color: var(--findings) }
.domains { --color: var(--domains) }
table { width: 100%; border-collapse: collapse; font-size: 14px }
td { padding: 7px 0; border-top: 1px solid var(--line) }
tr:first-child td { border: 0 } td:last-child { text-align: right; width: 150px }
td.name { overflow-wrap: anywhere; padding-right: 16px }
meter { width: 100px; height: 8px; vertical-align: middle; margin-right: 8px; appearance: none; border: 0;
  background: var(--line); border-radius: 4px; overflow: hidden }
meter::-webkit-meter-bar { background: var(--line); border: 0; border-radius: 4px; height: 8px }
meter::-webkit-meter-optimum-value { background: var(--score); border-radius: 4px }
meter::-moz-meter-bar { background: var(--score); border-radius: 4px }
.empty { color: var(--soft); padding: 28px 0; text-align: center }
footer { margin-top: 24px }
@media print { body { background: #fff } .tile, .card { box-shadow: none; border: 1px solid var(--line);
  break-inside: avoid } }
"""


def page(stats: Stats, name: str, show: ShowPath, now: float | None = None) -> str:
    """The page for a project; `show` writes paths, `now` is the time that the page says, in seconds since the epoch."""
    moment = datetime.now(UTC) if now is None else datetime.fromtimestamp(now, UTC)
    body = "\n".join(_body(stats, name, show, moment))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Prompts of {escape(name)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n"
        "</main>\n</body>\n</html>\n"
    )


def _body(stats: Stats, name: str, show: ShowPath, moment: datetime) -> Iterator[str]:
    yield f"<header><h1>Prompts of {escape(name)}</h1>"
    yield f'<div class="soft">{moment.day} {moment:%B %Y, %H:%M} UTC</div></header>'
    yield f'<section class="tiles">{"".join(_tiles(stats))}</section>'
    yield '<section class="cards">'
    yield _card("Score over time", _score_note(stats), "score", _over_time(stats, "score"))
    yield _card("Tokens over time", "All prompts together", "tokens", _over_time(stats, "tokens"))
    yield _card("Findings by rule", _more(stats.findings, "rules"), "findings", _bars(stats.findings, "finding"))
    yield _card("Prompts by domain", _more(stats.domains, "domains"), "domains", _bars(stats.domains, "prompt"))
    yield _card("Least scores", "Prompts worth a look", "score", _worst(stats, show))
    yield _card("Use", "Counted on this machine alone", "tokens", _uses(stats))
    yield "</section>"
    yield '<footer class="soft">Made by promptls stats. The page holds all that it shows.</footer>'


def _tiles(stats: Stats) -> Iterator[str]:
    score = f"{stats.score:.0f}" if stats.score is not None else "–"
    yield _tile(f"{len(stats.rows):,}", "prompt" if len(stats.rows) == 1 else "prompts")
    yield _tile(score, "mean score")
    yield _tile(f"{stats.tokens:,}", "tokens in all")
    yield _tile(f"{sum(stats.findings.values()):,}", "findings")
    yield _tile(f"{len(stats.versions):,}", "version recorded" if len(stats.versions) == 1 else "versions recorded")


def _tile(figure: str, name: str) -> str:
    return f'<div class="tile"><b>{figure}</b><span>{name}</span></div>'


def _score_note(stats: Stats) -> str:
    return "The mean of the newest versions, from 0 to 100" if stats.timeline else ""


def _card(title: str, note: str, kind: str, content: str) -> str:
    return f'<article class="card {kind}"><h2>{title}</h2><p class="soft">{note or "&nbsp;"}</p>{content}</article>'


def _over_time(stats: Stats, what: str) -> str:
    if not stats.timeline:
        return '<div class="empty">No versions are recorded yet.<br>Editors record one at every save.</div>'
    points = []
    for each in stats.timeline:
        value = each.score if what == "score" else float(each.tokens)
        day = datetime.fromtimestamp(each.time, UTC)
        count = "1 prompt" if each.prompts == 1 else f"{each.prompts:,} prompts"
        points.append(Point(each.time, value, f"{value:,.0f} on {day:%Y-%m-%d %H:%M}, {count}"))
    return line_plot(points, most=100 if what == "score" else None)


def _bars(counts: Mapping[str, int], of: str) -> str:
    if not counts:
        return '<div class="empty">Nothing was found.</div>'
    shown = dict(list(counts.items())[:_MOST_BARS])
    return bar_plot(shown, lambda name, count: f"{name}: {count:,} {of if count == 1 else f'{of}s'}")


def _more(counts: Mapping[str, int], of: str) -> str:
    return f"The first {_MOST_BARS} of {len(counts)} {of}" if len(counts) > _MOST_BARS else ""


def _worst(stats: Stats, show: ShowPath) -> str:
    scored = sorted((each.score, each.path) for each in stats.rows if each.score is not None)[:_MOST_PROMPTS]
    if not scored:
        return '<div class="empty">No prompt is scored yet.</div>'
    return _table(
        (show(Path(path)), f'<meter min="0" max="100" value="{score}"></meter>{score}') for score, path in scored
    )


def _uses(stats: Stats) -> str:
    used = stats.used("use")
    if not used:
        return '<div class="empty">Nothing is counted yet.</div>'
    return _table((use.capitalize(), f"{used.get(use, 0):,}") for use in USES)


def _table(rows: Iterator[tuple[str, str]]) -> str:
    cells = "".join(f'<tr><td class="name">{escape(name)}</td><td>{value}</td></tr>' for name, value in rows)
    return f"<table>{cells}</table>"
