"""Walking folders for prompts, past what `.gitignore` and the settings leave out."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from promptls.workspace.files import FileProblem, absolute, is_prompt_file, unreadable

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NEVER_WALKED = frozenset(
    {
        ".bzr", ".cache", ".direnv", ".eggs", ".git", ".hg", ".hypothesis", ".idea", ".mypy_cache", ".next", ".nox",
        ".pnpm-store", ".promptls", ".pytest_cache", ".ruff_cache", ".svn", ".terraform", ".tox", ".venv", ".yarn",
        "__pycache__", "__pypackages__", "node_modules", "site-packages", "venv",
    }
)  # fmt: skip
"""Folders of other people's files or of what tools make. Other hidden folders are walked: some keep prompts there."""


class Patterns(NamedTuple):
    """Patterns as in `.gitignore`, and the folder that they are relative to."""

    folder: str
    spec: GitIgnoreSpec

    def verdict(self, path: str) -> bool | None:
        """Whether they leave out a path below their folder, None if silent; a folder's ends with a separator."""
        return self.spec.check_file(path[len(self.folder) :].lstrip(os.sep)).include


def patterns(folder: Path, lines: Iterable[str]) -> Patterns:
    """Patterns relative to `folder`; like git, it passes over lines that are none."""
    from pathspec import GitIgnoreSpec

    kept = list(lines)
    try:
        spec = GitIgnoreSpec.from_lines(kept)
    except ValueError:
        spec = GitIgnoreSpec.from_lines(line for line in kept if _is_pattern(line))
    return Patterns(str(folder), spec)


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


ExcludedBy = Callable[[Path], Patterns | None]
Wanted = Callable[[str], bool]


def discover(
    paths: Iterable[Path], excluded_by: ExcludedBy, wanted: Wanted = is_prompt_file
) -> Iterator[Path | FileProblem]:
    """Every prompt at or below `paths`, each once, in the order of the paths and then of the names.

    `wanted` tells by its name whether a file below folders is looked for. A file that is named is always given. Folders
    are walked without following links to folders. `excluded_by` tells the patterns of the settings that hold in a
    folder. What cannot be looked at gives a `FileProblem` in its place.
    """
    seen: set[Path] = set()
    for path in map(absolute, paths):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            yield FileProblem(path, "there is no such file or folder")
            continue
        except (OSError, ValueError) as error:
            yield FileProblem(path, unreadable(error))
            continue
        if stat.S_ISDIR(mode):
            found = _walk(path, excluded_by, wanted)
        elif stat.S_ISREG(mode):
            found = iter([path])
        else:
            found = iter([FileProblem(path, "is neither a file nor a folder")])
        for each in found:
            where = each.path if isinstance(each, FileProblem) else each
            if where not in seen:
                seen.add(where)
                yield each


class _Pending(NamedTuple):
    """What is yet to be looked at: a folder to walk, with the patterns that hold in it, or a result."""

    path: str
    ignoring: tuple[Patterns, ...]
    problem: str | None
    is_folder: bool


def _walk(top: Path, excluded_by: ExcludedBy, wanted: Wanted) -> Iterator[Path | FileProblem]:
    outer = tuple(each for each in _patterns_above(top) if not each.verdict(f"{top}{os.sep}"))
    pending = [_Pending(str(top), outer, None, True)]
    while pending:
        current = pending.pop()
        if current.problem is not None:
            yield FileProblem(Path(current.path), current.problem)
        elif not current.is_folder:
            yield Path(current.path)
        else:
            try:
                pending += sorted(_listed(current, excluded_by, wanted), reverse=True)
            except OSError as error:
                yield FileProblem(Path(current.path), unreadable(error))


def _listed(folder: _Pending, excluded_by: ExcludedBy, wanted: Wanted) -> Iterator[_Pending]:
    """The folders and wanted files directly in a folder that nothing leaves out."""
    here = Path(folder.path)
    with os.scandir(folder.path) as entries:
        listed = list(entries)
    ignoring = folder.ignoring
    if any(entry.name == ".gitignore" for entry in listed):
        ignoring += tuple(_read_patterns(here / ".gitignore", here))
    excluded = excluded_by(here)
    for entry in listed:
        problem = None
        is_folder = False
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and (not wanted(entry.name) or entry.is_dir()):
                continue
            if not is_folder and not entry.is_file():
                problem = "is a link to nothing" if entry.is_symlink() else "is not a regular file"
        except OSError as error:
            problem = unreadable(error)
        if is_folder and entry.name in NEVER_WALKED:
            continue
        path = f"{entry.path}{os.sep}" if is_folder else entry.path
        if not _is_ignored(path, ignoring) and not (excluded and excluded.verdict(path)):
            yield _Pending(entry.path, ignoring, problem, is_folder)


def _is_ignored(path: str, ignoring: tuple[Patterns, ...]) -> bool:
    """Whether `.gitignore` leaves out a path; of several files the innermost that says anything decides."""
    return next((verdict for each in reversed(ignoring) if (verdict := each.verdict(path)) is not None), False)


def _patterns_above(folder: Path) -> Iterator[Patterns]:
    """The patterns of a repository that hold in a folder from above it, outermost first."""
    above = list(folder.parents)
    top = next((index for index, each in enumerate([folder, *above]) if (each / ".git").exists()), None)
    if top is None:
        return
    repository = [folder, *above][top]
    yield from _read_patterns(repository / ".git" / "info" / "exclude", repository)
    for each in reversed(above[:top]):
        yield from _read_patterns(each / ".gitignore", each)


def _read_patterns(file: Path, folder: Path) -> Iterator[Patterns]:
    with suppress(OSError):
        yield patterns(folder, file.read_text(encoding="utf-8", errors="surrogateescape").splitlines())
