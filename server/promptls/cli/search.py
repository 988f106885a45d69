"""Find prompts by their words and by what they are; the words may be narrowed as in `tag:billing score:>80`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.cli import chosen
from promptls.cli.errors import CommandError

if TYPE_CHECKING:
    from promptls.store.backend import Row
    from promptls.store.query import Query
    from promptls.store.search import Found, Results
    from promptls.workspace import Workspace

SUMMARY = "find prompts"
SORTS = ("relevance", "score", "created", "updated")

_MOST_JUDGED = 100
_LEAST_ALIKE = 0.3


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "query",
        nargs="*",
        metavar="QUERY",
        help='words, "phrases", beginnings*, and field:value with domain, tag, model, variable, tool, partial, rule, '
        "name, path, score (score:>80) or tokens (tokens:<500)",
    )
    parser.add_argument("--similar", metavar="PATH", type=Path, help="instead: prompts that say much the same as this")
    narrow = parser.add_argument_group("narrow")
    for name in ("domain", "tag", "model"):
        narrow.add_argument(f"--{name}", metavar=name.upper(), action="append", default=[], help="only of this one")
    narrow.add_argument("--min-score", metavar="N", type=_count, help="only with at least this score")
    output = parser.add_argument_group("output")
    output.add_argument("--sort", choices=SORTS, help="default: relevance")
    output.add_argument("--limit", metavar="N", type=_count, default=20, help="show at most this many; default: 20")
    output.add_argument("--offset", metavar="N", type=_count, default=0, help="leave out the first ones")
    output.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    chosen.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Search, and print what was found; gives 0 also where nothing was."""
    workspace = chosen.workspace(arguments)
    _refresh(workspace)
    if arguments.similar is not None:
        data = _similar(workspace, arguments)
    else:
        query = _query(arguments)
        results = workspace.index.search(query, arguments.limit, arguments.offset)
        data = _data(results)
    if arguments.format == "json":
        print(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        _print(data, arguments)
    if workspace.index.store.problem:
        print(f"promptls: {workspace.index.store.problem}", file=sys.stderr)
    return 0


def _refresh(workspace: Workspace) -> None:
    """Bring the index up to the disk; judging many prompts takes long and is left to `promptls index`."""
    from promptls.cli.progress import bar

    index = workspace.index
    with bar("Indexing") as progress:
        index.refresh(judging=False, jobs=os.cpu_count() or 1, progress=progress)
        unjudged = [Path(path) for path, known in index.store.known().items() if not known.judged]
        if len(unjudged) <= _MOST_JUDGED:
            index.refresh(unjudged, progress=progress)
        else:
            print(
                f"promptls: {len(unjudged):,} prompts are not judged yet: score:, tokens: and rule: do not find them; "
                "promptls index does that",
                file=sys.stderr,
            )


def _query(arguments: argparse.Namespace) -> Query:
    from promptls.store.query import NumberFilter, TextFilter, narrowed, parse_query

    text = " ".join(arguments.query)
    query = parse_query(text, sort=arguments.sort)
    texts = tuple(
        TextFilter(field, value) for field in ("domain", "tag", "model") for value in getattr(arguments, field)
    )
    numbers = () if arguments.min_score is None else (NumberFilter("score", ">=", arguments.min_score),)
    query = narrowed(query, texts, numbers)
    if query.is_empty and text.strip():
        raise CommandError(f"the query {text[:60]!r} holds nothing to search for")
    return query


def _similar(workspace: Workspace, arguments: argparse.Namespace) -> dict[str, Any]:
    from promptls.workspace import FileProblem

    try:
        prompt = workspace.prompt(arguments.similar)
    except FileProblem as problem:
        raise CommandError(chosen.said(problem)) from problem
    found = workspace.index.similar(prompt, _LEAST_ALIKE)
    shown = found[arguments.offset : arguments.offset + arguments.limit]
    rows = [(workspace.index.store.row(str(path)), likeness) for path, likeness in shown]
    results = [
        {**_row(row, likeness), "snippet": row.description or "", "matches": []} for row, likeness in rows if row
    ]
    return {"version": 1, "total": len(found), "results": results, "suggestion": None, "notes": []}


def _data(results: Results) -> dict[str, Any]:
    return {
        "version": 1,
        "total": results.total,
        "results": [_result(each) for each in results.found],
        "suggestion": results.suggestion,
        "notes": list(results.notes),
    }


def _result(found: Found) -> dict[str, Any]:
    return {
        **_row(found.row, found.relevance),
        "snippet": found.snippet,
        "matches": [{"start": start, "end": end} for start, end in found.matches],
        "range": {"start": found.range[0], "end": found.range[1]} if found.range else None,
    }


def _row(row: Row, rank: float) -> dict[str, Any]:
    return {
        "path": chosen.shown(Path(row.path)),
        "name": row.name,
        "variant": row.variant,
        "title": row.title,
        "description": row.description,
        "domain": row.domain,
        "tags": list(row.tags),
        "model": row.model,
        "score": row.score,
        "tokens": row.tokens,
        "rank": round(rank, 3),
        "created": _time(row.created),
        "updated": _time(row.updated),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _print(data: dict[str, Any], arguments: argparse.Namespace) -> None:
    from promptls.cli.style import wants_color

    bold, plain = ("\x1b[1m", "\x1b[0m") if wants_color(arguments.color, sys.stdout) else ("", "")
    for each in data["results"]:
        known = [each["title"], each["domain"], each["model"]]
        if each["score"] is not None:
            known.append(f"score {each['score']}")
        if each["tokens"] is not None:
            known.append(f"{each['tokens']:,} tokens")
        if arguments.similar is not None:
            known.append(f"{each['rank']:.0%} alike")
        print(f"{bold}{each['path']}{plain}  {', '.join(filter(None, known))}".rstrip())
        if each["snippet"]:
            print(f"    {_highlighted(each['snippet'], each['matches'], bold, plain)}")
    shown = len(data["results"])
    if data["total"] > shown:
        print(f"{shown} of {data['total']:,} prompts", file=sys.stderr)
    elif not shown:
        print("no prompt was found", file=sys.stderr)
    for note in data["notes"]:
        print(note, file=sys.stderr)
    if data["suggestion"]:
        print(f"Did you mean: {data['suggestion']}", file=sys.stderr)


def _highlighted(text: str, matches: list[dict[str, int]], before: str, after: str) -> str:
    for match in reversed(matches):
        start, end = match["start"], match["end"]
        text = f"{text[:start]}{before}{text[start:end]}{after}{text[end:]}"
    return text


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected a whole number, found {text!r}")
    return int(text)
