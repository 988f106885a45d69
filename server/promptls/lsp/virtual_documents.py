"""Previews and explanations as documents that are on no disk, and how an editor is shown one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from promptls.lsp.features import previews, scoring
from promptls.lsp.refresh import refresh_content

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt
    from promptls.lsp.server import Server
    from promptls.lsp.session import Snapshot, Surroundings

logger = logging.getLogger(__name__)

_ANSWER_SECONDS = 5.0
_QUIET_SECONDS = 0.2
_MOST_SHOWN = 20


_Content = Callable[[str, "Surroundings", "Prompt | None"], str]
_PAGES: Mapping[str, _Content] = {previews.SCHEME: previews.content_of, scoring.SCHEME: scoring.explanation_of}
SCHEMES = tuple(_PAGES)


class VirtualDocuments:
    """Knows which pages the editor has fetched, and asks it to fetch them again when something has changed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._texts: dict[str, str] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def content(self, params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        """The text of a page."""
        text = await self.text(params.uri)
        self._texts.pop(params.uri, None)
        self._texts[params.uri] = text
        if len(self._texts) > _MOST_SHOWN:
            del self._texts[next(iter(self._texts))]
        return types.TextDocumentContentResult(text)

    async def text(self, virtual: str) -> str:
        """The page at an address, in Markdown."""
        uri = previews.document_uri(virtual)
        return await self.made_of(uri, _PAGES.get(virtual.partition(":")[0], previews.content_of))

    async def made_of(self, uri: str, content: _Content) -> str:
        """What `content` makes of a document, open or not."""
        session = self._server.session
        document = session.documents.get(uri)
        if document is None:
            return await session.ask_workspace(lambda known: content(uri, known, None), session.requests)

        def make(snapshot: Snapshot) -> str:
            return content(uri, snapshot.surroundings, snapshot.prompt)

        return await session.ask(document, make, session.requests)

    def changed(self) -> None:
        """Look, after a quiet moment, which of the pages would read differently now."""
        if self._timer is not None:
            self._timer.cancel()
        if self._texts:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_QUIET_SECONDS, lambda: self._server.spawn(self._refresh()))

    async def _refresh(self) -> None:
        from promptls.language.prompt import Cancelled

        for virtual, known in tuple(self._texts.items()):
            try:
                text = await self.text(virtual)
            except (Cancelled, JsonRpcException):
                continue
            if text != known:
                await refresh_content(self._server, virtual)


async def show(server: Server, uri: str) -> bool:
    """Open an address in the editor; false where it cannot."""
    if not server.session.client.shows_documents:
        return False
    try:
        params = types.ShowDocumentParams(uri, take_focus=True)
        shown = await asyncio.wait_for(server.window_show_document_async(params), _ANSWER_SECONDS)
    except (TimeoutError, JsonRpcException) as error:
        logger.warning("could not show %s: %s", uri, error or "no answer")
        return False
    return shown.success


async def show_page(server: Server, folder: str, name: str, text: str) -> bool:
    """Open a page of Markdown, kept in the user's cache folder, in the editor; false where it cannot."""
    if not server.session.client.shows_documents:
        return False
    from platformdirs import user_cache_path

    page: Path = user_cache_path("promptls", appauthor=False) / folder / f"{name}.md"
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        logger.warning("could not write a page to show: %s", error)
        return False
    return await show(server, page.as_uri())
