"""Vocabularies of tokenizers, loaded in the background when an answer had to do without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from promptls.lsp.schedule import Pool


class Vocabularies:
    """Loads each vocabulary at most once; `loaded` is called on the event loop after one has come."""

    def __init__(self, pool: Pool, loaded: Callable[[], Awaitable[None]]) -> None:
        self._pool = pool
        self._loaded = loaded
        self._wanted: set[str | None] = set()

    async def load(self, model_id: str | None) -> None:
        """Load what counting for a model needs; does nothing the second time, even if the first has failed."""
        if model_id in self._wanted:
            return
        self._wanted.add(model_id)
        if await self._pool.run(partial(_load, model_id)):
            await self._loaded()


def _load(model_id: str | None) -> bool:
    from promptls.language.tokenizers import counter, warm

    warm(model_id)
    return counter(model_id).encoding is not None
