"""The server: its life from `initialize` to `exit`, and what it does when texts, settings or files change.

Questions about a document are in `routes`; nothing here decides anything about prompts.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified
from pygls.lsp.server import LanguageServer

from promptls import __version__
from promptls.lsp import capabilities, configuration, transport
from promptls.lsp.client import read_client
from promptls.lsp.commands import commands
from promptls.lsp.counting import Counting
from promptls.lsp.diagnostics import DiagnosticsPublisher
from promptls.lsp.documents import Document
from promptls.lsp.features.test_files import answer_for
from promptls.lsp.indexing import Indexing
from promptls.lsp.optimizing import METHOD as OPTIMIZE
from promptls.lsp.optimizing import Optimizing
from promptls.lsp.progress import in_pieces, work_done
from promptls.lsp.protocol import Protocol
from promptls.lsp.recording import Recording
from promptls.lsp.refresh import refresh, refresh_diagnostics
from promptls.lsp.routes import ROUTES, WORKSPACE_ROUTES, Route, WorkspaceRoute
from promptls.lsp.session import Session
from promptls.lsp.testing import Testing
from promptls.lsp.uris import is_test_uri, to_path
from promptls.lsp.virtual_documents import VirtualDocuments
from promptls.lsp.vocabularies import Vocabularies
from promptls.lsp.workspace_diagnostics import WorkspaceDiagnostics

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt

logger = logging.getLogger(__name__)

Address = tuple[str, int]

_SWITCH_SECONDS = 0.0005
_SETTINGS_SECONDS = 4.0


def serve(*, tcp: Address | None = None, websocket: Address | None = None) -> int:
    """Serve one client until it leaves, over the standard streams unless an address is given; returns the exit code.

    Raises `OSError` for an address that cannot be had.
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
        self.session.tell = self._tell_soon
        self.session.count_better = self._count_better_soon
        self.session.plan_ahead = self._plan_ahead_soon
        self.publisher = DiagnosticsPublisher(
            self.session, self.text_document_publish_diagnostics, self._refresh, self._pull_again
        )
        self.workspace_diagnostics = WorkspaceDiagnostics(self.session)
        self.pages = VirtualDocuments(self)
        self.vocabularies = Vocabularies(self.session.background, self._tokens_changed)
        self.indexing = Indexing(self)
        self.optimizing = Optimizing(self)
        self.recording = Recording(self)
        self.testing = Testing(self)
        self.counting = Counting(self)
        self._loop: asyncio.AbstractEventLoop
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
            types.WINDOW_WORK_DONE_PROGRESS_CANCEL: self._cancel_progress,
            OPTIMIZE: self.optimizing.request,
        }
        for method, handler in handlers.items():
            self._handle(method, handler)
        self._handle(types.TEXT_DOCUMENT_DID_SAVE, self._did_save, types.SaveOptions(include_text=True))
        pulling = types.DiagnosticOptions(
            identifier="promptls", inter_file_dependencies=True, workspace_diagnostics=True, work_done_progress=True
        )
        self._handle(types.TEXT_DOCUMENT_DIAGNOSTIC, self.publisher.pull, pulling)
        self._handle(types.WORKSPACE_DIAGNOSTIC, self._pull_workspace)
        self._handle(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, self.pages.content)
        for route in ROUTES:
            self._handle(route.method, self._answering(route), route.options)
        for each in WORKSPACE_ROUTES:
            self._handle(each.method, self._answering_for_workspace(each), each.options)
        for name, command in commands(self).items():
            self.command(name)(command)

    def _cancel_progress(self, params: types.WorkDoneProgressCancelParams) -> None:
        self.indexing.cancel(params)
        self.optimizing.cancel(params)
        self.testing.cancel(params)

    def _handle(self, method: str, handler: Callable[[Any], Any], options: object = None) -> None:
        # pygls marks handlers with attributes, which methods do not take.
        self.feature(method, options)(partial(handler))

    def _answering(self, route: Route) -> Callable[[Any], Coroutine[Any, Any, Any]]:
        async def answered(params: Any) -> Any:
            document = self.session.document(route.uri(params))
            if route.counts is not None:
                self.counting.count(document.uri, route.counts)
            before = tuple(self.session.documents)
            answer = answer_for(route.method) if is_test_uri(document.uri) else route.answer
            with work_done(self, params, route.title):
                pool = self.session.slow_requests if route.slow else self.session.requests
                result = await self.session.ask(document, partial(answer, params), pool, even_if_old=route.even_if_old)
            if route.edits:
                self._check_unchanged(before, document)
            return in_pieces(self, params, result)

        return answered

    def _answering_for_workspace(self, route: WorkspaceRoute) -> Callable[[Any], Coroutine[Any, Any, Any]]:
        async def answer(params: Any) -> Any:
            before = tuple(self.session.documents)
            with work_done(self, params, route.title):
                result = await self.session.ask_workspace(partial(route.answer, params), self.session.requests)
            if route.edits:
                self._check_unchanged(before)
            return in_pieces(self, params, result)

        return answer

    def _check_unchanged(self, before: Iterable[Document], document: Document | None = None) -> None:
        """Raise where edits would be of another text than the editor has by now; they may be of any open document."""
        concerned = before if document is None else (*before, document)
        if not all(each.in_sync and self.session.documents.is_current(each) for each in concerned):
            raise JsonRpcContentModified("the text has changed since")

    async def _pull_workspace(self, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        token = params.partial_result_token

        def send(part: types.WorkspaceDiagnosticReportPartialResult) -> None:
            assert token is not None
            self.progress(types.ProgressParams(token, part))

        with work_done(self, params, "Checking prompts") as progress:
            return await self.workspace_diagnostics.pull(params, send if token is not None else None, progress)

    # Life

    def _initialize(self, params: types.InitializeParams) -> None:
        self.session.client = read_client(params.capabilities, params.client_info)
        self.protocol.complete_capabilities = partial(capabilities.complete, client=self.session.client)
        self._settings = configuration.editor_settings(params.initialization_options)
        folders = [folder.uri for folder in params.workspace_folders or ()]
        if not folders and params.root_uri:
            folders = [params.root_uri]
        self._folders = {uri: path for uri in folders if (path := to_path(uri)) is not None}
        if not self.session.client.has_configuration:
            self._settings_known.set()
        self._loop = asyncio.get_running_loop()
        # Runs after the reply has been written: whatever is slow must not delay it.
        self._loop.call_soon(lambda: self.spawn(self._start()))

    async def _start(self) -> None:
        try:
            await self.session.load()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settings_known.wait(), _SETTINGS_SECONDS)
            self.session.start(tuple(self._folders.values()), self._settings)
            await self._tell_settings_problems()
            await self.session.analysis.run(self.protocol.warm_up)
            self.indexing.begin()
            self.spawn(self.optimizing.load())
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
        self.spawn(self._look_at_settings())
        self._text_changed(document)
        self.counting.count(document.uri, "views")

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        uri, version = params.text_document.uri, params.text_document.version
        before = self.session.documents.get(uri)
        document = self.session.documents.change(uri, version, params.content_changes, self.session.client.encoding)
        if document is None:
            return
        if before is not None and before.in_sync and not document.in_sync:
            self._warn([f"promptls has lost track of the text of {uri}. Saving the file mends it."])
        self._text_changed(document)
        if taken := self.session.offers.taken(uri, document.source.text):
            self.counting.count(uri, "dismissed" if taken.dismisses else "accepted", taken.rule)

    def _did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        if params.text is not None and (mended := self.session.documents.saved(uri, params.text)):
            self._text_changed(mended)
        if path := to_path(uri):
            self._files_changed([path])
            self.recording.saved(path)
        self.spawn(self._look_at_settings())

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        if document := self.session.documents.close(params.text_document.uri):
            self.session.closed(document)
            self.publisher.closed(document)
            self.workspace_diagnostics.changed()

    def _text_changed(self, document: Document) -> None:
        self.session.changed(document)
        self.publisher.changed(document)
        self.workspace_diagnostics.changed()
        self.pages.changed()

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
            self.indexing.begin()
            await self._settings_changed()

    async def _did_change_watched_files(self, params: types.DidChangeWatchedFilesParams) -> None:
        self._files_changed([path for change in params.changes if (path := to_path(change.uri))])
        await self._settings_changed()

    def _files_changed(self, paths: Sequence[Path]) -> None:
        self.session.changed_on_disk(paths)
        if self.session.ready.is_set():
            self.indexing.changed(paths)

    def index_filled(self) -> None:
        """Tell again what the index has a say in: until now it could not answer."""
        self.publisher.recheck()
        self.workspace_diagnostics.changed()

    async def _look_at_settings(self) -> None:
        """See to it that changed settings files are noticed where the client does not watch files."""
        await self.session.ready.wait()
        if not self.session.client.registers_watchers:
            self.session.changed_on_disk(await self.session.changed_settings_files())
        await self._settings_changed()

    async def _settings_changed(self) -> None:
        self.publisher.recheck()
        self.workspace_diagnostics.changed()
        self.pages.changed()
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

    def _count_better_soon(self, model_id: str | None) -> None:
        """Load the vocabulary of a model; may be called from any thread."""
        self._loop.call_soon_threadsafe(lambda: self.spawn(self.vocabularies.load(model_id)))

    def _plan_ahead_soon(self, prompt: Prompt) -> None:
        """Find out what the optimiser would do; may be called from any thread."""
        self._loop.call_soon_threadsafe(lambda: self.spawn(self.optimizing.plan_ahead(prompt)))

    async def _tokens_changed(self) -> None:
        """Have shown anew what was counted without a vocabulary."""
        self.pages.changed()
        await refresh(self, self.session.client)

    def _tell_soon(self, sentence: str) -> None:
        """Show a sentence; from any thread."""
        params = types.ShowMessageParams(types.MessageType.Info, sentence)
        self._loop.call_soon_threadsafe(lambda: self.window_show_message(params))

    def _refresh(self) -> None:
        self.spawn(refresh(self, self.session.client))

    def _pull_again(self) -> None:
        self.spawn(refresh_diagnostics(self, self.session.client))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the messages; the loop itself would forget it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
