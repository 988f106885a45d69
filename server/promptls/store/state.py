"""Where that is kept which cannot be made anew: one folder for each project, in the platform's folder for state."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

FOLDER_VARIABLE = "PROMPTLS_STATE_FOLDER"
"""Names another folder than the platform's."""

_REPOSITORIES = (".git", ".hg")
_SETTINGS = "promptls.toml"


def state_folder(variables: Mapping[str, str] | None = None) -> Path:
    """The folder for all state, the platform's unless the environment names another."""
    chosen = (os.environ if variables is None else variables).get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    from platformdirs import user_state_path

    return user_state_path("promptls", appauthor=False)


def project_state(project: Path) -> Path:
    """The folder for the state of a project."""
    key = sha256(os.fspath(project).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return state_folder() / "projects" / key


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can read: prompts may say what others must not see."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def history_file(project: Path) -> Path:
    """The versions of a project's prompts."""
    return project_state(project) / "history.sqlite3"


def usage_file(project: Path) -> Path:
    """The counters of a project."""
    return project_state(project) / "usage.sqlite3"


def project_folder(path: Path, folders: Iterable[Path] = ()) -> Path:
    """The project that a file belongs to, the same for every program that asks.

    Where a folder above the file has a history already, that one goes on, whatever has become of the folders since.
    Otherwise it is the repository, the nearest folder with a promptls.toml, the workspace folder, or the file's own.
    """
    above = path.parents
    for each in above:
        if history_file(each).exists():
            return each
    for names in (_REPOSITORIES, (_SETTINGS,)):
        for each in above:
            if any((each / name).exists() for name in names):
                return each
    workspace = [each for each in folders if path.is_relative_to(each)]
    return max(workspace, key=lambda each: len(each.parts), default=path.parent)
