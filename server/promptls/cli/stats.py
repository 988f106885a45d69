"""Tell in figures how the prompts are, how they came to be so, and what they are used for."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.cli import chosen

if TYPE_CHECKING:
    from promptls.cli.style import Style
    from promptls.workspace.stats import Stats

SUMMARY = "tell how the prompts are, in figures and plots"

_MOST_LINES = 10
_BAR = 30


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("paths", nargs="*", metavar="PATH", type=Path, help="only these; default: all below .")
    parser.add_argument(
        "--format", choices=("text", "json", "html"), default="text", help="html is one page with plots; default: text"
    )
    parser.add_argument("--output-file", metavar="FILE", type=Path, help="write there instead of to stdout")
    parser.add_argument("--jobs", metavar="N", type=int, help="processes to use; default: as many as pay")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    chosen.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Bring the index up to the disk, and print the figures."""
    from promptls.cli.progress import bar
    from promptls.workspace.files import absolute
    from promptls.workspace.stats import gather

    workspace = chosen.workspace(arguments)
    paths = [absolute(each) for each in arguments.paths]
    with bar("Indexing") as progress:
        workspace.index.refresh(jobs=arguments.jobs or os.cpu_count() or 1, progress=progress)
    with bar("Scoring versions") as progress:
        stats = gather(workspace, paths, progress)
    for problem in filter(None, (workspace.index.store.problem, *stats.problems)):
        print(f"promptls: {problem}", file=sys.stderr)
    told = _told(stats, arguments)
    if arguments.output_file is not None:
        arguments.output_file.write_text(told, encoding="utf-8")
    else:
        sys.stdout.write(told)
    return 0


def _told(stats: Stats, arguments: argparse.Namespace) -> str:
    if arguments.format == "json":
        return json.dumps(stats_object(stats), ensure_ascii=False, indent=2) + "\n"
    if arguments.format == "html":
        from promptls.cli.stats_page import page

        return page(stats, Path.cwd().name, chosen.shown)
    from promptls.cli.style import Style, wants_color

    style = Style(arguments.output_file is None and wants_color(arguments.color, sys.stdout))
    return "\n".join(_lines(stats, style)) + "\n"


def stats_object(stats: Stats) -> dict[str, Any]:
    """The figures as JSON has them; times in UTC."""
    from promptls.cli.history import time_text
    from promptls.store.usage import USES
    from promptls.store.versions import BUMPS

    used = stats.used("use")
    return {
        "version": 1,
        "prompts": len(stats.rows),
        "score": round(stats.score, 1) if stats.score is not None else None,
        "tokens": stats.tokens,
        "domains": stats.domains,
        "models": stats.models,
        "findings": stats.findings,
        "versions": len(stats.versions),
        "bumps": {bump: sum(each.bump == bump for each in stats.versions) for bump in reversed(BUMPS)},
        "timeline": [
            {
                "time": time_text(each.time),
                "score": round(each.score, 1),
                "tokens": each.tokens,
                "prompts": each.prompts,
            }
            for each in stats.timeline
        ],
        "uses": {use: used.get(use, 0) for use in USES},
    }


def _lines(stats: Stats, style: Style) -> Iterator[str]:
    count, score = f"{len(stats.rows):,}", f"{stats.score:.0f}" if stats.score is not None else "none"
    yield f"{style.bold(count)} prompts, mean score {style.bold(score)}, {stats.tokens:,} tokens in all"
    yield f"{len(stats.versions):,} versions recorded"
    for title, counts in (("Findings by rule", stats.findings), ("Prompts by domain", stats.domains)):
        if counts:
            yield from ("", style.bold(title), *_bars(counts, style))
    if stats.timeline:
        first, last = stats.timeline[0], stats.timeline[-1]
        yield from ("", style.bold("Over time"))
        yield f"  score   {first.score:.0f} -> {last.score:.0f}"
        yield f"  tokens  {first.tokens:,} -> {last.tokens:,}"
    used = stats.used("use")
    yield from ("", style.bold("Used"))
    yield "  " + (", ".join(f"{count:,} {use}" for use, count in used.items()) or "nothing counted yet")


def _bars(counts: Mapping[str, int], style: Style) -> Iterator[str]:
    shown = dict(list(counts.items())[:_MOST_LINES])
    most, width = max(shown.values()), max(map(len, shown))
    for name, count in shown.items():
        length = max(1, round(count / most * _BAR))
        yield f"  {name:<{width}}  {style.colored('█' * length, 'cyan')} {count:,}"
    if len(counts) > len(shown):
        yield style.dim(f"  and {len(counts) - len(shown)} more")
