"""Reading what can still be read of a damaged history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from promptls.store.version_rows import read_version_row
from promptls.store.versions import Version

_VERSIONS = (
    "SELECT id, path, version, parent, checksum, time, author, message, bump, reasons, score, tokens FROM versions "
    "NOT INDEXED"
)
_TEXTS = "SELECT rowid, checksum, text FROM texts NOT INDEXED"
_BEYOND = 2_000
# SQLite's messages may quote noise that Python cannot decode.
_ERRORS = (sqlite3.Error, UnicodeDecodeError)


def salvaged(file: Path) -> Iterator[tuple[str, Version, str]]:
    """The versions of a damaged file that can be read with their whole texts, in order: path, version, text."""
    from promptls.store.history import checksum

    with suppress(*_ERRORS), closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.execute("PRAGMA writable_schema = ON")  # otherwise a file that was cut off is refused as a whole
        texts: dict[str, str] = {}
        for _, expected, data in _rows(connection, _TEXTS):
            with suppress(ValueError, AttributeError):
                text = data.decode("utf-8", "surrogatepass")
                if checksum(text) == expected:
                    texts[expected] = text
        for _, path, *row in _rows(connection, _VERSIONS):
            version = read_version_row(row)
            if version is not None and isinstance(path, str) and version.checksum in texts:
                yield path, version, texts[version.checksum]


def _rows(connection: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """The rows of a table: up to the first damage from its beginning and from its end, and those between one by one."""
    found: dict[int, tuple[Any, ...]] = {}
    for order in ("ASC", "DESC"):
        try:
            for row in connection.execute(f"{query} ORDER BY rowid {order}"):
                found[row[0]] = row
        except _ERRORS:
            continue
        return [found[id] for id in sorted(found)]
    for id in set(range(1, max(found, default=0) + _BEYOND)) - found.keys():
        with suppress(*_ERRORS):
            for row in connection.execute(f"{query} WHERE rowid = ?", (id,)):
                found[id] = row
    return [found[id] for id in sorted(found)]
