"""One run of `check`: which files it is about, what the rules say about each, and what could not be done."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from promptls.cli import chosen
from promptls.cli.checker import Checker, Judgement
from promptls.cli.errors import CommandError
from promptls.cli.gates import Gates
from promptls.cli.results import FileResult
from promptls.syntax.source import Source
from promptls.workspace import FileProblem

if TYPE_CHECKING:
    from promptls.settings import LoadedSettings, SettingsProblem

logger = logging.getLogger(__name__)

_WORTH_A_PROCESS = 50


class Run:
    """The files of one run and their results; a context, in which results are kept for later runs.

    `failed` says that something could not be done, which was told on stderr.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.failed = False
        self.reads_stdin = chosen.STDIN in arguments.paths
        self.workspace = chosen.workspace(arguments)
        self._complaints: set[str] = set()
        self._cache, program = None, ""
        if not (arguments.no_cache or self.reads_stdin):
            from promptls.cli.cache import Cache, cache_file, program_digest

            self._cache, program = Cache(cache_file(Path.cwd())), program_digest()
        self._checker = Checker(self.workspace, Gates.of(arguments), self._cache, program)
        self.paths = [self._stdin()] if self.reads_stdin else list(self._discovered())
        self._check_settings()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._cache is not None:
            self._cache.close()

    def complain(self, sentence: str) -> None:
        """Tell once on stderr what could not be done; the exit code will be 2."""
        self.failed = True
        if sentence not in self._complaints:
            self._complaints.add(sentence)
            print(f"promptls: {sentence}", file=sys.stderr)

    def checked(self) -> Iterator[tuple[Path, FileResult]]:
        """Every file that can be read, with its result, in order."""
        remembered = dict(self._remembered())
        missing = [path for path, judgement in remembered.items() if judgement is None]
        logger.info("%d files, %d of them unchanged", len(remembered), len(remembered) - len(missing))
        with closing(self._judgements(missing)) as fresh:
            for path, judgement in remembered.items():
                if judgement is None:
                    found = next(fresh)
                    if isinstance(found, str):
                        self.complain(found)
                        continue
                    judgement = found
                    self._checker.remember(path, judgement)
                yield path, self._checker.result(path, judgement)

    def _remembered(self) -> Iterator[tuple[Path, Judgement | None]]:
        for path in self.paths:
            try:
                yield path, self._checker.remembered(path)
            except FileProblem as problem:
                self.complain(chosen.said(problem))

    def _judgements(self, paths: list[Path]) -> Generator[Judgement | str, None, None]:
        jobs = self._jobs(len(paths))
        if jobs > 1:
            from promptls.cli.parallel import judgements

            logger.info("%d processes", jobs)
            yield from judgements(paths, self.arguments, jobs)
        else:
            yield from map(self._checker.judged, paths)

    def _jobs(self, files: int) -> int:
        """How many processes to use: as many as were asked for, or as pay for their own start."""
        if self.reads_stdin:
            return 1
        wanted: int = self.arguments.jobs or min(os.cpu_count() or 1, files // _WORTH_A_PROCESS)
        return min(wanted, files)

    def _stdin(self) -> Path:
        """Where the text on stdin belongs; from now on it is the text there."""
        path = (self.arguments.stdin_filename or Path(chosen.STDIN)).absolute()
        data = sys.stdin.buffer.read()
        try:
            self.workspace.open(path, Source(data.decode("utf-8")))
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise CommandError(f"stdin is not UTF-8: byte 0x{data[error.start]:02x} on line {line}") from error
        return path

    def _discovered(self) -> Iterator[Path]:
        for found in self.workspace.discover([Path(path) for path in self.arguments.paths or ["."]]):
            if isinstance(found, FileProblem):
                self.complain(chosen.said(found))
            else:
                yield found

    def _check_settings(self) -> None:
        """Complain of settings that are wrong or name no rule, in whatever file they stand."""
        loaded = {id(each): each for each in map(self.workspace.loaded_settings, [Path("any"), *self.paths])}
        about_rules = chain.from_iterable(map(_problems_with_rules, loaded.values()))
        for problem in (*self.workspace.settings_problems, *about_rules):
            self.complain(str(problem))


def _problems_with_rules(loaded: LoadedSettings) -> Iterator[SettingsProblem]:
    from promptls.lint.runner import registry, rule_problems

    yield from loaded.unknown_selectors(lambda selector: registry(loaded.settings).knows(selector))
    yield from rule_problems(loaded.settings)
