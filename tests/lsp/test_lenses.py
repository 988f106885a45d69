"""Lenses, hints, hover and the custom request over the wire; and what a click on a lens shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import default_converter

from promptls.lsp.features.scoring import explanation_uri
from tests.lsp.capabilities import PULL, PUSH
from tests.lsp.editor import URI, Editor, applied, editing, edits_of
from tests.lsp.test_preview import VIRTUAL, execute

TEXT = '---\nmodel: openai/gpt-4o\n---\n{{role "system"}}\nAnswer customers. Try to be short.\n{{role "user"}}\nWhy?\n'
LENSES: dict[str, Any] = {
    **PUSH,
    "textDocument": {**PUSH["textDocument"], "codeLens": {}, "inlayHint": {}},
    "workspace": {"codeLens": {"refreshSupport": True}},
}


def without(name: str) -> dict[str, Any]:
    return {**LENSES, "textDocument": {key: each for key, each in LENSES["textDocument"].items() if key != name}}


async def lenses_of(editor: Editor, uri: str = URI) -> list[types.CodeLens]:
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    return list(await editor.text_document_code_lens_async(params) or ())


async def titles_of(editor: Editor, uri: str = URI) -> list[str]:
    resolved = [await editor.code_lens_resolve_async(each) for each in await lenses_of(editor, uri)]
    return [each.command.title for each in resolved if each.command]


async def asked_to_look_again(editor: Editor) -> None:
    await editor.until(lambda: any(name == types.WORKSPACE_CODE_LENS_REFRESH for name, _ in editor.asked) or None)


async def exact_titles(editor: Editor) -> list[str]:
    """The titles once the vocabulary is there, for which the server asks to be asked again."""
    await titles_of(editor)
    await asked_to_look_again(editor)
    return await titles_of(editor)


async def hints_of(editor: Editor) -> list[types.InlayHint]:
    whole = types.Range(types.Position(0, 0), types.Position(99, 0))
    params = types.InlayHintParams(types.TextDocumentIdentifier(URI), whole)
    return list(await editor.text_document_inlay_hint_async(params) or ())


async def test_places_first_then_figures_then_exact_figures() -> None:
    async with editing(capabilities=LENSES) as editor:
        offered = editor.result.capabilities.code_lens_provider
        assert offered is not None
        assert offered.resolve_provider is True
        editor.open(TEXT)
        found = await lenses_of(editor)
        assert [each.command for each in found] == [None] * 4
        assert [each.range.start.line for each in found] == [0, 0, 3, 5]
        at_once = await titles_of(editor)
        assert at_once[0].startswith("Score ")
        assert at_once[1].startswith("≈ ")
        exact = await exact_titles(editor)
        assert exact[1:] == ["12 tokens · $0.0000300", "system · 9 tokens", "user · 3 tokens"]


async def test_what_a_click_leads_to() -> None:
    async with editing(capabilities=LENSES) as editor:
        editor.open(TEXT)
        commands = [(await editor.code_lens_resolve_async(each)).command for each in await lenses_of(editor)]
        assert [each.command for each in commands if each] == [
            "promptls.explainScore", "promptls.showPreview", "promptls.showPreview", "promptls.showPreview",
        ]  # fmt: skip
        offered = editor.result.capabilities.execute_command_provider
        assert offered is not None
        for each in commands:
            assert each is not None
            assert each.command in offered.commands
            assert str(await execute(editor, each.command, *(each.arguments or ()))).startswith("# ")


async def test_a_lens_of_a_text_that_has_gone() -> None:
    async with editing(capabilities=LENSES) as editor:
        editor.open(TEXT)
        *_, last = await lenses_of(editor)
        editor.replace("---\nmodel: openai/gpt-4o\n---\nSay hello.\n", 2)
        with pytest.raises(JsonRpcException) as gone:
            await editor.code_lens_resolve_async(last)
        assert gone.value.code == types.LSPErrorCodes.ContentModified
        last.data = {"uri": URI}
        with pytest.raises(JsonRpcException) as alien:
            await editor.code_lens_resolve_async(last)
        assert alien.value.code == types.ErrorCodes.InvalidParams


async def test_settings_switch_lenses_off_and_the_client_is_asked_to_look_again(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    async with editing(tmp_path, LENSES) as editor:
        editor.open(TEXT, uri)
        await editor.diagnostics_of(1, uri)
        assert len(await lenses_of(editor, uri)) == 4
        off = {"promptls": {"editor": {"lenses": False}}}
        editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(off))
        await asked_to_look_again(editor)
        assert await lenses_of(editor, uri) == []


@pytest.mark.parametrize(
    ("capabilities", "setting", "shown"),
    [
        (LENSES, "auto", False),
        (LENSES, "always", True),
        (without("codeLens"), "auto", True),
        (without("codeLens"), "never", False),
    ],
)
async def test_token_hints(capabilities: dict[str, Any], setting: str, shown: bool) -> None:
    options = {"editor": {"tokenHints": setting}}
    async with editing(capabilities=capabilities, options=options) as editor:
        editor.open(TEXT)
        hints = [each for each in await hints_of(editor) if "token" in str(each.label)]
        assert [(each.position.line, each.position.character) for each in hints] == [(3, 17), (5, 15)] * shown


async def test_hover_on_the_first_line() -> None:
    async with editing(capabilities={**LENSES, "textDocument": {"hover": {"contentFormat": ["markdown"]}}}) as editor:
        editor.open(TEXT)
        found = await editor.hover(0, 1)
        assert found is not None
        assert isinstance(found.contents, types.MarkupContent)
        assert found.contents.value.startswith("```text\nScore ")
        assert f"[line 5]({URI}#L5,19)" in found.contents.value
        assert found.range == types.Range(types.Position(0, 0), types.Position(0, 3))
    async with editing(capabilities={}) as editor:
        editor.open(TEXT)
        found = await editor.hover(0, 1)
        assert found is not None
        assert isinstance(found.contents, types.MarkupContent)
        assert "line 5, column 19" in found.contents.value
        assert "**" not in found.contents.value


async def test_the_explanation_is_shown_as_well_as_the_client_can(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    async with editing(tmp_path, VIRTUAL) as editor:
        editor.open(TEXT, uri)
        page = await execute(editor, "promptls.explainScore", uri)
        assert page.startswith("# Score of a.prompt: ")
        shown = [params.uri for name, params in editor.asked if name == types.WINDOW_SHOW_DOCUMENT]
        assert shown == [explanation_uri(uri)]
        params = types.TextDocumentContentParams(explanation_uri(uri))
        assert (await editor.workspace_text_document_content_async(params)).text == page
    async with editing(tmp_path, PULL) as editor:
        editor.open(TEXT, uri)
        page = await execute(editor, "promptls.explainScore", uri)
        (shown_page,) = [params.uri for name, params in editor.asked if name == types.WINDOW_SHOW_DOCUMENT]
        assert Path(shown_page.removeprefix("file://")).read_text(encoding="utf-8") == page
    async with editing(tmp_path, PUSH) as editor:
        editor.open(TEXT, uri)
        await execute(editor, "promptls.explainScore", uri)
        (message,) = [each for each in editor.warnings() if each.startswith("Score ")]
        assert "+" in message


async def test_the_custom_request() -> None:
    async with editing(capabilities=LENSES) as editor:
        editor.open(TEXT)
        answer = await editor.request("promptls/score", {"textDocument": {"uri": URI}})
        (found,) = default_converter().unstructure(answer)["prompts"] if isinstance(answer, dict) else answer.prompts
        assert 0 <= found.overall <= 100
        assert found.dimensions.clarity > 0
        assert found.tokens.rendered > 0
        assert any(each.rule == "clarity/weak-rule" and each.points < 0 for each in found.reasons)
        wrong: tuple[Any, ...] = (None, {}, {"textDocument": {}})
        for params in wrong:
            with pytest.raises(JsonRpcException) as error:
                await editor.request("promptls/score", params)
            assert error.value.code == types.ErrorCodes.InvalidParams


async def test_a_quick_fix_earns_what_its_title_says() -> None:
    async with editing(capabilities=LENSES) as editor:
        editor.open(TEXT)
        request = {"textDocument": {"uri": URI}}
        before = (await editor.request("promptls/score", request)).prompts[0].overall
        fixes = [each for each in await editor.actions(4, 20, only=["quickfix"]) if each.edit and "(+" in each.title]
        assert fixes
        title = fixes[0].title
        points = int(title.rpartition("(+")[2].split()[0])
        editor.replace(applied(TEXT, edits_of(fixes[0].edit)), 2)
        after = (await editor.request("promptls/score", request)).prompts[0].overall
        assert abs(after - before - points) <= 1
        without_score = {"editor": {"score": False}}
    async with editing(capabilities=LENSES, options=without_score) as editor:
        editor.open(TEXT)
        assert not any("point" in each.title for each in await editor.actions(4, 20))
