"""The history in a SQLite file that several processes share, and that outlives whatever happens to them.

Every call opens the file and closes it again: nothing is left half done, and a file that is damaged can be set aside
while nobody holds it. A commit is on the disk before it counts as done (WAL, `synchronous = FULL`).
"""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from promptls.store.history import DamagedText, HistoryProblem, encoded
from promptls.store.salvage import salvaged
from promptls.store.state import make_private_folder
from promptls.store.version_rows import COLUMNS, read_version_row, storable, version_row
from promptls.store.versions import Version

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
"""How long to wait for another process to finish its writing."""

_OF_DAMAGE = re.compile("no such (table|column)|has no column|malformed|already exists|unsupported file format")
_NOISE = 10_000
"""Versions of the tables that there will never be."""

# Each brings the tables from the version of its place to the next one; what is released is never changed.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE texts (checksum TEXT PRIMARY KEY, text BLOB NOT NULL)",
        """CREATE TABLE versions (
            id INTEGER PRIMARY KEY, path TEXT NOT NULL, version TEXT NOT NULL, parent TEXT,
            checksum TEXT NOT NULL REFERENCES texts, time REAL NOT NULL, author TEXT NOT NULL, message TEXT NOT NULL,
            bump TEXT, reasons TEXT NOT NULL, score INTEGER, tokens INTEGER, UNIQUE (path, version))""",
        "CREATE INDEX versions_checksum ON versions (checksum)",
    ),
)


