"""The server: its life from `initialize` to `exit`, and what it does when texts, settings or files change.

Questions about a document are in `routes`; nothing here decides anything about prompts.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcException
from pygls.lsp.server import LanguageServer

from promptls import __version__
from promptls.lsp import configuration, transport
from promptls.lsp.client import read_client
from promptls.lsp.commands import commands
from promptls.lsp.diagnostics import DiagnosticsPublisher
from promptls.lsp.documents import Document
from promptls.lsp.protocol import Protocol
from promptls.lsp.routes import ROUTES, Route
from promptls.lsp.session import Session
from promptls.lsp.uris import to_path

logger = logging.getLogger(__name__)

Address = tuple[str, int]

_SWITCH_SECONDS = 0.0005
_SETTINGS_SECONDS = 4.0
_ANSWER_SECONDS = 5.0


def serve(*, tcp: Address | None = None, websocket: Address | None = None) -> int:
    """Serve one client until it leaves, over the standard streams unless an address is given; returns the exit code.

    Raises `OSError` for an address that cannot be had and `ImportError` where the package for WebSockets is missing.
    """
    # pygls logs whole messages, and with them the users' texts, at its information level.
    if not logger.isEnabledFor(logging.DEBUG):
        logging.getLogger("pygls").setLevel(logging.WARNING)
    # The loop must not wait the default 5 ms for a worker thread to let go of the interpreter.
    sys.setswitchinterval(_SWITCH_SECONDS)
    protocol = Server().protocol
    if tcp is not None:
        return asyncio.run(transport.serve_tcp(protocol, *tcp))
    if websocket is not None:
        return asyncio.run(transport.serve_websocket(protocol, *websocket))
    return asyncio.run(transport.serve_stdio(protocol))


class Server(LanguageServer):
    """pygls' server with the handlers of one session."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("promptls", __version__, protocol_cls=Protocol)
        self.session = Session()
        self.publisher = DiagnosticsPublisher(
            self.session, self.text_document_publish_diagnostics, self._refresh_diagnostics
        )
        self._folders: dict[str, Path] = {}
        self._settings: Mapping[str, Any] = {}
        self._settings_known = asyncio.Event()
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._register()

    def report_server_error(self, error: Exception, source: object) -> None:
        """Log what went wrong; a pop-up for every error would be a storm of them."""
        logger.error("%s: %s", type(error).__name__, error)

    def _register(self) -> None:
        handlers: dict[str, Callable[[Any], Any]] = {
            types.INITIALIZE: self._initialize,
            types.INITIALIZED: self._initialized,
            types.TEXT_DOCUMENT_DID_OPEN: self._did_open,
            types.TEXT_DOCUMENT_DID_CHANGE: self._did_change,
            types.TEXT_DOCUMENT_DID_CLOSE: self._did_close,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self._did_change_configuration,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: self._did_change_watched_files,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._did_change_folders,
        }
        for method, handler in handlers.items():
            self._handle(method, handler)
        self._handle(types.TEXT_DOCUMENT_DID_SAVE, self._did_save, types.SaveOptions(include_text=True))
        pulling = types.DiagnosticOptions(
            identifier="promptls", inter_file_dependencies=True, workspace_diagnostics=False
        )
        self._handle(types.TEXT_DOCUMENT_DIAGNOSTIC, self.publisher.pull, pulling)
        for route in ROUTES:
            self._handle(route.method, self._answering(route), route.options)
        for name, command in commands(self).items():
            self.command(name)(command)

    def _handle(self, method: str, handler: Callable[[Any], Any], options: object = None) -> None:
        # pygls marks handlers with attributes, which methods do not take.
        self.feature(method, options)(partial(handler))

    def _answering(self, route: Route) -> Callable[[Any], Coroutine[Any, Any, Any]]:
        async def answer(params: Any) -> Any:
            document = self.session.document(route.uri(params))
            result = await self.session.ask(document, partial(route.answer, params), self.session.requests)
            if route.edits and not (document.in_sync and self.session.documents.is_current(document)):
                raise JsonRpcContentModified("the text has changed since")
            return result

        return answer

    # Life

    def _initialize(self, params: types.InitializeParams) -> None:
        self.session.client = read_client(params.capabilities)
        self._settings = configuration.editor_settings(params.initialization_options)
        folders = [folder.uri for folder in params.workspace_folders or ()]
        if not folders and params.root_uri:
            folders = [params.root_uri]
        self._folders = {uri: path for uri in folders if (path := to_path(uri)) is not None}
        if not self.session.client.has_configuration:
            self._settings_known.set()
        # Runs after the reply has been written: whatever is slow must not delay it.
        asyncio.get_running_loop().call_soon(lambda: self._spawn(self._start()))

    async def _start(self) -> None:
        try:
            await self.session.load()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settings_known.wait(), _SETTINGS_SECONDS)
            self.session.start(tuple(self._folders.values()), self._settings)
            await self._tell_settings_problems()
            await self.session.analysis.run(self.protocol.warm_up)
        except Exception:
            logger.exception("could not start")
            self.protocol.leave(1)

    async def _initialized(self, _: types.InitializedParams) -> None:
        await configuration.register(self, self.session.client)
        if self.session.client.has_configuration:
            await self._pull_settings()
            self._settings_known.set()

    # Texts

    def _did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        text = params.text_document
        document = self.session.documents.open(text.uri, text.language_id, text.version, text.text)
        # First, so that settings files are stamped before the settings are read out of them.
        self._spawn(self._look_at_settings())
        self._text_changed(document)

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        uri, version = params.text_document.uri, params.text_document.version
        before = self.session.documents.get(uri)
        document = self.session.documents.change(uri, version, params.content_changes, self.session.client.encoding)
        if document is None:
            return
        if before is not None and before.in_sync and not document.in_sync:
            self._warn([f"promptls has lost track of the text of {uri}. Saving the file mends it."])
        self._text_changed(document)

    def _did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        if params.text is not None and (mended := self.session.documents.saved(uri, params.text)):
            self._text_changed(mended)
        if path := to_path(uri):
            self.session.changed_on_disk([path])
        self._spawn(self._look_at_settings())

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        if document := self.session.documents.close(params.text_document.uri):
            self.session.closed(document)
            self.publisher.closed(document)

    def _text_changed(self, document: Document) -> None:
        self.session.changed(document)
        self.publisher.changed(document)

    # Settings, folders and files

    async def _did_change_configuration(self, params: types.DidChangeConfigurationParams) -> None:
        if self.session.client.has_configuration:
            await self._pull_settings()
        else:
            self._settings = configuration.editor_settings(params.settings) or self._settings
        await self._configure()

    async def _pull_settings(self) -> None:
        pulled = await configuration.pull_settings(self)
        if pulled is not None:
            self._settings = pulled

    async def _did_change_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.removed:
            self._folders.pop(folder.uri, None)
        for folder in params.event.added:
            if path := to_path(folder.uri):
                self._folders[folder.uri] = path
        await self._configure()

    async def _configure(self) -> None:
        if self.session.ready.is_set():
            self.session.configure(tuple(self._folders.values()), self._settings)
            await self._settings_changed()

    async def _did_change_watched_files(self, params: types.DidChangeWatchedFilesParams) -> None:
        self.session.changed_on_disk(path for change in params.changes if (path := to_path(change.uri)))
        await self._settings_changed()

    async def _look_at_settings(self) -> None:
        """See to it that changed settings files are noticed where the client does not watch files."""
        await self.session.ready.wait()
        if not self.session.client.registers_watchers:
            self.session.changed_on_disk(await self.session.changed_settings_files())
        await self._settings_changed()

    async def _settings_changed(self) -> None:
        self.publisher.recheck()
        await self._tell_settings_problems()

    async def _tell_settings_problems(self) -> None:
        if self.session.ready.is_set():
            self._warn(await self.session.settings_problems())

    # Words to the client

    def _warn(self, messages: Iterable[str]) -> None:
        """Show what the user has to mend, each sentence once."""
        fresh = [each for each in dict.fromkeys(messages) if each not in self._told]
        if fresh:
            self._told.update(fresh)
            for each in fresh:
                logger.warning("%s", each)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, "\n".join(fresh)))

    def _refresh_diagnostics(self) -> None:
        if self.session.client.refreshes_diagnostics:
            self._spawn(self._request_refresh())

    async def _request_refresh(self) -> None:
        with suppress(TimeoutError, JsonRpcException):
            await asyncio.wait_for(self.workspace_diagnostic_refresh_async(None), _ANSWER_SECONDS)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the messages; the loop itself would forget it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
