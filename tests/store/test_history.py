"""Recording versions: what counts as one, which number it gets, moved files, and what git knows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from promptls.store.author import author
from promptls.store.changelog import changelog
from promptls.store.git_import import GitProblem, commits
from promptls.store.history import History, checksum
from promptls.store.state import history_file, project_folder
from promptls.store.versions import Version
from tests.store.histories import open_history, prompt, require_whole

HEAD = "---\ninput:\n  schema:\n    topic: string\n---\n"
FIRST = HEAD + "Write about {{topic}}.\n"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return open_history(tmp_path, tmp_path / "state" / "history.sqlite3")


def record(history: History, text: str, name: str = "a.prompt", **more) -> Version | None:
    path = history.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return history.record(prompt(path, text), author="Ada", **more)


def numbers(history: History, name: str = "a.prompt") -> list[str]:
    return [each.version for each in history.versions(history.folder / name)]


def test_versions_follow_the_changes(history: History) -> None:
    first = record(history, FIRST, message="Begin", at=1_000_000.5)
    assert first == Version("1.0.0", None, checksum(FIRST), 1_000_000.5, "Ada", "Begin")
    assert record(history, FIRST) is None
    wording = record(history, FIRST.replace("Write", "Talk"))
    assert wording is not None and (wording.version, wording.parent, wording.bump) == ("1.0.1", "1.0.0", "patch")
    optional = record(history, FIRST.replace("topic: string\n", "topic: string\n    tone?: string\n"))
    assert optional is not None and (optional.version, optional.bump) == ("1.1.0", "minor")
    gone = record(history, FIRST)
    assert gone is not None and (gone.version, gone.bump) == ("2.0.0", "major")
    assert [each.message for each in gone.reasons if each.bump == "major"] == ["the input tone is gone"]
    assert numbers(history) == ["1.0.0", "1.0.1", "1.1.0", "2.0.0"]
    assert history.versions(history.folder / "a.prompt")[0] == first
    assert history.text(first) == FIRST
    require_whole(history, history.folder / "a.prompt")


def test_stated_versions(history: History) -> None:
    def stated(version: str, text: str = "Hello") -> Version | None:
        return record(history, f"---\nversion: {version}\n---\n{text}")

    first = stated("0.3")
    assert first is not None and first.version == "0.3.0"
    assert stated("0.3", "Hello there").version == "0.3.1"  # type: ignore[union-attr]
    assert stated("5.0.0", "Hello there").version == "5.0.0"  # type: ignore[union-attr]
    assert stated("4.0.0", "Hello you").version == "5.0.1"  # type: ignore[union-attr]
    assert stated("5.0.1", "Hello you") is None, "it only states what it is"
    assert stated("5.0.1", "Hello you") is None
    newest = history.versions(history.folder / "a.prompt")[-1]
    assert (newest.version, history.text(newest)) == ("5.0.1", "---\nversion: 5.0.1\n---\nHello you")
    assert stated("5.0.0", "Hello you").version == "5.0.2"  # type: ignore[union-attr]
    assert stated("next", "Hi").version == "5.0.3"  # type: ignore[union-attr]


def test_the_next_version_is_the_one_that_is_recorded(history: History) -> None:
    path = history.folder / "a.prompt"
    record(history, FIRST)
    changed = prompt(path, FIRST.replace("string", "any"))
    following = history.next(changed)
    assert following is not None and following.version == "1.1.0"
    assert history.next(prompt(path, FIRST)) is None
    assert history.next(prompt(path, FIRST.replace("---\ninput", "---\nversion: 1.0.0\ninput"))) is None
    assert numbers(history) == ["1.0.0"], "asking records nothing"


def test_a_frontmatter_that_was_broken_for_a_while(history: History) -> None:
    record(history, FIRST)
    broken = record(history, FIRST.replace("topic: string", "topic: [string"))
    assert broken is not None and broken.version == "1.0.1"
    mended = record(history, FIRST.replace("topic", "subject"))
    assert mended is not None and mended.version == "2.0.0", "compared with the newest one that could be read"


@pytest.mark.parametrize("text", ["", "\ufeffHello\r\n", "\ud800 half", "😀" * 3, "a\0b", "x" * 1_000_000])
def test_texts_come_back_as_they_were(history: History, text: str) -> None:
    made = history.record(prompt(history.folder / "a.prompt", text), author="\udcff")
    assert made is not None
    assert history.text(made) == text
    assert history.versions(history.folder / "a.prompt")[0].checksum == made.checksum


def test_a_moved_file_goes_on(history: History) -> None:
    record(history, FIRST, "old/a.prompt")
    (history.folder / "old/a.prompt").unlink()
    assert record(history, FIRST, "new/b.prompt") is None
    assert record(history, FIRST + "More.\n", "new/b.prompt").version == "1.0.1"  # type: ignore[union-attr]
    assert numbers(history, "new/b.prompt") == ["1.0.0", "1.0.1"]
    assert numbers(history, "old/a.prompt") == []


def test_a_copy_begins_anew(history: History) -> None:
    record(history, FIRST, "a.prompt")
    copy = record(history, FIRST, "b.prompt")
    assert copy is not None and copy.parent is None
    assert numbers(history, "a.prompt") == ["1.0.0"]


def test_scores_can_be_added(history: History) -> None:
    made = record(history, FIRST)
    assert made is not None
    history.judge(history.folder / "a.prompt", made, 71, 412)
    (kept,) = history.versions(history.folder / "a.prompt")
    assert (kept.score, kept.tokens) == (71, 412)


def test_other_files_are_none_of_it(history: History) -> None:
    with pytest.raises(ValueError, match="not in the subpath"):
        history.path(history.folder.parent / "other" / "a.prompt")


def test_the_changelog(history: History) -> None:
    record(history, FIRST, message="Begin", at=0)
    record(history, FIRST.replace("topic", "sub_ject"), message="Say <what> it is", at=86_400)
    assert changelog("a.prompt", history.versions(history.folder / "a.prompt")) == (
        "# Changes of a.prompt\n\n"
        "## 2.0.0 (1970-01-02)\n\n"
        "Say \\<what\\> it is\n\n"
        "* The input topic is gone (**breaking**)\n"
        "* There is a new required input sub\\_ject (**breaking**)\n"
        "* The text changed (+1 -1 lines)\n\n"
        "Ada\n\n"
        "## 1.0.0 (1970-01-01)\n\n"
        "Begin\n\n"
        "* First version\n\n"
        "Ada\n"
    )


# Whose history it is


def test_project_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMPTLS_STATE_FOLDER", str(tmp_path / "state"))
    top = tmp_path / "top"
    deep = top / "team" / "prompts"
    deep.mkdir(parents=True)
    path = deep / "a.prompt"
    assert project_folder(path) == deep
    assert project_folder(path, [top, top / "team"]) == top / "team"
    (top / "team" / "promptls.toml").touch()
    assert project_folder(path, [top]) == top / "team"
    (top / ".git").mkdir()
    assert project_folder(path, [top / "team"]) == top
    assert project_folder(tmp_path / "elsewhere" / "b.prompt", [top]) == tmp_path / "elsewhere"


def test_a_history_stays_found_when_a_repository_is_made_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPTLS_STATE_FOLDER", str(tmp_path / "state"))
    folder = tmp_path / "work" / "prompts"
    folder.mkdir(parents=True)
    path = folder / "a.prompt"
    file = history_file(project_folder(path))
    open_history(folder, file).record(prompt(path, "a"), author="a")
    (tmp_path / "work" / ".git").mkdir()
    assert history_file(project_folder(path)) == file


# git


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Grace", "-c", "user.email=g@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is absent")
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def commit(folder: Path, name: str, content: bytes, message: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty-message", "-m", message)


def test_commits_are_found_across_renames(repository: Path) -> None:
    text = FIRST.encode() * 3
    commit(repository, "old name.prompt", text, "Begin: a\x01b")
    commit(repository, "other.prompt", b"nothing to do with it", "Other")
    git(repository, "mv", "old name.prompt", "né.prompt")
    git(repository, "commit", "-q", "-m", "Move")
    commit(repository, "né.prompt", text + b"\xff\xfe", "")
    commit(repository, "né.prompt", text + b"More.\r\n", "Say more")
    found = commits(repository / "né.prompt")
    assert [each.message for each in found] == ["Begin: a\x01b", "Move", "", "Say more"]
    assert [each.text and each.text.encode() for each in found] == [text, text, None, text + b"More.\r\n"]
    assert {each.author for each in found} == {"Grace"}
    assert found[0].time > 1_500_000_000
    assert [each.message for each in commits(repository / "né.prompt", most=2)] == ["", "Say more"]


def test_where_git_knows_nothing(repository: Path, tmp_path: Path) -> None:
    (repository / "new.prompt").write_text("a")
    with pytest.raises(GitProblem):
        commits(repository / "new.prompt")
    with pytest.raises(GitProblem, match="not a git repository"):
        commits(tmp_path / "alone.prompt")


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitProblem, match="not found"):
        commits(tmp_path / "a.prompt")
    assert author(tmp_path)


def test_the_author_is_gits(repository: Path) -> None:
    git(repository, "config", "user.name", "Grace Höpper")
    assert author(repository) == "Grace Höpper"
