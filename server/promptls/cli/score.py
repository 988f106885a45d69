"""Score prompts from 0 to 100 in four dimensions; every point has a reason and a place."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from promptls.cli import prompts
from promptls.cli.errors import CommandError, nearest

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt

SUMMARY = "score prompts, with the reasons"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    prompts.configure(parser)
    parser.add_argument("--domain", metavar="NAME", help="judge as this domain, whatever the prompts are about")
    parser.add_argument("--format", choices=("text", "json", "jsonl"), default="text", help="default: text")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")


def run(arguments: argparse.Namespace) -> int:
    """Print the score of every prompt."""
    if arguments.domain is not None:
        arguments.settings = {**arguments.settings, "domain": arguments.domain}
    chosen = prompts.Prompts(arguments)
    if arguments.domain is not None:
        require_domain(arguments.domain, chosen)
    with chosen.workspace.settled():
        _print(chosen, arguments)
    return 2 if chosen.failed else 0


def _print(chosen: prompts.Prompts, arguments: argparse.Namespace) -> None:
    if arguments.format == "json":
        objects = [object_of(prompt, chosen.shown(prompt)) for prompt in chosen]
        print(json.dumps({"version": 1, "prompts": objects}, ensure_ascii=False, indent=2))
    elif arguments.format == "jsonl":
        for prompt in chosen:
            print(json.dumps(object_of(prompt, chosen.shown(prompt)), ensure_ascii=False), flush=True)
    else:
        for prompt in chosen:
            print("\n".join(_lines(prompt, chosen.shown(prompt), arguments.color)), end="\n\n", flush=True)


def require_domain(name: str, chosen: prompts.Prompts) -> None:
    """Raise `CommandError` for a domain that there is not."""
    from pathlib import Path

    from promptls.lint.packs import packs_of

    known = packs_of(chosen.workspace.loaded_settings(Path.cwd() / "any.prompt").settings).by_name
    if name not in known:
        raise CommandError(f"there is no domain {name!r}{nearest(name, list(known))}; there are {', '.join(known)}")


def object_of(prompt: Prompt, path: str) -> dict[str, Any]:
    """One prompt as the JSON formats show it."""
    from promptls.cli.score_report import score_object
    from promptls.language.formats import recognised
    from promptls.score.score import score

    return score_object(path, prompt.source, score(prompt), recognised(prompt).format)


def _lines(prompt: Prompt, path: str, color: str) -> Iterator[str]:
    from promptls.cli.score_report import ScoreText
    from promptls.cli.style import Style, wants_color, width_of
    from promptls.language.formats import recognised
    from promptls.score.score import earnings, score

    text = ScoreText(path, prompt.source, Style(wants_color(color, sys.stdout)), width_of(sys.stdout))
    return text.lines(score(prompt), earnings(prompt), recognised(prompt).label)
