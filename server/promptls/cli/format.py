"""Lay out prompts in the canonical way, their meaning untouched; files with errors are left alone."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.cli import chosen
from promptls.cli.errors import CommandError, reason

if TYPE_CHECKING:
    from promptls.syntax.source import Source
    from promptls.workspace import Workspace

SUMMARY = "lay out prompts in the canonical way"

logger = logging.getLogger(__name__)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files, folders (all .prompt files below), or - for stdin; default: ."
    )
    parser.add_argument("--stdin-filename", metavar="FILE", type=Path, help="where the text on stdin belongs")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; list what would change, exit with 1 if any"
    )
    parser.add_argument("--diff", action="store_true", help="write nothing; show what would change, exit with 1 if any")
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary, and no word on files left alone")
    chosen.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Lay out every file; gives 1 where --check or --diff find something to change."""
    reads_stdin = chosen.STDIN in arguments.paths
    if reads_stdin and len(arguments.paths) > 1:
        raise CommandError("- stands for stdin and cannot be mixed with other paths")
    if arguments.stdin_filename and not reads_stdin:
        raise CommandError("--stdin-filename goes with the path -")
    return _Run(arguments, reads_stdin=reads_stdin).code()


class _Run:
    """One run and its counts."""

    def __init__(self, arguments: argparse.Namespace, *, reads_stdin: bool) -> None:
        self._arguments = arguments
        self._reads_stdin = reads_stdin
        self._writes = not (arguments.check or arguments.diff)
        self._workspace: Workspace = chosen.workspace(arguments)
        self._changed = self._unchanged = self._refused = 0
        self._failed = False

    def code(self) -> int:
        """Do it; gives the exit code."""
        for path in [self._stdin()] if self._reads_stdin else self._discovered():
            self._format(path)
        for problem in self._workspace.settings_problems:
            self._complain(str(problem))
        if not self._arguments.quiet and not (self._reads_stdin and self._writes):
            print(self._summary(), file=sys.stderr)
        return 2 if self._failed else 1 if self._changed and not self._writes else 0

    def _complain(self, sentence: str) -> None:
        self._failed = True
        print(f"promptls: {sentence}", file=sys.stderr)

    def _stdin(self) -> Path:
        from promptls.syntax.source import Source

        path = (self._arguments.stdin_filename or Path(chosen.STDIN)).absolute()
        data = sys.stdin.buffer.read()
        try:
            self._workspace.open(path, Source(data.decode("utf-8")))
        except UnicodeDecodeError as error:
            raise CommandError(f"stdin is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}") from error
        return path

    def _discovered(self) -> Iterator[Path]:
        from promptls.workspace import FileProblem

        for found in self._workspace.discover([Path(path) for path in self._arguments.paths or ["."]]):
            if isinstance(found, FileProblem):
                self._complain(chosen.said(found))
            else:
                yield found

    def _format(self, path: Path) -> None:
        from promptls.ide.formatting import formatting
        from promptls.workspace import FileProblem

        try:
            prompt = self._workspace.prompt(path)
            answer = formatting(prompt)
        except FileProblem as problem:
            self._complain(chosen.said(problem))
            return
        except Exception as error:
            logger.debug("laying out %s failed", path, exc_info=True)
            self._complain(f"{chosen.shown(path)}: promptls failed on it ({type(error).__name__}: {error})")
            return
        if answer.refusal is not None:
            self._refused += 1
            if not self._arguments.quiet:
                print(f"promptls: {chosen.shown(path)} is left as it is: {answer.refusal}", file=sys.stderr)
        after = prompt.source.edited(answer.edits)
        if self._reads_stdin and self._writes:
            sys.stdout.write(after.text)
        elif answer.edits:
            self._report_or_write(path, prompt.source, after)
        else:
            self._unchanged += answer.refusal is None

    def _report_or_write(self, path: Path, before: Source, after: Source) -> None:
        if self._writes:
            from promptls.workspace.files import replace_text

            try:
                replace_text(path, after.text)
            except OSError as error:
                self._complain(f"{chosen.shown(path)}: cannot be written: {reason(error)}")
                return
        elif self._arguments.diff:
            from promptls.cli.diffs import diff

            sys.stdout.write(diff(chosen.shown(path), before, after))
        else:
            print(chosen.shown(path))
        self._changed += 1

    def _summary(self) -> str:
        done = "laid out" if self._writes else "would lay out"
        refused = f", {self._refused} not formatted" if self._refused else ""
        return f"promptls {done} {_files(self._changed)}, {self._unchanged} unchanged{refused}"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
