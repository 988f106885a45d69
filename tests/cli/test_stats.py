"""`promptls stats`."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from promptls.cli.plots import Point, bar_plot, line_plot
from tests.cli.conftest import Terminal

TEXT = """---
model: googleai/gemini-2.5-flash
metadata:
  domain: sql
input:
  schema:
    topic: string
    unused: string
---
{{role "system"}}
You write queries.
{{role "user"}}
Write about {{topic}}.
"""


@pytest.fixture
def written(terminal: Terminal) -> Terminal:
    terminal.write({"a.prompt": TEXT, "team/<b> & 'c'.prompt": "Hello {{name}}.\n", "promptls.toml": ""})
    assert terminal.run("history", "a.prompt", "--record").code == 0
    terminal.write({"a.prompt": TEXT.replace("queries", "queries in SQL, with every column named")})
    assert terminal.run("history", "a.prompt", "--record").code == 0
    assert terminal.run("render", "a.prompt", "--input", '{"topic": "x", "unused": "y"}').code == 0
    return terminal


class Page(HTMLParser):
    """What a page is made of, and that every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "data", "action", "srcset")]
        if tag not in ("meta", "br", "link", "img"):
            self._open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self._open.pop() == tag


def test_json(written: Terminal) -> None:
    told = json.loads(written.run("stats", "--format", "json").out)
    assert (told["version"], told["prompts"], told["versions"]) == (1, 2, 2)
    assert told["domains"]["sql"] == 1
    assert told["findings"]["variables/unused"] == 1
    assert told["bumps"] == {"major": 0, "minor": 0, "patch": 1}
    assert told["uses"] == {"views": 0, "renders": 1, "optimisations": 0, "accepted": 0, "dismissed": 0}
    first, second = told["timeline"]
    assert list(first) == ["time", "score", "tokens", "prompts"]
    assert second["tokens"] > first["tokens"] > 0
    assert told["tokens"] > 0 and 0 <= told["score"] <= 100


def test_text(written: Terminal) -> None:
    told = written.run("stats").out
    assert told.startswith("2 prompts, mean score ")
    assert re.search(r"variables/unused +█+ 1", told)
    assert "1 renders" in told


def test_only_some_prompts(written: Terminal) -> None:
    told = json.loads(written.run("stats", "team", "--format", "json").out)
    assert (told["prompts"], told["versions"], told["uses"]["renders"]) == (1, 0, 0)


def test_the_page_holds_all_that_it_shows(written: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "stats.html"
    assert written.run("stats", "--format", "html", "--output-file", str(file)).out == ""
    text = file.read_text(encoding="utf-8")
    page = Page(text)
    assert page.addresses == []
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert "url(" not in text and "@import" not in text and "://" not in text
    assert page.tags.count("svg") == 4
    assert "&lt;b&gt; &amp; &#x27;c&#x27;.prompt" in text
    assert "prefers-color-scheme: dark" in text
    assert "variables/unused: 1 finding" in text


def test_a_page_about_nothing(terminal: Terminal) -> None:
    page = Page(terminal.run("stats", "--format", "html").out)
    assert "svg" not in page.tags
    told = json.loads(terminal.run("stats", "--format", "json").out)
    assert (told["prompts"], told["score"], told["timeline"]) == (0, None, [])
    assert terminal.run("stats").code == 0


DAY = 86_400.0


@pytest.mark.parametrize(
    "times", [[0.0], [0.0, 0.0], [0.0, 60.0], [day * DAY for day in range(1000)], [1.7e9, 1.7e9 + 1e-3]]
)
@pytest.mark.parametrize("value", [0.0, 1.0, 7.0, 1_234_567.0])
def test_lines(times: list[float], value: float) -> None:
    drawn = line_plot([Point(time, value, f"<{index}>") for index, time in enumerate(times)])
    assert "nan" not in drawn.lower() and "inf" not in drawn
    assert drawn.count("<circle") == (250 if len(times) == 1000 else len(times))
    assert f"&lt;{len(times) - 1}&gt;" in drawn, "the newest is always shown"


def test_bars() -> None:
    drawn = bar_plot({"a" * 100: 4, "b & c": 1, "zero": 0}, lambda name, count: f"{name} {count}")
    assert drawn.index("a" * 100) and "b &amp; c" in drawn and drawn.count("<rect") == 3
    assert "…" in drawn
