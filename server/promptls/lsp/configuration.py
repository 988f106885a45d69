"""Settings that come from the editor, and the files whose change the editor tells us of."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from promptls.lsp.client import Client

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

logger = logging.getLogger(__name__)

SECTION = "promptls"
_ANSWER_SECONDS = 3.0
_WATCHED = (
    "**/*.prompt",
    "**/*.test.{yaml,yml}",
    "**/*.input.{json,yaml,yml}",
    "**/promptls.toml",
    "**/pyproject.toml",
    "**/.gitignore",
)


def editor_settings(values: object) -> Mapping[str, Any]:
    """The settings in what an editor sends, which may hold them under `promptls` or `settings`, or be them."""
    while isinstance(values, dict):
        inner = values.get(SECTION, values.get("settings"))
        if not isinstance(inner, dict):
            return values
        values = inner
    return {}


async def pull_settings(server: LanguageServer) -> Mapping[str, Any] | None:
    """Ask the editor for its settings; None where it does not answer in time, or with an error."""
    params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    try:
        answer = await asyncio.wait_for(server.workspace_configuration_async(params), _ANSWER_SECONDS)
    except TimeoutError:
        logger.warning("the editor did not say its settings within %g seconds", _ANSWER_SECONDS)
        return None
    except JsonRpcException as error:
        logger.warning("the editor could not say its settings: %s", error)
        return None
    return editor_settings(answer[0]) if answer else {}


async def register(server: LanguageServer, client: Client) -> None:
    """Ask the editor to tell of changed settings and files, as far as it wants to be asked."""
    registrations = []
    if client.registers_configuration:
        registrations.append(
            types.Registration(
                "configuration",
                types.WORKSPACE_DID_CHANGE_CONFIGURATION,
                types.DidChangeConfigurationRegistrationOptions(section=SECTION),
            )
        )
    if client.registers_watchers:
        watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        registrations.append(
            types.Registration(
                "files",
                types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                types.DidChangeWatchedFilesRegistrationOptions(watchers),
            )
        )
    if not registrations:
        return
    try:
        await asyncio.wait_for(
            server.client_register_capability_async(types.RegistrationParams(registrations)), _ANSWER_SECONDS
        )
    except (TimeoutError, JsonRpcException) as error:
        logger.warning("the editor did not take a registration: %s", error or "no answer")
