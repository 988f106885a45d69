"""Reading what can still be read of a damaged history."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from promptls.store.versions import Difference, Version

_VERSIONS = (
    "SELECT id, path, version, parent, checksum, time, author, message, bump, reasons, score, tokens FROM versions "
    "NOT INDEXED"
)
_TEXTS = "SELECT rowid, checksum, text FROM texts NOT INDEXED"
_BEYOND = 2_000


def salvaged(file: Path) -> Iterator[tuple[str, Version, str]]:
    """The versions of a damaged file that can be read with their whole texts, in order: path, version, text."""
    from promptls.store.history import checksum

    with suppress(sqlite3.Error), closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")  # otherwise a file that was cut off is refused as a whole
        texts: dict[str, str] = {}
        for _, expected, data in _rows(connection, _TEXTS):
            with suppress(ValueError, AttributeError):
                text = data.decode("utf-8", "surrogatepass")
                if checksum(text) == expected:
                    texts[expected] = text
        for _, path, *row in _rows(connection, _VERSIONS):
            version = _read(row)
            if version is not None and isinstance(path, str) and version.checksum in texts:
                yield path, version, texts[version.checksum]


def _rows(connection: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """The rows of a table: up to the first damage from its beginning and from its end, and those between one by one."""
    found: dict[int, tuple[Any, ...]] = {}
    for order in ("ASC", "DESC"):
        try:
            for row in connection.execute(f"{query} ORDER BY rowid {order}"):
                found[row[0]] = row
        except sqlite3.Error:
            continue
        return [found[id] for id in sorted(found)]
    for id in set(range(1, max(found, default=0) + _BEYOND)) - found.keys():
        with suppress(sqlite3.Error):
            for row in connection.execute(f"{query} WHERE rowid = ?", (id,)):
                found[id] = row
    return [found[id] for id in sorted(found)]


def _read(row: list[Any]) -> Version | None:
    number, parent, checksum, time, author, message, bump, reasons, score, tokens = row
    try:
        told = tuple(Difference(*each) for each in json.loads(reasons))
    except (TypeError, ValueError):
        told = ()
    version = Version(number, parent, checksum, time, author, message, bump, told, score, tokens)
    texts = (version.version, version.checksum, version.author, version.message)
    sound = all(isinstance(each, str) for each in texts) and isinstance(version.time, int | float)
    return version if sound else None
