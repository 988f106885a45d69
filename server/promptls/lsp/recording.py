"""Recording a version of every prompt that is saved, beside everything else that the server does."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.lsp.refresh import refresh_lenses
from promptls.lsp.schedule import Pool

if TYPE_CHECKING:
    from promptls.lsp.server import Server
    from promptls.lsp.session import Surroundings

logger = logging.getLogger(__name__)


class Recording:
    """Writes versions in a thread of its own; a save waits for nothing. To be used from the event loop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pool = Pool("recording", 1)
        self._told: set[str] = set()

    def saved(self, path: Path) -> None:
        """Record what has just been saved, unless the settings say not to."""
        self._server.spawn(self._record(path))

    async def _record(self, path: Path) -> None:
        try:
            if await self._server.session.ask_workspace(lambda each: self._recorded(path, each), self._pool):
                await refresh_lenses(self._server, self._server.session.client)
        except Exception:
            logger.exception("recording a version failed")

    def _recorded(self, path: Path, surroundings: Surroundings) -> bool:
        """Whether there is a new version."""
        from promptls.store.history import HistoryProblem
        from promptls.workspace import FileProblem
        from promptls.workspace.files import is_prompt_file
        from promptls.workspace.history import record

        if not is_prompt_file(path.name) or not surroundings.workspace.settings(path).history:
            return False
        try:
            return record(surroundings.workspace, path, told=self._tell) is not None
        except FileProblem as problem:  # gone again, or nothing that anyone can read
            logger.info("%s", problem)
        except HistoryProblem as problem:
            self._tell(f"No version of {path.name} was recorded: {problem}.")
        return False

    def _tell(self, sentence: str) -> None:
        """Show a sentence once: the same thing would fail at every save."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._server.session.tell(sentence)
