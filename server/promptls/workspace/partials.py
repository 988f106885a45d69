"""Where the partials of a prompt are: by path from a prompt root, or, as Genkit loads them, by bare name below it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

from promptls.settings import Settings
from promptls.workspace.discovery import NEVER_WALKED
from promptls.workspace.files import SUFFIX, Stamp, is_prompt_file, stamp

_REFUSED = re.compile(r"[\x00-\x1f\\:]|%[0-9a-fA-F]{2}|\A/|/\Z|//")
_MOST_FOLDERS_UP = 5
_MOST_FILES = 2_000
GENKIT_FOLDER = "prompts"
"""The folder that Genkit loads where it is told none; all partials below it are known by their bare names."""


def partial_file(name: str) -> PurePosixPath | None:
    """The file that a partial's name means, relative to a prompt root: `dir/name` is `dir/_name.prompt`.

    None for names that runtimes refuse: absolute ones, `..`, NUL, %-encoded ones.
    """
    if not name or _REFUSED.search(name) or {".", ".."} & set(name.split("/")):
        return None
    path = PurePosixPath(name)
    return path.with_name(f"_{path.name}{SUFFIX}")


def roots(folder: Path, settings: Settings, workspace_folders: tuple[Path, ...]) -> tuple[Path, ...]:
    """The folders in which the partials of a file in `folder` are looked for, the first one that has it winning.

    Those of the settings, or else the file's own folder and those above it: up to the workspace's, or for a file
    outside of it up to a repository's, and a few at most.
    """
    if settings.prompt_roots:
        base = settings.folder or folder
        return tuple(Path(os.path.normpath(base / root)) for root in settings.prompt_roots)
    upwards = [folder, *folder.parents]
    inside = [root for root in workspace_folders if folder.is_relative_to(root)]
    if inside:
        top = max(inside, key=lambda root: len(root.parts))
        return tuple(upwards[: upwards.index(top) + 1])
    near = upwards[:_MOST_FOLDERS_UP]
    repository = next((index for index, each in enumerate(near) if (each / ".git").exists()), None)
    return tuple(near if repository is None else near[: repository + 1])


def bare_name_roots(found_roots: tuple[Path, ...], settings: Settings) -> tuple[Path, ...]:
    """The folders below which a partial is also known by its bare name, wherever it stands."""
    if settings.prompt_roots:
        return found_roots
    genkit = next((root for root in found_roots if root.name == GENKIT_FOLDER), None)
    return (genkit or found_roots[0],)


class Files(Protocol):
    """The files among which partials are looked for."""

    def exists(self, path: Path) -> bool:
        """Whether there is a file."""
        ...

    def partials_below(self, top: Path) -> Sequence[Path]:
        """The partials at and below a folder, in order of their paths."""
        ...


def find_partial(name: str, path: Path, settings: Settings, folders: tuple[Path, ...], files: Files) -> Path | None:
    """Where the partial is that the file at `path` calls `name`, or would have to be; None for refused names."""
    file = partial_file(name)
    if file is None:
        return None
    tops = roots(path.parent, settings, folders)
    candidates = [top / file for top in tops]
    found = next(filter(files.exists, candidates), None)
    if found is None and len(file.parts) == 1:
        below = (each for top in bare_name_roots(tops, settings) for each in files.partials_below(top))
        found = next((each for each in below if each.name == file.name), None)
    return found or candidates[0]


def names_of(partial: Path, path: Path, settings: Settings, folders: tuple[Path, ...]) -> Iterator[str]:
    """The names by which the file at `path` may call a partial, unless another partial takes them: shortest first."""
    tops = roots(path.parent, settings, folders)
    found = {name_in(partial, top) for top in tops}
    if any(partial.is_relative_to(top) for top in bare_name_roots(tops, settings)):
        found.add(name_in(partial, partial.parent))
    yield from sorted((name for name in found if name), key=lambda name: (len(name), name))


class Listing(NamedTuple):
    """The partials below a folder, and the stamps of the folders looked into, which tell when to look again."""

    partials: tuple[Path, ...]
    folders: dict[Path, Stamp | None]

    def is_current(self) -> bool:
        return all(stamp(folder) == known for folder, known in self.folders.items())


def list_partials(top: Path) -> Listing:
    """The partials at and below a folder, in order of their paths; links to folders are not followed."""
    partials: list[Path] = []
    folders: dict[Path, Stamp | None] = {}
    for parent, subfolders, names in os.walk(top):
        folder = Path(parent)
        folders[folder] = stamp(folder)
        subfolders[:] = sorted(name for name in subfolders if name not in NEVER_WALKED)
        partials += [folder / name for name in sorted(names) if name.startswith("_") and is_prompt_file(name)]
        if len(partials) + len(folders) > _MOST_FILES:
            break
    return Listing(tuple(sorted(partials)), folders)


def name_in(path: Path, root: Path) -> str | None:
    """The name by which a template calls the partial at `path` from a prompt root; None where it is not below it."""
    if not path.is_relative_to(root) or not path.name.startswith("_"):
        return None
    return path.relative_to(root).with_name(path.name[1 : -len(SUFFIX)]).as_posix()


_INCLUSION = re.compile(r"""\{\{~?\#?>\s*(?:"([^"\n]*)"|'([^'\n]*)'|\[([^\]\n]*)\]|([^\s"'(){}\[\]=|~]+))""")


def included_names(text: str) -> Iterator[str]:
    """The partials that a text includes by a fixed name, found without parsing it."""
    for match in _INCLUSION.finditer(text):
        yield next(name for name in match.groups() if name is not None)


_COMPUTED_INCLUSION = re.compile(r"\{\{~?#?>\s*\(")


def includes_computed_name(text: str) -> bool:
    """Whether a text includes a partial whose name is known only when it runs, found without parsing it."""
    return _COMPUTED_INCLUSION.search(text) is not None


COMPUTED = ""
"""Stands for the name of a partial that is known only when it runs."""


def inclusions(text: str) -> tuple[str, ...]:
    """The names by which a text includes partials, each once, with `COMPUTED` if it includes one by no fixed name."""
    computed = (COMPUTED,) if includes_computed_name(text) else ()
    return (*dict.fromkeys(included_names(text)), *computed)


def reachable(start: Path, edges: Mapping[Path, Iterable[Path]]) -> frozenset[Path]:
    """What the edges lead to from `start`."""
    found: set[Path] = set()
    pending = [start]
    while pending:
        for each in edges.get(pending.pop(), ()):
            if each not in found:
                found.add(each)
                pending.append(each)
    return frozenset(found)
