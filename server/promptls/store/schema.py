"""The tables of the index in SQLite."""

from __future__ import annotations

import sqlite3

VERSION = 1
"""Grows with every change of the tables or of what is written into them; an index of another version is made anew."""

_TABLES = {
    "prompts": {
        "id": int,
        "path": str,
        "place": str,
        "modified": int,
        "size": int,
        "inode": int,
        "hash": str,
        "settings": str,
        "name": str,
        "variant": str,
        "title": str,
        "description": str,
        "domain": str,
        "stated_domain": str,
        "model": str,
        "tags": str,
        "partials": str,
        "sketch": bytes,
        "created": float,
        "updated": float,
        "judged": int,
        "tokens": int,
        "score": int,
        "clarity": int,
        "specificity": int,
        "structure": int,
        "completeness": int,
        "findings": str,
    },
    # Apart, so that what is sorted and filtered by lies close together.
    "texts": {
        "id": int,
        "names": str,
        "title": str,
        "description": str,
        "labels": str,
        "prose": str,
        "source": str,
    },
}

SEARCHED = ("names", "title", "description", "labels", "prose")
WEIGHTS = (8.0, 8.0, 4.0, 3.0, 1.0)
"""How much a word counts in each of the columns that are searched."""

_columns = ", ".join(SEARCHED)
_new, _old = (", ".join(f"{row}.{column}" for column in SEARCHED) for row in ("new", "old"))
_SEARCH = (
    f"""CREATE VIRTUAL TABLE search USING fts5({_columns}, content='texts', content_rowid='id', prefix='2 3',
        tokenize='porter unicode61 remove_diacritics 2')""",
    f"INSERT INTO search(search, rank) VALUES ('rank', 'bm25({', '.join(map(str, WEIGHTS))})')",
    "CREATE VIRTUAL TABLE words USING fts5vocab(search, row)",
    f"""CREATE TRIGGER texts_insert AFTER INSERT ON texts BEGIN
        INSERT INTO search(rowid, {_columns}) VALUES (new.id, {_new}); END""",
    f"""CREATE TRIGGER texts_delete AFTER DELETE ON texts BEGIN
        INSERT INTO search(search, rowid, {_columns}) VALUES ('delete', old.id, {_old}); END""",
    """CREATE TABLE labels (kind TEXT NOT NULL, value TEXT NOT NULL COLLATE NOCASE, prompt INTEGER NOT NULL,
        PRIMARY KEY (kind, value, prompt)) WITHOUT ROWID""",
    "CREATE INDEX labels_prompt ON labels (prompt)",
    "CREATE TABLE shingles (hash INTEGER NOT NULL, prompt INTEGER NOT NULL, PRIMARY KEY (hash, prompt)) WITHOUT ROWID",
    "CREATE INDEX shingles_prompt ON shingles (prompt)",
)


def has_tables(connection: sqlite3.Connection) -> bool:
    """Whether the tables are those of this version."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version == VERSION


def make_tables(connection: sqlite3.Connection) -> None:
    """Make all tables anew, inside the transaction that is open."""
    from sqlite_utils import Database

    for kind in ("trigger", "table"):
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = ? ORDER BY name", (kind,)).fetchall()
        # Virtual tables come first and take their shadows with them.
        for (name,) in sorted(found, key=lambda row: row[0] not in ("search", "words")):
            if not name.startswith(("sqlite_", "search_")):
                connection.execute(f'DROP {kind} IF EXISTS "{name}"')
    database = Database(connection)
    for name, columns in _TABLES.items():
        database.create_table(name, columns, pk="id", not_null={"id"})
    database.table("prompts").create_index(["path"], unique=True)
    for column in ("updated", "created", "score", "tokens", "judged"):
        database.table("prompts").create_index([column])
    for statement in _SEARCH:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
