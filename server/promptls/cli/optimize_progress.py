"""How far an optimisation is, on one line of a terminal; elsewhere nothing is shown."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

from promptls.optimize.draft import Draft, Usage
from promptls.optimize.observers import Observer, Silent

_SECONDS = 0.1
_VERDICTS = {"kept": "a candidate passes", "dropped": "a candidate is no better", "score": "a candidate scores lower"}


class Progress:
    """The line; several prompts may be at work. A context manager: the line is gone at the end.

    `spent` tells what models have been asked so far.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shows = sys.stderr.isatty()
        self._last = 0.0
        self.spent: Callable[[], Usage] = Usage
        self._candidates = 0
        self._doing = ""
        self._files = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()

    def observer(self, path: str) -> Observer:
        """What hears of the prompt at a path."""
        return _Heard(self, path)

    def done(self, count: int, of: int) -> None:
        """So many prompts are done."""
        self._files = f"{count:,} of {of:,}  " if of > 1 else ""
        self.show(self._doing)

    def characters(self, count: int) -> None:
        """An answer has come so far."""
        self.show(self._doing, f"{count:,} characters")

    def tried(self) -> None:
        """A candidate was judged."""
        with self._lock:
            self._candidates += 1

    def show(self, doing: str, more: str = "") -> None:
        """Say what is being done."""
        self._doing = doing
        if not self._shows or time.monotonic() - self._last < _SECONDS:
            return
        self._last = time.monotonic()
        usage = self.spent()
        spent = f"  {usage.calls} calls  ${usage.cost_usd:.4f}" if usage.calls else ""
        line = f"{self._files}{doing}  {self._candidates} tried{spent}  {more}".rstrip()
        print(f"\r{line[:100]}", end="\x1b[K", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._shows:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class _Heard(Silent):
    """Hands on what happens to one prompt."""

    def __init__(self, progress: Progress, path: str) -> None:
        self._progress = progress
        self._path = path

    def stage(self, name: str, draft: Draft) -> None:
        self._progress.show(f"{self._path}: {name}")

    def candidate(self, text: str, score: float | None, verdict: str) -> None:
        self._progress.tried()
        self._progress.show(f"{self._path}: {_VERDICTS.get(verdict, f'refused ({verdict})')}")
