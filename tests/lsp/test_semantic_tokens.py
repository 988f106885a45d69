"""Semantic tokens: whole, by difference and in part; decoded again and read as text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from lsprotocol import types

from tests.lsp.capabilities import speaking
from tests.lsp.editor import URI, editing

DOCUMENT = types.TextDocumentIdentifier(URI)
TEXT = "---\nmodel: openai/gpt-4o\ninput:\n  schema:\n    name: string\n---\n😀 {{#if name}}é{{name}}{{/if}}\n"
UNITS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTH = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def words(text: str, data: Sequence[int], legend: types.SemanticTokensLegend, encoding: str) -> list[tuple[str, str]]:
    """The tokens' texts and types."""
    lines = [line.encode(UNITS[encoding]) for line in text.split("\n")]
    width = WIDTH[encoding]
    found: list[tuple[str, str]] = []
    line = character = 0
    for index in range(0, len(data), 5):
        down, right, length, kind, _ = data[index : index + 5]
        line, character = line + down, right if down else character + right
        piece = lines[line][character * width : (character + length) * width]
        found.append((piece.decode(UNITS[encoding]), legend.token_types[kind]))
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_tokens_in_the_units_of_the_client(encoding: str) -> None:
    async with editing(capabilities=speaking(encoding)) as editor:
        provider = editor.result.capabilities.semantic_tokens_provider
        assert isinstance(provider, types.SemanticTokensOptions)
        assert provider.full == types.SemanticTokensFullDelta(delta=True)
        assert provider.range is True
        editor.open(TEXT)
        tokens = await editor.text_document_semantic_tokens_full_async(types.SemanticTokensParams(DOCUMENT))
        assert tokens is not None
        found = words(TEXT, tokens.data, provider.legend, encoding)
        assert found[-4:] == [("if", "keyword"), ("name", "variable"), ("name", "variable"), ("if", "keyword")]
        assert ("schema", "property") in found
        assert ("string", "type") in found


async def test_the_difference_leads_from_the_old_to_the_new() -> None:
    async with editing() as editor:
        editor.open(TEXT)
        first = await editor.text_document_semantic_tokens_full_async(types.SemanticTokensParams(DOCUMENT))
        assert first is not None
        editor.type_at(6, 0, "{{@first}} ", 2)
        params = types.SemanticTokensDeltaParams(DOCUMENT, first.result_id or "")
        delta = await editor.text_document_semantic_tokens_full_delta_async(params)
        assert isinstance(delta, types.SemanticTokensDelta)
        data = list(first.data)
        for edit in delta.edits:
            data[edit.start : edit.start + edit.delete_count] = edit.data or ()
        again = await editor.text_document_semantic_tokens_full_async(types.SemanticTokensParams(DOCUMENT))
        assert again is not None
        assert data == list(again.data) != list(first.data)
        same = types.SemanticTokensDeltaParams(DOCUMENT, again.result_id or "")
        nothing = await editor.text_document_semantic_tokens_full_delta_async(same)
        assert isinstance(nothing, types.SemanticTokensDelta)
        assert list(nothing.edits) == []
        stale = await editor.text_document_semantic_tokens_full_delta_async(params)
        assert isinstance(stale, types.SemanticTokens)
        assert list(stale.data) == data


async def test_tokens_of_a_part() -> None:
    async with editing() as editor:
        provider = editor.result.capabilities.semantic_tokens_provider
        assert isinstance(provider, types.SemanticTokensOptions)
        editor.open(TEXT)
        part = types.Range(types.Position(1, 0), types.Position(2, 0))
        tokens = await editor.text_document_semantic_tokens_range_async(types.SemanticTokensRangeParams(DOCUMENT, part))
        assert tokens is not None
        found = words(TEXT, tokens.data, provider.legend, "utf-16")
        assert [word for word, _ in found] == ["model", "openai", "gpt-4o"]


async def test_a_broken_text_has_tokens_too() -> None:
    async with editing() as editor:
        editor.open("---\nmodel: [\n---\n{{#if x")
        tokens = await editor.text_document_semantic_tokens_full_async(types.SemanticTokensParams(DOCUMENT))
        assert tokens is not None
        assert len(tokens.data) % 5 == 0
        assert tokens.data
