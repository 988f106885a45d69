"""Make prompts better, with or without a model; exits with 1 where a prompt got no answer."""

from __future__ import annotations

import argparse
from pathlib import Path

from promptls.cli import prompts
from promptls.cli.errors import CommandError, nearest

SUMMARY = "make prompts better"
PRIORITIES = ("low", "normal", "high", "critical")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    prompts.configure(parser)
    what = parser.add_argument_group("what to do")
    what.add_argument(
        "--strategy",
        metavar="NAME",
        default="static",
        help="static (no model; the default), quick (2 to 5 calls of a model), wizard (a search by test cases), "
        "or one of a plugin",
    )
    what.add_argument("--steps", metavar="RULES", type=_names, help="take only the steps of these rules, by commas")
    what.add_argument(
        "--scaffold", action="store_true", help="also add lines that only you can complete, open parts in [brackets]"
    )
    what.add_argument("--tests", metavar="FILE", type=Path, help="test cases; default: NAME.test.yaml beside it")
    what.add_argument("--seed", metavar="N", type=int, default=0, help="of a search; the same seed asks the same")

    result = parser.add_argument_group("result")
    how = result.add_mutually_exclusive_group()
    how.add_argument("--diff", action="store_true", help="show what would change, and write nothing (default)")
    how.add_argument("--write", action="store_true", help="change the files")
    result.add_argument(
        "--report", metavar="FILE", type=Path, help="also write all that was found: a page for .html, else JSON"
    )
    result.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    result.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")

    model = parser.add_argument_group("model")
    model.add_argument("--budget-calls", metavar="N", type=_count, help="calls that all of it may take together")
    model.add_argument("--budget-usd", metavar="X", type=_amount, help="US dollars that all of it may cost together")
    model.add_argument("--yes", action="store_true", help="agree that prompts are sent to the endpoint of the settings")

    many = parser.add_argument_group("many files")
    many.add_argument("--jobs", metavar="N", type=_positive, help="prompts at once; default: 1, with a model 4")
    many.add_argument(
        "--priority",
        metavar="PATTERN=LEVEL",
        type=_priority,
        action="append",
        default=[],
        help=f"what comes first: a pattern as in .gitignore, and {', '.join(PRIORITIES)}",
    )
    many.add_argument("--restart", action="store_true", help="begin anew instead of going on where a run was ended")


def run(arguments: argparse.Namespace) -> int:
    """Optimise every prompt; gives 1 where one was refused or failed."""
    from promptls.cli.optimizing import Optimizing
    from promptls.optimize.service import UnknownStrategy, strategy

    try:
        chosen = strategy(arguments.strategy)
    except UnknownStrategy as error:
        known = ", ".join(error.known)
        raise CommandError(f"{error}{nearest(arguments.strategy, list(error.known))}; there are {known}") from error
    return Optimizing(arguments, chosen).code()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in text.split(",")) if name)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number, not {text!r}")
    return int(text)


def _positive(text: str) -> int:
    if not _count(text):
        raise argparse.ArgumentTypeError("expected at least 1")
    return int(text)


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        raise argparse.ArgumentTypeError(f"expected US dollars, such as 0.50, not {text!r}")
    return amount


def _priority(text: str) -> tuple[str, str]:
    pattern, equals, level = text.rpartition("=")
    if not equals or not pattern or level not in PRIORITIES:
        raise argparse.ArgumentTypeError(f"expected PATTERN=LEVEL with {', '.join(PRIORITIES)}, not {text!r}")
    return pattern, level
