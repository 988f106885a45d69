"""Counting what prompts are used for, on this machine alone; no request waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.lsp.schedule import Pool
from promptls.lsp.uris import to_path

if TYPE_CHECKING:
    from promptls.lsp.server import Server
    from promptls.lsp.session import Surroundings
    from promptls.store.usage import Use

logger = logging.getLogger(__name__)

_GATHER_SECONDS = 2.0


class Counting:
    """Gathers uses for a moment and writes them together. To be used from the event loop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pool = Pool("counting", 1)
        self._uses: list[tuple[Path, Use, str]] = []

    def count(self, uri: str, use: Use, rule: str = "") -> None:
        """Count one use of a document; of one that is no file nothing is counted."""
        if path := to_path(uri):
            self._uses.append((path, use, rule))
            if len(self._uses) == 1:
                loop = asyncio.get_running_loop()
                loop.call_later(_GATHER_SECONDS, lambda: self._server.spawn(self._write()))

    async def _write(self) -> None:
        uses, self._uses = self._uses, []
        try:
            await self._server.session.ask_workspace(lambda each: _count(each, uses), self._pool)
        except Exception:
            logger.exception("uses were not counted")


def _count(surroundings: Surroundings, uses: Sequence[tuple[Path, Use, str]]) -> None:
    from promptls.workspace.usage import Used, count_uses

    count_uses(surroundings.workspace, (Used(*each) for each in uses))
