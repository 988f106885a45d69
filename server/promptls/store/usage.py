"""Counters of what prompts are used for: how often, by day, prompt and rule. They never leave the machine."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from promptls.store.state import make_private_folder
from promptls.store.version_rows import storable

Use = Literal["views", "renders", "optimisations", "accepted", "dismissed"]
"""`accepted` are suggestions and fixes that were taken, `dismissed` findings that were waved through."""

USES: tuple[Use, ...] = get_args(Use)

_VERSION = 1
_BUSY_SECONDS = 1.0
_TABLE = """CREATE TABLE IF NOT EXISTS uses (day TEXT, use TEXT, path TEXT, rule TEXT, count INTEGER NOT NULL,
    PRIMARY KEY (day, use, path, rule)) WITHOUT ROWID"""
_ADD = """INSERT INTO uses VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (day, use, path, rule) DO UPDATE SET count = count + excluded.count"""

logger = logging.getLogger(__name__)


class Counter(NamedTuple):
    """What is counted: on a day (2026-01-31, UTC), a use of a prompt, and the rule that it was about, or nothing."""

    day: str
    use: Use
    path: str
    rule: str = ""


class Usage:
    """The counters of one project. Nobody waits for them and nothing fails for them: at worst they miss something."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def add(self, counts: Mapping[Counter, int]) -> bool:
        """Add to the counters; false where that was not possible. A file that is damaged is set aside."""
        for _ in range(2):
            try:
                make_private_folder(self.file.parent)
                with closing(self._connected()) as connection, connection:
                    connection.execute(_TABLE)
                    connection.execute(f"PRAGMA user_version = {_VERSION}")
                    rows = [(*map(storable, counter), count) for counter, count in counts.items()]
                    connection.executemany(_ADD, rows)
                return True
            except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
                logger.debug("uses were not counted: %s", error)
                if isinstance(error, OSError | sqlite3.OperationalError) or not self._set_aside():
                    return False
        return False

    def counts(self) -> dict[Counter, int]:
        """All counters; none where they cannot be read."""
        if not self.file.exists():
            return {}
        try:
            with closing(self._connected()) as connection:
                rows = connection.execute("SELECT day, use, path, rule, count FROM uses").fetchall()
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            logger.debug("counters cannot be read: %s", error)
            return {}
        return {Counter(day, use, path, rule): count for day, use, path, rule, count in rows if _is_sound(use, count)}

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=_BUSY_SECONDS)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] > _VERSION:
                raise sqlite3.OperationalError(f"{self.file} was written by a newer promptls")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_aside(self) -> bool:
        for ending in ("-wal", "-shm"):
            Path(f"{self.file}{ending}").unlink(missing_ok=True)
        with suppress(OSError):
            self.file.replace(self.file.with_suffix(".damaged"))
            return True
        return False


def _is_sound(use: object, count: object) -> bool:
    return use in USES and isinstance(count, int)
