"""Results of earlier runs are taken only where nothing that they were made of has changed."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import promptls.cli.checker
from promptls.cli.cache import cache_file
from tests.cli.conftest import Outcome, Terminal
from tests.cli.prompts import BLOCK_ROLE, GOOD, INCLUDING, UNCLOSED, UNUSED


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose rules were run, as they are."""
    names: list[str] = []
    judge = promptls.cli.checker.Checker.judge

    def noting(checker, path):
        names.append(path.name)
        return judge(checker, path)

    monkeypatch.setattr(promptls.cli.checker.Checker, "judge", noting)
    return names


def run(terminal: Terminal, judged: list[str], *arguments: str) -> tuple[Outcome, list[str]]:
    judged.clear()
    return terminal.run("check", *arguments), list(judged)


def test_unchanged_files_are_not_judged_again(terminal: Terminal, judged: list[str]) -> None:
    terminal.write({"a.prompt": UNCLOSED, "b.prompt": UNUSED, "c.prompt": GOOD})
    first, names = run(terminal, judged)
    assert names == ["a.prompt", "b.prompt", "c.prompt"]
    again, names = run(terminal, judged)
    assert names == []
    assert again == first
    assert "\n  |" in again.out
    terminal.write({"b.prompt": UNUSED + "more\n"})
    assert run(terminal, judged)[1] == ["b.prompt"]
    assert run(terminal, judged, "--no-cache")[1] == ["a.prompt", "b.prompt", "c.prompt"]
    assert run(terminal, judged)[1] == []


@pytest.mark.parametrize("format", ["json", "sarif", "github", "gitlab", "junit"])
def test_reports_from_the_cache_are_the_same(terminal: Terminal, judged: list[str], format: str) -> None:
    files = {"a.prompt": UNCLOSED, "b.prompt": INCLUDING, "_tone.prompt": BLOCK_ROLE, "c.prompt": UNUSED}
    terminal.write(files | {"d.prompt": "{{> e}}", "_e.prompt": "{{> f}}", "_f.prompt": "{{> e}}"})
    fresh = terminal.run("check", "--format", format)
    assert len(judged) == 7
    assert terminal.run("check", "--format", format) == fresh
    assert len(judged) == 7
    assert fresh == terminal.run("check", "--format", format, "--no-cache")


def test_settings_count(terminal: Terminal, judged: list[str]) -> None:
    terminal.write({"a.prompt": UNUSED})
    assert "1 warning" in run(terminal, judged)[0].out
    assert "nothing" in run(terminal, judged, "--ignore", "variables")[0].out
    assert "1 warning" in run(terminal, judged)[0].out
    terminal.write({"promptls.toml": 'severity = { "variables/unused" = "error" }'})
    assert "1 error" in run(terminal, judged)[0].out


def test_partials_count(terminal: Terminal, judged: list[str]) -> None:
    terminal.write({"a.prompt": INCLUDING, "b.prompt": GOOD})
    outcome, _ = run(terminal, judged)
    assert "partials/missing" in outcome.out
    terminal.write({"_tone.prompt": "Calm."})
    outcome, names = run(terminal, judged)
    assert "a.prompt" in names
    assert "b.prompt" not in names
    assert outcome.out == "3 files checked: nothing found\n"
    terminal.write({"_tone.prompt": "{{> mood}}", "_mood.prompt": "Calm."})
    assert run(terminal, judged)[0].out == "4 files checked: nothing found\n"
    terminal.write({"_mood.prompt": "{{> tone}}"})
    outcome, names = run(terminal, judged)
    assert "a.prompt" in names
    assert "partials/cycle" in outcome.out
    (terminal.folder / "_mood.prompt").unlink()
    assert "partials/missing" in run(terminal, judged)[0].out


def test_siblings_count(terminal: Terminal, judged: list[str]) -> None:
    terminal.write({"a.prompt": "Hello {{name}}."})
    assert '"format": "text"' in run(terminal, judged, "--format", "json")[0].out
    terminal.write({"b.prompt": GOOD})
    assert '"format": "text"' not in run(terminal, judged, "--format", "json")[0].out


def test_another_version_starts_afresh(terminal: Terminal, judged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.write({"a.prompt": GOOD})
    run(terminal, judged)
    monkeypatch.setattr("promptls.__version__", "99.0.0")
    assert run(terminal, judged)[1] == ["a.prompt"]


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_cache_is_no_cache(terminal: Terminal, judged: list[str], damage: bytes) -> None:
    terminal.write({"a.prompt": UNCLOSED})
    expected, _ = run(terminal, judged)
    file = cache_file(Path.cwd())
    file.write_bytes(damage)
    assert run(terminal, judged) == (expected, ["a.prompt"])
    run(terminal, judged)
    assert run(terminal, judged) == (expected, [])


def test_damaged_rows_are_no_rows(terminal: Terminal, judged: list[str]) -> None:
    terminal.write({"a.prompt": UNCLOSED})
    expected, _ = run(terminal, judged)
    with sqlite3.connect(cache_file(Path.cwd())) as database:
        database.execute("UPDATE results SET value = '{\"format\": 3}'")
    assert run(terminal, judged) == (expected, ["a.prompt"])
    assert run(terminal, judged) == (expected, [])


def test_a_cache_folder_that_cannot_be_made(
    terminal: Terminal, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.write({"a.prompt": GOOD, "file": ""})
    monkeypatch.setenv("XDG_CACHE_HOME", str(terminal.folder / "file"))
    outcome, _ = run(terminal, judged)
    assert (outcome.code, outcome.err) == (0, "")


def test_files_that_are_gone_are_forgotten(terminal: Terminal, judged: list[str]) -> None:
    terminal.write({"a.prompt": GOOD, "b.prompt": GOOD})
    run(terminal, judged)
    (terminal.folder / "a.prompt").unlink()
    terminal.write({"b.prompt": UNUSED})
    run(terminal, judged)
    with sqlite3.connect(cache_file(Path.cwd())) as database:
        assert database.execute("SELECT path FROM results").fetchall() == [(str(terminal.folder / "b.prompt"),)]


def test_runs_beside_each_other(terminal: Terminal) -> None:
    terminal.write({f"{index}.prompt": UNUSED for index in range(20)})
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: terminal.execute("check"), range(4)))
    assert len(set(outcomes)) == 1
    assert outcomes[0].code == 0
    assert outcomes[0].err == ""


def test_stdin_is_not_kept(terminal: Terminal, judged: list[str]) -> None:
    terminal.run("check", "-", stdin=GOOD)
    assert not cache_file(Path.cwd()).exists()
