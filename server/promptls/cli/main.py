"""The command `promptls`: which command is meant, and what the process exits with."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from promptls import __version__
from promptls.cli import (
    check,
    compare,
    completions,
    config,
    examples,
    format,
    history,
    index,
    optimize,
    render,
    rule,
    score,
    search,
    serve,
    stats,
    test,
    tokens,
)
from promptls.cli.errors import CommandError, nearest, reason

COMMANDS = {
    "check": check,
    "format": format,
    "score": score,
    "compare": compare,
    "render": render,
    "test": test,
    "optimize": optimize,
    "examples": examples,
    "index": index,
    "search": search,
    "history": history,
    "stats": stats,
    "rule": rule,
    "config": config,
    "completions": completions,
    "serve": serve,
    "tokens": tokens,
}

OK, FINDINGS, ERROR, INTERRUPTED = 0, 1, 2, 130


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line and suggests what may have been meant."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and exiting."""
        raise CommandError(f"{message}; see {self.prog} --help")

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse, with options and paths in any order."""
        read, unknown = self.parse_known_intermixed_args(arguments)
        if unknown:
            self.refuse(unknown[0])
        return read

    def refuse(self, argument: str) -> NoReturn:
        """Say that there is no such option."""
        options = [option for action in self._actions for option in action.option_strings]
        name = argument.partition("=")[0]
        self.error(f"unknown option {name}{nearest(name, options)}")


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """The whole tree of arguments, and the parser of every command, which knows its function as `run`."""
    whole = Parser(
        prog="promptls", description="Check .prompt files (dotprompt), and serve editors.", allow_abbrev=False
    )
    whole.add_argument("--version", action="version", version=f"promptls {__version__}")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for name, module in COMMANDS.items():
        one = commands.add_parser(name, help=module.SUMMARY, description=module.__doc__, allow_abbrev=False)
        module.configure(one)
        one.set_defaults(run=module.run)
    return whole, dict(commands.choices)


def main() -> int:
    """The process `promptls`; gives its exit code."""
    # Trees are many small objects that are freed by counting alone; with Python's own threshold the collector, which
    # looks for cycles, takes up to half of the time that a large file, or a thousand files, need.
    gc.set_threshold(100_000, 50, 100)
    code = run(sys.argv[1:])
    gc.freeze()  # spares the interpreter a last look
    return code


def run(arguments: Sequence[str]) -> int:
    """Run one command; gives the exit code: 0 fine, 1 findings, 2 usage, settings or I/O error, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        # Text of prompts may hold what a terminal's encoding, or UTF-8 itself, cannot.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except CommandError as error:
        print(f"promptls: {error}", file=sys.stderr)
        return ERROR
    except BrokenPipeError:
        # Whoever read the results has seen enough. Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERROR
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"promptls: {where}{reason(error)}", file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _run(given: Sequence[str]) -> int:
    whole, commands = parsers()
    if not given:
        whole.print_help(sys.stderr)
        return ERROR
    name = given[0]
    if name.startswith("-"):
        whole.parse_known_args([name])  # exits after --help and --version
        whole.refuse(name)
    if name not in commands:
        raise CommandError(f"there is no command {name!r}{nearest(name, list(commands))}; see promptls --help")
    # A command's own parser takes options between paths, which a parser with commands below it cannot.
    read = commands[name].read(given[1:])
    command: Callable[[argparse.Namespace], int] = read.run
    return command(read)
