"""Searching in the index with SQLite's full-text search (FTS5)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from promptls.store.backend import Hit, Marked, Window
from promptls.store.query import NumberFilter, Query, Term, TextFilter
from promptls.store.schema import SEARCHED

# Characters that Unicode keeps for private use, and that nobody writes into prompts.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
UNMARKED = {ord(_OPEN): " ", ord(_CLOSE): " "}
"""What searched texts are translated by, so that they hold no marks of their own."""
_MARK = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_ORDERS = {
    "relevance": "search.rank",
    "score": "p.score IS NULL, p.score DESC, p.path",
    "created": "p.created DESC, p.path",
    "updated": "p.updated DESC, p.path",
}
_TEXTS = ("names", "title", "description", "prose")
_HOLDS = "p.id IN (SELECT id FROM texts WHERE " + " OR ".join(f"{each} LIKE ? ESCAPE '\\'" for each in _TEXTS) + ")"
_LABELS = {"tag": "tag", "tool": "tool", "variable": "variable", "partial": "partial", "rule": "rule"}


def match_expression(terms: Sequence[Term], *, every: bool) -> str:
    """Terms in FTS5's language; every one of them must be there, or any."""
    written = [f'"{" ".join(term.words)}"{" *" if term.prefix else ""}' for term in terms]
    return (" AND " if every else " OR ").join(written)


def find(connection: sqlite3.Connection, columns: str, query: Query, window: Window) -> tuple[list[Any], int]:
    """The rows that a query finds: their rank, the less the better, and some columns; and how many there are in all."""
    spaced = [term for term in query.terms if not term.is_unspaced]
    conditions, values = _conditions(query)
    unspaced = [term for term in query.terms if term.is_unspaced] if window.every or not spaced else []
    if unspaced:
        conditions.append(f"({(' AND ' if window.every else ' OR ').join([_HOLDS] * len(unspaced))})")
        values += [text for term in unspaced for text in [f"%{_escaped(''.join(term.words))}%"] * len(_TEXTS)]
    if window.without:
        conditions.append(f"p.path NOT IN ({', '.join('?' * len(window.without))})")
        values += window.without
    qualified = ", ".join(f"p.{each.strip()}" for each in columns.split(","))
    if not spaced:
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        order = _ORDERS["updated" if query.sort == "relevance" else query.sort]
        total = connection.execute(f"SELECT count(*) FROM prompts p {where}", values).fetchone()[0]
        rows = connection.execute(
            f"SELECT 0.0, {qualified} FROM prompts p {where} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, window.limit, window.offset),
        )
        return rows.fetchall(), total
    expression = match_expression(spaced, every=window.every)
    if not conditions and query.sort == "relevance":
        total = counted(connection, expression)
        rows = connection.execute(
            f"SELECT m.rank, {qualified} FROM (SELECT rowid AS id, rank FROM search WHERE search MATCH ? "
            "ORDER BY rank LIMIT ? OFFSET ?) m JOIN prompts p USING (id) ORDER BY m.rank",
            (expression, window.limit, window.offset),
        )
        return rows.fetchall(), total
    source = f"FROM search JOIN prompts p ON p.id = search.rowid WHERE {' AND '.join(['search MATCH ?', *conditions])}"
    total = connection.execute(f"SELECT count(*) {source}", (expression, *values)).fetchone()[0]
    rows = connection.execute(
        f"SELECT search.rank, {qualified} {source} ORDER BY {_ORDERS[query.sort]} LIMIT ? OFFSET ?",
        (expression, *values, window.limit, window.offset),
    )
    return rows.fetchall(), total


def counted(connection: sqlite3.Connection, expression: str, at_most: int | None = None) -> int:
    """How many prompts match."""
    limit = "" if at_most is None else f" LIMIT {at_most}"
    statement = f"SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?{limit})"
    found: int = connection.execute(statement, (expression,)).fetchone()[0]
    return found


def mark(connection: sqlite3.Connection, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Hits with their texts and what in them matches."""
    shown = ("title", "description", "prose")
    spaced = [term for term in query.terms if not term.is_unspaced]
    unspaced = ["".join(term.words) for term in query.terms if term.is_unspaced]
    highlighted = ", ".join(f"highlight(search, {SEARCHED.index(each)}, '{_OPEN}', '{_CLOSE}')" for each in shown)
    matching = (
        f"SELECT {highlighted}, t.source FROM search JOIN texts t ON t.id = search.rowid "
        "WHERE search MATCH ? AND search.rowid = (SELECT id FROM prompts WHERE path = ?)"
    )
    plain = f"SELECT {', '.join(shown)}, source FROM texts WHERE id = (SELECT id FROM prompts WHERE path = ?)"
    expression = match_expression(spaced, every=False)
    marked = []
    for hit in hits:
        row = connection.execute(matching, (expression, hit.row.path)).fetchone() if spaced else None
        row = row or connection.execute(plain, (hit.row.path,)).fetchone()
        if row is not None:
            title, description, prose = (_marked(text, unspaced) for text in row[:3])
            hit = replace(hit, title=title, description=description, prose=prose, text=row[3])
        marked.append(hit)
    return tuple(marked)


def _marked(text: str, unspaced: Sequence[str]) -> Marked:
    matches: list[tuple[int, int]] = []
    for number, match in enumerate(_MARK.finditer(text)):
        start = match.start() - 2 * number
        matches.append((start, start + len(match[1])))
    text = _MARK.sub(lambda match: match[1], text)
    for word in unspaced:
        matches += [each.span() for each in re.finditer(re.escape(word), text)]
    return Marked(text, tuple(sorted(matches)))


def _conditions(query: Query) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for text in query.texts:
        condition, value = _text_condition(text)
        conditions.append(condition)
        values += value
    for number in query.numbers:
        conditions.append(_number_condition(number))
        values.append(number.value)
    return conditions, values


def _text_condition(wanted: TextFilter) -> tuple[str, list[str]]:
    """The whole value, or for names with parts, such as `googleai/gemini-2.5-flash`, the beginning of any part."""
    like = _escaped(wanted.value)
    if wanted.field in _LABELS:
        kind = _LABELS[wanted.field]
        patterns = [like, f"{like}/%", f"%/{like}"] if kind in ("partial", "rule") else [like]
        if wanted.prefix:
            patterns = [f"{each.removesuffix('/%')}%" for each in patterns]
        tests = " OR ".join(["value LIKE ? ESCAPE '\\'"] * len(patterns))
        return f"p.id IN (SELECT prompt FROM labels WHERE kind = '{kind}' AND ({tests}))", patterns
    if wanted.field == "domain":
        return "p.domain LIKE ? ESCAPE '\\'", [f"{like}%" if wanted.prefix else like]
    if wanted.field == "name":
        return "p.name LIKE ? ESCAPE '\\'", [f"{like}%" if wanted.prefix else like]
    column = "place" if wanted.field == "path" else wanted.field
    return f"p.{column} LIKE ? ESCAPE '\\'", [f"%{like}%"]


def _number_condition(wanted: NumberFilter) -> str:
    return f"p.{wanted.field} {wanted.comparison} ?"


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
