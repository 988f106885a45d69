"""`Store`: the index of one workspace, which takes care that there always is one."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from promptls.store.backend import Backend, Changes, Damaged, Hit, Page, Row, Unavailable, Window
from promptls.store.query import Query, Term
from promptls.store.records import FileState, Known
from promptls.store.similar import KEYS, Sketch, likeness
from promptls.store.sqlite import BUSY_SECONDS, SqliteBackend, opening

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


class Store:
    """The index in a file, or in memory where the file cannot be used.

    A file that is damaged is made anew without a word. Where one cannot be used (it is locked for long, its disk full,
    its folder read-only), `problem` says so in a sentence, and the work goes on in memory. In both cases the index is
    empty then, and `generation` has grown: whoever fills it must do so again. Any thread may use it.
    """

    def __init__(self, file: Path | None, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.file = file
        self.generation = 0
        self.problem: str | None = None
        self._busy = busy_seconds
        self._inode: int | None = None
        self._lock = threading.Lock()
        self._backend = self._opened()

    @property
    def is_kept(self) -> bool:
        """Whether the index outlives the process."""
        return self.file is not None

    def close(self) -> None:
        """Let go of files."""
        self._backend.close()

    def clear(self) -> None:
        """Forget everything."""
        self._asked(lambda backend: backend.clear())

    # What the backend answers, whatever becomes of its file

    def known(self, paths: Collection[str] | None = None) -> dict[str, Known]:
        """See `Backend`."""
        return self._asked(lambda backend: backend.known(paths))

    def write(self, changes: Changes) -> None:
        """See `Backend`; what is written into an index that turns out to be unusable is lost with it."""
        self._asked(lambda backend: backend.write(changes))

    def find(self, query: Query, window: Window) -> Page:
        """See `Backend`."""
        return self._asked(lambda backend: backend.find(query, window))

    def mark(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """See `Backend`."""
        return self._asked(lambda backend: backend.mark(query, hits))

    def is_word(self, term: Term) -> bool:
        """See `Backend`."""
        return self._asked(lambda backend: backend.is_word(term))

    def words_like(self, word: str) -> list[str]:
        """See `Backend`."""
        return self._asked(lambda backend: list(backend.words_like(word)))

    def row(self, path: str) -> Row | None:
        """See `Backend`."""
        return self._asked(lambda backend: backend.row(path))

    def partials(self) -> list[tuple[str, FileState, tuple[str, ...]]]:
        """See `Backend`."""
        return self._asked(lambda backend: list(backend.partials()))

    def names(self) -> list[tuple[str, FileState, tuple[str, ...]]]:
        """See `Backend`."""
        return self._asked(lambda backend: list(backend.names()))

    def holding(self, word: str) -> set[str]:
        """See `Backend`."""
        return self._asked(lambda backend: backend.holding(word))

    def counts(self) -> Mapping[str, int]:
        """See `Backend`."""
        return self._asked(lambda backend: backend.counts())

    def alike(self, sketch: Sketch, least: float) -> Iterator[tuple[str, float]]:
        """The prompts whose text is at least that like a sketch's, the likest first."""
        keys = sketch[:KEYS]
        if not keys:
            return
        found = self._asked(lambda backend: list(backend.sketches(keys)))
        rated = sorted(((likeness(sketch, other), path) for path, other in found), key=lambda each: (-each[0], each[1]))
        yield from ((path, rating) for rating, path in rated if rating >= least)

    # Files that fail

    def _asked(self, question: Callable[[Backend], Answer]) -> Answer:
        backend = self._backend
        for _ in range(2):
            try:
                return question(backend)
            except (Damaged, Unavailable) as error:
                backend = self._replaced(backend, error)
        return question(backend)

    def _replaced(self, failed: Backend, error: Exception) -> Backend:
        with self._lock:
            if self._backend is failed:  # otherwise another thread was faster
                failed.close()
                if isinstance(error, Damaged) and self.file is not None:
                    self._backend = self._opened(error)
                else:
                    self._backend = self._in_memory(str(error))
                self.generation += 1
            return self._backend

    def _opened(self, damage: Damaged | None = None) -> Backend:
        """The index in its file, made anew if it is known to be damaged or turns out to be; or else in memory."""
        if self.file is None:
            return SqliteBackend()
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with opening(self.file, self._busy):
                if self.file.exists() and self.file.stat().st_ino != self._inode:
                    damage = None  # another process was faster and has made it anew
                if damage is None:
                    try:
                        return self._in_file(self.file)
                    except Damaged as error:
                        damage = error
                logger.info("the index %s is damaged (%s) and made anew", self.file, damage)
                for ending in ("-wal", "-shm", ""):
                    Path(f"{self.file}{ending}").unlink(missing_ok=True)
                return self._in_file(self.file)
        except OSError as error:
            return self._in_memory(error.strerror or str(error))
        except (Damaged, Unavailable, sqlite3.Error) as error:
            return self._in_memory(str(error))

    def _in_file(self, file: Path) -> Backend:
        backend = SqliteBackend(file, busy_seconds=self._busy)
        self._inode = file.stat().st_ino
        return backend

    def _in_memory(self, reason: str) -> Backend:
        self.problem = f"The index {self.file} cannot be used ({reason}); promptls goes on without keeping one."
        self.file = None
        return SqliteBackend()
