"""`promptls history`."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal

TEXT = """---
model: googleai/gemini-2.5-flash
input:
  schema:
    topic: string
---
{{role "system"}}
You write poems.
{{role "user"}}
Write about {{topic}}.
"""
MORE = TEXT.replace("    topic: string\n", "    topic: string\n    tone?: string\n")
PATH = "prompts/poem.prompt"
KEYS = ["version", "parent", "checksum", "time", "author", "message", "bump", "reasons", "score", "tokens"]


@pytest.fixture
def written(terminal: Terminal) -> Terminal:
    """A prompt with two versions."""
    terminal.write({PATH: TEXT})
    assert terminal.run("history", PATH, "--record", "-m", "Begin").out == f"{PATH} is 1.0.0 now\n"
    terminal.write({PATH: MORE})
    assert terminal.run("history", PATH, "--record").out == f"{PATH} is 1.1.0 now (minor)\n"
    return terminal


def versions(terminal: Terminal, path: str = PATH) -> list[dict]:
    told = json.loads(terminal.run("history", path, "--format", "json").out)
    assert (told["version"], told["path"]) == (1, path)
    return told["versions"]


def test_the_list(written: Terminal) -> None:
    first, second = versions(written)
    assert list(first) == list(second) == KEYS
    assert (first["version"], first["parent"], first["bump"], first["reasons"]) == ("1.0.0", None, None, [])
    assert (second["version"], second["parent"], second["bump"]) == ("1.1.0", "1.0.0", "minor")
    assert second["reasons"] == [{"bump": "minor", "aspect": "input", "message": "there is a new optional input tone"}]
    assert first["message"] == "Begin" and second["message"] == ""
    assert isinstance(first["score"], int) and isinstance(first["tokens"], int)
    assert first["time"].endswith("+00:00") and first["author"]
    listed = written.run("history", PATH)
    assert listed.code == 0
    lines = listed.out.splitlines()
    assert lines[0].startswith("1.1.0  20") and "score" in lines[0] and "tokens" in lines[0]
    assert lines[1] == "    minor: there is a new optional input tone"
    assert lines[3] == "    Begin"


def test_the_state_is_kept_apart(written: Terminal, tmp_path: Path) -> None:
    assert list((tmp_path / "state").rglob("history.sqlite3"))
    assert sorted(each.name for each in written.folder.rglob("*")) == ["poem.prompt", "prompts"]


def test_recording_what_has_not_changed(written: Terminal) -> None:
    assert written.run("history", PATH, "--record").out == f"{PATH} is 1.1.0, unchanged\n"
    assert len(versions(written)) == 2


def test_unrecorded_changes_are_told_of(written: Terminal) -> None:
    written.write({PATH: MORE.replace("topic", "subject")})
    assert "unrecorded changes would make it 2.0.0 (major)" in written.run("history", PATH).err


def test_differences(written: Terminal) -> None:
    written.write({PATH: MORE.replace("poems", "songs")})
    told = written.run("history", PATH, "--diff", "1.0.0", "1.1")
    assert told.out.splitlines()[0] == "minor: there is a new optional input tone"
    assert "+    tone?: string\n" in told.out and "songs" not in told.out
    assert "-You write poems.\n+You write songs.\n" in written.run("history", PATH, "--diff", "v1.0.0", "now").out
    data = json.loads(written.run("history", PATH, "--diff", "now", "1.0.0", "--format", "json").out)
    assert (data["a"], data["b"], data["bump"]) == ("now", "1.0.0", "major")
    assert data["reasons"][0]["message"] == "the input tone is gone"
    same = json.loads(written.run("history", PATH, "--diff", "1.0.0", "1.0.0", "--format", "json").out)
    assert (same["bump"], same["reasons"], same["diff"]) == (None, [], "")


def test_restoring(written: Terminal) -> None:
    os.chmod(written.folder / PATH, 0o640)
    told = written.run("history", PATH, "--restore", "1.0.0")
    assert (told.code, told.out) == (0, f"{PATH} is as in 1.0.0 again, recorded as 2.0.0\n")
    assert written.read(PATH) == TEXT
    assert (written.folder / PATH).stat().st_mode & 0o777 == 0o640
    assert versions(written)[-1]["message"] == "Restore 1.0.0"
    assert written.run("history", PATH, "--restore", "2.0.0").out == f"{PATH} is 2.0.0 already\n"
    assert sorted(each.name for each in (written.folder / "prompts").iterdir()) == ["poem.prompt"]


def test_restoring_over_unrecorded_changes(written: Terminal) -> None:
    written.write({PATH: "Something else.\n"})
    refused = written.run("history", PATH, "--restore", "1.0.0")
    assert refused.code == 2 and "would be lost" in refused.err and refused.out == ""
    assert written.read(PATH) == "Something else.\n"
    assert len(versions(written)) == 2
    assert written.run("history", PATH, "--restore", "1.0.0", "--force").code == 0
    assert written.read(PATH) == TEXT
    assert [each["message"] for each in versions(written)][2:] == ["Before 1.0.0 was restored", "Restore 1.0.0"]
    assert "Something else" in written.run("history", PATH, "--diff", "1.1.0", versions(written)[2]["version"]).out


def test_restoring_a_file_that_is_gone(written: Terminal) -> None:
    (written.folder / PATH).unlink()
    assert "--restore brings it back" in written.run("history", PATH).err
    assert written.run("history", PATH, "--restore", "1.0.0").code == 0
    assert written.read(PATH) == TEXT


@pytest.mark.parametrize("named", ["../../secret", "/etc/passwd", "1.0.0/../x", "9.9.9", "now", ""])
def test_only_versions_can_be_restored(written: Terminal, named: str) -> None:
    before = sorted(written.folder.parent.rglob("*"))
    told = written.run("history", PATH, "--restore", named)
    assert told.code == 2
    assert written.read(PATH) == MORE
    assert {each for each in written.folder.parent.rglob("*") if "sqlite3" not in each.name} == {
        each for each in before if "sqlite3" not in each.name
    }


def test_links_out_of_the_project_are_not_written_through(written: Terminal, tmp_path: Path) -> None:
    outside = tmp_path / "outside.prompt"
    shutil.move(written.folder / PATH, outside)
    (written.folder / PATH).symlink_to(outside)
    (written.folder / "promptls.toml").touch()
    told = written.run("history", PATH, "--restore", "1.0.0")
    assert told.code == 2 and "is a link to" in told.err
    assert outside.read_text() == MORE


def test_the_changelog(written: Terminal) -> None:
    told = written.run("history", PATH, "--changelog").out
    assert told.startswith("# Changes of poem.prompt\n\n## 1.1.0 (")
    assert "* There is a new optional input tone\n" in told


def test_from_git(terminal: Terminal) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is absent")

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=Grace", "-c", "user.email=g@localhost", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=terminal.folder, check=True, capture_output=True)

    terminal.write({PATH: TEXT})
    refused = terminal.run("history", PATH, "--from-git")
    assert refused.code == 2 and "not a git repository" in refused.err
    git("init", "-q")
    for number, text in enumerate((TEXT, MORE)):
        terminal.write({PATH: text})
        git("add", "-A")
        git("commit", "-q", "-m", f"Change {number}")
    assert terminal.run("history", PATH, "--from-git").out == "2 versions from git\n"
    assert [(each["version"], each["author"], each["message"]) for each in versions(terminal)] == [
        ("1.0.0", "Grace", "Change 0"),
        ("1.1.0", "Grace", "Change 1"),
    ]
    assert terminal.run("history", PATH, "--from-git").out == "0 versions from git\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere.prompt"], "nowhere.prompt: cannot be read"),
        (["prompts"], "prompts: is a folder"),
        ([PATH, "--diff", "1.0.0"], "expected 2 arguments"),
        ([PATH, "--diff", "1.0.0", "1.2.0"], "has no version '1.2.0' (did you mean 1.1.0?)"),
        ([PATH, "--force"], "--force goes with --restore"),
        ([PATH, "-m", "x"], "--message goes with --record"),
        ([PATH, "--record", "--changelog"], "not allowed with"),
    ],
)
def test_complaints(written: Terminal, arguments: list[str], complaint: str) -> None:
    told = written.run("history", *arguments)
    assert (told.code, told.out) == (2, "")
    assert complaint in told.err
    assert told.err.count("\n") == 1


def test_nothing_recorded_yet(terminal: Terminal) -> None:
    terminal.write({PATH: TEXT})
    told = terminal.run("history", PATH)
    assert (told.code, told.out) == (0, "") and "has no versions yet" in told.err
    assert versions(terminal) == []
    assert terminal.run("history", PATH, "--changelog").code == 2
    assert terminal.run("history", PATH, "--restore", "1.0.0").code == 2


def test_a_state_folder_that_cannot_be_used(terminal: Terminal, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "in-the-way").write_text("")
    monkeypatch.setenv("PROMPTLS_STATE_FOLDER", str(tmp_path / "in-the-way"))
    terminal.write({PATH: TEXT})
    told = terminal.run("history", PATH, "--record")
    assert told.code == 2 and told.err.count("\n") == 1 and "cannot be used" in told.err
