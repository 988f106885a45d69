"""Run again whenever a file changes, until interrupted."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

_SECONDS = 0.4
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def watch(run: Callable[[], object], files: Callable[[], Iterable[Path]]) -> NoReturn:
    """Call `run` now and after every change of the files that `files` lists; ends with KeyboardInterrupt only.

    Looks at sizes and times of modification, which needs no support of the system and works on every file system.
    """
    while True:
        before = _snapshot(files())
        if sys.stdout.isatty():
            sys.stdout.write(_CLEAR)
        run()
        sys.stdout.flush()
        while _snapshot(files()) == before:
            time.sleep(_SECONDS)


def _snapshot(files: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    seen = {}
    for file in files:
        with suppress(OSError):
            status = os.stat(file)
            seen[file] = (status.st_mtime_ns, status.st_size)
    return seen
