"""What concerns the whole workspace: its diagnostics, and asking the client to ask again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.lsp.capabilities import PULL, PUSH
from tests.lsp.editor import Editor, editing

GOOD = "---\nmodel: googleai/gemini-2.5-flash\n---\nHello 😀.\n"
BROKEN = GOOD + "{{#if x}}\n"
REFRESHING: dict[str, Any] = {
    **PULL,
    "workspace": {
        **PULL["workspace"],
        "semanticTokens": {"refreshSupport": True},
        "inlayHint": {"refreshSupport": True},
    },
}
REFRESHES = {
    types.WORKSPACE_DIAGNOSTIC_REFRESH,
    types.WORKSPACE_SEMANTIC_TOKENS_REFRESH,
    types.WORKSPACE_INLAY_HINT_REFRESH,
}


def counting(editor: Editor) -> list[str]:
    """The refreshes that a client is asked for, which pytest-lsp would refuse."""
    asked: list[str] = []

    def count(method: str) -> None:
        @editor.feature(method)
        def refresh(params: None) -> None:
            asked.append(method)

    for method in (types.WORKSPACE_SEMANTIC_TOKENS_REFRESH, types.WORKSPACE_INLAY_HINT_REFRESH):
        count(method)
    return asked


async def pull(
    editor: Editor, previous: list[types.PreviousResultId] | None = None, token: str | None = None
) -> dict[str, Any]:
    params = types.WorkspaceDiagnosticParams(previous or [], partial_result_token=token)
    report = await asyncio.wait_for(editor.workspace_diagnostic_async(params), 20)
    return {Path(each.uri).name: each for each in report.items}


def known(found: dict[str, Any]) -> list[types.PreviousResultId]:
    return [types.PreviousResultId(each.uri, each.result_id) for each in found.values()]


async def test_files_that_are_open_and_files_that_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.prompt").write_text(BROKEN, encoding="utf-8")
    async with editing(tmp_path, PULL) as editor:
        provider = editor.result.capabilities.diagnostic_provider
        assert isinstance(provider, types.DiagnosticOptions)
        assert provider.workspace_diagnostics
        editor.open(BROKEN, (tmp_path / "a.prompt").as_uri(), version=7)
        first = await pull(editor)
        assert {name: each.version for name, each in first.items()} == {"a.prompt": 7, "b.prompt": None}
        for each in first.values():
            assert "template/unclosed-block" in {item.code for item in each.items}
        asked = asyncio.ensure_future(pull(editor, known(first)))
        await asyncio.sleep(0.5)
        assert not asked.done()  # nothing is new: the answer waits
        editor.replace(GOOD, 8, (tmp_path / "a.prompt").as_uri())
        second = await asked
        assert [item.code for item in second["a.prompt"].items] == []
        assert isinstance(second["b.prompt"], types.WorkspaceUnchangedDocumentDiagnosticReport)
        (tmp_path / "b.prompt").unlink()
        third = await pull(editor, known(second))
        assert third["b.prompt"].items == ()


@pytest.mark.filterwarnings("ignore:Unknown progress token")
async def test_workspace_diagnostics_in_pieces(tmp_path: Path) -> None:
    for number in range(45):
        (tmp_path / f"p{number:02}.prompt").write_text(BROKEN, encoding="utf-8")
    async with editing(tmp_path, PULL) as editor:
        assert await pull(editor, token="pieces") == {}
        values = [params.value for method, params in editor.notified if method == types.PROGRESS]
        sizes = [len(value["items"] if isinstance(value, dict) else value.items) for value in values]
        assert sizes == [20, 20, 5]


async def test_workspace_diagnostics_can_be_cancelled(tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_text(GOOD, encoding="utf-8")
    async with editing(tmp_path, PULL) as editor:
        first = await pull(editor)
        asked = editor.protocol.send_request(types.WORKSPACE_DIAGNOSTIC, types.WorkspaceDiagnosticParams(known(first)))
        await asyncio.sleep(0.3)
        identity = next(id for id, future in editor.protocol._request_futures.items() if future is asked)
        editor.cancel_request(types.CancelParams(identity))
        with pytest.raises(Exception, match=r"(?i)cancel"):
            await asyncio.wait_for(asyncio.wrap_future(asked), 10)
        assert await pull(editor)


async def test_a_changed_partial_renews_what_the_client_shows(tmp_path: Path) -> None:
    partial, main = tmp_path / "_p.prompt", tmp_path / "a.prompt"
    partial.write_text("Hi {{who}}", encoding="utf-8")
    main.write_text(GOOD + "{{> p}}\n", encoding="utf-8")
    async with editing(tmp_path, REFRESHING) as editor:
        asked = counting(editor)
        editor.open(main.read_text(encoding="utf-8"), main.as_uri())
        editor.open(partial.read_text(encoding="utf-8"), partial.as_uri())
        await editor.pull(uri=main.as_uri())
        editor.type_at(0, 0, "{{#if x}}", 2, partial.as_uri())
        await editor.until(lambda: True if len(set(asked)) == 2 else None)
        assert types.WORKSPACE_DIAGNOSTIC_REFRESH in {method for method, _ in editor.asked}


@pytest.mark.parametrize("watches", [True, False])
async def test_changed_settings_renew_too(watches: bool, tmp_path: Path) -> None:
    main, settings = tmp_path / "a.prompt", tmp_path / "promptls.toml"
    main.write_text(BROKEN, encoding="utf-8")
    settings.write_text("", encoding="utf-8")
    watching = {"didChangeWatchedFiles": {"dynamicRegistration": watches}}
    async with editing(tmp_path, {**REFRESHING, "workspace": {**REFRESHING["workspace"], **watching}}) as editor:
        asked = counting(editor)
        editor.open(BROKEN, main.as_uri())
        await editor.pull(uri=main.as_uri())
        registered = {
            each.method
            for method, params in editor.asked
            if method == types.CLIENT_REGISTER_CAPABILITY
            for each in params.registrations
        }
        assert (types.WORKSPACE_DID_CHANGE_WATCHED_FILES in registered) is watches
        settings.write_text('ignore = ["template"]\n', encoding="utf-8")
        if watches:
            event = types.FileEvent(settings.as_uri(), types.FileChangeType.Changed)
            editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        else:
            document = types.TextDocumentIdentifier(main.as_uri())
            editor.text_document_did_save(types.DidSaveTextDocumentParams(document, BROKEN))
        await editor.until(lambda: True if len(set(asked)) == 2 else None)


async def test_who_cannot_be_asked_to_ask_again_is_not(tmp_path: Path) -> None:
    partial, main = tmp_path / "_p.prompt", tmp_path / "a.prompt"
    partial.write_text("Hi {{who}}", encoding="utf-8")
    main.write_text(GOOD + "{{> p}}\n", encoding="utf-8")
    async with editing(tmp_path, PUSH) as editor:
        editor.open(main.read_text(encoding="utf-8"), main.as_uri())
        editor.open(partial.read_text(encoding="utf-8"), partial.as_uri())
        await editor.diagnostics_of(1, main.as_uri())
        count = len(editor.published(main.as_uri()))
        editor.type_at(0, 0, "{{#if x}}", 2, partial.as_uri())
        await editor.until(lambda: True if len(editor.published(main.as_uri())) > count else None)
        assert not REFRESHES & {method for method, _ in editor.asked}
