"""The table of questions about a document: a method, the function that answers it, and what the client is told of it.

To add a feature, write it in `ide`, its conversion in `convert`, and add its line here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from promptls.lsp.actions import KINDS, code_actions, resolve_code_action, resolved_uri
from promptls.lsp.session import Snapshot


@dataclass(frozen=True, slots=True)
class Route:
    """`answer` runs in a worker thread; `options` is the server capability.

    `edits` says that the answer changes the text, so that it is worthless once the text has moved on. `uri` finds the
    document that the parameters are about.
    """

    method: str
    answer: Callable[[Any, Snapshot], Any]
    options: Any = None
    edits: bool = False
    uri: Callable[[Any], str] = lambda params: str(params.text_document.uri)


def _hover(params: types.HoverParams, snapshot: Snapshot) -> types.Hover | None:
    from promptls.ide.hover import hover
    from promptls.lsp import convert

    found = hover(snapshot.prompt, snapshot.lines.offset(params.position))
    return convert.hover(found, snapshot.lines, snapshot.client.hover_markup) if found else None


def _document_symbols(
    _: types.DocumentSymbolParams, snapshot: Snapshot
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    from promptls.ide.symbols import document_symbols
    from promptls.lsp import convert

    symbols = document_symbols(snapshot.prompt)
    if snapshot.client.hierarchical_symbols:
        return [convert.document_symbol(symbol, snapshot.lines) for symbol in symbols]
    return convert.flat_symbols(symbols, snapshot.document.uri, snapshot.lines)


ROUTES = (
    Route(types.TEXT_DOCUMENT_HOVER, _hover),
    Route(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, _document_symbols),
    Route(
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_actions,
        types.CodeActionOptions(code_action_kinds=KINDS, resolve_provider=True),
        edits=True,
    ),
    Route(types.CODE_ACTION_RESOLVE, resolve_code_action, edits=True, uri=resolved_uri),
)
