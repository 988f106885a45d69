"""Whatever lies on disk: a finding or one clear sentence, other files are checked, nothing is changed."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.cli.prompts import GOOD, INCLUDING, UNCLOSED

REFUSED = {
    "binary": (b"\x7fELF\x02\x01\x00\x00", "is not a text: it holds NUL bytes"),
    "utf-16": ("---\nmodel: x\n---\n".encode("utf-16"), "is UTF-16"),
    "invalid UTF-8": (b"---\nmodel: x\n---\ncaf\xe9\n", "is not UTF-8: byte 0xe9 on line 4"),
    "a lone surrogate": (b"text \xed\xa0\x80 text", "is not UTF-8"),
    "NUL": (b"Hello \x00 {{name}}", "is not a text: it holds NUL bytes"),
    "more than 10 MB": (b"x" * (10 * 1024 * 1024 + 1), "is too large"),
}
TAKEN = {
    "nothing": "",
    "blanks": " \n\n",
    "BOM": "\ufeff" + GOOD,
    "CRLF": GOOD.replace("\n", "\r\n"),
    "CR": GOOD.replace("\n", "\r"),
    "5,000 nested blocks": GOOD + "{{#if text}}" * 5000 + "{{/if}}" * 5000,
    "5,000 blocks never closed": GOOD + "{{#if text}}" * 5000,
    "an unclosed string": GOOD + '{{role "system}}\n' + "a line\n" * 5000,
    "an unclosed tag": GOOD + "{{role \n" + "a line\n" * 5000,
    "a YAML bomb": "---\na0: &a0 [x, x]\n"
    + "".join(f"a{level + 1}: &a{level + 1} [*a{level}, *a{level}]\n" for level in range(40))
    + "---\n",
    "deep YAML": "---\nmodel: x\nmetadata: " + "[" * 3000 + "]" * 3000 + "\n---\ntext\n",
    "one long line": GOOD + "word " * 100_000,
    "odd line ends": GOOD.replace("Summarise", "Sum\u2028mar\u0085ise\x0b\x0c"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_text_is_named(terminal: Terminal, kind: str) -> None:
    content, said = REFUSED[kind]
    terminal.write({"a.prompt": content, "b.prompt": UNCLOSED})
    outcome = terminal.run("check", "--format", "json", "--fix")
    assert outcome.code == 2
    assert outcome.err.startswith("promptls: a.prompt: ")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
    assert [file["path"] for file in json.loads(outcome.out)["files"]] == ["b.prompt"]
    assert (terminal.folder / "a.prompt").read_bytes() == content


@pytest.mark.parametrize("kind", TAKEN)
@pytest.mark.parametrize("format", ["text", "sarif", "junit"])
def test_odd_texts_are_checked(terminal: Terminal, kind: str, format: str) -> None:
    terminal.write({"a.prompt": TAKEN[kind]})
    outcome = terminal.run("check", "--format", format)
    assert outcome.code in (0, 1), outcome.err
    assert outcome.err == ""
    assert "internal-error" not in outcome.out
    if format == "text":
        assert max(map(len, outcome.out.splitlines()), default=0) < 500
    assert terminal.read("a.prompt") == TAKEN[kind]


def test_a_folder_called_like_a_prompt(terminal: Terminal) -> None:
    terminal.write({"x.prompt/inner.prompt": GOOD, "b.prompt": GOOD})
    assert terminal.run("check").out == "2 files checked: nothing found\n"


def test_links(terminal: Terminal) -> None:
    terminal.write({"dir/a.prompt": GOOD})
    (terminal.folder / "dir" / "loop").symlink_to(terminal.folder, target_is_directory=True)
    (terminal.folder / "self.prompt").symlink_to("self.prompt")
    (terminal.folder / "gone.prompt").symlink_to("nowhere.prompt")
    outcome = terminal.run("check")
    assert outcome.code == 2
    assert outcome.out == "1 file checked: nothing found\n"
    lines = outcome.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("promptls: gone.prompt: ")
    assert lines[1].startswith("promptls: self.prompt: ")


def test_no_permission(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.write({"a.prompt": GOOD, "b.prompt": GOOD})
    read = Path.read_bytes

    def refusing(path: Path) -> bytes:
        if path.name == "a.prompt":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    outcome = terminal.run("check")
    assert outcome.code == 2
    assert outcome.err == "promptls: a.prompt: cannot be read: permission denied\n"
    assert outcome.out == "1 file checked: nothing found\n"


def test_not_a_file(terminal: Terminal) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(terminal.folder / "pipe.prompt")
    outcome = terminal.run("check")
    assert outcome.code == 2
    assert outcome.err.startswith("promptls: pipe.prompt: is not a regular file")


def test_a_partial_cycle(terminal: Terminal) -> None:
    terminal.write({"_tone.prompt": "{{> mood}}", "_mood.prompt": "{{> tone}}", "a.prompt": INCLUDING})
    outcome = terminal.run("check", "a.prompt", "--format", "json")
    (finding,) = json.loads(outcome.out)["files"][0]["findings"]
    assert finding["rule"] == "partials/cycle"
    assert {related["path"] for related in finding["related"]} >= {"_tone.prompt", "_mood.prompt"}
    assert all(related["start"] for related in finding["related"])


def test_a_bug_costs_one_file(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.write({"a.prompt": GOOD, "b.prompt": UNCLOSED})

    def failing(prompt):
        if prompt.path.name == "a.prompt":
            raise RecursionError("too deep")
        return ()

    monkeypatch.setattr("promptls.lint.runner.findings", failing)
    outcome = terminal.run("check", "--no-cache")
    assert outcome.code == 2
    assert outcome.err == (
        "promptls: a.prompt: promptls failed on it (RecursionError: too deep); please report this with the file\n"
    )
    assert outcome.out == "1 file checked: nothing found\n"


def test_names_that_look_like_something_else(terminal: Terminal) -> None:
    names = ["a b.prompt", "ünï.prompt", "-x.prompt", "a:1.prompt", "%41.prompt", "new\nline.prompt"]
    terminal.write(dict.fromkeys(names, UNCLOSED))
    data = json.loads(terminal.run("check", "--format", "json").out)
    assert sorted(file["path"] for file in data["files"]) == sorted(names)
    assert "new\nline" not in terminal.run("check").out
    assert terminal.run("check", "--format", "github").out.count("\n") == len(names)
