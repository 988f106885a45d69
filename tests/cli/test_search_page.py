"""The page and the data of an optimisation that searched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from promptls.cli.optimize_report import write_report
from promptls.cli.search_page import page
from promptls.ide.optimizing import result_object
from promptls.language.prompt import Prompt
from promptls.optimize.draft import Request
from promptls.optimize.service import optimised
from promptls.optimize.strategies import Means
from promptls.settings import Settings
from tests.optimize.simulation import TASKS, SimulatedModel


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    task = TASKS[0]
    prompt = Prompt(task.prompt, settings=Settings(), path=Path("<b>review</b>.prompt"))
    result = optimised(prompt, Request("wizard", seed=3), Means(SimulatedModel(task, 3), task.cases(24), 150))
    return result_object(str(prompt.path), result)


def test_the_tree_is_whole(told: dict[str, Any]) -> None:
    search = told["search"]
    assert told["status"] == "improved"
    candidates = search["candidates"]
    assert candidates[0]["parents"] == []
    assert candidates[0]["held_out"] is not None
    assert all(parent < each["number"] for each in candidates for parent in each["parents"])
    assert candidates[search["answer"]]["held_out"] > candidates[0]["held_out"]
    assert candidates[search["answer"]]["text"].strip() == told["text"].strip()
    json.dumps(told)


def test_the_page_shows_every_candidate_and_loads_nothing(told: dict[str, Any]) -> None:
    html = page([told])
    assert html.count("<details>") == len(told["search"]["candidates"])
    assert html.count("<rect ") == len(told["search"]["candidates"])
    assert html.count("<circle ") == len(told["search"]["candidates"])
    assert html.count('class="taken"') == 2
    assert "<b>review" not in html, "names are data"
    assert not any(each in html for each in ("http://", "https://", "<script", "src=", "<link"))


def test_a_result_without_a_search_has_a_page_too() -> None:
    result = optimised(Prompt('{{#role "system"}}\nBe kind.\n{{/role}}\n', settings=Settings()), Request())
    html = page([result_object("a.prompt", result)])
    assert "Search tree" not in html
    assert "What changes" in html


def test_a_long_chain_is_drawn(told: dict[str, Any]) -> None:
    first = told["search"]["candidates"][0]
    chain = [{**first, "number": number, "parents": [number - 1] if number else []} for number in range(3000)]
    search = {**told["search"], "candidates": chain, "answer": 2999}
    assert page([{**told, "search": search}]).count("<rect ") == 3000


@pytest.mark.parametrize("name", ["deep/report.html", "report.json"])
def test_written_where_it_was_asked_for(tmp_path: Path, told: dict[str, Any], name: str) -> None:
    write_report(tmp_path / name, [told])
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") if name.endswith("html") else json.loads(text)["prompts"] == [told]
