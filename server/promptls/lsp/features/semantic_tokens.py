"""Semantic tokens as the protocol numbers them: five for each token, its place relative to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from promptls.ide.semantic_legend import TOKEN_MODIFIERS, TOKEN_TYPES

if TYPE_CHECKING:
    from promptls.ide.semantic_legend import SemanticToken
    from promptls.lsp.convert import Lines
    from promptls.lsp.session import Snapshot

LEGEND = types.SemanticTokensLegend(token_types=list(TOKEN_TYPES), token_modifiers=list(TOKEN_MODIFIERS))
_TYPE_NUMBERS = {name: number for number, name in enumerate(TOKEN_TYPES)}
_MODIFIER_BITS = {name: 1 << number for number, name in enumerate(TOKEN_MODIFIERS)}


def all_tokens(_: types.SemanticTokensParams, snapshot: Snapshot) -> types.SemanticTokens:
    """Those of the whole file, and an id to ask for the difference with."""
    found = _all_numbers(snapshot)
    return types.SemanticTokens(found, snapshot.surroundings.tokens.remember(snapshot.document.uri, found))


def tokens_delta(
    params: types.SemanticTokensDeltaParams, snapshot: Snapshot
) -> types.SemanticTokens | types.SemanticTokensDelta:
    """What has changed since the client was last told; everything where that is no longer known."""
    from promptls.ide.semantic_tokens import delta

    uri, results = snapshot.document.uri, snapshot.surroundings.tokens
    old = results.known(uri, params.previous_result_id)
    new = _all_numbers(snapshot)
    result_id = results.remember(uri, new)
    if old is None:
        return types.SemanticTokens(new, result_id)
    change = delta(old, new)
    edits = [types.SemanticTokensEdit(change.start, change.deleted, change.inserted)] if change else []
    return types.SemanticTokensDelta(edits, result_id)


def range_tokens(params: types.SemanticTokensRangeParams, snapshot: Snapshot) -> types.SemanticTokens:
    """Those that touch a range."""
    from promptls.ide.semantic_tokens import semantic_tokens_in

    range = snapshot.lines.offsets(params.range)
    return types.SemanticTokens(numbers(semantic_tokens_in(snapshot.prompt, range), snapshot.lines))


def _all_numbers(snapshot: Snapshot) -> list[int]:
    from promptls.ide.semantic_tokens import semantic_tokens

    return numbers(semantic_tokens(snapshot.prompt), snapshot.lines)


def numbers(tokens: Sequence[SemanticToken], lines: Lines) -> list[int]:
    """The numbers of tokens that come in source order and stay within their lines."""
    starts = lines.source.line_starts
    last = len(starts) - 1
    line = previous_line = previous_character = 0
    found: list[int] = []
    for (start, end), kind, modifiers in tokens:
        while line < last and starts[line + 1] <= start:
            line += 1
        character = lines.units(starts[line], start)
        same_line = line == previous_line
        bits = 0
        for modifier in modifiers:
            bits |= _MODIFIER_BITS[modifier]
        found += (
            line - previous_line,
            character - previous_character if same_line else character,
            lines.units(start, end),
            _TYPE_NUMBERS[kind],
            bits,
        )
        previous_line, previous_character = line, character
    return found
