"""Completion and signature help, in the form that each client can take."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.capabilities import PUSH, speaking
from tests.lsp.editor import URI, Editor, applied, editing
from tests.lsp.wire import Wire, patched

DOCUMENT = types.TextDocumentIdentifier(URI)
HEAD = "---\nmodel: openai/gpt-4o\ninput:\n  schema:\n    tone?: string, how to write\n---\n"
ITEM: dict[str, Any] = {
    "snippetSupport": True,
    "insertReplaceSupport": True,
    "labelDetailsSupport": True,
    "documentationFormat": ["markdown"],
    "preselectSupport": True,
    "tagSupport": {"valueSet": [1]},
    "insertTextModeSupport": {"valueSet": [1, 2]},
}
RICH: dict[str, Any] = {
    **PUSH,
    "textDocument": {
        **PUSH["textDocument"],
        "completion": {"completionItem": ITEM, "completionItemKind": {"valueSet": list(range(1, 26))}},
    },
}


async def complete(editor: Editor, line: int, character: int) -> dict[str, types.CompletionItem]:
    params = types.CompletionParams(DOCUMENT, types.Position(line, character))
    found = await editor.text_document_completion_async(params)
    assert isinstance(found, types.CompletionList)
    return {item.label: item for item in found.items}


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
async def test_variables_behind_an_emoji(encoding: str, column: int) -> None:
    text = HEAD + "😀{{to"
    async with editing(capabilities=speaking(encoding, base=RICH)) as editor:
        editor.open(text)
        item = (await complete(editor, 6, column + 4))["tone"]
        assert isinstance(item.text_edit, types.InsertReplaceEdit)
        assert item.text_edit.insert == types.Range(types.Position(6, column + 2), types.Position(6, column + 4))
        assert item.kind == types.CompletionItemKind.Variable
        assert item.label_details is not None
        resolved = await editor.completion_item_resolve_async(item)
        assert isinstance(resolved.documentation, types.MarkupContent)
        assert "how to write" in resolved.documentation.value


async def test_snippets_only_where_they_are_understood() -> None:
    text = HEAD + "{{#"
    async with editing(capabilities=RICH) as editor:
        editor.open(text)
        item = (await complete(editor, 6, 3))["if"]
        assert item.insert_text_format == types.InsertTextFormat.Snippet
        assert isinstance(item.text_edit, types.InsertReplaceEdit)
        assert "${1" in item.text_edit.new_text
    async with editing() as editor:
        editor.open(text)
        item = (await complete(editor, 6, 3))["if"]
        assert item.insert_text_format is None
        assert isinstance(item.text_edit, types.TextEdit)
        assert "$" not in item.text_edit.new_text
        assert applied(text, [item.text_edit]).count("{{/if}}") == 1
        assert item.label_details is None
        assert item.kind is not None
        assert int(item.kind) <= 18


async def test_models_roles_and_keys() -> None:
    async with editing(capabilities=RICH) as editor:
        editor.open('---\nmodel: gpt-4\nout\n---\n{{role ""}}\n')
        assert "openai/gpt-4o" in await complete(editor, 1, 12)
        assert "output" in await complete(editor, 2, 3)
        assert {"system", "user", "model"} <= set(await complete(editor, 4, 8))
        assert await complete(editor, 5, 0) == {}


async def test_resolving_what_is_not_ours() -> None:
    async with editing() as editor:
        editor.open(HEAD)
        for data in (None, "x", {"uri": URI}, {"uri": 1, "item": {}}):
            with pytest.raises(JsonRpcException) as error:
                await editor.completion_item_resolve_async(types.CompletionItem("made up", data=data))
            assert error.value.code == types.ErrorCodes.InvalidParams
        odd = types.CompletionItem("made up", data={"uri": URI, "item": {"kind": "helper"}})
        assert (await editor.completion_item_resolve_async(odd)).documentation is None


async def test_broken_texts_are_completed() -> None:
    async with editing(capabilities=RICH) as editor:
        editor.open("---\nmodel: [\nin\n---\n{{#if x}}{{/")
        assert "input" in await complete(editor, 2, 2)
        assert any(label.startswith(("/if", "if")) for label in await complete(editor, 4, 12))


async def signature(editor: Editor, line: int, character: int) -> types.SignatureHelp | None:
    params = types.SignatureHelpParams(DOCUMENT, types.Position(line, character))
    return await editor.text_document_signature_help_async(params)


async def test_signatures_with_labels_or_offsets() -> None:
    text = HEAD + '😀{{media url="x" }}'
    async with editing() as editor:
        editor.open(text)
        help = await signature(editor, 6, 18)
        assert help is not None
        (one,) = help.signatures
        assert one.label.startswith("{{media url=…")
        assert one.parameters is not None
        assert one.parameters[0].label == "url=…"
        assert help.active_parameter == 1
        assert await signature(editor, 6, 0) is None
    offsets = {"signatureInformation": {"parameterInformation": {"labelOffsetSupport": True}}}
    able = {"textDocument": {**PUSH["textDocument"], "signatureHelp": offsets}}
    async with editing(capabilities=able) as editor:
        editor.open(text)
        help = await signature(editor, 6, 18)
        assert help is not None
        parameters = help.signatures[0].parameters
        assert parameters is not None
        label = parameters[0].label
        assert not isinstance(label, str)
        start, end = label
        assert help.signatures[0].label[int(start) : int(end)] == "url=…"


def test_who_goes_on_typing_still_gets_what_was_asked_for() -> None:
    """VS Code asks at the second brace, types on, and filters what comes by the letters since."""
    late = (
        "import time, promptls.lsp.session as session\n"
        "original = session.Session._snapshot\n"
        "def snapshot(self, *given, **options):\n"
        "    time.sleep(0.3)\n"
        "    return original(self, *given, **options)\n"
        "session.Session._snapshot = snapshot\n"
    )
    with Wire(*patched(late)) as wire:
        wire.initialize(RICH)
        wire.open(HEAD + "{{")
        place = {"line": 6, "character": 2}
        wire.request(1, "textDocument/completion", {"textDocument": {"uri": URI}, "position": place})
        change = {"range": {"start": place, "end": place}, "text": "to"}
        document = {"uri": URI, "version": 2}
        wire.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        items = wire.answer_to(1)["result"]["items"]
        assert "tone" in {each["label"] for each in items}
