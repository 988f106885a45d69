"""What `promptls optimize` says of each prompt, for programs and for people."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.cli import chosen
from promptls.cli.diffs import diff
from promptls.cli.errors import CommandError, reason

if TYPE_CHECKING:
    from promptls.optimize.result import Result


def object_of(result: Result, path: str) -> dict[str, Any]:
    """One prompt as the JSON format shows it."""
    from promptls.ide.optimizing import result_object
    from promptls.syntax.source import Source

    return result_object(path, result, diff(path, result.seed.source, Source(result.text)))


def report_lines(told: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """One prompt for people: how it stands, each step, the diff, and what is left to its author."""
    from promptls.cli.reporters.excerpt import visible
    from promptls.cli.style import Style, wants_color

    style = Style(wants_color(arguments.color, sys.stdout))
    color = {"improved": "green", "unchanged": "dim"}.get(told["status"], "red")
    yield f"{style.bold(visible(told['path']))}: {style.colored(told['status'], color)}{_figures(told)}"
    if told["error"]:
        yield f"  {visible(told['error'])}"
    for step in told["steps"]:
        rule = f" [{step['rule']}]" if step["rule"] else ""
        yield f"  {style.colored('+', 'green')} {visible(step['title'])}{style.dim(rule)}"
    for name, figures in told["metrics"].items():
        yield f"  {name}: {figures['before']:g} -> {figures['after']:g}"
    if told["notes"]:
        yield style.dim("  left to you:" if told["strategy"] == "static" else "  notes:")
        yield from (f"    {visible(note)}" for note in told["notes"])
    usage = told["usage"]
    if usage["calls"] or usage["cache_hits"]:
        yield style.dim(f"  {usage['calls']} calls, {usage['cache_hits']} from the cache, ${usage['cost_usd']:.4f}")
    if told["diff"] and not arguments.write:
        yield ""
        yield from (_colored(line, style) for line in told["diff"].splitlines())
    yield ""


def _figures(told: dict[str, Any]) -> str:
    before, after = told["before"], told["after"]
    score = f", score {_figure(before['score'])}"
    tokens = f", {before['tokens']} tokens"
    if told["status"] == "improved":
        score += f" -> {_figure(after['score'])}"
        tokens = f", {before['tokens']} -> {after['tokens']} tokens"
    return score + tokens


def _figure(score: int | None) -> str:
    return "-" if score is None else str(score)


def _colored(line: str, style: Any) -> str:
    from promptls.cli.reporters.excerpt import visible

    shown = visible(line)
    if line.startswith("+"):
        return str(style.colored(shown, "green"))
    return str(style.colored(shown, "red")) if line.startswith("-") else shown


def write_report(file: Path, done: Sequence[dict[str, Any]]) -> None:
    """All that was found, as a page for a name that ends in .html and else as JSON; raises `CommandError`."""
    if file.suffix == ".html":
        from promptls.cli.search_page import page

        text = page(done)
    else:
        text = json.dumps({"version": 1, "prompts": done}, ensure_ascii=False, indent=2) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{chosen.shown(file)}: {reason(error)}") from error


def summary(done: Sequence[dict[str, Any]], *, written: bool) -> str:
    """All prompts in one line."""
    counted = Counter(each["status"] for each in done)
    gains = [
        each["after"]["score"] - each["before"]["score"]
        for each in done
        if each["status"] == "improved" and each["before"]["score"] is not None and each["after"]["score"] is not None
    ]
    states = ", ".join(f"{count} {status}" for status, count in counted.most_common())
    gained = f"; {sum(gains) / len(gains):+.1f} points on average where it helped" if gains else ""
    return f"promptls {'optimised' if written else 'would optimise'}: {states}{gained}"
