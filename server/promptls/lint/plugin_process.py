"""A process in which the code of other packages runs, and the questions that it answers there.

Neither a regular expression without end nor a crash in a C library can be interrupted in our own process. That one ends
itself when an answer takes too long, and the next question starts another one.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

FAILURES = (OSError, EOFError, pickle.UnpicklingError)
"""What asking raises where the process ended instead of answering."""


class PluginProcess:
    """The process that runs `module`; started at the first question, and again after it has ended."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, task: object) -> Any:
        """What the process answers; raises one of `FAILURES` where it ends instead."""
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                pickle.dump(task, process.stdin)
                process.stdin.flush()
                return pickle.load(process.stdout)
            except BaseException:
                self.end()
                raise

    def _running(self) -> subprocess.Popen[bytes]:
        import subprocess

        # A forked process must not share the pipes of the one that it came from.
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            command = [sys.executable, "-P", "-m", self._module]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._owner = os.getpid()
        return self._process

    def end(self) -> None:
        """End the process, if it is this one's."""
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            self._process.wait()
        self._process = None


def serve(answer: Callable[[Any], object], seconds: Callable[[Any], float]) -> None:
    """Answer pickled tasks on the standard streams until the other side hangs up, each within so many seconds."""
    import faulthandler

    questions, answers = _streams()
    with open(os.devnull, "w") as nowhere:
        while True:
            try:
                task = pickle.load(questions)
            except EOFError:
                return
            # A thread in C that needs no lock: it ends the process even within a regular expression.
            faulthandler.dump_traceback_later(seconds(task), exit=True, file=nowhere)
            answered = answer(task)
            faulthandler.cancel_dump_traceback_later()
            pickle.dump(answered, answers)
            answers.flush()


def _streams() -> tuple[Any, Any]:
    """The streams of the protocol; what plugins print goes to stderr, and what they read is nothing."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return questions, answers
