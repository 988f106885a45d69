"""Filling the index of a workspace: what changed since, read in this process or, where there is much, in several."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from uuid import uuid4

from promptls.store.backend import Changes
from promptls.store.index import Store
from promptls.store.reading import judge, read_record
from promptls.store.records import FileState, Judgement, Known, Record, Written, text_hash
from promptls.workspace.files import FileProblem, Stamp, prompt_name, stamp
from promptls.workspace.partials import inclusions, reachable

if TYPE_CHECKING:
    from promptls.settings import Settings
    from promptls.workspace.workspace import Blueprint, Workspace

Result = TypeVar("Result")

_CHUNK = 50
_WORTH_PROCESSES = 300
_NICE = 5
_RACY_NANOSECONDS = 100_000_000

Work = Callable[["Workspace", Sequence[Path]], Sequence[Result]]
Progress = Callable[[int, int], None]
"""Takes how many files are done, and of how many."""


class Outcome(NamedTuple):
    """What a refresh did."""

    seen: int
    read: int
    gone: int
    judged: int


def _unheard(_done: int, _of: int) -> None:
    """Tell nobody."""


def _never_cancelled() -> None:
    """Go on."""


def refresh(
    workspace: Workspace,
    store: Store,
    *,
    paths: Iterable[Path] | None = None,
    judging: bool = True,
    jobs: int = 1,
    progress: Progress = _unheard,
    check_cancelled: Callable[[], None] = _never_cancelled,
) -> Outcome:
    """Bring the index up to the files on disk: all of the workspace, or some that were made, changed or deleted.

    `judging` also fills in findings, scores and tokens, after everything else. What `check_cancelled` raises ends it,
    and what is done by then stays done.
    """
    for _ in range(3):
        generation = store.generation
        outcome = _Refresh(workspace, store, jobs, progress, check_cancelled).run(paths, judging)
        if store.generation == generation:
            break  # otherwise the index was lost on the way
    return outcome


class _Refresh:
    def __init__(
        self, workspace: Workspace, store: Store, jobs: int, progress: Progress, check_cancelled: Callable[[], None]
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._jobs = jobs
        self._progress = progress
        self._check_cancelled = check_cancelled

    def run(self, paths: Iterable[Path] | None, judging: bool) -> Outcome:
        paths = list(paths) if paths is not None else None
        known = self._store.known(None if paths is None else [str(path) for path in paths])
        settings = SettingsDigests()
        gone: set[str] = set(known) if paths is None else set()
        stale: list[Path] = []
        unjudged: list[Path] = []
        seen = 0
        for path in self._files(paths):
            self._check_cancelled()
            seen += 1
            name = str(path)
            gone.discard(name)
            now, before = stamp(path), known.get(name)
            if now is None:
                gone.add(name)
            elif (
                before is None
                or before.state != FileState(*now)
                or before.settings != settings.of(self._workspace, path)
            ):
                stale.append(path)
            elif not before.judged:
                unjudged.append(path)
        gone &= set(known)
        # What includes a changed partial is judged anew, now or by a later refresh.
        outdated = self._dependents([*stale, *map(Path, gone)], {*unjudged, *stale}) if known else []
        self._store.write(Changes(gone=gone, outdated=[str(path) for path in outdated]))
        unjudged += outdated
        before_reading = {name: known[name] for name in map(str, stale) if name in known}
        del known
        total = len(stale) + (len(stale) + len(unjudged) if judging else 0)
        done = self._each(stale, read_chunk, lambda found: self._keep(found, before_reading), 0, total)
        if judging:
            self._each([*unjudged, *stale], judge_chunk, self._judge, done, total)
        return Outcome(seen, len(stale), len(gone), len(stale) + len(unjudged) if judging else 0)

    def _dependents(self, changed: Iterable[Path], other_than: set[Path]) -> list[Path]:
        """The files that include changed partials, directly or through others."""
        partials = [path for path in changed if path.name.startswith("_")]
        includers = self._workspace.includers() if partials else {}
        found = {each for path in partials for each in reachable(path, includers)}
        return sorted(found - other_than)

    def _files(self, paths: Iterable[Path] | None) -> Iterator[Path]:
        if paths is None:
            yield from (each for each in self._workspace.discover() if isinstance(each, Path))
        else:
            yield from paths

    def _keep(self, found: Sequence[Record | str], known: dict[str, Known]) -> None:
        records = []
        touched: dict[str, FileState] = {}
        for each in found:
            if isinstance(each, str):
                continue
            before = known.get(each.path)
            if before is not None and before.hash == each.hash and before.settings == each.settings:
                touched[each.path] = each.state
            else:
                records.append(each)
        gone = [each for each in found if isinstance(each, str)]
        self._store.write(Changes(records=records, touched=touched, gone=gone))

    def _judge(self, found: Sequence[Judgement]) -> None:
        self._store.write(Changes(judgements=found))

    def _each(
        self,
        paths: Sequence[Path],
        work: Work[Result],
        keep: Callable[[Sequence[Result]], None],
        done: int,
        total: int,
    ) -> int:
        chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
        jobs = min(self._jobs, len(paths) // (_WORTH_PROCESSES // 2))
        results = self._in_processes(chunks, work, jobs) if jobs > 1 else self._here(chunks, work)
        for chunk, result in results:
            keep(result)
            done += len(chunk)
            self._progress(done, total)
            self._check_cancelled()
        return done

    def _here(
        self, chunks: Iterable[Sequence[Path]], work: Work[Result]
    ) -> Iterator[tuple[Sequence[Path], Sequence[Result]]]:
        # The index is of what is on disk. How that is judged holds for the same text in a buffer, and may be known.
        workspace = self._workspace if work is judge_chunk else self._workspace.blueprint.workspace()
        for chunk in chunks:
            yield chunk, work(workspace, chunk)

    def _in_processes(
        self, chunks: Sequence[Sequence[Path]], work: Work[Result], jobs: int
    ) -> Iterator[tuple[Sequence[Path], Sequence[Result]]]:
        """The results of all chunks as they come; of those that a broken process leaves, this one sees to itself."""
        # Where there are threads, a fork could inherit a lock that nobody will ever release.
        forking = sys.platform == "linux" and threading.active_count() == 1
        pool = ProcessPoolExecutor(jobs, get_context("fork" if forking else "spawn"), _begin_work)
        order = _Order(uuid4().hex, self._workspace.blueprint)
        waiting = iter(chunks)
        running: dict[Future[Sequence[Result]], Sequence[Path]] = {}
        left: list[Sequence[Path]] = []
        try:
            while True:
                for chunk in islice(waiting, 2 * jobs - len(running)):
                    running[pool.submit(_in_process, order, work, chunk)] = chunk
                if not running:
                    break
                # Looks up now and then, so that it can be called off.
                for future in wait(running, timeout=0.05, return_when=FIRST_COMPLETED).done:
                    chunk = running.pop(future)
                    yield chunk, future.result()
                self._check_cancelled()
        except BrokenProcessPool:
            left = [*running.values(), *waiting]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        yield from self._here(left, work)


def _begin_work() -> None:
    """In a new process: let others go first, leave Ctrl-C to the first one, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    first = parent_process()
    if first is not None:
        threading.Thread(target=_end_with, args=(first.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    from multiprocessing.connection import wait as wait_for

    wait_for([sentinel])
    os._exit(1)


class SettingsDigests:
    """A few characters that differ when settings do; many files share the same."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Settings, str]] = {}

    def of(self, workspace: Workspace, path: Path) -> str:
        """The digest of a file's settings."""
        settings = workspace.settings(path)
        if id(settings) not in self._known:
            # Kept with the digest, so that no other settings can get its identity.
            self._known[id(settings)] = settings, text_hash(f"{settings.folder}\n{settings.model_dump_json()}")
        return self._known[id(settings)][1]


@dataclass(frozen=True, slots=True)
class _Order:
    """What a process works for; its key tells one refresh from another."""

    key: str
    blueprint: Blueprint = field(compare=False)


def _in_process(order: _Order, work: Work[Result], paths: Sequence[Path]) -> Sequence[Result]:
    return work(_workspace_of(order), paths)


@lru_cache(maxsize=1)
def _workspace_of(order: _Order) -> Workspace:
    """One workspace in each process, so that questions about all files are answered once."""
    return order.blueprint.workspace()


def read_chunk(workspace: Workspace, paths: Sequence[Path]) -> Sequence[Record | str]:
    """The records of files, or of one that cannot be read its path alone."""
    settings = SettingsDigests()
    return [_read(workspace, path, settings) for path in paths]


def _read(workspace: Workspace, path: Path, settings: SettingsDigests) -> Record | str:
    # The stamp comes first: where the file changes while it is read, the next refresh sees that.
    now = stamp(path)
    if now is None:
        return str(path)
    try:
        return workspace_record(workspace, path, now, settings.of(workspace, path))
    except FileProblem:
        return str(path)


def workspace_record(workspace: Workspace, path: Path, now: Stamp, settings: str) -> Record:
    """The record of a file or open buffer; raises `FileProblem`."""
    prompt = workspace.prompt(path)
    named = prompt_name(path)
    # A file may change once more within the tick of the clock that its time was taken from.
    settled = time.time_ns() - now.modified > _RACY_NANOSECONDS
    state = FileState(now.modified if settled else -1, now.size, now.inode)
    root = max(
        (each for each in workspace.folders if path.is_relative_to(each)),
        key=lambda each: len(each.parts),
        default=None,
    )
    place = path.relative_to(root) if root is not None else path
    return read_record(
        prompt,
        Written(
            path,
            place,
            state,
            named.name,
            named.variant,
            inclusions(prompt.text),
            settings,
            _created(path, now),
            now.modified / 1e9,
        ),
    )


def _created(path: Path, now: Stamp) -> float:
    """When a file was made, or where the system does not tell, last changed."""
    try:
        birth = getattr(path.stat(), "st_birthtime", None)
    except OSError:
        birth = None
    return float(birth) if birth else now.modified / 1e9


def judge_chunk(workspace: Workspace, paths: Sequence[Path]) -> Sequence[Judgement]:
    """The judgements of files that can be read."""
    found = []
    for path in paths:
        try:
            found.append(judge(workspace.prompt(path), str(path)))
        except FileProblem:
            continue
    return found
