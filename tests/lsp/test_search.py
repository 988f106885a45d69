"""Searching by way of the server: the index fills by itself, follows saves, and shows open buffers as they are."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.capabilities import PUSH
from tests.lsp.editor import Editor, editing

FIRST = "---\nmodel: googleai/gemini-2.5-flash\nmetadata:\n  tags: [billing]\n---\nSort invoices by date.\n"
RULE = "workspace/near-duplicate"
SECOND = "---\nmodel: openai/gpt-4.1\n---\nTranslate 😀 recipes into Dutch.\n"


async def names(editor: Editor, query: str, **more: Any) -> list[str]:
    found = await editor.request("promptls/search", {"query": query, **more})
    return [Path(each.path).name for each in found.results]


async def wait_for(editor: Editor, query: str, expected: list[str]) -> float:
    """Seconds until a search finds exactly this."""
    started = time.monotonic()
    while (found := await names(editor, query)) != expected:
        assert time.monotonic() - started < 20, f"{query}: {found}"
        await asyncio.sleep(0.02)
    return time.monotonic() - started


async def test_search_follows_disk_and_buffers(tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_text(FIRST, encoding="utf-8")
    (tmp_path / "b.prompt").write_text(SECOND, encoding="utf-8")
    async with editing(tmp_path, PUSH) as editor:
        await wait_for(editor, "invoice", ["a.prompt"])
        assert await names(editor, "tag:billing model:gemini") == ["a.prompt"]
        assert await names(editor, "reci", typing=True) == ["b.prompt"]
        uri = (tmp_path / "b.prompt").as_uri()
        editor.open(SECOND.replace("Dutch", "Finnish"), uri)
        assert await names(editor, "finnish") == ["b.prompt"]
        assert await names(editor, "dutch") == []
        (tmp_path / "a.prompt").write_text(FIRST.replace("invoices", "parcels"), encoding="utf-8")
        editor.text_document_did_save(
            types.DidSaveTextDocumentParams(types.TextDocumentIdentifier((tmp_path / "a.prompt").as_uri()))
        )
        await wait_for(editor, "parcels", ["a.prompt"])
        (tmp_path / "c.prompt").write_text("Herd cats.\n", encoding="utf-8")
        (tmp_path / "a.prompt").unlink()
        changes = [
            types.FileEvent((tmp_path / "c.prompt").as_uri(), types.FileChangeType.Created),
            types.FileEvent((tmp_path / "a.prompt").as_uri(), types.FileChangeType.Deleted),
        ]
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))
        await wait_for(editor, "cats", ["c.prompt"])
        assert await names(editor, "parcels") == []


async def test_the_shape_of_an_answer(tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_text(SECOND, encoding="utf-8")
    async with editing(tmp_path, PUSH) as editor:
        await wait_for(editor, "recipes", ["a.prompt"])
        found = await editor.request("promptls/search", {"query": "recipe"})
        assert found.complete
        (only,) = found.results
        assert only.uri == (tmp_path / "a.prompt").as_uri()
        (match,) = only.matches
        assert only.snippet[match.start : match.end] == "recipes"
        assert SECOND[only.range.start : only.range.end] == "recipes"
        assert (await editor.request("promptls/search", {"query": "recipse"})).suggestion == "recipes"
        alike = await editor.request("promptls/search", {"similarTo": only.uri})
        assert alike.total == 0


async def test_whoever_asks_early_is_told_that_there_may_be_more(tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_text(FIRST, encoding="utf-8")
    async with editing(tmp_path, PUSH) as editor:
        found = await editor.request("promptls/search", {"query": "invoice"})
        assert found.results == []
        assert not found.complete


@pytest.mark.parametrize("params", [None, {"query": 1}, {"query": "a", "limit": -1}, {"query": "a", "sort": "size"}])
async def test_wrong_parameters(params: Any) -> None:
    async with editing() as editor:
        with pytest.raises(JsonRpcException) as error:
            await editor.request("promptls/search", params)
        assert error.value.code == types.ErrorCodes.InvalidParams


async def test_no_query_does_harm(tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_text(SECOND, encoding="utf-8")
    odd = ["", " ", "AND OR NOT", '"', "***", "a" * 10_000, '" (' * 3_000, "tag:", "score:>x", "\0"]
    async with editing(tmp_path, PUSH) as editor:
        for query in odd:
            found = await editor.request("promptls/search", {"query": query})
            assert found.version == 1


async def test_long_indexing_shows_progress(tmp_path: Path) -> None:
    for number in range(150):
        (tmp_path / f"p{number}.prompt").write_text(f"Count sheep number{number}.\n", encoding="utf-8")
    capabilities = {**PUSH, "window": {"workDoneProgress": True}}
    async with editing(tmp_path, capabilities) as editor:
        await wait_for(editor, "number149", ["p149.prompt"])
        kinds = await editor.until(lambda: _ended(editor))
        assert kinds[0] == "begin"


def _ended(editor: Editor) -> list[str] | None:
    kinds = [_kind(params.value) for method, params in editor.notified if method == types.PROGRESS]
    return kinds if "end" in kinds else None


def _kind(value: Any) -> str:
    return str(value["kind"] if isinstance(value, dict) else value.kind)


async def test_near_duplicates_are_told_of_and_shown(tmp_path: Path) -> None:
    text = "Sort the letters that customers write to a bookshop into the queues orders, refunds, events and other. "
    text += "Write the name of the queue and nothing else, also where two queues would do.\n"
    (tmp_path / "a.prompt").write_text("---\nmodel: openai/gpt-4.1\n---\n" + text, encoding="utf-8")
    copy = tmp_path / "b.prompt"
    copy.write_text(
        "---\nmodel: openai/gpt-4.1\n---\n" + text.replace("nothing else", "nothing more"), encoding="utf-8"
    )
    async with editing(tmp_path, PUSH) as editor:
        editor.open(copy.read_text(encoding="utf-8"), copy.as_uri())  # before anything is indexed

        def told() -> types.Diagnostic | None:
            newest = editor.published(copy.as_uri())[-1:]
            return next((item for each in newest for item in each.diagnostics if item.code == RULE), None)

        diagnostic = await editor.until(told)
        assert "a.prompt" in diagnostic.message
        context = types.CodeActionContext([diagnostic])
        params = types.CodeActionParams(types.TextDocumentIdentifier(copy.as_uri()), diagnostic.range, context)
        actions = await editor.text_document_code_action_async(params)
        assert "Show similar prompts" in {each.title for each in actions or ()}
        shown = types.ExecuteCommandParams("promptls.showSimilar", arguments=[copy.as_uri()])
        page = await editor.workspace_execute_command_async(shown)
        assert (tmp_path / "a.prompt").as_uri() in str(page)
