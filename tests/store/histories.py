"""Histories to test with: prompts that change again and again, and what must be true of every history."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.store.history import History, checksum
from promptls.store.sqlite_history import SqliteHistory


def prompt(path: Path, text: str) -> Prompt:
    return Prompt(text, settings=Settings(), path=path)


def text_of(number: int) -> str:
    """A text like its neighbours, as those of one prompt are."""
    return (
        f"---\nmodel: googleai/gemini-2.5-flash\n---\nWrite about {{{{topic}}}} number {number}.\n" + "Be brief.\n" * 20
    )


def open_history(folder: Path, file: Path, **more) -> History:
    return History(folder, SqliteHistory(file, **more))


def require_whole(history: History, path: Path, at_least: int = 0) -> int:
    """Fail where a history has gaps, misses a text or holds another one; gives how many versions there are."""
    versions = history.versions(path)
    assert len(versions) >= at_least
    assert [each.parent for each in versions] == [None, *(each.version for each in versions)][: len(versions)]
    for version in versions:
        assert checksum(history.text(version)) == version.checksum
    return len(versions)


def require_sound(file: Path) -> None:
    with closing(sqlite3.connect(file, timeout=10)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
