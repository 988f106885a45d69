"""What an optimisation did as one page to look at: figures, the search tree, every candidate. It loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from promptls.cli.plots import search_plot

Data = Mapping[str, Any]

_COLUMN, _ROW, _BOX, _HEIGHT, _EDGE = 158, 44, 132, 32, 4

_STYLE = """
:root { color-scheme: light dark; --page: #f4f5f8; --card: #fff; --ink: #1d2333; --soft: #6a7289; --line: #e4e7ee;
  --best: #4a63e7; --dot: #aab2c8; --good: #12794a; --bad: #bd2130; --code: #f3f4f8; --onbest: #fff;
  --shade: 0 1px 2px #1d233310, 0 4px 16px #1d23330a }
@media (prefers-color-scheme: dark) {
  :root { --page: #11141c; --card: #1a1f2b; --ink: #e8ebf4; --soft: #98a1b8; --line: #2b3242; --best: #8b9dff;
    --dot: #5b6580; --good: #57c892; --bad: #f58790; --code: #141924; --onbest: #11141c; --shade: none } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums }
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 56px }
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -.02em; margin: 0; overflow-wrap: anywhere }
h2 { font-size: 15px; margin: 0 } h2 + p { margin: 0 0 12px }
.soft { color: var(--soft); font-size: 13px }
.status { font-weight: 600 } .improved { color: var(--good) } .failed, .rejected { color: var(--bad) }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin: 28px 0 16px }
.tile, .card { background: var(--card); border-radius: 14px; box-shadow: var(--shade); padding: 18px 20px }
.card { margin-bottom: 16px }
.tile b { display: block; font-size: 26px; line-height: 1.2; letter-spacing: -.02em; white-space: nowrap }
.tile span { color: var(--soft); font-size: 13px }
.plot { display: block; width: 100%; max-width: 860px; height: auto; overflow: visible }
.plot text { fill: var(--soft); font-size: 13px }
.plot .tick line { stroke: var(--line); stroke-width: 1 } .plot .bottom .tick line { stroke: none }
.plot path { fill: none; stroke: var(--best); stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
.plot circle { fill: var(--dot); stroke: var(--card); stroke-width: 1.5 }
.plot circle.taken { fill: var(--good) } .plot circle.line { fill: var(--best) } .plot circle.seed { fill: var(--ink) }
.tree { overflow-x: auto } .tree svg { display: block; max-width: 100%; height: auto }
.tree text { fill: var(--ink); font-size: 13px; text-anchor: middle; dominant-baseline: central }
.tree .by { fill: var(--soft); font-size: 11px }
.tree rect { fill: var(--code); stroke: var(--line); stroke-width: 1.5 }
.tree path { fill: none; stroke: var(--line); stroke-width: 2 }
.tree .line rect, .tree .taken rect { stroke: var(--best); stroke-width: 2 } .tree path.line { stroke: var(--best) }
.tree .taken rect { fill: var(--best) } .tree .taken text { fill: var(--onbest); font-weight: 600 }
details { border-top: 1px solid var(--line); padding: 9px 0 } details:first-of-type { border: 0 }
summary { cursor: pointer; display: grid; grid-template-columns: 44px 1fr 88px 88px 88px; gap: 12px }
summary > :nth-child(n+3), .head > :nth-child(n+3) { text-align: right }
.head { display: grid; grid-template-columns: 44px 1fr 88px 88px 88px; gap: 12px; padding: 4px 0 }
pre { margin: 10px 0 4px; padding: 12px 14px; border-radius: 8px; background: var(--code); white-space: pre-wrap;
  overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
ins, del { text-decoration: none; display: block } ins { color: var(--good) } del { color: var(--bad) }
ul { margin: 6px 0 0; padding-left: 20px }
@media (max-width: 640px) { summary, .head { grid-template-columns: 36px 1fr 64px 64px; gap: 8px }
  summary > :last-child, .head > :last-child { display: none } }
@media print { body { background: #fff } .tile, .card { box-shadow: none; border: 1px solid var(--line);
  break-inside: avoid } }
"""


def page(results: Sequence[Data]) -> str:
    """The page for results as the JSON format has them."""
    body = "\n".join(part for result in results for part in _result(result))
    title = escape(results[0]["path"]) if len(results) == 1 else f"{len(results)} prompts"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Optimised: {title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n"
        '<footer class="soft">Made by promptls optimize. The page holds all that it shows.</footer>\n'
        "</main>\n</body>\n</html>\n"
    )


def _result(result: Data) -> Iterator[str]:
    status = f'<span class="status {result["status"]}">{result["status"]}</span>'
    yield f"<header><h1>{escape(result['path'])}</h1>"
    yield f'<div class="soft">{escape(result["strategy"])} · {status}</div></header>'
    if result["error"]:
        yield f'<p class="failed">{escape(result["error"])}</p>'
    yield f'<section class="tiles">{"".join(_tiles(result))}</section>'
    search = result["search"]
    if search is not None:
        yield from _search(search)
    if result["steps"] or result["notes"]:
        items = [f"{step['title']}{' · ' + step['rule'] if step['rule'] else ''}" for step in result["steps"]]
        listed = "".join(f"<li>{escape(each)}</li>" for each in [*items, *result["notes"]])
        yield f'<article class="card"><h2>Steps and notes</h2><ul>{listed}</ul></article>'
    if result["diff"]:
        yield f'<article class="card"><h2>What changes</h2><pre>{"".join(_diff(result["diff"]))}</pre></article>'


def _tiles(result: Data) -> Iterator[str]:
    before, after, usage = result["before"], result["after"], result["usage"]
    search = result["search"]
    if search is not None:
        seed = search["candidates"][0]["held_out"] if search["candidates"] else None
        taken = search["candidates"][search["answer"]]["held_out"] if search["answer"] is not None else seed
        yield _tile(_change(_share(seed), _share(taken)), f"right, of {search['held_out_cases']} held-out cases")
    yield _tile(_change(_number(before["score"]), _number(after["score"])), "score")
    yield _tile(_change(f"{before['tokens']:,}", f"{after['tokens']:,}"), "tokens")
    yield _tile(f"{usage['calls']:,}", f"calls, {usage['cache_hits']:,} from the cache")
    yield _tile(f"${usage['cost_usd']:.4f}", f"{usage['input_tokens']:,} tokens in, {usage['output_tokens']:,} out")


def _tile(figure: str, name: str) -> str:
    return f'<div class="tile"><b>{figure}</b><span>{name}</span></div>'


def _change(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _number(score: int | None) -> str:
    return "–" if score is None else str(score)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _search(search: Data) -> Iterator[str]:
    candidates: Sequence[Data] = search["candidates"]
    line = _ancestry(search)
    refused = ", ".join(f"{count} by {escape(name)}" for name, count in search["refused"].items())
    note = f"The line is the best so far. Guards refused {refused}." if refused else "The line is the best so far."
    plot = search_plot([(each["score"], _title(each), _kind(each, search, line)) for each in candidates])
    yield f'<article class="card"><h2>Scores on the training cases</h2><p class="soft">{note}</p>{plot}</article>'
    told = "From each candidate to those made of it; the way to the answer is marked."
    yield f'<article class="card"><h2>Search tree</h2><p class="soft">{told}</p>{_tree(search, line)}</article>'
    yield '<article class="card"><h2>Candidates</h2><p class="soft">In order of discovery</p>'
    yield '<div class="head soft"><span>#</span><span>made by</span><span>training</span>'
    yield "<span>held out</span><span>tokens</span></div>"
    for each in candidates:
        parents = ", ".join(f"#{parent}" for parent in each["parents"])
        origin = f"{escape(each['operator'])}{f' of {parents}' if parents else ''}"
        mark = " · the answer" if each["number"] == search["answer"] else ""
        yield (
            f"<details><summary><span>#{each['number']}</span><span>{origin}{mark}</span>"
            f"<span>{_share(each['score'])}</span><span>{_share(each['held_out'])}</span>"
            f"<span>{each['tokens']:,}</span></summary><pre>{escape(each['text'])}</pre></details>"
        )
    yield "</article>"


def _ancestry(search: Data) -> frozenset[int]:
    """The answer with all that it was made of."""
    line: set[int] = set()
    pending = [search["answer"]] if search["answer"] is not None else []
    while pending:
        number = pending.pop()
        if number not in line:
            line.add(number)
            pending.extend(search["candidates"][number]["parents"])
    return frozenset(line)


def _kind(candidate: Data, search: Data, line: frozenset[int]) -> str:
    if candidate["number"] == search["answer"]:
        return "taken"
    if not candidate["parents"]:
        return "seed"
    return "line" if candidate["number"] in line else "other"


def _title(candidate: Data) -> str:
    return f"#{candidate['number']} {candidate['operator']}: {_share(candidate['score'])}, {candidate['tokens']} tokens"


def _tree(search: Data, line: frozenset[int]) -> str:
    """The tree from left to right, each candidate on a row between those of its first and its last child."""
    candidates: Sequence[Data] = search["candidates"]
    children: dict[int | None, list[int]] = {}
    for each in candidates:
        children.setdefault(each["parents"][0] if each["parents"] else None, []).append(each["number"])
    places = _places(children)
    right = max(column for column, _ in places.values()) * _COLUMN + _BOX + 2 * _EDGE
    bottom = max(row for _, row in places.values()) * _ROW + _HEIGHT + 2 * _EDGE
    parts = [
        f'<svg width="{right}" height="{bottom:.0f}" viewBox="0 0 {right} {bottom:.0f}" role="img" '
        f'style="min-width:{right * 0.6:.0f}px">'
    ]
    for each in candidates:
        x, y = _corner(places[each["number"]])
        for parent in each["parents"][:1]:
            from_x, from_y = _corner(places[parent])
            start, end = from_x + _BOX, (x + from_x + _BOX) / 2
            middle, own = from_y + _HEIGHT / 2, y + _HEIGHT / 2
            kind = "line" if each["number"] in line else "other"
            parts.append(f'<path class="{kind}" d="M{start} {middle} C{end} {middle} {end} {own} {x} {own}"/>')
    for each in candidates:
        x, y = _corner(places[each["number"]])
        label = f"#{each['number']} {each['operator']} {_share(each['score'])}"
        parts.append(
            f'<g class="{_kind(each, search, line)}"><title>{escape(_title(each))}</title>'
            f'<rect x="{x}" y="{y}" width="{_BOX}" height="{_HEIGHT}" rx="9"/>'
            f'<text x="{x + _BOX / 2}" y="{y + _HEIGHT / 2}">{escape(label)}</text></g>'
        )
    return f'<div class="tree">{"".join(parts)}</svg></div>'


def _corner(place: tuple[int, float]) -> tuple[float, float]:
    return place[0] * _COLUMN + _EDGE, place[1] * _ROW + _EDGE


def _places(children: Mapping[int | None, Sequence[int]]) -> dict[int, tuple[int, float]]:
    """The column and the row of each candidate. Without recursion: a search may be a long chain."""
    places: dict[int, tuple[int, float]] = {}
    row = 0
    pending = [(number, 0, False) for number in reversed(children.get(None, ()))]
    while pending:
        number, column, is_done = pending.pop()
        below = children.get(number, ())
        if not below:
            places[number] = (column, float(row))
            row += 1
        elif is_done:
            places[number] = (column, (places[below[0]][1] + places[below[-1]][1]) / 2)
        else:
            pending.append((number, column, True))
            pending.extend((each, column + 1, False) for each in reversed(below))
    return places


def _diff(text: str) -> Iterator[str]:
    for line in text.splitlines():
        shown = escape(line)
        if line.startswith(("+++", "---", "@@")):
            yield f'<span class="soft">{shown}\n</span>'
        elif line[:1] in "+-" and line:
            tag = "ins" if line[0] == "+" else "del"
            yield f"<{tag}>{shown}</{tag}>"
        else:
            yield f"{shown}\n"
