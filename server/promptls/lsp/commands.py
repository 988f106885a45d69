"""The commands that an editor can have executed; each takes a document's URI first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from promptls.lsp.actions import EXPLAIN_RULE

if TYPE_CHECKING:
    from promptls.lsp.server import Server

logger = logging.getLogger(__name__)

_ANSWER_SECONDS = 5.0


def commands(server: Server) -> dict[str, Callable[..., Awaitable[Any]]]:
    """Every command by its name; the arguments' types are what the editor must send."""

    async def explain_rule(uri: str, rule: str) -> str:
        """The documentation of a rule as Markdown, shown in the editor too where it can show documents."""
        await server.session.ready.wait()
        from promptls.lint.documentation import rule_markdown
        from promptls.lint.runner import registry

        found = registry().by_id.get(rule)
        if found is None:
            raise JsonRpcInvalidParams(f"there is no rule {rule!r}")
        text = rule_markdown(found)
        if not await _show(server, found.id.replace("/", "-"), text):
            server.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"{found.id}: {found.summary}"))
        return text

    return {EXPLAIN_RULE: explain_rule}


async def _show(server: Server, name: str, text: str) -> bool:
    """Open a page in the editor; false where it cannot."""
    if not server.session.client.shows_documents:
        return False
    from platformdirs import user_cache_path

    page = user_cache_path("promptls", appauthor=False) / "rules" / f"{name}.md"
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
        params = types.ShowDocumentParams(page.as_uri(), take_focus=True)
        shown = await asyncio.wait_for(server.window_show_document_async(params), _ANSWER_SECONDS)
    except (OSError, TimeoutError, JsonRpcException) as error:
        logger.warning("could not show the page of a rule: %s", error)
        return False
    return shown.success
