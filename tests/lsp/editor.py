"""An editor for tests: pytest-lsp's client, which also remembers everything that it was told, in order.

pytest-lsp keeps only the newest diagnostics of a file, cannot wait for a condition, and fails on requests that it does
not know; all three are mended here.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import register_lsp_features
from pytest_lsp.protocol import LanguageClientProtocol

from tests.lsp.capabilities import PUSH

SERVER = (sys.executable, "-m", "promptls", "serve", "--stdio")
DEADLINE_SECONDS = 20.0
URI = "file:///project/a.prompt"

Found = TypeVar("Found")


class _Recording(LanguageClientProtocol):
    _server: Editor

    def _handle_notification(self, method_name: str, params: Any) -> None:
        self._server.told(method_name, params)
        super()._handle_notification(method_name, params)

    def _handle_request(self, msg_id: Any, method_name: str, params: Any) -> None:
        self._server.asked.append((method_name, params))
        super()._handle_request(msg_id, method_name, params)


class Editor(LanguageClient):
    """`notified` holds every notification of the server and `asked` every request, in order. Edits are answered by
    `taking_edits`, and questions by `choice`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(converter_factory=default_converter, protocol_cls=_Recording, **options)
        self.notified: list[tuple[str, Any]] = []
        self.asked: list[tuple[str, Any]] = []
        self.taking_edits = types.ApplyWorkspaceEditResult(applied=True)
        self.choice: str | None = None
        self._news = asyncio.Condition()
        self._tellers: set[asyncio.Task[None]] = set()
        register_lsp_features(self)
        self._answer_everything()
        self.result: types.InitializeResult

    def _answer_everything(self) -> None:
        """Take the requests that pytest-lsp does not know."""

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params: types.RegistrationParams) -> None:
            pass

        @self.feature(types.WORKSPACE_APPLY_EDIT)
        def applied(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            return self.taking_edits

        @self.feature(types.WORKSPACE_CODE_LENS_REFRESH)
        def looked_again(_: None) -> None:
            pass

        @self.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
        def chosen(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
            return types.MessageActionItem(self.choice) if self.choice is not None else None

    def told(self, method: str, params: Any) -> None:
        self.notified.append((method, params))
        task = asyncio.get_running_loop().create_task(self._wake())
        self._tellers.add(task)
        task.add_done_callback(self._tellers.discard)

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, find: Callable[[], Found | None]) -> Found:
        """What `find` gives as soon as it gives something; fails after the deadline."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (found := find()) is None:
            left = deadline - time.monotonic()
            assert left > 0, f"waited in vain; so far: {[method for method, _ in self.notified]}"
            async with self._news:
                try:
                    await asyncio.wait_for(self._news.wait(), min(left, 0.1))
                except TimeoutError:
                    continue
        return found

    def published(self, uri: str = URI) -> list[types.PublishDiagnosticsParams]:
        """Every publication for a document, in order."""
        method = types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS
        return [params for name, params in self.notified if name == method and params.uri == uri]

    async def diagnostics_of(self, version: int | None, uri: str = URI) -> list[types.Diagnostic]:
        """The diagnostics pushed last for a version, waited for."""

        def find() -> list[types.Diagnostic] | None:
            matching = [params for params in self.published(uri) if params.version == version]
            return list(matching[-1].diagnostics) if matching else None

        return await self.until(find)

    def warnings(self) -> list[str]:
        """What was popped up at the user."""
        return [params.message for name, params in self.notified if name == types.WINDOW_SHOW_MESSAGE]

    # What an editor does

    def open(self, text: str, uri: str = URI, version: int = 1) -> None:
        item = types.TextDocumentItem(uri, "dotprompt", version, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def replace(self, text: str, version: int, uri: str = URI) -> None:
        self.change([types.TextDocumentContentChangeWholeDocument(text)], version, uri)

    def type_at(self, line: int, character: int, text: str, version: int, uri: str = URI) -> None:
        place = types.Position(line, character)
        self.change([types.TextDocumentContentChangePartial(types.Range(place, place), text)], version, uri)

    def change(self, changes: list[types.TextDocumentContentChangeEvent], version: int, uri: str = URI) -> None:
        identifier = types.VersionedTextDocumentIdentifier(version, uri)
        self.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    def close(self, uri: str = URI) -> None:
        self.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    async def hover(self, line: int, character: int, uri: str = URI) -> types.Hover | None:
        params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        return await self.text_document_hover_async(params)

    async def actions(
        self,
        line: int,
        character: int,
        *,
        only: list[str] | None = None,
        diagnostics: list[types.Diagnostic] | None = None,
        uri: str = URI,
    ) -> list[types.CodeAction]:
        place = types.Position(line, character)
        context = types.CodeActionContext(diagnostics or [], only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(place, place), context)
        # lsprotocol takes a code action that holds a command for a bare command.
        found = await self.text_document_code_action_async(params)
        return [each if isinstance(each, types.CodeAction) else types.CodeAction(each.title) for each in found or ()]

    async def pull(self, previous: str | None = None, uri: str = URI) -> types.DocumentDiagnosticReport:
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri), previous_result_id=previous)
        return await self.text_document_diagnostic_async(params)

    async def request(self, method: str, params: Any) -> Any:
        """Send a request as plain data."""
        return await self.protocol.send_request_async(method, params)


@asynccontextmanager
async def editing(
    folder: Path | None = None,
    capabilities: Mapping[str, Any] = PUSH,
    *,
    configuration: Mapping[str, Any] | None = None,
    options: Any = None,
) -> AsyncIterator[Editor]:
    """An editor that has started a server and is done with it at the end; `capabilities` are as JSON has them."""
    editor = Editor(configuration={"": dict(configuration or {})})
    nowhere = str(folder or "/nonexistent")
    environment = {**os.environ, "XDG_CONFIG_HOME": nowhere, "XDG_CACHE_HOME": nowhere}
    await editor.start_io(*SERVER, env=environment)
    try:
        structured = default_converter().structure(dict(capabilities), types.ClientCapabilities)
        folders = [types.WorkspaceFolder(folder.as_uri(), folder.name)] if folder else None
        editor.result = await editor.initialize_session(
            types.InitializeParams(structured, workspace_folders=folders, initialization_options=options)
        )
        yield editor
        await editor.shutdown_session()
    finally:
        if editor._server is not None and editor._server.returncode is None:
            editor._server.kill()
        await editor.stop()


def applied(text: str, edits: list[types.TextEdit]) -> str:
    """A text after edits whose characters count UTF-16 units, as most clients have them."""
    lines = text.splitlines(keepends=True) or [""]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(position: types.Position) -> int:
        if position.line >= len(lines):
            return len(text)
        units = lines[position.line].encode("utf-16-le")[: position.character * 2]
        return starts[position.line] + len(units.decode("utf-16-le"))

    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


def edits_of(edit: types.WorkspaceEdit | None, uri: str = URI) -> list[types.TextEdit]:
    """The text edits of one document in a workspace edit, in either of its two shapes."""
    assert edit is not None
    if edit.changes is not None:
        return list(edit.changes[uri])
    (change,) = edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.uri == uri
    return [each for each in change.edits if isinstance(each, types.TextEdit)]
