"""The history of a workspace's prompts: which one a file belongs to, and what of it concerns the whole file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from promptls.language.prompt import Prompt
from promptls.store.author import author
from promptls.store.git_import import MOST, commits
from promptls.store.history import History, checksum
from promptls.store.sqlite_history import SqliteHistory
from promptls.store.state import history_file, project_folder
from promptls.store.versions import Version
from promptls.workspace.files import FileProblem, absolute, read_source, replace_text
from promptls.workspace.workspace import Workspace


def history_of(workspace: Workspace, path: Path, told: Callable[[str], None] | None = None) -> History:
    """The history of the project that a file belongs to; `told` hears in a sentence of damage that was mended."""
    project = project_folder(absolute(path), workspace.folders)
    return History(project, SqliteHistory(history_file(project), told=told))


def record(
    workspace: Workspace, path: Path, message: str = "", told: Callable[[str], None] | None = None
) -> Version | None:
    """Record what is on disk if it has changed; raises `FileProblem` and `HistoryProblem`."""
    path = absolute(path)
    history = history_of(workspace, path, told)
    saved, known = prompt_of(workspace, history, path, None), workspace.prompt(path)
    # What is open has been read already.
    prompt = known if known.text == saved.text else saved
    return history.record(prompt, author=author(path.parent), message=message)


def import_commits(workspace: Workspace, path: Path, most: int = MOST) -> tuple[int, int]:
    """Record what git knows of a file; gives how many versions are new, and how many commits could not be read.

    Versions are only ever appended: of a file that has a history, the commits since then count. Raises `FileProblem`,
    `GitProblem` and `HistoryProblem`.
    """
    path = absolute(path)
    history = history_of(workspace, path)
    now = prompt_of(workspace, history, path, None)
    known = history.versions(path)
    seen = {each.checksum for each in known}
    since = known[-1].time if known else 0.0
    new = unread = 0
    for commit in commits(path, most):
        if commit.text is None:
            unread += 1
        elif not known or (commit.time > since and checksum(commit.text) not in seen):
            then = now.with_text(commit.text)
            new += history.record(then, author=commit.author, message=commit.message, at=commit.time) is not None
    return new, unread


def prompt_of(workspace: Workspace, history: History, path: Path, version: Version | None) -> Prompt:
    """A file as a version has it, or, for None, as it is; among the other files as they are. Raises `FileProblem`."""
    text = read_source(path).text if version is None else history.text(version)
    return Prompt(text, settings=workspace.settings(path), path=absolute(path), project=workspace)


def restore(workspace: Workspace, history: History, path: Path, version: Version) -> Version | None:
    """Write a version's text into the file at once, and record it; None where the file is like that already.

    Nothing but the file itself is written: where it is a link that leads out of the project, `FileProblem` is raised.
    """
    target = path.resolve()
    if not target.is_relative_to(history.folder.resolve()):
        raise FileProblem(path, f"is a link to {target}, outside of {history.folder}; restore that file itself")
    text = history.text(version)
    try:
        replace_text(path, text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileProblem(path, f"cannot be written: {reason[:1].lower()}{reason[1:]}") from error
    restored = prompt_of(workspace, history, path, version)
    return history.record(restored, author=author(path.parent), message=f"Restore {version.version}")
