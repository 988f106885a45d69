"""Asking the user, once for each address, whether prompts may be sent there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from promptls.lsp.server import Server
    from promptls.optimize.llm.endpoint import Endpoint

AGREE, DISAGREE = "Send", "Do not send"


async def agreed(server: Server, endpoint: Endpoint, what: str) -> bool:
    """Whether `what` ("These cases") may be sent to an address; an answer is remembered.

    Raises `OSError` where the consent cannot be written down.
    """
    from promptls.optimize.llm.consent import Consents

    consents = Consents()
    if consents.given(endpoint):
        return True
    params = types.ShowMessageRequestParams(
        types.MessageType.Info,
        f"{what} will be sent to {endpoint.host} ({endpoint.model}). Do you agree, now and from now on?",
        [types.MessageActionItem(AGREE), types.MessageActionItem(DISAGREE)],
    )
    try:
        answer = await server.window_show_message_request_async(params)
    except JsonRpcException:
        return False
    if answer is None or answer.title != AGREE:
        return False
    consents.give(endpoint)
    return True
