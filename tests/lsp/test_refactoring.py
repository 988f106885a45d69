"""Refactorings as code actions: offered lazily, worked out when chosen, refused with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.capabilities import PULL
from tests.lsp.editor import Editor, applied, editing

TEXT = (
    "---\nmodel: m\ninput:\n  schema:\n    name: string\n---\n"
    "Hello 😀 {{name}}, how are you?\n{{#if name}}\nYes.\n{{/if}}\n"
)
ABLE: dict[str, Any] = {
    **PULL,
    "textDocument": {
        **PULL["textDocument"],
        "codeAction": {**PULL["textDocument"]["codeAction"], "disabledSupport": True},
    },
    "workspace": {
        **PULL["workspace"],
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename"]},
    },
}


async def offers(editor: Editor, uri: str, only: str, start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
    selected = types.Range(types.Position(*start), types.Position(*end))
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(uri), selected, types.CodeActionContext([], only=[only])
    )
    found = await editor.text_document_code_action_async(params) or ()
    return {each.title: each for each in found}


async def test_a_selection_becomes_a_partial(tmp_path: Path) -> None:
    path = tmp_path / "a.prompt"
    path.write_text(TEXT, encoding="utf-8")
    async with editing(tmp_path, ABLE) as editor:
        provider = editor.result.capabilities.code_action_provider
        assert isinstance(provider, types.CodeActionOptions)
        assert {"refactor.extract", "refactor.inline", "refactor.rewrite"} <= set(provider.code_action_kinds or ())
        editor.open(TEXT, path.as_uri())
        found = await offers(editor, path.as_uri(), "refactor.extract", (6, 0), (6, 32))
        action = found["Extract to a partial"]
        assert action.edit is None
        resolved = await editor.code_action_resolve_async(action)
        assert resolved.edit is not None
        own, made, content = resolved.edit.document_changes or ()
        assert isinstance(own, types.TextDocumentEdit)
        assert own.text_document.version == 1
        assert isinstance(made, types.CreateFile)
        assert isinstance(content, types.TextDocumentEdit)
        assert content.text_document.uri == made.uri
        new = applied(TEXT, [each for each in own.edits if isinstance(each, types.TextEdit)])
        assert Path(made.uri).name.removeprefix("_").removesuffix(".prompt") in new
        (insertion,) = content.edits
        assert isinstance(insertion, types.TextEdit)
        assert "{{name}}" in insertion.new_text
        editor.type_at(0, 0, "x", 2, path.as_uri())
        with pytest.raises(JsonRpcException) as error:
            await editor.code_action_resolve_async(action)
        assert error.value.code == types.LSPErrorCodes.ContentModified


async def test_a_selection_across_a_block_border_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.prompt"
    path.write_text(TEXT, encoding="utf-8")
    async with editing(tmp_path, ABLE) as editor:
        editor.open(TEXT, path.as_uri())
        found = await offers(editor, path.as_uri(), "refactor.extract", (6, 0), (8, 2))
        refused = [each for each in found.values() if each.disabled is not None]
        assert refused
        assert all(each.edit is None and each.disabled.reason for each in refused)


async def test_a_client_that_makes_no_files_is_offered_none(tmp_path: Path) -> None:
    path = tmp_path / "a.prompt"
    path.write_text(TEXT, encoding="utf-8")
    async with editing(tmp_path) as editor:
        editor.open(TEXT, path.as_uri())
        found = await offers(editor, path.as_uri(), "refactor.extract", (6, 0), (6, 32))
        assert "Extract to a partial" not in found
        assert all(each.edit is not None for each in found.values())


async def test_data_of_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.prompt"
    async with editing(tmp_path, ABLE) as editor:
        editor.open(TEXT, path.as_uri())
        base = {"uri": path.as_uri(), "version": 1}
        for data, code in (
            ({**base, "refactoring": 3}, types.ErrorCodes.InvalidParams),
            ({**base, "refactoring": "x", "range": [5, 2]}, types.ErrorCodes.InvalidParams),
            ({**base, "refactoring": "no such thing", "range": [0, 2]}, types.LSPErrorCodes.ContentModified),
        ):
            with pytest.raises(JsonRpcException) as error:
                await editor.code_action_resolve_async(types.CodeAction("made up", data=data))
            assert error.value.code == code
