"""The prompts that a command's arguments choose: files, folders, or the text on stdin."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.cli import chosen
from promptls.cli.errors import CommandError

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that `Prompts` reads."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files, folders (all .prompt files below), or - for stdin; default: ."
    )
    parser.add_argument("--stdin-filename", metavar="FILE", type=Path, help="where the text on stdin belongs")
    chosen.configure(parser)


class Prompts:
    """The chosen prompts, in order.

    What cannot be read, and wrong settings, are told on stderr and make `failed` true.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._reads_stdin = chosen.STDIN in arguments.paths
        if self._reads_stdin and len(arguments.paths) > 1:
            raise CommandError("- stands for stdin and cannot be mixed with other paths")
        if arguments.stdin_filename and not self._reads_stdin:
            raise CommandError("--stdin-filename goes with the path -")
        self.workspace = chosen.workspace(arguments)
        self.failed = False

    def __iter__(self) -> Iterator[Prompt]:
        from promptls.workspace import FileProblem

        for path in self.paths():
            try:
                yield self.workspace.prompt(path)
            except FileProblem as problem:
                self.complain(chosen.said(problem))
        for wrong in self.workspace.settings_problems:
            self.complain(str(wrong))

    def paths(self) -> Iterator[Path]:
        """Where the prompts are, whether or not they can be read."""
        return iter([self._stdin()]) if self._reads_stdin else self._discovered()

    def complain(self, sentence: str) -> None:
        """Tell what could not be done."""
        self.failed = True
        print(f"promptls: {sentence}", file=sys.stderr)

    def shown(self, prompt: Prompt) -> str:
        """The path of a prompt as reports write it."""
        unnamed = self._reads_stdin and not self._arguments.stdin_filename
        return chosen.shown(None if unnamed else prompt.path)

    def _discovered(self) -> Iterator[Path]:
        from promptls.workspace import FileProblem

        for found in self.workspace.discover([Path(path) for path in self._arguments.paths or ["."]]):
            if isinstance(found, FileProblem):
                self.complain(chosen.said(found))
            else:
                yield found

    def _stdin(self) -> Path:
        from promptls.syntax.source import Source

        path: Path = (self._arguments.stdin_filename or Path(chosen.STDIN)).absolute()
        data = sys.stdin.buffer.read()
        try:
            self.workspace.open(path, Source(data.decode("utf-8")))
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise CommandError(f"stdin is not UTF-8: byte 0x{data[error.start]:02x} on line {line}") from error
        return path
