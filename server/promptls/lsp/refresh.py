"""Asking the client to ask again: what it was told has changed without its texts having changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

    from promptls.lsp.client import Client

_ANSWER_SECONDS = 5.0


async def refresh(server: LanguageServer, client: Client) -> None:
    """Ask for everything that depends on other files or on settings, as far as the client wants to be asked."""
    await refresh_diagnostics(server, client)
    requests: list[Callable[[None], Awaitable[Any]]] = []
    if client.refreshes_tokens:
        requests.append(server.workspace_semantic_tokens_refresh_async)
    if client.refreshes_hints:
        requests.append(server.workspace_inlay_hint_refresh_async)
    for request in requests:
        await _ask(request(None))
    await refresh_lenses(server, client)


async def refresh_diagnostics(server: LanguageServer, client: Client) -> None:
    """Ask the client to pull diagnostics again, if it pulls them and wants to be asked."""
    if client.pulls_diagnostics and client.refreshes_diagnostics:
        await _ask(server.workspace_diagnostic_refresh_async(None))


async def refresh_lenses(server: LanguageServer, client: Client) -> None:
    """Ask the client to fetch its lenses again, if it wants to be asked."""
    if client.refreshes_lenses:
        await _ask(server.workspace_code_lens_refresh_async(None))


async def refresh_content(server: LanguageServer, uri: str) -> None:
    """Ask the client to fetch a virtual document again."""
    await _ask(server.workspace_text_document_content_refresh_async(types.TextDocumentContentRefreshParams(uri)))


async def _ask(request: Awaitable[Any]) -> None:
    with suppress(TimeoutError, JsonRpcException):
        await asyncio.wait_for(request, _ANSWER_SECONDS)
