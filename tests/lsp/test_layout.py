"""Formatting, folding, selecting and editing in two places at once, over the wire."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from promptls.ide.completion import TRIGGER_CHARACTERS
from promptls.ide.on_type import TRIGGERS
from promptls.ide.signature import SIGNATURE_TRIGGERS
from promptls.lsp import routes
from tests.lsp.capabilities import PUSH
from tests.lsp.editor import URI, applied, editing

DOCUMENT = types.TextDocumentIdentifier(URI)
OPTIONS = types.FormattingOptions(4, insert_spaces=True)
UNTIDY = "---\nmodel:   openai/gpt-4o\n---\n{{role   'user'}}\n😀 {{#if   x}}Ja.{{/if}}\n😀 {{y  }} tail  \n"
TIDY = "---\nmodel: openai/gpt-4o\n---\n{{role 'user'}}\n😀 {{#if x}}Ja.{{/if}}\n😀 {{y}} tail\n"


def span(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))


def test_triggers_are_those_of_ide() -> None:
    assert routes.COMPLETION_TRIGGERS == TRIGGER_CHARACTERS
    assert routes.SIGNATURE_TRIGGERS == SIGNATURE_TRIGGERS
    assert routes.ON_TYPE_TRIGGERS == TRIGGERS


async def test_formatting_makes_small_edits() -> None:
    async with editing() as editor:
        editor.open(UNTIDY)
        edits = await editor.text_document_formatting_async(types.DocumentFormattingParams(DOCUMENT, OPTIONS))
        assert edits
        assert applied(UNTIDY, list(edits)) == TIDY
        assert all(each.range.start.line == each.range.end.line for each in edits)
        editor.replace(TIDY, 2)
        assert not await editor.text_document_formatting_async(types.DocumentFormattingParams(DOCUMENT, OPTIONS))


async def test_formatting_ranges() -> None:
    async with editing() as editor:
        provider = editor.result.capabilities.document_range_formatting_provider
        assert provider == types.DocumentRangeFormattingOptions(ranges_support=True)
        editor.open(UNTIDY)
        lines = UNTIDY.split("\n")
        one = await editor.text_document_range_formatting_async(
            types.DocumentRangeFormattingParams(DOCUMENT, span(4, 0, len(lines[4]) + 1), OPTIONS)
        )
        assert applied(UNTIDY, list(one or ())) == UNTIDY.replace("{{#if   x}}", "{{#if x}}")
        two = await editor.text_document_ranges_formatting_async(
            types.DocumentRangesFormattingParams(DOCUMENT, [span(4, 0, 12), span(5, 0, 9), span(4, 0, 12)], OPTIONS)
        )
        wanted = UNTIDY.replace("{{#if   x}}", "{{#if x}}").replace("{{y  }}", "{{y}}")
        assert applied(UNTIDY, list(two or ())) == wanted


async def test_a_broken_file_is_left_alone() -> None:
    async with editing() as editor:
        editor.open("{{#if   x}}")
        assert not await editor.text_document_formatting_async(types.DocumentFormattingParams(DOCUMENT, OPTIONS))


async def test_blocks_are_closed_as_they_are_typed() -> None:
    async with editing() as editor:
        editor.open("---\nmodel: m\n---\n😀 {{#if x}}")
        params = types.DocumentOnTypeFormattingParams(DOCUMENT, types.Position(3, 12), "}", OPTIONS)
        edits = await editor.text_document_on_type_formatting_async(params)
        assert [(each.range, each.new_text) for each in edits or ()] == [(span(3, 12, 12), "{{/if}}")]


BLOCKS = "---\nmodel: m\n---\n{{#if x}}\n😀\n{{else}}\nNo.\n{{/if}}\n"


async def test_folding_by_lines_and_by_characters() -> None:
    params = types.FoldingRangeParams(DOCUMENT)
    async with editing() as editor:
        editor.open(BLOCKS)
        found = await editor.text_document_folding_range_async(params)
        assert found
        assert (found[0].start_line, found[0].end_line, found[0].kind) == (0, 2, types.FoldingRangeKind.Region)
        block = next(each for each in found if each.start_line == 3)
        assert (block.start_character, block.end_line, block.end_character) == (9, 4, 2)
    by_lines = {"textDocument": {**PUSH["textDocument"], "foldingRange": {"lineFoldingOnly": True, "rangeLimit": 2}}}
    async with editing(capabilities=by_lines) as editor:
        editor.open(BLOCKS)
        found = await editor.text_document_folding_range_async(params)
        assert found is not None
        assert len(found) == 2
        assert all(each.start_character is None and each.end_character is None for each in found)


async def test_selections_grow_from_every_cursor() -> None:
    async with editing() as editor:
        editor.open(BLOCKS)
        positions = [types.Position(4, 0), types.Position(3, 7), types.Position(99, 99)]
        found = await editor.text_document_selection_range_async(types.SelectionRangeParams(DOCUMENT, positions))
        assert found is not None
        assert len(found) == 3
        assert found[1].range == span(3, 6, 7)
        for chain in found:
            each: types.SelectionRange | None = chain
            while each is not None and each.parent is not None:
                inner, outer = each.range, each.parent.range
                assert (outer.start.line, outer.start.character) <= (inner.start.line, inner.start.character)
                assert (inner.end.line, inner.end.character) <= (outer.end.line, outer.end.character)
                each = each.parent
            assert each is not None
            assert each.range == types.Range(types.Position(0, 0), types.Position(8, 0))


async def test_both_ends_of_a_block_are_edited_together() -> None:
    async with editing() as editor:
        editor.open("---\nmodel: m\n---\n😀{{#each xs}}{{/each}}")
        params = types.LinkedEditingRangeParams(DOCUMENT, types.Position(3, 6))
        found = await editor.text_document_linked_editing_range_async(params)
        assert found is not None
        assert list(found.ranges) == [span(3, 5, 9), span(3, 17, 21)]
        params = types.LinkedEditingRangeParams(DOCUMENT, types.Position(3, 0))
        assert await editor.text_document_linked_editing_range_async(params) is None


async def test_edits_for_a_text_that_moved_on_are_refused() -> None:
    async with editing() as editor:
        editor.open(UNTIDY * 200)
        asked = editor.text_document_formatting_async(types.DocumentFormattingParams(DOCUMENT, OPTIONS))
        task = asyncio.ensure_future(asked)
        await asyncio.sleep(0)
        editor.type_at(0, 0, "x", 2)
        with pytest.raises(JsonRpcException) as error:
            await task
        assert error.value.code == types.LSPErrorCodes.ContentModified
