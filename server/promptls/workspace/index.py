"""The index of a workspace: searched with open buffers in the place of their files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.store.backend import Changes
from promptls.store.index import Store
from promptls.store.location import index_file
from promptls.store.query import Query
from promptls.store.records import LONGEST_TEXT
from promptls.store.search import Results, search
from promptls.store.similar import NEAR, SHORT, sketch
from promptls.store.sqlite import SqliteBackend
from promptls.syntax.source import Source
from promptls.workspace.files import FileProblem, Stamp, absolute, prompt_name, stamp
from promptls.workspace.indexing import Outcome, Progress, SettingsDigests, refresh, workspace_record

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt
    from promptls.workspace.workspace import Workspace

_UNSAVED = Stamp(0, 0, 0)


class WorkspaceIndex:
    """A `Store` of the prompts below a workspace's folders. Any thread may use it."""

    def __init__(self, workspace: Workspace, store: Store | None = None) -> None:
        self.folders = workspace.folders
        self.store = store or Store(index_file(workspace.folders))
        self._workspace = workspace
        self._buffered: dict[Path, Source] = {}
        self._lock = threading.Lock()
        self._learned = False
        self.complete = False
        """Whether every file was looked at since the index was opened: until then, what is found may not be all."""

    def refresh(
        self,
        paths: Iterable[Path] | None = None,
        *,
        judging: bool = True,
        jobs: int = 1,
        progress: Progress | None = None,
        check_cancelled: Callable[[], None] | None = None,
    ) -> Outcome:
        """See `promptls.workspace.indexing.refresh`."""
        hearing = {"progress": progress, "check_cancelled": check_cancelled}
        given = {name: each for name, each in hearing.items() if each is not None}
        outcome = refresh(self._workspace, self.store, paths=paths, judging=judging, jobs=jobs, **given)  # type: ignore[arg-type]
        if outcome.read:
            self._learned = False
        self.complete |= paths is None
        return outcome

    def follow(
        self,
        paths: Iterable[Path],
        *,
        judging: bool = True,
        jobs: int = 1,
        check_cancelled: Callable[[], None] | None = None,
    ) -> Outcome:
        """Refresh after files were made, changed or deleted. Only a full look can tell whether new ones belong here."""
        paths = [absolute(each) for each in paths]
        known = self.store.known([str(path) for path in paths])
        only = None if any(str(path) not in known and stamp(path) for path in paths) else paths
        return self.refresh(only, judging=judging, jobs=jobs, check_cancelled=check_cancelled)

    def included(self) -> list[tuple[Path, Stamp, tuple[str, ...]]]:
        """The names of partials that every file includes, and the state in which it was; once after each change."""
        if self._learned:
            return []
        self._learned = True
        return [(Path(path), Stamp(*state), names) for path, state, names in self.store.partials()]

    def search(self, query: Query, limit: int = 20, offset: int = 0) -> Results:
        """What a query finds, open buffers as they are now."""
        with self._lock:
            open_paths = self._refresh_buffers()
            return search(self.store, query, limit, offset, buffers=self._buffers, open_paths=open_paths)

    def similar(self, prompt: Prompt, least: float = NEAR) -> tuple[tuple[Path, float], ...]:
        """The other prompts whose words are at least that like those of a prompt, the likest first."""
        from promptls.analysis.prose import prose

        found = self.store.alike(sketch(prose(prompt).text), least)
        own = prompt.path
        return tuple((Path(path), likeness) for path, likeness in found if own is None or Path(path) != own)

    def alike(self, prompt: Prompt) -> list[Path]:
        """See `Project`. Short texts are like many others, and variants of one prompt are meant to be alike."""
        from promptls.analysis.prose import prose

        path = prompt.path
        if path is None or len(sketch(prose(prompt).text)) < SHORT:
            return []
        own = path.parent, prompt_name(path).name
        return [each for each, _ in self.similar(prompt) if (each.parent, prompt_name(each).name) != own]

    def names(self) -> dict[Path, tuple[Stamp, tuple[str, ...]]]:
        """Of every file, the state in which it was, and what it was known by."""
        return {Path(path): (Stamp(*state), names) for path, state, names in self.store.names()}

    def mentioning(self, word: str) -> dict[Path, tuple[Stamp, bool]]:
        """Of every file that is known to its end, the state in which it was, and whether its text holds a string."""
        holding = self.store.holding(word)
        return {
            Path(path): (Stamp(*known.state), path in holding)
            for path, known in self.store.known().items()
            if known.state.size <= LONGEST_TEXT
        }

    @cached_property
    def _buffers(self) -> SqliteBackend:
        return SqliteBackend()

    def _refresh_buffers(self) -> list[str]:
        """See to it that the buffers are indexed as they are; gives their paths."""
        workspace = self._workspace
        now = {path: workspace.source(path) for path in workspace.open_paths}
        fresh = [path for path, source in now.items() if self._buffered.get(path) is not source]
        gone = [path for path in self._buffered if path not in now]
        if fresh or gone:
            settings = SettingsDigests()
            records = []
            for path in fresh:
                try:
                    state = stamp(path) or _UNSAVED
                    records.append(workspace_record(workspace, path, state, settings.of(workspace, path)))
                except FileProblem:
                    continue
            self._buffers.write(Changes(records=records, gone=[str(path) for path in gone]))
            self._buffered = now
        return [str(path) for path in now]
