"""One look at the disk that serves a whole question."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class Glances(threading.local):
    """What was found out since a question began; every thread has its own.

    Outside a question nothing is remembered, so that every change on disk is seen.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] | None = None
        self._revision = -1

    @contextmanager
    def question(self) -> Iterator[None]:
        """Remember what `once` finds out until the outermost question ends."""
        if self._known is not None:
            yield
            return
        self._known = {}
        try:
            yield
        finally:
            self._known = None

    def once(self, revision: int, key: Hashable, find_out: Callable[[], Answer]) -> Answer:
        """What `find_out` says, or said under this key in the same question, if the revision is still the same."""
        known = self._known
        if known is None:
            return find_out()
        if self._revision != revision:
            self._revision = revision
            known.clear()
        if key not in known:
            known[key] = find_out()
        return known[key]  # type: ignore[no-any-return]
