"""The index in a SQLite file that several processes share, or in memory."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath
from sys import intern
from typing import Any, TypeVar

from promptls.store.backend import Changes, Damaged, Hit, Page, Row, Unavailable, Window
from promptls.store.query import Query, Term
from promptls.store.records import FileState, Judgement, Known, Record
from promptls.store.schema import has_tables, make_tables
from promptls.store.similar import KEYS, Sketch, packed, unpacked
from promptls.store.sqlite_search import UNMARKED, counted, find, mark, match_expression

Answer = TypeVar("Answer")

BUSY_SECONDS = 5.0
"""How long to wait for another process to finish its writing."""

_UNAVAILABLE = re.compile("locked|busy|full|readonly|read-only|unable to open|disk I/O|permission", re.I)
_ROW = (
    "path, name, variant, title, description, domain, model, tags, tokens, score, clarity, specificity, structure, "
    "completeness, findings, created, updated"
)
_DIMENSIONS = ("clarity", "specificity", "structure", "completeness")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@contextmanager
def opening(file: Path, seconds: float) -> Iterator[None]:
    """Keep other processes from opening or removing an index; raises `Unavailable` where they go on too long.

    Between the removal of a database and that of its log, another process could make both anew and lose the log. The
    lock is one of SQLite's, which ends with its process.
    """
    with closing(sqlite3.connect(f"{file}.lock", timeout=seconds, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise Unavailable(str(error)) from error
        yield


class SqliteBackend:
    """See `Backend`. Without a file it lives in memory, as long as the process.

    Raises `Unavailable` where the file cannot be had, and `Damaged` where it is no index.
    """

    def __init__(self, file: Path | None = None, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.file = file
        self._busy = busy_seconds
        self._own = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        # In memory there is one connection only, which threads take in turns.
        self._shared = self._connected() if file is None else None
        with self._translated():
            self._prepare()

    # Connections

    def _connected(self) -> sqlite3.Connection:
        target = ":memory:" if self.file is None else str(self.file)
        connection = sqlite3.connect(target, timeout=self._busy, isolation_level=None, check_same_thread=False)
        with self._lock:
            self._all.append(connection)
        connection.execute(f"PRAGMA busy_timeout = {int(self._busy * 1000)}")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            if self._shared is not None:
                with self._lock:
                    yield self._shared
                return
            own: sqlite3.Connection | None = getattr(self._own, "connection", None)
            if own is None:
                own = self._own.connection = self._connected()
            yield own

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if _UNAVAILABLE.search(str(error)):
                raise Unavailable(str(error)) from error
            raise Damaged(str(error)) from error
        except (sqlite3.DatabaseError, ValueError, TypeError) as error:  # the last two: noise in the values of a row
            raise Damaged(str(error)) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _prepare(self) -> None:
        with self._connection() as connection:
            if self.file is not None:
                self._use_log(connection)
            if has_tables(connection):
                return
        with self._writing() as connection:
            if not has_tables(connection):  # another process may have made them meanwhile
                make_tables(connection)

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
                time.sleep(0.02)

    def clear(self) -> None:
        """See `Backend`. Others that use the file go on with the empty tables."""
        with self._writing() as connection:
            make_tables(connection)

    def close(self) -> None:
        """See `Backend`."""
        with self._lock:
            for connection in self._all:
                with suppress(sqlite3.Error):
                    connection.close()
            self._all.clear()

    # What is known of files

    def known(self, paths: Collection[str] | None = None) -> dict[str, Known]:
        """See `Backend`."""
        statement = "SELECT path, modified, size, inode, hash, settings, judged FROM prompts"
        with self._connection() as connection:
            if paths is None:
                rows = connection.execute(statement).fetchall()
            else:
                rows = [row for path in paths for row in connection.execute(f"{statement} WHERE path = ?", (path,))]
            return {row[0]: Known(FileState(*row[1:4]), row[4], intern(row[5]), bool(row[6])) for row in rows}

    def write(self, changes: Changes) -> None:
        """See `Backend`."""
        if not (changes.records or changes.touched or changes.judgements or changes.gone or changes.outdated):
            return
        with self._writing() as connection:
            for path in changes.gone:
                _remove(connection, path)
            for record in changes.records:
                _put(connection, record)
            connection.executemany(
                "UPDATE prompts SET modified = ?, size = ?, inode = ? WHERE path = ?",
                [(*state, path) for path, state in changes.touched.items()],
            )
            connection.executemany(
                "UPDATE prompts SET judged = 0 WHERE path = ?", [(path,) for path in changes.outdated]
            )
            for judgement in changes.judgements:
                _judge(connection, judgement)

    # Questions

    def find(self, query: Query, window: Window) -> Page:
        """See `Backend`."""
        with self._connection() as connection:
            rows, total = find(connection, _ROW, query, window)
            return Page(tuple(Hit(_row(row[1:]), -row[0]) for row in rows), total)

    def mark(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """See `Backend`."""
        with self._connection() as connection:
            return mark(connection, query, hits)

    def is_word(self, term: Term) -> bool:
        """See `Backend`."""
        with self._connection() as connection:
            return counted(connection, match_expression([term], every=True), at_most=1) > 0

    def words_like(self, word: str) -> Iterable[str]:
        """See `Backend`. They are stems, as the index has them."""
        with self._connection() as connection:
            first = word[:1].lower()
            rows = connection.execute(
                "SELECT term FROM words WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?",
                (first, first + "\U0010ffff", len(word) - 4, len(word) + 2),
            )
            return [term for (term,) in rows]

    def row(self, path: str) -> Row | None:
        """See `Backend`."""
        with self._connection() as connection:
            found = connection.execute(f"SELECT {_ROW} FROM prompts WHERE path = ?", (path,)).fetchone()
            return _row(found) if found else None

    def sketches(self, keys: Sequence[int]) -> Iterator[tuple[str, Sketch]]:
        """See `Backend`."""
        with self._connection() as connection:
            places = ", ".join("?" * len(keys))
            rows = connection.execute(
                f"SELECT path, sketch FROM prompts WHERE id IN (SELECT prompt FROM shingles WHERE hash IN ({places}))",
                tuple(keys),
            ).fetchall()
        yield from ((path, unpacked(data)) for path, data in rows)

    def partials(self) -> Iterator[tuple[str, FileState, tuple[str, ...]]]:
        """See `Backend`."""
        with self._connection() as connection:
            rows = connection.execute("SELECT path, modified, size, inode, partials FROM prompts").fetchall()
        yield from ((row[0], FileState(*row[1:4]), tuple(json.loads(row[4]))) for row in rows)

    def names(self) -> Iterator[tuple[str, FileState, tuple[str, ...]]]:
        """See `Backend`."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT path, modified, size, inode, name, variant, title, group_concat(value, char(31)) FROM prompts "
                "LEFT JOIN labels ON prompt = id AND kind = 'variable' GROUP BY id"
            ).fetchall()
        for path, modified, size, inode, name, variant, title, variables in rows:
            own = (name, f"{name}.{variant}" if variant else None, title, *(variables or "").split("\x1f"))
            yield path, FileState(modified, size, inode), tuple(filter(None, own))

    def holding(self, word: str) -> set[str]:
        """See `Backend`."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT path FROM prompts JOIN texts USING (id) WHERE instr(source, ?) > 0", (word,)
            )
            return {path for (path,) in rows}

    def counts(self) -> Mapping[str, int]:
        """See `Backend`."""
        with self._connection() as connection:
            prompts, judged = connection.execute("SELECT count(*), coalesce(sum(judged), 0) FROM prompts").fetchone()
            pages, size = (connection.execute(f"PRAGMA {each}").fetchone()[0] for each in ("page_count", "page_size"))
        return {"prompts": prompts, "judged": judged, "bytes": pages * size}


def _row(row: Sequence[Any]) -> Row:
    path, name, variant, title, description, domain, model, tags, tokens, score, *rest = row
    *dimensions, findings, created, updated = rest
    return Row(
        path, name, variant, title, description, domain, model, tuple(json.loads(tags)), tokens, score,
        {key: value for key, value in zip(_DIMENSIONS, dimensions, strict=True) if value is not None},
        json.loads(findings) if findings else {}, created, updated,
    )  # fmt: skip


def _put(connection: sqlite3.Connection, record: Record) -> None:
    values = {
        "path": record.path,
        "place": record.place,
        "modified": record.state.modified,
        "size": record.state.size,
        "inode": record.state.inode,
        "hash": record.hash,
        "settings": record.settings,
        "name": record.name,
        "variant": record.variant,
        "title": record.title,
        "description": record.description,
        "domain": record.domain,
        "stated_domain": record.domain,
        "model": record.model,
        "tags": json.dumps(record.tags),
        "partials": json.dumps(record.partials),
        "sketch": packed(record.sketch),
        "created": record.created,
        "updated": record.updated,
        "judged": 0,
    }
    columns, places = ", ".join(values), ", ".join(f":{each}" for each in values)
    changed = ", ".join(f"{each} = excluded.{each}" for each in values if each not in ("path", "created"))
    ((id,),) = connection.execute(
        f"INSERT INTO prompts ({columns}) VALUES ({places}) "
        f"ON CONFLICT (path) DO UPDATE SET {changed}, created = min(created, excluded.created) RETURNING id",
        _encodable(values),
    ).fetchall()
    _forget_texts(connection, id)
    connection.execute(
        "INSERT INTO texts (id, names, title, description, labels, prose, source) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id, *(_clean(each).translate(UNMARKED) for each in (*_searched(record), record.prose)), _clean(record.text)),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO labels (kind, value, prompt) VALUES (?, ?, ?)",
        [(kind, _clean(value), id) for kind, value in record.labels()],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO shingles (hash, prompt) VALUES (?, ?)", [(key, id) for key in record.sketch[:KEYS]]
    )


def _searched(record: Record) -> tuple[str, str, str, str]:
    """The searched texts besides the prose; names are searched by their parts too."""
    place = PurePosixPath(record.place)
    names = [record.name, record.variant or "", place.name.removesuffix(".prompt"), *place.parts[-3:-1]]
    labels = [record.domain or "", record.model or "", *(value for _, value in record.labels())]
    return (
        _with_humps(" ".join(dict.fromkeys(names))),
        record.title or "",
        record.description or "",
        _with_humps(" ".join(labels)),
    )


def _with_humps(text: str) -> str:
    apart = _HUMP.sub(" ", text)
    return text if apart == text else f"{text} {apart}"


def _encodable(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _clean(value) for key, value in values.items()}


def _clean(value: Any) -> Any:
    """A value that can be stored: half of a surrogate pair cannot, and becomes one other character."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _judge(connection: sqlite3.Connection, judgement: Judgement) -> None:
    found = connection.execute(
        "SELECT id FROM prompts WHERE path = ? AND hash = ?", (judgement.path, judgement.hash)
    ).fetchone()
    if found is None:  # the text has changed since
        return
    dimensions = [judgement.dimensions.get(each) for each in _DIMENSIONS]
    connection.execute(
        "UPDATE prompts SET judged = 1, tokens = ?, score = ?, clarity = ?, specificity = ?, structure = ?, "
        "completeness = ?, findings = ?, domain = coalesce(stated_domain, ?) WHERE id = ?",
        (
            judgement.tokens,
            judgement.score,
            *dimensions,
            json.dumps(dict(judgement.findings)),
            judgement.domain,
            found[0],
        ),
    )
    connection.execute("DELETE FROM labels WHERE prompt = ? AND kind = 'rule'", found)
    connection.executemany(
        "INSERT OR IGNORE INTO labels (kind, value, prompt) VALUES ('rule', ?, ?)",
        [(rule, found[0]) for rule in judgement.findings],
    )


def _remove(connection: sqlite3.Connection, path: str) -> None:
    found = connection.execute("SELECT id FROM prompts WHERE path = ?", (path,)).fetchone()
    if found is not None:
        _forget_texts(connection, found[0])
        connection.execute("DELETE FROM prompts WHERE id = ?", found)


def _forget_texts(connection: sqlite3.Connection, id: int) -> None:
    connection.execute("DELETE FROM texts WHERE id = ?", (id,))
    for table in ("labels", "shingles"):
        connection.execute(f"DELETE FROM {table} WHERE prompt = ?", (id,))
