"""Run the test cases that stand beside prompts: render each, compare with snapshots, and with a model judge answers."""

from __future__ import annotations

import argparse
from pathlib import Path

from promptls.cli import chosen

SUMMARY = "run the test cases of prompts"
FORMATS = ("text", "json", "junit", "html")
"""Each is a module of `promptls.cli.case_reports`."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="prompts, test files, or folders (all .test.yaml below); default: ."
    )
    parser.add_argument("--filter", metavar="NAME", help="only cases with this in their name")
    parser.add_argument(
        "--update-snapshots", action="store_true", help="keep what prompts render to in *.snap.yaml; asks no model"
    )
    chosen.configure(parser)

    model = parser.add_argument_group("model", "real runs, where --model or the setting llm.model names one")
    which = model.add_mutually_exclusive_group()
    which.add_argument("--model", metavar="NAME", help="the model that answers and judges")
    which.add_argument("--no-model", action="store_true", help="only render, whatever the settings say")
    model.add_argument("--yes", action="store_true", help="agree that prompts and cases are sent to the model")
    model.add_argument("--no-cache", action="store_true", help="ask again what was answered within the last hour")
    model.add_argument("--budget-calls", metavar="N", type=_whole, help="the most calls to make")
    model.add_argument("--budget-usd", metavar="USD", type=_amount, help="the most US dollars to spend")

    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    output.add_argument("--output-file", metavar="FILE", type=Path, help="write results there instead of stdout")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    output.add_argument("-q", "--quiet", action="store_true", help="only what failed, and the summary")

    other = parser.add_argument_group("instead of running").add_mutually_exclusive_group()
    other.add_argument("--schema", action="store_true", help="print the JSON Schema of test files")
    other.add_argument(
        "--import",
        dest="imported",
        metavar="FILE",
        type=Path,
        help="print a .prompt.yml of GitHub Models as test cases",
    )
    other.add_argument("--export", action="store_true", help="print the cases of one test file as a .prompt.yml")


def run(arguments: argparse.Namespace) -> int:
    """Run the cases; gives 0 where all passed, 1 where some failed, 2 where some could not be run."""
    if arguments.schema:
        import json

        from promptls.testcases.schema import test_file_schema

        print(json.dumps(test_file_schema(), ensure_ascii=False, indent=2))
        return 0
    if arguments.imported is not None or arguments.export:
        from promptls.cli.exchange import export_cases, import_cases

        return export_cases(arguments) if arguments.export else import_cases(arguments)
    from promptls.cli.testing import test

    return test(arguments)


def _whole(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected a whole number, found {text!r}")
    return int(text)


def _amount(text: str) -> float:
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        raise argparse.ArgumentTypeError(f"expected an amount in US dollars, found {text!r}")
    return amount
