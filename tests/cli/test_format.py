"""`promptls format`: what it writes, what it only shows, and what it leaves alone."""

import os
import stat
from pathlib import Path

import pytest

from promptls.workspace.files import replace_text
from tests.cli.conftest import Terminal

UNTIDY = "---\nmodel:  m\n---\nHi {{ name }}\n"
TIDY = "---\nmodel: m\n---\nHi {{name}}\n"
BROKEN = "---\nmodel:  m\n---\nHi {{ name }} {{#if}\n"


def test_writes_what_changes_and_nothing_else(terminal: Terminal) -> None:
    terminal.write({"a.prompt": UNTIDY, "b/c.prompt": TIDY, "b/_p.prompt": "{{ x }}", "notes.txt": UNTIDY})
    before = {name: os.stat(terminal.folder / name).st_mtime_ns for name in ("b/c.prompt", "notes.txt")}
    outcome = terminal.run("format")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "promptls laid out 2 files, 1 unchanged\n"
    assert terminal.read("a.prompt") == terminal.read("b/c.prompt") == TIDY
    assert terminal.read("b/_p.prompt") == "{{x}}"
    assert {name: os.stat(terminal.folder / name).st_mtime_ns for name in before} == before
    assert terminal.run("format").err == "promptls laid out 0 files, 3 unchanged\n"


@pytest.mark.parametrize(
    ("option", "shown"),
    [
        ("--check", "a.prompt\n"),
        (
            "--diff",
            "--- a.prompt\n+++ a.prompt\n@@ -1,4 +1,4 @@\n"
            " ---\n-model:  m\n+model: m\n ---\n-Hi {{ name }}\n+Hi {{name}}\n",
        ),
    ],
)
def test_only_showing_writes_nothing(terminal: Terminal, option: str, shown: str) -> None:
    terminal.write({"a.prompt": UNTIDY, "b.prompt": TIDY})
    outcome = terminal.run("format", option, ".")
    assert (outcome.code, outcome.out) == (1, shown)
    assert outcome.err == "promptls would lay out 1 file, 1 unchanged\n"
    assert terminal.read("a.prompt") == UNTIDY
    assert terminal.run("format", option, "b.prompt").code == 0


def test_files_with_errors_are_left_with_a_reason(terminal: Terminal) -> None:
    terminal.write({"a.prompt": BROKEN, "b.prompt": UNTIDY})
    outcome = terminal.run("format", "a.prompt", "b.prompt")
    assert outcome.code == 0
    assert outcome.err.splitlines() == [
        "promptls: a.prompt is left as it is: its template is not valid: this tag is never closed with }} (line 4)",
        "promptls laid out 1 file, 0 unchanged, 1 not formatted",
    ]
    assert terminal.read("a.prompt") == BROKEN
    assert terminal.run("format", "--check", "-q", "a.prompt").err == ""


def test_stdin(terminal: Terminal) -> None:
    outcome = terminal.run("format", "-", "--stdin-filename", "x.prompt", stdin=UNTIDY)
    assert (outcome.code, outcome.out, outcome.err) == (0, TIDY, "")
    outcome = terminal.run("format", "-", stdin=BROKEN)
    assert (outcome.code, outcome.out) == (0, BROKEN)
    assert "is left as it is" in outcome.err
    outcome = terminal.run("format", "-", "--check", stdin=UNTIDY)
    assert (outcome.code, outcome.out) == (1, "-\n")
    outcome = terminal.run("format", "-", "--diff", "--stdin-filename", "x.prompt", stdin=UNTIDY)
    assert outcome.code == 1 and outcome.out.startswith("--- x.prompt\n")
    assert terminal.run("format", "-", stdin=b"\xff").code == 2


def test_ignored_files_settings_and_line_ends(terminal: Terminal) -> None:
    terminal.write(
        {
            ".gitignore": "build/\n",
            "build/a.prompt": UNTIDY,
            "b.prompt": UNTIDY.replace("\n", "\r\n"),
            "promptls.toml": '[format]\ntag-spacing = "spaced"\n',
        }
    )
    assert terminal.run("format").code == 0
    assert terminal.read("build/a.prompt") == UNTIDY
    assert terminal.read("b.prompt") == UNTIDY.replace("\n", "\r\n").replace("  m", " m")


@pytest.mark.parametrize("arguments", [("missing.prompt",), ("-", "a.prompt"), ("--stdin-filename", "x"), ("--chek",)])
def test_wrong_usage(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    terminal.write({"a.prompt": UNTIDY})
    outcome = terminal.run("format", *arguments)
    assert outcome.code == 2
    assert outcome.err.startswith("promptls: ")


def test_wrong_settings(terminal: Terminal) -> None:
    terminal.write({"a.prompt": UNTIDY, "promptls.toml": '[format]\ntag-spacing = "wide"\n'})
    outcome = terminal.run("format")
    assert outcome.code == 2
    assert "promptls.toml:2:15: format.tag-spacing: expected" in outcome.err


def test_replacing_keeps_mode_and_links_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target, link = tmp_path / "real.prompt", tmp_path / "link.prompt"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    replace_text(link, "new\r\n")
    assert link.is_symlink() and target.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.prompt", "real.prompt"]


def test_a_failed_write_leaves_the_old_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.prompt"
    target.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        replace_text(target, "new")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.prompt"]
