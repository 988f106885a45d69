"""Which files include which partials, by names that stand in their texts: nothing is parsed for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from promptls.syntax.source import Source
from promptls.workspace.files import FileProblem, Stamp, absolute
from promptls.workspace.partials import COMPUTED, inclusions

if TYPE_CHECKING:
    from promptls.workspace.workspace import Workspace


class _OnDisk(NamedTuple):
    """The files that include each partial, and those that include some by a computed name, at one revision."""

    revision: int
    includers: dict[Path, set[Path]]
    computing: set[Path]


class Inclusions:
    """Remembers the names that every file includes, as long as its text is the same."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._names: dict[Path, tuple[Source | Stamp, tuple[str, ...]]] = {}
        self._on_disk: _OnDisk | None = None

    def included(self, path: Path) -> Iterator[tuple[str, Path]]:
        """See `Workspace`."""
        settings = self._workspace.settings(path)
        for name in self.names(path):
            included = self._workspace.partial_path_from(name, path, settings)
            if included is not None:
                yield name, included

    def includers(self, among: Iterable[Path]) -> dict[Path, set[Path]]:
        """The files that include each partial, found among some files and the partials that these include."""
        includers: dict[Path, set[Path]] = {}
        pending = [absolute(each) for each in among]
        seen = set(pending)
        while pending:
            file = pending.pop()
            for _, included in self.included(file):
                includers.setdefault(included, set()).add(file)
                if included not in seen:
                    seen.add(included)
                    pending.append(included)
        return includers

    def is_included(self, path: Path, disk_revision: int) -> bool:
        """Whether any file includes a partial, or may: by a computed name. Looks at the disk once in a revision."""
        if self._on_disk is None or self._on_disk.revision != disk_revision:
            files = self._workspace.files()
            computing = {each for each in files if COMPUTED in self.names(each)}
            self._on_disk = _OnDisk(disk_revision, self.includers(files), computing)
        buffers = self._workspace.open_paths
        for each in buffers:
            if each == path:
                continue
            if COMPUTED in self.names(each) or any(included == path for _, included in self.included(each)):
                return True
        return bool((self._on_disk.includers.get(path, set()) | self._on_disk.computing).difference((*buffers, path)))

    def names(self, path: Path) -> tuple[str, ...]:
        """The names by which a file includes partials, and `COMPUTED` where it includes one by no fixed name."""
        version = self._workspace.version(path)
        if version is None:
            return ()
        if path not in self._names and (index := self._workspace.opened_index) is not None:
            for each, state, names in index.included():
                self._names.setdefault(each, (state, names))
        known = self._names.get(path)
        if known is None or known[0] != version:
            try:
                text = self._workspace.source(path).text
            except FileProblem:
                text = ""
            known = self._names[path] = (version, inclusions(text))
        return known[1]
