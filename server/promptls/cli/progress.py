"""How far a long piece of work is, on one line of a terminal; elsewhere nothing is shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SECONDS = 0.1


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Yields what takes how many are done, and of how many; the line is gone at the end."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    last = 0.0

    def show(done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last > _SECONDS:
            last = time.monotonic()
            print(f"\r{title}: {done:,} of {of:,}", end="\x1b[K", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
