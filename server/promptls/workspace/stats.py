"""A project's prompts in figures: how they are now, how they came to be so, and what they are used for."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from promptls.store.backend import Row, Window
from promptls.store.history import History, HistoryProblem
from promptls.store.query import Query
from promptls.store.reading import judge
from promptls.store.sqlite_history import SqliteHistory
from promptls.store.state import history_file, project_folder, usage_file
from promptls.store.usage import Counter, Usage
from promptls.store.versions import Version
from promptls.workspace.files import FileProblem
from promptls.workspace.history import prompt_of
from promptls.workspace.workspace import Workspace

Progress = Callable[[int, int], None]

_MOST_ROWS = 1_000_000
_MOST_JUDGED = 200


class Moment(NamedTuple):
    """How the prompts that had a version by a time (seconds since the epoch) were then: the mean score of their newest
    versions, and the sum of their tokens.
    """

    time: float
    score: float
    tokens: int
    prompts: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What `promptls stats` tells. `rows` are the prompts, `versions` those recorded, `uses` the counters by day."""

    rows: tuple[Row, ...]
    versions: tuple[Version, ...]
    timeline: tuple[Moment, ...]
    uses: dict[Counter, int]
    problems: tuple[str, ...] = ()

    @property
    def score(self) -> float | None:
        """The mean score of the prompts, or None where none is judged."""
        scores = [each.score for each in self.rows if each.score is not None]
        return sum(scores) / len(scores) if scores else None

    @property
    def tokens(self) -> int:
        """The tokens of all prompts together."""
        return sum(each.tokens or 0 for each in self.rows)

    @property
    def findings(self) -> dict[str, int]:
        """How often each rule finds something, the most frequent first."""
        counts: Counts[str] = Counts()
        for row in self.rows:
            counts.update(row.findings)
        return _ranked(counts)

    @property
    def domains(self) -> dict[str, int]:
        """How many prompts each domain has, the greatest first."""
        return _ranked(Counts(each.domain or "unknown" for each in self.rows))

    @property
    def models(self) -> dict[str, int]:
        """How many prompts name each model, the most named first."""
        return _ranked(Counts(each.model or "none named" for each in self.rows))

    def used(self, by: str) -> dict[str, int]:
        """The uses added up by `use`, `day`, `path` or `rule`, the greatest first."""
        counts: Counts[str] = Counts()
        for counter, count in self.uses.items():
            counts[getattr(counter, by)] += count
        return _ranked(counts)


def gather(workspace: Workspace, paths: Sequence[Path] = (), progress: Progress = lambda _done, _of: None) -> Stats:
    """The figures of the prompts at or below some paths, or of all that are indexed; the index is taken as it is.

    Versions that nobody has scored yet are scored now, the newest ones first up to a bound.
    """
    rows = [hit.row for hit in workspace.index.store.find(Query(), Window(_MOST_ROWS)).hits]
    if paths:
        rows = [each for each in rows if any(Path(each.path).is_relative_to(path) for path in paths)]
    rows.sort(key=lambda each: each.path)
    problems: list[str] = []
    known: dict[Path, tuple[Version, ...]] = {}
    uses: Counts[Counter] = Counts()
    for project, files in _projects(workspace, rows).items():
        history = History(project, SqliteHistory(history_file(project), told=problems.append))
        try:
            known.update(_versions(workspace, history, files, progress))
        except HistoryProblem as problem:
            problems.append(str(problem))
        here = {path.relative_to(project).as_posix() for path in files}
        uses.update({each: count for each, count in Usage(usage_file(project)).counts().items() if each.path in here})
    versions = sorted((each for versions in known.values() for each in versions), key=lambda each: each.time)
    return Stats(tuple(rows), tuple(versions), tuple(_timeline(known)), dict(uses), tuple(problems))


def _projects(workspace: Workspace, rows: Iterable[Row]) -> dict[Path, list[Path]]:
    """The files of each project; files of one folder belong to one."""
    of_folders: dict[Path, Path] = {}
    projects: dict[Path, list[Path]] = {}
    for row in rows:
        path = Path(row.path)
        project = of_folders.get(path.parent)
        if project is None:
            project = of_folders[path.parent] = project_folder(path, workspace.folders)
        projects.setdefault(project, []).append(path)
    return projects


def _versions(
    workspace: Workspace, history: History, files: Sequence[Path], progress: Progress
) -> dict[Path, tuple[Version, ...]]:
    recorded = set(history.backend.paths())
    found = {path: history.versions(path) for path in files if history.path(path) in recorded}
    waiting = [(path, each) for path, versions in found.items() for each in versions if each.tokens is None]
    waiting.sort(key=lambda each: -each[1].time)
    for done, (path, version) in enumerate(waiting[:_MOST_JUDGED]):
        progress(done, min(len(waiting), _MOST_JUDGED))
        try:
            known = judge(prompt_of(workspace, history, path, version), str(path))
        except (FileProblem, HistoryProblem):
            continue
        history.judge(path, version, known.score, known.tokens)
    if waiting:
        found.update({path: history.versions(path) for path, _ in waiting})
    return found


def _timeline(known: dict[Path, tuple[Version, ...]]) -> Iterator[Moment]:
    """One moment for every version that is scored."""
    events = [
        (each.time, path, each.score, each.tokens)
        for path, versions in known.items()
        for each in versions
        if each.score is not None and each.tokens is not None
    ]
    newest: dict[Path, tuple[int, int]] = {}
    for time, path, score, tokens in sorted(events, key=lambda each: each[0]):
        newest[path] = (score, tokens)
        scores = [each[0] for each in newest.values()]
        yield Moment(time, sum(scores) / len(scores), sum(each[1] for each in newest.values()), len(newest))


def _ranked(counts: Counts[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
