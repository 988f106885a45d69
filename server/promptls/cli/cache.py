"""Results of earlier runs, in the platform's cache folder: one small database for each folder that is checked.

A result is taken again when the file's text, its settings and promptls itself are the same, and the project still
answers what was asked of it for the file (its partials, above all).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

import promptls

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

# What findings are made of besides our own code.
_DATA = ("genai_prices", "detect_secrets", "yaml")
_SECONDS = 2.0


class Cache:
    """Strings by path, each under a key that says what it was made from. A damaged or locked one is empty."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._database = _opened(file)
        self._fresh: dict[str, tuple[str, str]] = {}

    def get(self, path: str, key: str) -> str | None:
        """What was kept for a path under exactly this key."""
        if path in self._fresh:
            kept_under, value = self._fresh[path]
            return value if kept_under == key else None
        rows = self._execute("SELECT value FROM results WHERE path = ? AND key = ?", path, key)
        return rows[0][0] if rows else None

    def put(self, path: str, key: str, value: str) -> None:
        """Keep one string for a path, instead of what was kept for it before; written by `close`."""
        self._fresh[path] = (key, value)

    def close(self) -> None:
        """Write what was put, and forget files that are gone."""
        # All at once, so that runs beside this one wait for a moment only.
        for path, (key, value) in self._fresh.items():
            self._execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", path, key, value)
        if self._fresh:
            for (path,) in self._execute("SELECT path FROM results"):
                if not Path(path).exists():
                    self._execute("DELETE FROM results WHERE path = ?", path)
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.commit()
            self._database.close()

    def _execute(self, statement: str, *values: str) -> list[tuple[str, ...]]:
        if self._database is None:
            return []
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            # Locked by another run for long, on a full disk, or damaged: this run does without.
            self._database.close()
            self._database = None
            if not isinstance(error, sqlite3.OperationalError):
                _remove(self._file)
            return []


def _opened(file: Path) -> sqlite3.Connection | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(file, timeout=_SECONDS)
    except (OSError, sqlite3.Error):
        return None
    try:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("CREATE TABLE IF NOT EXISTS results (path TEXT PRIMARY KEY, key TEXT, value TEXT)")
    except sqlite3.DatabaseError as error:
        database.close()
        if not isinstance(error, sqlite3.OperationalError):
            _remove(file)
        return None
    return database


def _remove(file: Path) -> None:
    """Drop a damaged database; the next run makes a new one."""
    with suppress(OSError):
        file.unlink()


def cache_file(folder: Path) -> Path:
    """Where the results of files below `folder` are kept."""
    name = sha256(os.fsencode(folder)).hexdigest()[:16]
    return user_cache_path("promptls", appauthor=False) / f"{name}.sqlite3"


def program_digest() -> str:
    """What changes whenever promptls could judge differently: its version, its code, and the data it is made with."""
    digest = sha256(promptls.__version__.encode())
    for folder, folders, names in os.walk(Path(promptls.__file__).parent):
        folders[:] = sorted(each for each in folders if each != "__pycache__")
        for name in sorted(names):
            _stamp(Path(folder, name), digest)
    for package in _DATA:
        spec = find_spec(package)
        if spec and spec.origin:
            _stamp(Path(spec.origin), digest)
    for file in _rule_files():
        _stamp(file, digest)
    return digest.hexdigest()


def _rule_files() -> Iterator[Path]:
    """The built-in packs of a checkout, which stand outside of the code, and the modules of plugins."""
    from promptls.lint.packs import rules_folder
    from promptls.lint.plugins import modules

    yield from sorted(rules_folder().glob("*.yaml"))
    yield from modules()


def _stamp(file: Path, digest: Hash) -> None:
    status = file.stat()
    digest.update(f"{file}\n{status.st_size}\n{status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
