"""Who watches an optimisation: progress in editors, logs and figures are observers and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Protocol

from promptls.optimize.draft import Draft, Usage

logger = logging.getLogger(__name__)


class Observer(Protocol):
    """Hears what an optimisation does. What it raises is logged and costs nothing but its own work."""

    def started(self, draft: Draft) -> None:
        """An optimisation begins."""
        ...

    def stage(self, name: str, draft: Draft) -> None:
        """A stage begins."""
        ...

    def candidate(self, text: str, score: float | None, verdict: str) -> None:
        """A candidate was judged: `verdict` is "kept", "dropped", or the name of the guard that refused it."""
        ...

    def spent(self, usage: Usage) -> None:
        """A model was asked, or a cache answered instead (`usage.cache_hits`)."""
        ...

    def completed(self, draft: Draft, status: str) -> None:
        """An optimisation ended with an answer."""
        ...

    def failed(self, error: Exception) -> None:
        """An optimisation ended without one."""
        ...


class Silent:
    """An observer that does nothing; others override what they want to hear."""

    def started(self, draft: Draft) -> None: ...

    def stage(self, name: str, draft: Draft) -> None: ...

    def candidate(self, text: str, score: float | None, verdict: str) -> None: ...

    def spent(self, usage: Usage) -> None: ...

    def completed(self, draft: Draft, status: str) -> None: ...

    def failed(self, error: Exception) -> None: ...


class Logged(Silent):
    """Tells the log, without a word of the prompt."""

    def stage(self, name: str, draft: Draft) -> None:
        logger.debug("stage %s after %d steps", name, len(draft.steps))

    def candidate(self, text: str, score: float | None, verdict: str) -> None:
        logger.debug("candidate of %d characters: %s (%s)", len(text), verdict, score)

    def completed(self, draft: Draft, status: str) -> None:
        logger.info(
            "optimised with %s: %s, %d steps, %d calls",
            draft.request.strategy,
            status,
            len(draft.steps),
            draft.usage.calls,
        )

    def failed(self, error: Exception) -> None:
        logger.info("the optimisation failed: %s", type(error).__name__)


class Observers:
    """Several observers as one."""

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers = tuple(observers)

    def started(self, draft: Draft) -> None:
        self._tell("started", draft)

    def stage(self, name: str, draft: Draft) -> None:
        self._tell("stage", name, draft)

    def candidate(self, text: str, score: float | None, verdict: str) -> None:
        self._tell("candidate", text, score, verdict)

    def spent(self, usage: Usage) -> None:
        self._tell("spent", usage)

    def completed(self, draft: Draft, status: str) -> None:
        self._tell("completed", draft, status)

    def failed(self, error: Exception) -> None:
        self._tell("failed", error)

    def _tell(self, event: str, *what: object) -> None:
        for observer in self._observers:
            try:
                getattr(observer, event)(*what)
            except Exception:
                logger.exception("an observer failed on %s", event)
