"""Many prompts: the urgent ones first, a few at a time, and after a kill from where it stood."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from enum import IntEnum
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

Work = TypeVar("Work")
Done = TypeVar("Done")


class Priority(IntEnum):
    """How urgent a prompt is; the greater comes first, and has the budget first."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    CRITICAL = 3

    @classmethod
    def named(cls, label: str) -> Priority:
        """The priority with this label; raises `KeyError` for another word."""
        return cls[label.upper()]


class Job(NamedTuple, Generic[Work]):
    """Something to do, and how urgent it is."""

    work: Work
    priority: Priority = Priority.NORMAL


def run_jobs(
    jobs: Sequence[Job[Work]], do: Callable[[Work], Done], at_once: int, stop: threading.Event
) -> Iterator[tuple[Work, Done]]:
    """What `do` gives for each job as it is done, at most `at_once` at a time, by priority and then in order.

    Whoever leaves the loop sets `stop` off, and waits for what has begun: `do` should look at it. What `do` raises is
    raised here.
    """
    ordered = sorted(jobs, key=lambda job: -job.priority)
    if at_once == 1:
        for job in ordered:
            yield job.work, do(job.work)
        return
    waiting = iter(ordered)
    running: dict[Future[Done], Work] = {}
    with ThreadPoolExecutor(at_once, thread_name_prefix="promptls-optimize") as pool:
        try:
            while True:
                for job in waiting:
                    running[pool.submit(do, job.work)] = job.work
                    if len(running) == at_once:
                        break
                if not running:
                    return
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield running.pop(future), future.result()
        finally:
            stop.set()


class Journal:
    """What is done of a batch, on disk, by keys that say what it was made from. Without a path it keeps nothing.

    Each line is one JSON object; a half-written last one is ignored. A journal that cannot be written costs the way
    back only.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known = _read(path) if path is not None else {}

    def get(self, key: str) -> dict[str, Any] | None:
        """What was written under a key."""
        return self._known.get(key)

    def put(self, keys: Sequence[str], value: dict[str, Any]) -> None:
        """Write something down under each of these keys."""
        if self._path is None:
            return
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                with os.fdopen(handle, "a", encoding="utf-8") as file:
                    # A line end first: the last line may be half of one.
                    file.write("\n" + json.dumps({"keys": list(keys), "value": value}, ensure_ascii=False))
            except OSError:
                self._path = None

    def close(self) -> None:
        """Everything is done: nothing is left to go on with."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return known
    for line in lines:
        try:
            entry = json.loads(line)
            known |= {str(key): dict(entry["value"]) for key in entry["keys"]}
        except (ValueError, KeyError, TypeError):
            continue
    return known
