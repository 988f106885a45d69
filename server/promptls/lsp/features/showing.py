"""What is shown about the thing under the cursor, and the outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from promptls.lsp.features.scoring import links_to

if TYPE_CHECKING:
    from promptls.lsp.session import Snapshot


def hover(params: types.HoverParams, snapshot: Snapshot) -> types.Hover | None:
    """What is under the cursor; where the lenses of the file stand, its score."""
    from promptls.ide.explanation import score_hover
    from promptls.ide.hover import hover
    from promptls.lsp import convert

    prompt, offset = snapshot.prompt, snapshot.lines.offset(params.position)
    found = hover(prompt, offset)
    if found is None:
        follows = snapshot.client.hover_markup == "markdown"
        found = score_hover(prompt, offset, links_to(snapshot.document.uri, prompt) if follows else lambda _: None)
    return convert.hover(found, snapshot.lines, snapshot.client.hover_markup) if found else None


def document_symbols(
    _: types.DocumentSymbolParams, snapshot: Snapshot
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """The outline, as a tree where the client can show one."""
    from promptls.ide.symbols import document_symbols
    from promptls.lsp import convert

    symbols = document_symbols(snapshot.prompt)
    if snapshot.client.hierarchical_symbols:
        return [convert.document_symbol(symbol, snapshot.lines) for symbol in symbols]
    return convert.flat_symbols(symbols, snapshot.document.uri, snapshot.lines)
