"""Put two prompts side by side: score, tokens, cost, and the findings that one has and the other has not."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.cli import chosen
from promptls.cli.errors import CommandError

if TYPE_CHECKING:
    from promptls.cli.style import Style
    from promptls.language.prompt import Prompt
    from promptls.workspace import Workspace

SUMMARY = "put two prompts side by side"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("a", metavar="A", type=Path, help="a prompt")
    parser.add_argument("b", metavar="B", type=Path, help="the prompt to compare it with")
    parser.add_argument("--model", metavar="ID", help="count tokens for this model, whatever the prompts name")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    chosen.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print both prompts and what differs from the first to the second."""
    workspace = chosen.workspace(arguments)
    sides = [_prompt(path, workspace) for path in (arguments.a, arguments.b)]
    a, b = (_side(prompt, workspace, arguments.model) for prompt in sides)
    compared = {"version": 1, "a": a, "b": b, "delta": _delta(a, b, *sides)}
    if arguments.format == "json":
        print(json.dumps(compared, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(compared, arguments.color)))
    return 0


def _prompt(path: Path, workspace: Workspace) -> Prompt:
    from promptls.workspace import FileProblem

    try:
        return workspace.prompt(path.absolute())
    except FileProblem as problem:
        raise CommandError(chosen.said(problem)) from problem


def _side(prompt: Prompt, workspace: Workspace, model: str | None) -> dict[str, Any]:
    from promptls.ide.measures import score_object, token_object
    from promptls.ide.token_counts import token_counts

    path = chosen.shown(prompt.path)
    counts = token_counts(prompt, workspace, model=model, wait=True)
    return {"score": score_object(path, prompt), "tokens": token_object(path, counts)}


def _delta(a: dict[str, Any], b: dict[str, Any], first: Prompt, second: Prompt) -> dict[str, Any]:
    """What the second has more, or less where negative; null where one of them has no such figure."""
    scores, tokens = (a["score"], b["score"]), (a["tokens"], b["tokens"])
    names = (scores[0]["dimensions"] or {}).keys() & (scores[1]["dimensions"] or {}).keys()
    before, after = _findings(first), _findings(second)
    return {
        "overall": _less(scores[1]["overall"], scores[0]["overall"]),
        "dimensions": {
            name: scores[1]["dimensions"][name] - scores[0]["dimensions"][name]
            for name in scores[0]["dimensions"] or ()
            if name in names
        },
        "tokens": tokens[1]["rendered"] - tokens[0]["rendered"],
        "cost_usd": _less(tokens[1]["cost_usd"], tokens[0]["cost_usd"]),
        "findings": {"gained": sorted((after - before).elements()), "lost": sorted((before - after).elements())},
    }


def _findings(prompt: Prompt) -> Counter[str]:
    """The rules that find something, each as often as it does: all that are selected, and those that move the score."""
    from promptls.lint.runner import findings
    from promptls.score.defects import scoring_findings

    found = {(each.rule, each.range, each.message) for each in (*findings(prompt), *scoring_findings(prompt))}
    return Counter(rule for rule, _, _ in found)


def _less(number: float | None, other: float | None) -> float | None:
    return None if number is None or other is None else number - other


def _lines(compared: dict[str, Any], color: str) -> Iterator[str]:
    from promptls.cli.reporters.excerpt import visible
    from promptls.cli.style import Style, wants_color

    style = Style(wants_color(color, sys.stdout))
    a, b, delta = compared["a"], compared["b"], compared["delta"]
    yield f"a  {visible(a['score']['path'])}"
    yield f"b  {visible(b['score']['path'])}"
    yield ""
    yield style.dim(f"{'':<14}{'a':>10}{'b':>10}{'b - a':>12}")
    yield _row("score", a["score"]["overall"], b["score"]["overall"], delta["overall"], style)
    for name, more in delta["dimensions"].items():
        yield _row(f"  {name}", a["score"]["dimensions"][name], b["score"]["dimensions"][name], more, style)
    yield _row("tokens", a["tokens"]["rendered"], b["tokens"]["rendered"], delta["tokens"], style, more_is_better=False)
    if delta["cost_usd"] is not None:
        yield _row(
            "cost, USD",
            a["tokens"]["cost_usd"],
            b["tokens"]["cost_usd"],
            delta["cost_usd"],
            style,
            more_is_better=False,
        )
    for title, key in (("only b has", "gained"), ("only a has", "lost")):
        counted = Counter(delta["findings"][key])
        if counted:
            yield f"\n{title}"
            yield from (f"  {count} x {rule}" for rule, count in counted.most_common())


def _row(
    name: str, a: float | None, b: float | None, more: float | None, style: Style, *, more_is_better: bool = True
) -> str:
    shown = _figure(more, "+")
    color = "dim" if not more else "green" if (more > 0) == more_is_better else "red"
    return f"{name:<14}{_figure(a):>10}{_figure(b):>10}{' ' * max(1, 12 - len(shown))}{style.colored(shown, color)}"


def _figure(number: float | None, sign: str = "-") -> str:
    if number is None:
        return "-"
    return f"{number:{sign},}" if isinstance(number, int) else f"{number:{sign}.6f}"
