"""Many files on several processors."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, repeat
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from promptls.cli import chosen
from promptls.cli.checker import Checker, Judgement
from promptls.cli.errors import CommandError
from promptls.cli.gates import Gates

_SMALLEST_CHUNK = 20
_CHUNKS_PER_PROCESS = 4


Result = TypeVar("Result")


def judgements(paths: Sequence[Path], arguments: argparse.Namespace, jobs: int) -> Iterator[Judgement | str]:
    """What the rules say about each file, or a sentence on why it cannot be checked; in the order of `paths`."""
    return in_processes(_judged, paths, arguments, jobs)


def in_processes(
    work: Callable[[Sequence[Path], argparse.Namespace], list[Result]],
    paths: Sequence[Path],
    arguments: argparse.Namespace,
    jobs: int,
) -> Iterator[Result]:
    """What `work`, a function of a module, gives for stretches of `paths`; in their order."""
    from promptls.lint.runner import registry

    registry()  # loads the rules once, before the processes are forked
    size = max(_SMALLEST_CHUNK, len(paths) // (jobs * _CHUNKS_PER_PROCESS))
    chunks = [paths[start : start + size] for start in range(0, len(paths), size)]
    # This process has no threads, so that forking is safe wherever the system itself has none behind its back.
    context = get_context("fork") if sys.platform == "linux" else get_context()
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=signal.signal, initargs=_NO_INTERRUPT)
    try:
        yield from chain.from_iterable(pool.map(work, chunks, repeat(arguments)))
    except BrokenProcessPool as error:
        raise CommandError("a process was ended from outside, perhaps for want of memory; try --jobs 1") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


# Ctrl-C reaches every process; the first one tells the others.
_NO_INTERRUPT = (signal.SIGINT, signal.SIG_IGN)


def _judged(paths: Sequence[Path], arguments: argparse.Namespace) -> list[Judgement | str]:
    checker = Checker(chosen.workspace(arguments), Gates.of(arguments))
    return [checker.judged(path) for path in paths]
