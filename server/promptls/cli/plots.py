"""Plots as SVG, drawn by leather and coloured by the style sheet of the page around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from xml.etree import ElementTree

_WIDTH, _HEIGHT = 640, 250
# leather leaves a margin of a twentieth of the width on every side, which the page has already.
_MARGIN = _WIDTH // 20
_ROW = 26
_TICKS = 5
_MOST_POINTS = 300
_FEW_POINTS = 40
_STEPS = (1, 2, 2.5, 5, 10)
_LONGEST_LABEL = 34
_DAY = 86_400


class Point(NamedTuple):
    """A value at a time, in seconds since the epoch, and what is said of it when the pointer is over it."""

    time: float
    value: float
    title: str


def line_plot(points: Sequence[Point], most: float | None = None) -> str:
    """Values over time, from zero up to `most` or a round number above the greatest; at least one point."""
    from leather import Chart

    points = _thinned(points)
    first, last = points[0].time, points[-1].time
    span = last - first
    top, ticks = (most, [most * each / 4 for each in range(5)]) if most else _scale(max(each.value for each in points))
    # leather's own scale for times puts its ends where it likes.
    data = [((each.time - first) / span * 100 if span else 50.0, each.value) for each in points]
    chart = Chart()
    chart.add_x_scale(0, 100)
    chart.add_y_scale(0, top)
    marks = [100 * each / (_TICKS - 1) for each in range(_TICKS)] if span else [50.0]
    times = [_time(first + mark / 100 * span, span) for mark in marks]
    said = ["" if index and time == times[index - 1] else time for index, time in enumerate(times)]
    chart.add_x_axis(ticks=marks, tick_formatter=lambda _mark, index, _count: said[index])
    chart.add_y_axis(ticks=ticks, tick_formatter=lambda value, _i, _n: f"{value:,.0f}")
    chart.add_line(data)
    root = _drawn(chart, _HEIGHT)
    _mark(root, [each.title for each in points])
    return _written(root, "lines" if len(points) <= _FEW_POINTS else "many lines", _HEIGHT)


def search_plot(candidates: Sequence[tuple[float, str, str]]) -> str:
    """The score of each candidate of a search, from 0 to 1, in order of discovery, with a line for the best so far.

    Each candidate has a score, what is said of it when the pointer is over it, and the class of its dot; at least one.
    """
    from leather import Chart

    best = [max(score for score, _, _ in candidates[: number + 1]) for number in range(len(candidates))]
    last = max(1, len(candidates) - 1)
    chart = Chart()
    chart.add_x_scale(0, last)
    chart.add_y_scale(0, 1)
    numbers = sorted({round(last * each / (_TICKS - 1)) for each in range(_TICKS)})
    chart.add_x_axis(ticks=numbers, tick_formatter=lambda number, _i, _n: f"#{number:.0f}")
    chart.add_y_axis(ticks=[0, 0.25, 0.5, 0.75, 1], tick_formatter=lambda value, _i, _n: f"{value:.0%}")
    chart.add_line(list(enumerate(best)) if len(best) > 1 else [(0, best[0]), (1, best[0])])
    root = _drawn(chart, _HEIGHT)
    lines = _series(root, "lines")
    places = [float(each) for each in lines[0].get("d", "").replace("M", " ").replace("L", " ").split()][::2]
    heights = sorted({float(tick[0].get("y1", "0")) for tick in _axis(root, "left")})
    for (score, title, kind), x in zip(candidates, places, strict=False):
        y = heights[-1] + (heights[0] - heights[-1]) * min(max(score, 0.0), 1.0)
        dot = ElementTree.SubElement(lines, "circle", {"cx": f"{x}", "cy": f"{y:.1f}", "r": "5", "class": kind})
        ElementTree.SubElement(dot, "title").text = title
    return _written(root, "lines search", _HEIGHT)


def bar_plot(counts: Mapping[str, int], title: Callable[[str, int], str]) -> str:
    """A bar for each name, in the order given, with its count at its end; at least one."""
    from leather import Chart

    names = [_short(each) for each in counts]
    most, height = max(counts.values()), len(counts) * _ROW + 2 * _MARGIN + 24
    chart = Chart()
    # A tenth of the width is left for the figures.
    chart.add_x_scale(0, 100)
    chart.add_x_axis(ticks=[0], tick_formatter=lambda _value, _i, _n: "")
    chart.add_bars([(90 * count / most, name) for name, count in zip(names, counts.values(), strict=True)])
    root = _drawn(chart, height)
    shown = list(counts.items())[::-1]
    _label(root, [f"{count:,}" for _, count in shown], [title(name, count) for name, count in shown])
    return _written(root, "bars", height - 24)


def _drawn(chart: object, height: int) -> ElementTree.Element:
    text: str = chart.to_svg(width=_WIDTH, height=height)  # type: ignore[attr-defined]
    root = ElementTree.fromstring(text.replace(' xmlns="http://www.w3.org/2000/svg"', ""))
    background = root[0]
    background.remove(background[0])
    return root


def _written(root: ElementTree.Element, kind: str, height: int) -> str:
    crop = _MARGIN - 8
    for name in ("width", "height", "version"):
        del root.attrib[name]
    root.set("viewBox", f"{crop} {crop} {_WIDTH - 2 * crop} {height - 2 * crop}")
    root.set("class", f"plot {kind}")
    root.set("role", "img")
    for each in root.iter():
        # The page says how things look.
        for name in ("fill", "stroke", "font-family", "font-size", "stroke-width"):
            each.attrib.pop(name, None)
    return ElementTree.tostring(root, encoding="unicode")


def _series(root: ElementTree.Element, kind: str) -> ElementTree.Element:
    return next(each for each in root.iter("g") if each.get("class") == f"series {kind}")


def _axis(root: ElementTree.Element, side: str) -> Sequence[ElementTree.Element]:
    """The ticks of an axis."""
    axis = next(each for each in root.iter("g") if each.get("class") == f"axis {side}")
    return [each for each in axis if each.get("class", "").startswith("tick")]


def _label(root: ElementTree.Element, figures: Sequence[str], titles: Sequence[str]) -> None:
    """Put figures at the ends of bars, and what browsers tell when the pointer is over them."""
    bars = _series(root, "bars")
    for bar, figure, title in zip(list(bars), figures, titles, strict=True):
        ElementTree.SubElement(bar, "title").text = title
        x, y, width, height = (float(bar.get(name, "0")) for name in ("x", "y", "width", "height"))
        text = ElementTree.SubElement(bars, "text", x=str(x + width + 7), y=str(y + height / 2), dy="0.34em")
        text.set("class", "figure")
        text.text = figure


def _mark(root: ElementTree.Element, titles: Sequence[str]) -> None:
    """Fill the area below a line, and put dots on it that browsers tell of when the pointer is over them.

    A second series of leather's would bring a legend.
    """
    lines = _series(root, "lines")
    drawn = lines[0].get("d", "")
    numbers = [float(each) for each in drawn.replace("M", " ").replace("L", " ").split()]
    zero = next(each for each in root.iter("g") if each.get("class") == "axis left")[-1][0].get("y1", "0")
    area = f"{drawn} L {numbers[-2]} {zero} L {numbers[0]} {zero} Z"
    lines.insert(0, ElementTree.Element("path", {"class": "area", "d": area}))
    for x, y, title in zip(numbers[::2], numbers[1::2], titles, strict=True):
        dot = ElementTree.SubElement(lines, "circle", cx=str(x), cy=str(y), r="3.5")
        ElementTree.SubElement(dot, "title").text = title


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """No more points than can be told apart, the last one among them."""
    step = -(-len(points) // _MOST_POINTS)
    return [each for index, each in enumerate(points) if (len(points) - 1 - index) % step == 0]


def _scale(greatest: float) -> tuple[float, list[float]]:
    """A round number at or above the greatest value, and the ticks up to it."""
    step = 1.0
    while step * 4 < greatest:
        power = 10 ** (len(str(int(step))) - 1)
        step = next((each * power for each in _STEPS if each * power > step), step * 10)
    step = float(int(step)) if step >= 1 else 1.0
    count = max(1, -(-int(greatest) // int(step)))
    return step * count, [step * each for each in range(count + 1)]


def _time(seconds: float, span: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    if span < _DAY / 100:
        return f"{moment:%H:%M:%S}"
    if span < 2 * _DAY:
        return f"{moment:%H:%M}"
    return f"{moment.day} {moment:%b}" if span < 400 * _DAY else f"{moment:%b %Y}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"
