"""The preview as data and as a virtual document, and the commands around it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from promptls.lsp.features.previews import document_uri, preview_uri
from tests.lsp.capabilities import PULL, PUSH
from tests.lsp.editor import URI, Editor, editing

TEXT = '---\nmodel: m\ninput:\n  schema:\n    name: string\n---\n{{role "system"}}\nBe kind to {{name}}.\n'
VIRTUAL: dict[str, Any] = {
    **PULL,
    "workspace": {
        **PULL["workspace"],
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
        "textDocumentContent": {"dynamicRegistration": False},
    },
}


async def execute(editor: Editor, command: str, *arguments: Any) -> Any:
    params = types.ExecuteCommandParams(command=command, arguments=list(arguments))
    return await editor.workspace_execute_command_async(params)


async def test_the_custom_request() -> None:
    async with editing() as editor:
        editor.open(TEXT)
        params = {"textDocument": {"uri": URI}, "input": {"name": "Zoë 😀", "a key": 1}}
        found = await editor.request("promptls/preview", params)
        assert found.ok is True
        (message,) = found.messages
        assert message.role == "system"
        assert message.content[0].text.strip() == "Be kind to Zoë 😀."
        assert found.tokens.total > 0
        editor.replace(TEXT + "{{#if x", 2)
        broken = await editor.request("promptls/preview", {"textDocument": {"uri": URI}})
        assert broken.ok is False
        assert broken.errors[0].start.line == 9


@pytest.mark.parametrize("params", [None, {}, {"textDocument": "x"}, {"textDocument": {"uri": URI}, "input": [1]}])
async def test_wrong_parameters(params: Any) -> None:
    async with editing() as editor:
        editor.open(TEXT)
        with pytest.raises(JsonRpcException) as error:
            await editor.request("promptls/preview", params)
        assert error.value.code == types.ErrorCodes.InvalidParams


@pytest.mark.parametrize("uri", ["file:///a%20b/ü.prompt", "untitled:Untitled-1", "file:///a?x=%3A#y"])
def test_addresses_of_previews_lead_back(uri: str) -> None:
    preview = preview_uri(uri)
    assert document_uri(preview) == uri
    path, query = preview.split("?")
    assert document_uri(f"{path}?{query.replace('%', '%25')}") == uri  # as some clients send it


async def test_a_virtual_document_that_follows_its_text(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    refreshed: list[str] = []
    async with editing(tmp_path, VIRTUAL) as editor:

        @editor.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH)
        def refresh(params: types.TextDocumentContentRefreshParams) -> None:
            refreshed.append(params.uri)

        workspace = editor.result.capabilities.workspace
        assert workspace is not None
        assert workspace.text_document_content == types.TextDocumentContentOptions(
            ("promptls-preview", "promptls-score")
        )
        editor.open(TEXT, uri)
        text = await execute(editor, "promptls.showPreview", uri)
        shown = [params.uri for method, params in editor.asked if method == types.WINDOW_SHOW_DOCUMENT]
        assert shown == [preview_uri(uri)]
        content = await editor.workspace_text_document_content_async(types.TextDocumentContentParams(shown[0]))
        assert content.text == text
        assert "Be kind to" in text
        editor.type_at(7, 0, "Really. ", 2, uri)
        assert await editor.until(lambda: refreshed or None) == shown
        with pytest.raises(JsonRpcException):
            await editor.workspace_text_document_content_async(types.TextDocumentContentParams("promptls-preview:/x"))


async def test_files_that_are_not_open_are_previewed_too(tmp_path: Path) -> None:
    path = tmp_path / "a.prompt"
    path.write_text(TEXT, encoding="utf-8")
    async with editing(tmp_path, PUSH) as editor:
        assert editor.result.capabilities.workspace is not None
        assert editor.result.capabilities.workspace.text_document_content is None
        assert "Be kind to" in await execute(editor, "promptls.showPreview", path.as_uri())
        with pytest.raises(JsonRpcException):
            await execute(editor, "promptls.showPreview", (tmp_path / "none.prompt").as_uri())


async def test_a_new_prompt(tmp_path: Path) -> None:
    uri = (tmp_path / "fresh.prompt").as_uri()
    async with editing(tmp_path, VIRTUAL) as editor:
        assert await execute(editor, "promptls.newPrompt", uri, "few-shot") == uri
        (edit,) = [params.edit for method, params in editor.asked if method == types.WORKSPACE_APPLY_EDIT]
        made, content = edit.document_changes
        assert made == types.CreateFile(uri)
        assert content.edits[0].new_text.startswith("---\n")
        editor.open(TEXT, uri)
        with pytest.raises(JsonRpcException, match="already"):
            await execute(editor, "promptls.newPrompt", uri, "basic")
        with pytest.raises(JsonRpcException, match="no template"):
            await execute(editor, "promptls.newPrompt", uri, "made-up")
    async with editing(tmp_path, PUSH) as editor:
        with pytest.raises(JsonRpcException):
            await execute(editor, "promptls.newPrompt", uri + "x", "basic")


async def test_tokens_become_exact_once_the_vocabulary_is_there() -> None:
    params = {"textDocument": {"uri": URI}}
    async with editing() as editor:
        editor.open(TEXT.replace("model: m", "model: openai/gpt-4o"))
        first = await editor.request("promptls/preview", params)
        assert first.tokens.exact is False
        async with asyncio.timeout(30):
            while not (found := await editor.request("promptls/preview", params)).tokens.exact:
                await asyncio.sleep(0.05)
        assert found.tokens.encoding == "o200k_base"
        assert found.tokens.total == sum(each.tokens for each in found.tokens.messages) > 0


async def test_a_shown_preview_is_fetched_again_with_exact_tokens() -> None:
    refreshed: list[str] = []
    async with editing(None, VIRTUAL) as editor:

        @editor.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH)
        def refresh(params: types.TextDocumentContentRefreshParams) -> None:
            refreshed.append(params.uri)

        editor.open(TEXT.replace("model: m", "model: openai/gpt-4o"))
        params = types.TextDocumentContentParams(preview_uri(URI))
        assert "about" in (await editor.workspace_text_document_content_async(params)).text
        assert await editor.until(lambda: refreshed or None) == [preview_uri(URI)]
        assert "about" not in (await editor.workspace_text_document_content_async(params)).text
