"""Answers of models, kept for a while: in memory, and below that in SQLite, shared by every process."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

_SHORTEST, _STEP, _LONGEST = 0.5, 2 * 3600.0, 24 * 3600.0
_IN_MEMORY = 512
_SCHEMA = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL, expires REAL NOT NULL)"


def lifetime(quality: float) -> float:
    """For how many seconds an answer of this quality is kept: two hours times it, between one hour and a day."""
    return min(_STEP * max(_SHORTEST, quality), _LONGEST)


class AnswerCache:
    """Answers by key. A file that cannot be used costs the cache, never the work; `path` None keeps to memory."""

    def __init__(self, path: Path | None = None, *, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._recent: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._broken = path is None

    def get(self, key: str) -> dict[str, object] | None:
        """The answer kept under a key, or None."""
        with self._lock:
            known = self._recent.get(key) or self._read(key)
            if known is None or known[1] <= self._now():
                return None
            self._keep(key, *known)
        answer = json.loads(known[0])
        return answer if isinstance(answer, dict) else None

    def put(self, key: str, answer: dict[str, object], quality: float = _SHORTEST) -> None:
        """Keep an answer for as long as its quality deserves."""
        text, expires = json.dumps(answer), self._now() + lifetime(quality)
        with self._lock:
            self._keep(key, text, expires)
            self._do("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, text, expires))

    def rate(self, key: str, quality: float) -> None:
        """An answer has proved to be of this quality: let it live accordingly."""
        answer = self.get(key)
        if answer is not None:
            self.put(key, answer, quality)

    def _keep(self, key: str, text: str, expires: float) -> None:
        self._recent[key] = (text, expires)
        self._recent.move_to_end(key)
        while len(self._recent) > _IN_MEMORY:
            self._recent.popitem(last=False)

    def _read(self, key: str) -> tuple[str, float] | None:
        rows = self._do("SELECT answer, expires FROM answers WHERE key = ?", (key,))
        return (str(rows[0][0]), float(rows[0][1])) if rows else None

    def _do(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        if self._broken or self._path is None:
            return []
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
            try:
                connection.execute(_SCHEMA)
                connection.execute("DELETE FROM answers WHERE expires <= ?", (self._now(),))
                return connection.execute(statement, values).fetchall()
            finally:
                connection.close()
        except sqlite3.DatabaseError as error:
            if not isinstance(error, sqlite3.OperationalError):
                self._path.unlink(missing_ok=True)  # noise in the place of the file: the next one starts afresh
            self._give_up(error)
        except OSError as error:
            self._give_up(error)
        return []

    def _give_up(self, error: Exception) -> None:
        self._broken = True
        logger.warning("answers of models are kept in memory only: %s", error)