class SqliteHistory:
    """See `HistoryBackend`.

    A file that is damaged is set aside under another name, never deleted, and what can be read of it goes on in a new
    one; `told` hears of that in a sentence. A file that a newer promptls has written is left as it is.
    """

    def __init__(
        self, file: Path, *, busy_seconds: float = BUSY_SECONDS, told: Callable[[str], None] | None = None
    ) -> None:
        self.file = file
        self._busy = busy_seconds
        self._told = told or (lambda sentence: logger.warning("%s", sentence))

    # Questions

    def versions(self, path: str) -> tuple[Version, ...]:
        """See `HistoryBackend`."""
        return self._done(lambda connection: _versions(connection, path)) if self.file.exists() else ()

    def text(self, checksum: str) -> str:
        """See `HistoryBackend`."""
        rows = self._read("SELECT text FROM texts WHERE checksum = ?", (checksum,))
        if not rows:
            raise DamagedText(f"{self.file}: a text ({checksum[:12]}) is missing")
        return _text(rows[0][0], checksum, self.file)

    def last_seen(self, checksum: str) -> tuple[str, ...]:
        """See `HistoryBackend`."""
        query = """SELECT path FROM versions AS one WHERE checksum = ?
            AND id = (SELECT max(id) FROM versions WHERE path = one.path) ORDER BY path"""
        return tuple(path for (path,) in self._read(query, (checksum,)))

    def paths(self) -> tuple[str, ...]:
        """See `HistoryBackend`."""
        return tuple(path for (path,) in self._read("SELECT DISTINCT path FROM versions ORDER BY path"))

    # Changes

    def add(self, path: str, version: Version, text: str) -> bool:
        """See `HistoryBackend`."""

        def write(connection: sqlite3.Connection) -> bool:
            if _newest(connection, path) != version.parent:
                return False
            _put(connection, path, version, text)
            return True

        return self._write(write)

    def restate(self, path: str, version: Version, text: str) -> bool:
        """See `HistoryBackend`. The text that it had stays in the file."""

        def write(connection: sqlite3.Connection) -> bool:
            if _newest(connection, path) != version.version:
                return False
            _put_text(connection, version.checksum, text)
            query = "UPDATE versions SET checksum = ? WHERE path = ? AND version = ?"
            connection.execute(query, (version.checksum, storable(path), version.version))
            return True

        return self._write(write)

    def judge(self, path: str, version: str, score: int | None, tokens: int | None) -> None:
        """See `HistoryBackend`."""
        query = "UPDATE versions SET score = ?, tokens = ? WHERE path = ? AND version = ?"
        self._write(lambda connection: connection.execute(query, (score, tokens, storable(path), version)))

    def rename(self, path: str, new: str) -> bool:
        """See `HistoryBackend`."""

        def write(connection: sqlite3.Connection) -> bool:
            if _newest(connection, new) is not None:
                return False
            connection.execute("UPDATE versions SET path = ? WHERE path = ?", (storable(new), storable(path)))
            return True

        return self._write(write)

    # The file

    def _read(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        if not self.file.exists():
            return []
        return self._done(lambda connection: connection.execute(query, values).fetchall())

    def _write(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        def transaction(connection: sqlite3.Connection) -> Answer:
            connection.execute("BEGIN IMMEDIATE")
            try:
                answer = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            return answer

        return self._done(transaction)

    def _done(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Do something with the file; twice where it had to be set aside between."""
        try:
            try:
                return self._tried(work)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._set_aside(error)
                return self._tried(work)
        except sqlite3.Error as error:
            raise HistoryProblem(f"the history {self.file} cannot be used: {error}") from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise HistoryProblem(f"the history {self.file} cannot be used: {reason[:1].lower()}{reason[1:]}") from error

    def _tried(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        make_private_folder(self.file.parent)
        with _clear_errors(), self._holding("BEGIN"), closing(self._connected()) as connection:
            return work(connection)

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=self._busy, isolation_level=None)
        # Noise within a text is the loss of that text alone.
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if not 0 <= version < _NOISE:
                raise sqlite3.DatabaseError("the version of its tables is noise")
            if version > len(MIGRATIONS):
                raise HistoryProblem(
                    f"the history {self.file} was written by a newer promptls (its tables are version {version}, "
                    f"this one knows {len(MIGRATIONS)}); it is left as it is: update promptls to use it"
                )
            self._use_log(connection)
            connection.execute("PRAGMA synchronous = FULL")
            if version < len(MIGRATIONS):
                self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _use_log(self, connection: sqlite3.Connection) -> None:
        """Have readers and a writer work beside each other. Switching does not wait by itself."""
        deadline = time.monotonic() + self._busy
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the tables up to this version, all at once or not at all."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]  # another process may have been faster
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {max(version, len(MIGRATIONS))}")
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _holding(self, begin: str) -> Iterator[None]:
        """Hold the file's lock: shared by those who use it, alone for the one who sets it aside."""
        path = Path(f"{self.file}.lock")
        if path.exists() and path.stat().st_size:  # it never holds anything; noise in it would lock everybody out
            path.unlink()
        with closing(sqlite3.connect(path, timeout=self._busy, isolation_level=None)) as lock:
            lock.execute(begin)
            lock.execute("PRAGMA schema_version").fetchone()
            yield

    def _set_aside(self, damage: sqlite3.Error) -> None:
        with self._holding("BEGIN EXCLUSIVE"):
            if not self._is_damaged():  # another process was faster
                return
            aside = self._free_name()
            for ending in ("-wal", "-shm", ""):
                with suppress(FileNotFoundError):
                    Path(f"{self.file}{ending}").rename(f"{aside}{ending}")
            saved = 0
            with closing(self._connected()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                for path, version, text in salvaged(aside):
                    with suppress(sqlite3.IntegrityError):  # read twice
                        _put(connection, path, version, text)
                        saved += 1
                connection.execute("COMMIT")
        self._told(
            f"The history {self.file} was damaged ({damage}). It is kept as {aside.name}; "
            f"{saved:,} {'version' if saved == 1 else 'versions'} could be read and go on."
        )

    def _is_damaged(self) -> bool:
        try:
            with _clear_errors(), closing(self._connected()) as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            return True

    def _free_name(self) -> Path:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        number = 0
        while (path := self.file.with_name(f"{self.file.stem}.damaged-{stamp}-{number}{self.file.suffix}")).exists():
            number += 1
        return path


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Raise a database's error also where SQLite's message quotes noise that Python cannot decode."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise sqlite3.DatabaseError("its schema is noise") from error


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is no history; what may pass (a lock, a full disk) does not."""
    if not isinstance(error, sqlite3.OperationalError):
        return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError)
    return _OF_DAMAGE.search(str(error)) is not None


def _versions(connection: sqlite3.Connection, path: str) -> tuple[Version, ...]:
    query = f"SELECT {COLUMNS} FROM versions WHERE path = ? ORDER BY id"
    found = map(read_version_row, connection.execute(query, (storable(path),)).fetchall())
    return tuple(each for each in found if each is not None)


def _newest(connection: sqlite3.Connection, path: str) -> str | None:
    found = _versions(connection, path)
    return found[-1].version if found else None


def _put(connection: sqlite3.Connection, path: str, version: Version, text: str) -> None:
    _put_text(connection, version.checksum, text)
    row = version_row(version)
    places = ", ".join("?" * (len(row) + 1))
    connection.execute(f"INSERT INTO versions (path, {COLUMNS}) VALUES ({places})", (storable(path), *row))


def _put_text(connection: sqlite3.Connection, checksum: str, text: str) -> None:
    connection.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (checksum, encoded(text)))


def _text(data: bytes, expected: str, file: Path) -> str:
    if sha256(data).hexdigest() != expected:
        raise DamagedText(f"{file}: a text ({expected[:12]}) is damaged")
    return data.decode("utf-8", "surrogatepass")
