"""Counting what prompts are used for: locally, in batches, never in anybody's way."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from promptls.settings import SettingsSources
from promptls.store.state import usage_file
from promptls.store.usage import Counter, Usage
from promptls.workspace import Workspace
from promptls.workspace.usage import Used, count_uses

ONE = Counter("2026-01-31", "views", "a.prompt")
OTHER = Counter("2026-01-31", "dismissed", "a.prompt", "security/secret")


def test_counters_add_up(tmp_path: Path) -> None:
    usage = Usage(tmp_path / "state" / "usage.sqlite3")
    assert usage.counts() == {}
    assert usage.add({ONE: 2, OTHER: 1})
    assert usage.add({ONE: 3})
    assert Usage(usage.file).counts() == {ONE: 5, OTHER: 1}


def test_several_at_once(tmp_path: Path) -> None:
    usage = Usage(tmp_path / "usage.sqlite3")
    threads = [threading.Thread(target=lambda: [usage.add({ONE: 1}) for _ in range(20)]) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert usage.counts() == {ONE: 80}


def test_damage_is_set_aside(tmp_path: Path) -> None:
    usage = Usage(tmp_path / "usage.sqlite3")
    usage.file.write_bytes(b"no database at all, but long enough to look like something that was one" * 20)
    assert usage.counts() == {}
    assert usage.add({ONE: 1})
    assert usage.counts() == {ONE: 1}
    assert (tmp_path / "usage.damaged").read_bytes().startswith(b"no database")


def test_newer_counters_are_left_alone(tmp_path: Path) -> None:
    usage = Usage(tmp_path / "usage.sqlite3")
    usage.add({ONE: 1})
    with sqlite3.connect(usage.file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = usage.file.read_bytes()
    assert not usage.add({ONE: 1})
    assert usage.counts() == {}
    assert usage.file.read_bytes() == before


def test_nothing_fails_for_a_counter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    usage = Usage(tmp_path / "file" / "usage.sqlite3")
    assert not usage.add({ONE: 1})
    assert usage.counts() == {}


@pytest.mark.parametrize("is_on", [True, False])
def test_one_setting_turns_it_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_on: bool) -> None:
    monkeypatch.setenv("PROMPTLS_STATE_FOLDER", str(tmp_path / "state"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "promptls.toml").write_text(f"usage = {str(is_on).lower()}\n")
    workspace = Workspace([project], SettingsSources(user=None, variables={}))
    path = project / "a.prompt"
    count_uses(workspace, [Used(path, "views"), Used(path, "views"), Used(path, "accepted", "cost/filler")])
    counts = {(each.use, each.path, each.rule): count for each, count in Usage(usage_file(project)).counts().items()}
    expected = {("views", "a.prompt", ""): 2, ("accepted", "a.prompt", "cost/filler"): 1}
    assert counts == (expected if is_on else {})
    assert (tmp_path / "state").exists() == is_on
