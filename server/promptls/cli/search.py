"""Find prompts by their words and by what they are; the words may be narrowed as in `tag:billing score:>80`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.cli import chosen
from promptls.cli.errors import CommandError

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt
    from promptls.store.query import Query
    from promptls.workspace import Workspace

SUMMARY = "find prompts"
SORTS = ("relevance", "score", "created", "updated")

_MOST_JUDGED = 100


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
    from promptls.ide import search

    workspace = chosen.workspace(arguments)
    window = arguments.limit, arguments.offset
    if arguments.similar is not None:
        prompt = _prompt(workspace, arguments.similar)
        _refresh(workspace)
        data = search.similar(workspace, prompt, *window, chosen.shown)
    else:
        query = _query(arguments)
        _refresh(workspace)
        data = search.search(workspace, query, *window, chosen.shown)
    if arguments.format == "json":
        print(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        _print(data, arguments)
    if workspace.index.store.problem:
        print(f"promptls: {workspace.index.store.problem}", file=sys.stderr)
    return 0


def _prompt(workspace: Workspace, path: Path) -> Prompt:
    from promptls.workspace import FileProblem

    try:
        return workspace.prompt(path)
    except FileProblem as problem:
        raise CommandError(chosen.said(problem)) from problem


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
