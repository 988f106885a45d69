"""Searching prompts, and what is found as data: one shape for the command line, the server and its editors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from promptls.language.prompt import Prompt
from promptls.store.backend import Row
from promptls.store.query import Query
from promptls.store.search import Found, Results
from promptls.workspace import Workspace

LEAST_ALIKE = 0.3
"""Whoever asks for similar prompts also wants to see what is only somewhat alike."""

ShowPath = Callable[[Path], str]


def search(workspace: Workspace, query: Query, limit: int, offset: int, show: ShowPath) -> dict[str, Any]:
    """What a query finds; paths are written by `show`."""
    results = workspace.index.search(query, limit, offset)
    return payload(results, show)


def similar(workspace: Workspace, prompt: Prompt, limit: int, offset: int, show: ShowPath) -> dict[str, Any]:
    """The prompts that are most like one, their `rank` being the part of runs of three words that both have."""
    found = workspace.index.similar(prompt, LEAST_ALIKE)
    rows = ((workspace.index.store.row(str(path)), rating) for path, rating in found[offset : offset + limit])
    results = tuple(Found(row, rating, row.description or "", (), None) for row, rating in rows if row is not None)
    return payload(Results(results, len(found)), show)


def similar_page(workspace: Workspace, prompt: Prompt) -> str:
    """The prompts that are most like one as a page of Markdown."""
    name = prompt.path.name if prompt.path is not None else "this prompt"
    found = workspace.index.similar(prompt, LEAST_ALIKE)
    if not found:
        return f"# Like {name}\n\nNo prompt of the workspace is much like it.\n"
    lines = [f"* {rating:.0%} [{path.name}]({path.as_uri()}) in `{path.parent}`" for path, rating in found]
    note = "The figures are the part of runs of three words that both texts have, values aside."
    return f"# Like {name}\n\n{note}\n\n" + "\n".join(lines) + "\n"


def payload(results: Results, show: ShowPath) -> dict[str, Any]:
    """Results as JSON has them: `matches` are spans of the snippet, `range` the first match's offsets in the file."""
    return {
        "version": 1,
        "total": results.total,
        "results": [
            {
                **_row(each.row, show),
                "rank": round(each.relevance, 3),
                "snippet": each.snippet,
                "matches": [{"start": start, "end": end} for start, end in each.matches],
                "range": {"start": each.range[0], "end": each.range[1]} if each.range else None,
            }
            for each in results.found
        ],
        "suggestion": results.suggestion,
        "notes": list(results.notes),
    }


def _row(row: Row, show: ShowPath) -> dict[str, Any]:
    return {
        "path": show(Path(row.path)),
        "name": row.name,
        "variant": row.variant,
        "title": row.title,
        "description": row.description,
        "domain": row.domain,
        "tags": list(row.tags),
        "model": row.model,
        "score": row.score,
        "tokens": row.tokens,
        "created": _time(row.created),
        "updated": _time(row.updated),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
