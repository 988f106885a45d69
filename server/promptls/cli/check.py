"""Find what is wrong with prompts; exits with 1 where something is at or above --fail-on."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from promptls.cli import chosen
from promptls.cli.errors import CommandError

SUMMARY = "find what is wrong with prompts, and mend it"
FORMATS = ("text", "json", "jsonl", "sarif", "github", "junit", "gitlab")
"""Each is a module of `promptls.cli.reporters`."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files, folders (all .prompt files below), or - for stdin; default: ."
    )
    parser.add_argument("--stdin-filename", metavar="FILE", type=Path, help="where the text on stdin belongs")
    parser.add_argument(
        "--exclude", metavar="PATTERN", action="extend", type=_listed, help="leave out, instead of what is set"
    )
    parser.add_argument("--show-files", action="store_true", help="only list the files that would be checked")
    chosen.configure(parser)

    rules = parser.add_argument_group("rules", "ids, families, `default` or `all`, with commas or repeated")
    rules.add_argument("--select", metavar="RULE", action="extend", type=_listed, help="only these")
    rules.add_argument("--extend-select", metavar="RULE", action="extend", type=_listed, help="these besides others")
    rules.add_argument("--ignore", metavar="RULE", action="extend", type=_listed, help="not these")
    rules.add_argument("--suggestions", action="store_true", help="the rules that only suggest too, as editors show")

    gates = parser.add_argument_group("gates", "for every prompt that is no partial; missing one exits with 1")
    gates.add_argument("--max-tokens", metavar="N", type=_count, help="the most tokens, rendered with defaults")
    gates.add_argument("--max-cost", metavar="USD", type=_amount, help="the most that the input of a call may cost")
    gates.add_argument("--min-score", metavar="N", type=_percentage, help="the least score, from 0 to 100")
    gates.add_argument(
        "--with",
        dest="measures",
        metavar="WHAT",
        action="extend",
        type=_measures,
        help="tokens, score or both: report them as JSON, gate or none",
    )

    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="apply safe fixes")
    fixes.add_argument("--unsafe-fixes", action="store_true", help="apply unsafe fixes too")
    fixes.add_argument("--diff", action="store_true", help="only show what fixes would change, and exit with 1 if any")

    known = parser.add_argument_group("baseline").add_mutually_exclusive_group()
    known.add_argument("--baseline", metavar="FILE", type=Path, help="report only what is not in there")
    known.add_argument("--write-baseline", metavar="FILE", type=Path, help="write all findings there, and exit with 0")

    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=FORMATS, help="default: text, or github under GitHub Actions")
    output.add_argument("--output-file", metavar="FILE", type=Path, help="write results there instead of stdout")
    output.add_argument("--statistics", action="store_true", help="only count findings by rule (text or json)")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    output.add_argument("-q", "--quiet", action="store_true", help="one line a finding, and no summary")
    output.add_argument("-v", "--verbose", action="store_true", help="tell on stderr what is done")
    output.add_argument("--fail-on", choices=("error", "warning", "info"), help="default: the setting, which is error")
    output.add_argument("--exit-zero", action="store_true", help="exit with 0 even with findings")

    work = parser.add_argument_group("work")
    work.add_argument("--jobs", metavar="N", type=_count, help="processes to use; default: as many as pay")
    work.add_argument("--no-cache", action="store_true", help="neither use nor keep results of other runs")
    work.add_argument("--watch", action="store_true", help="check again whenever a file changes, until Ctrl-C")


def run(arguments: argparse.Namespace) -> int:
    """Check once, or for as long as --watch lasts."""
    _require_sense(arguments)
    arguments.settings = _settings(arguments)
    if arguments.format is None:
        under_github = os.environ.get("GITHUB_ACTIONS") == "true"
        arguments.format = "github" if under_github and not arguments.statistics else "text"
    from promptls.cli.checking import check, files_to_watch

    if not arguments.watch:
        return check(arguments)
    from promptls.cli.watch import watch

    watch(lambda: check(arguments), lambda: files_to_watch(arguments))


def _settings(arguments: argparse.Namespace) -> dict[str, object]:
    """The settings that arguments set; `--select` starts afresh, whatever other settings add and ignore."""
    settings = {name: getattr(arguments, name) for name in ("select", "extend_select", "ignore", "exclude", "fail_on")}
    if arguments.suggestions:
        settings["suggestions"] = "always"
    if arguments.select is not None:
        settings["extend_select"] = arguments.extend_select or []
        settings["ignore"] = arguments.ignore or []
    return settings


def _require_sense(arguments: argparse.Namespace) -> None:
    """Raise `CommandError` for arguments that do not go together."""
    reads_stdin = "-" in arguments.paths
    if reads_stdin and len(arguments.paths) > 1:
        raise CommandError("- stands for stdin and cannot be mixed with other paths")
    if reads_stdin and arguments.watch:
        raise CommandError("--watch needs files; stdin can be checked once only")
    if arguments.stdin_filename and not reads_stdin:
        raise CommandError("--stdin-filename goes with the path -")
    if arguments.watch and arguments.format not in (None, "text"):
        raise CommandError(f"--watch reports as text only, not as {arguments.format}")
    if arguments.statistics and arguments.format not in (None, "text", "json"):
        raise CommandError(f"--statistics comes as text or json, not as {arguments.format}")
    gates = (arguments.max_tokens, arguments.max_cost, arguments.min_score)
    if any(gate is not None for gate in gates) and (arguments.diff or arguments.write_baseline):
        raise CommandError("a gate goes with neither --diff nor --write-baseline")
    if arguments.diff and (arguments.statistics or arguments.write_baseline):
        raise CommandError("--diff goes with neither --statistics nor --write-baseline")


def _listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _measures(text: str) -> list[str]:
    listed = _listed(text)
    if unknown := sorted({*listed} - {"tokens", "score"}):
        raise argparse.ArgumentTypeError(f"expected tokens or score, found {unknown[0]!r}")
    return listed


def _amount(text: str) -> float:
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        raise argparse.ArgumentTypeError(f"expected an amount in US dollars, found {text!r}")
    return amount


def _percentage(text: str) -> int:
    if not text.isdigit() or int(text) > 100:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to 100, found {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, found {text!r}")
    return int(text)
