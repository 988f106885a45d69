"""Who runs when: daemon threads that work through a queue, and how their work is called off.

The event loop only moves messages. Work that is no longer wanted is never interrupted: it asks, between facets, through
`check_cancelled`, which every `Prompt` of the server carries.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from queue import SimpleQueue
from typing import TypeVar

Answer = TypeVar("Answer")


class Token:
    """Says whether a piece of work is still wanted: until itself or its parent is cancelled."""

    __slots__ = ("_cancelled", "_parent")

    def __init__(self, parent: Token | None = None) -> None:
        self._cancelled = False
        self._parent = parent

    @property
    def cancelled(self) -> bool:
        return self._cancelled or (self._parent is not None and self._parent.cancelled)

    def cancel(self) -> None:
        """Call the work off; it stops when it next asks. Cannot be undone."""
        self._cancelled = True


_token: ContextVar[Token | None] = ContextVar("token", default=None)


def check_cancelled() -> None:
    """Raise `Cancelled` where the work that this thread is doing has been called off."""
    token = _token.get()
    if token is not None and token.cancelled:
        from promptls.language.prompt import Cancelled

        raise Cancelled


class Pool:
    """Daemon threads with one queue: nobody waits for them when the process ends."""

    def __init__(self, name: str, size: int) -> None:
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        for number in range(size):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._queue.get()()

    async def run(self, work: Callable[[], Answer], token: Token | None = None) -> Answer:
        """The answer of `work`, done in one of the threads.

        Raises what it raises, and `Cancelled` where `token` was cancelled. Cancelling the awaiting task cancels the
        token too; work that has not begun by then never does.
        """
        token = token if token is not None else Token()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()

        def job() -> None:
            _token.set(token)
            try:
                check_cancelled()
                settle = _result(future, work())
            except BaseException as error:  # whatever it is, the one who asked must hear of it
                settle = _exception(future, error)
            with suppress(RuntimeError):  # the loop is closed: nobody is left to hear the answer
                loop.call_soon_threadsafe(settle)

        self._queue.put(job)
        try:
            return await future
        except asyncio.CancelledError:
            token.cancel()
            raise


def _result(future: asyncio.Future[Answer], answer: Answer) -> Callable[[], None]:
    return lambda: None if future.done() else future.set_result(answer)


def _exception(future: asyncio.Future[Answer], error: BaseException) -> Callable[[], None]:
    return lambda: None if future.done() else future.set_exception(error)
