"""What an editor offers to do about findings, and that doing it gives the right text."""

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.capabilities import NOTHING, PULL, PUSH
from tests.lsp.editor import URI, applied, editing, edits_of
from tests.lsp.wire import Wire

HEAD = "---\nmodel: googleai/gemini-2.5-flash\n---\n"
BLOCK_ROLE = HEAD + '{{#role "system"}}\nBe kind. 😀\n{{/role}}\n'
TWO_BLOCK_ROLES = BLOCK_ROLE + '{{#role "user"}}\nHello.\n{{/role}}\n'
MENDED = HEAD + '{{role "system"}}\nBe kind. 😀\n'
FIX_ALL = "source.fixAll.promptls"


def titles(actions: list[types.CodeAction]) -> list[str]:
    return [action.title for action in actions]


async def test_fix_suppress_and_explain() -> None:
    async with editing() as editor:
        editor.open(BLOCK_ROLE)
        shown = await editor.diagnostics_of(1)
        actions = await editor.actions(3, 5, diagnostics=shown, only=["quickfix", "source.fixAll"])
        fix, line, file, explain, everything = actions
        assert titles(actions)[1:] == [
            "Ignore template/block-role on this line",
            "Ignore template/block-role in this file",
            "Explain template/block-role",
            "Fix all that can be fixed safely",
        ]
        assert fix.is_preferred
        assert not line.is_preferred
        assert list(fix.diagnostics or ()) == shown
        assert applied(BLOCK_ROLE, edits_of(fix.edit)) == MENDED
        for suppression in (line, file):
            editor.replace(applied(BLOCK_ROLE, edits_of(suppression.edit)), version := len(editor.published()) + 1)
            assert await editor.diagnostics_of(version) == []
        assert explain.edit is None
        assert everything.kind == FIX_ALL
        assert applied(BLOCK_ROLE, edits_of(everything.edit)) == MENDED


async def test_only_the_kinds_asked_for() -> None:
    async with editing() as editor:
        editor.open(BLOCK_ROLE)
        for only, kinds in (
            (["quickfix"], {"quickfix"}),
            (["source"], {FIX_ALL}),
            (["source.fixAll"], {FIX_ALL}),
            ([FIX_ALL], {FIX_ALL}),
            (["source.organizeImports", "refactor"], set()),
            ([""], {"quickfix", FIX_ALL}),
        ):
            actions = await editor.actions(3, 5, only=only)
            assert {action.kind for action in actions if action.edit} & {"quickfix", FIX_ALL} == kinds, only


async def test_actions_of_a_diagnostic_elsewhere_on_the_line() -> None:
    """Some editors send the diagnostics of a line, and a cursor that is not on them."""
    text = HEAD + "Some words before {{#if a}}\n"
    async with editing() as editor:
        editor.open(text)
        shown = await editor.diagnostics_of(1)
        assert "Explain template/unclosed-block" not in titles(await editor.actions(3, 0))
        assert "Explain template/unclosed-block" in titles(await editor.actions(3, 0, diagnostics=shown))


async def test_old_diagnostics_make_no_wrong_edits() -> None:
    async with editing() as editor:
        editor.open(BLOCK_ROLE)
        old = await editor.diagnostics_of(1)
        moved = BLOCK_ROLE.replace("---\n{{", "---\nMore.\n\n{{")
        editor.replace(moved, 2)
        assert await editor.actions(3, 0, diagnostics=old, only=["quickfix"]) == []
        (fix, *_) = await editor.actions(5, 0, diagnostics=old)
        assert fix.diagnostics is None
        assert applied(moved, edits_of(fix.edit)) == MENDED.replace("---\n{{", "---\nMore.\n\n{{")


async def test_fix_all_is_resolved_lazily_and_only_for_its_version(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    async with editing(tmp_path, PULL) as editor:
        editor.open(TWO_BLOCK_ROLES, uri, version=4)
        (action,) = await editor.actions(0, 0, only=["source.fixAll"], uri=uri)
        assert action.edit is None
        resolved = await editor.code_action_resolve_async(action)
        change = resolved.edit.document_changes[0] if resolved.edit and resolved.edit.document_changes else None
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 4
        fixed = applied(TWO_BLOCK_ROLES, edits_of(resolved.edit, uri))
        assert fixed == MENDED + '{{role "user"}}\nHello.\n'
        editor.replace(fixed, 5, uri)
        assert await editor.actions(0, 0, only=["source.fixAll"], uri=uri) == []
        with pytest.raises(JsonRpcException) as refused:
            await editor.code_action_resolve_async(action)
        assert refused.value.code == -32801
        with pytest.raises(JsonRpcException) as refused:
            await editor.code_action_resolve_async(types.CodeAction("made up", data="what?"))
        assert refused.value.code == -32602


async def test_a_client_without_literals_gets_commands() -> None:
    async with editing(capabilities=NOTHING) as editor:
        editor.open(BLOCK_ROLE)
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(URI),
            types.Range(types.Position(3, 0), types.Position(3, 0)),
            types.CodeActionContext([]),
        )
        answer = await editor.text_document_code_action_async(params)
        assert answer
        assert all(isinstance(each, types.Command) for each in answer)


def test_explanation_is_a_command() -> None:
    with Wire() as wire:
        wire.initialize(PUSH)
        wire.open(BLOCK_ROLE)
        place = {"line": 3, "character": 0}
        context = {"diagnostics": [], "only": ["quickfix"]}
        params = {"textDocument": {"uri": URI}, "range": {"start": place, "end": place}, "context": context}
        explain = wire.call(1, "textDocument/codeAction", params)["result"][-1]
        assert explain["command"] == {
            "title": explain["title"],
            "command": "promptls.explainRule",
            "arguments": [URI, "template/block-role"],
        }


async def test_explaining_a_rule(tmp_path: Path) -> None:
    async with editing(tmp_path, PULL) as editor:
        command = types.ExecuteCommandParams("promptls.explainRule", [URI, "template/block-role"])
        text = await editor.workspace_execute_command_async(command)
        assert isinstance(text, str)
        assert text.startswith("# template/block-role")
        (shown,) = editor.shown_documents
        page = Path(shown.uri.removeprefix("file://"))
        assert page.is_relative_to(tmp_path)
        assert page.read_text() == text
        for arguments in ([], [URI], [URI, "no/such-rule"], [URI, "a", "b"]):
            with pytest.raises(JsonRpcException) as refused:
                await editor.workspace_execute_command_async(
                    types.ExecuteCommandParams("promptls.explainRule", arguments)
                )
            assert refused.value.code == -32602
    async with editing(capabilities=PUSH) as editor:
        await editor.workspace_execute_command_async(command)
        (said,) = editor.warnings()
        assert said.startswith("template/block-role: ")
