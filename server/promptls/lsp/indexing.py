"""Keeping the index up with the disk, beside everything else that the server does."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from promptls.lsp.schedule import Pool, Token, check_cancelled

if TYPE_CHECKING:
    from promptls.lsp.server import Server
    from promptls.lsp.session import Surroundings

logger = logging.getLogger(__name__)

# Long enough for what a save or a checkout brings together, short enough to be found at once.
_GATHER_SECONDS = 0.05
# The first diagnostics come first.
_BEGIN_SECONDS = 1.0
_WORTH_TELLING = 100
_ANSWER_SECONDS = 2.0


class Indexing:
    """One refresh of the index at a time. To be used from the event loop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pool = Pool("indexing", 1)
        self._everything = False
        self._paths: set[Path] = set()
        # Findings and scores come last, and let changes go before them.
        self._unjudged = False
        self._judging = False
        self._token = Token()
        self._running = False
        self._problem: str | None = None
        self._progress_token: str | None = None

    def begin(self) -> None:
        """Look at all files, once there is a moment."""
        self._everything = True
        self._run(_BEGIN_SECONDS)

    def changed(self, paths: Iterable[Path]) -> None:
        """Look again at files that were made, changed or deleted."""
        from promptls.workspace.files import is_prompt_file

        paths = list(paths)
        prompts = {path for path in paths if is_prompt_file(path.name)}
        # Settings and .gitignore may concern any file.
        self._everything |= len(prompts) < len(paths)
        self._paths |= prompts
        if self._everything or prompts:
            if self._judging:
                self._token.cancel()
            self._run(_GATHER_SECONDS)

    def cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """The user has had enough; what is indexed by now stays, and the next start goes on with the rest."""
        if params.token == self._progress_token:
            self._everything = self._unjudged = self._judging = False
            self._token.cancel()

    def _run(self, delay: float) -> None:
        if not self._running:
            self._running = True
            self._server.spawn(self._work(delay))

    async def _work(self, delay: float) -> None:
        try:
            while self._everything or self._paths or self._unjudged:
                await asyncio.sleep(delay)
                delay = _GATHER_SECONDS
                self._token = Token()
                await self._next()
        except Exception:
            logger.exception("indexing failed")
        finally:
            self._running = False

    async def _next(self) -> None:
        from promptls.language.prompt import Cancelled

        everything, paths = self._everything, frozenset(self._paths)
        self._everything, self._paths = False, set()
        try:
            if everything:
                self._unjudged = True
                await self._refresh(None, judging=False)
                self._server.index_filled()
            elif paths:
                await self._refresh(paths, judging=True)
            else:
                self._judging, self._unjudged = True, False
                await self._refresh(None, judging=True)
        except Cancelled:
            # Called off by a change, unless it was the user.
            self._unjudged = self._judging
        finally:
            self._judging = False

    async def _refresh(self, paths: Iterable[Path] | None, *, judging: bool) -> None:
        session = self._server.session
        if not may_be_walked(session.folders):
            return
        progress = _Progress(self._server, asyncio.get_running_loop())
        self._progress_token = progress.token

        def work(surroundings: Surroundings) -> str | None:
            index = surroundings.workspace.index
            jobs = max(2, (os.cpu_count() or 1) - 1)
            if paths is None:
                index.refresh(judging=judging, jobs=jobs, progress=progress.heard, check_cancelled=check_cancelled)
            else:
                # What changed is found at once, and judged after that.
                for also in (False, True):
                    index.follow(paths, judging=also, jobs=jobs, check_cancelled=check_cancelled)
            return index.store.problem

        try:
            problem = await session.ask_workspace(work, self._pool, self._token)
        finally:
            progress.end()
        if problem is not None and problem != self._problem:
            self._problem = problem
            session.tell(problem)


def may_be_walked(folders: Collection[Path]) -> bool:
    """Whether a workspace's folders may be looked through whole: a home folder, or one above it, holds too much."""
    try:
        home = Path.home()
    except RuntimeError:  # there is none
        return bool(folders) and all(folder.parent != folder for folder in folders)
    return bool(folders) and not any(map(home.is_relative_to, folders))


class _Progress:
    """Shows how far an indexing is that takes long, where the client can show such."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self.token = f"indexing-{uuid4().hex[:8]}"
        self._server = server
        self._loop = loop
        self._state: Literal["quiet", "asked", "shown", "ended"] = "quiet"
        self._percentage = -1

    def heard(self, done: int, of: int) -> None:
        """Take how many files are done; from any thread."""
        percentage = done * 100 // max(1, of)
        if of >= _WORTH_TELLING and percentage != self._percentage and self._server.session.client.shows_progress:
            self._percentage = percentage
            self._loop.call_soon_threadsafe(self._tell, f"{done:,} of {of:,} prompts", percentage)

    def end(self) -> None:
        """Take the progress away."""
        if self._state == "shown":
            self._send(types.WorkDoneProgressEnd())
        self._state = "ended"

    def _tell(self, message: str, percentage: int) -> None:
        if self._state == "quiet":
            self._state = "asked"
            self._server.spawn(self._begin())
        elif self._state == "shown":
            self._send(types.WorkDoneProgressReport(message=message, percentage=percentage))

    async def _begin(self) -> None:
        params = types.WorkDoneProgressCreateParams(self.token)
        with suppress(TimeoutError, JsonRpcException):
            await asyncio.wait_for(self._server.window_work_done_progress_create_async(params), _ANSWER_SECONDS)
            if self._state == "asked":
                self._state = "shown"
                self._send(types.WorkDoneProgressBegin("Indexing prompts", cancellable=True, percentage=0))

    def _send(self, value: Any) -> None:
        self._server.progress(types.ProgressParams(self.token, value))
