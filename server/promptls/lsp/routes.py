"""The table of questions: a method, the function that answers it, and what the client is told of it.

To add a feature, write it in `ide`, its conversion in `features`, and add its line here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from promptls.lsp.actions import KINDS, code_actions, resolve_code_action, resolved_uri
from promptls.lsp.features import (
    completion,
    layout,
    lenses,
    navigation,
    previews,
    renaming,
    scoring,
    searching,
    semantic_tokens,
    showing,
    workspace,
)
from promptls.lsp.session import Snapshot, Surroundings

if TYPE_CHECKING:
    from promptls.store.usage import Use

# As in `ide`, whose modules are too slow to load before the first reply; a test holds them equal.
COMPLETION_TRIGGERS = ("{", "#", "/", ">", "^", "@", ".", '"', "'", "(", "=", "|", ":", "[", ",", "-", " ")
SIGNATURE_TRIGGERS = (" ", "(", "=", '"', "|")
ON_TYPE_TRIGGERS = ("}", "/")


@dataclass(frozen=True, slots=True)
class Route:
    """`answer` runs in a worker thread; `options` is the server capability.

    `edits` says that the answer changes texts, so that it is worthless once one of them has moved on. `uri` finds the
    document that the parameters are about. `title` is what the client may show while it waits, and `counts` the use
    that a question is counted as. `slow` says that the answer takes the analysis of prose: such questions wait for each
    other, and no others for them. `even_if_old` says that editors wait for the answer while they go on typing.
    """

    method: str
    answer: Callable[[Any, Snapshot], Any]
    options: Any = None
    edits: bool = False
    uri: Callable[[Any], str] = lambda params: str(params.text_document.uri)
    title: str | None = None
    slow: bool = False
    even_if_old: bool = False
    counts: Use | None = None


@dataclass(frozen=True, slots=True)
class WorkspaceRoute:
    """A question that is about no document in particular."""

    method: str
    answer: Callable[[Any, Surroundings], Any]
    options: Any = None
    edits: bool = False
    title: str | None = None


ROUTES = (
    Route(types.TEXT_DOCUMENT_HOVER, showing.hover),
    Route(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, showing.document_symbols),
    Route(
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_actions,
        types.CodeActionOptions(code_action_kinds=KINDS, resolve_provider=True),
        edits=True,
        slow=True,
    ),
    Route(types.CODE_ACTION_RESOLVE, resolve_code_action, edits=True, uri=resolved_uri),
    Route(
        types.TEXT_DOCUMENT_COMPLETION,
        completion.completion,
        types.CompletionOptions(
            trigger_characters=COMPLETION_TRIGGERS,
            resolve_provider=True,
            completion_item=types.ServerCompletionItemOptions(label_details_support=True),
        ),
        even_if_old=True,
    ),
    Route(types.COMPLETION_ITEM_RESOLVE, completion.resolve_completion, uri=completion.completed_uri),
    Route(
        types.TEXT_DOCUMENT_SIGNATURE_HELP,
        completion.signature_help,
        types.SignatureHelpOptions(trigger_characters=SIGNATURE_TRIGGERS),
    ),
    Route(types.TEXT_DOCUMENT_DEFINITION, navigation.definition),
    Route(types.TEXT_DOCUMENT_DECLARATION, navigation.declaration),
    Route(types.TEXT_DOCUMENT_TYPE_DEFINITION, navigation.type_definition),
    Route(
        types.TEXT_DOCUMENT_REFERENCES,
        navigation.references,
        types.ReferenceOptions(work_done_progress=True),
        title="Finding references",
    ),
    Route(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, navigation.document_highlights),
    Route(types.TEXT_DOCUMENT_DOCUMENT_LINK, navigation.document_links),
    Route(types.TEXT_DOCUMENT_INLAY_HINT, navigation.inlay_hints),
    Route(types.TEXT_DOCUMENT_CODE_LENS, lenses.code_lenses, types.CodeLensOptions(resolve_provider=True), slow=True),
    Route(types.CODE_LENS_RESOLVE, scoring.resolve_code_lens, uri=scoring.lens_uri, slow=True),
    Route(types.TEXT_DOCUMENT_PREPARE_RENAME, renaming.prepare_rename),
    Route(types.TEXT_DOCUMENT_RENAME, renaming.rename, edits=True, title="Renaming"),
    Route(types.TEXT_DOCUMENT_FORMATTING, layout.format_document, edits=True),
    Route(
        types.TEXT_DOCUMENT_RANGE_FORMATTING,
        layout.format_range,
        types.DocumentRangeFormattingOptions(ranges_support=True),
        edits=True,
    ),
    Route(types.TEXT_DOCUMENT_RANGES_FORMATTING, layout.format_ranges, edits=True),
    Route(
        types.TEXT_DOCUMENT_ON_TYPE_FORMATTING,
        layout.format_on_type,
        types.DocumentOnTypeFormattingOptions(ON_TYPE_TRIGGERS[0], ON_TYPE_TRIGGERS[1:]),
        edits=True,
    ),
    Route(types.TEXT_DOCUMENT_FOLDING_RANGE, layout.folding_ranges),
    Route(types.TEXT_DOCUMENT_SELECTION_RANGE, layout.selection_ranges),
    Route(types.TEXT_DOCUMENT_LINKED_EDITING_RANGE, layout.linked_editing_ranges),
    Route(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, semantic_tokens.all_tokens, semantic_tokens.LEGEND),
    Route(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, semantic_tokens.tokens_delta, semantic_tokens.LEGEND),
    Route(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, semantic_tokens.range_tokens, semantic_tokens.LEGEND),
    Route(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY, workspace.prepare_call_hierarchy),
    Route(previews.PREVIEW, previews.preview, uri=previews.previewed_uri, counts="renders"),
    Route(scoring.SCORE, scoring.score, uri=scoring.scored_uri, slow=True),
)

WORKSPACE_ROUTES = (
    WorkspaceRoute(
        types.WORKSPACE_SYMBOL,
        workspace.workspace_symbols,
        types.WorkspaceSymbolOptions(work_done_progress=True),
        title="Finding symbols",
    ),
    WorkspaceRoute(types.CALL_HIERARCHY_INCOMING_CALLS, workspace.incoming_calls),
    WorkspaceRoute(types.CALL_HIERARCHY_OUTGOING_CALLS, workspace.outgoing_calls),
    WorkspaceRoute(searching.SEARCH, searching.search),
    WorkspaceRoute(types.WORKSPACE_WILL_RENAME_FILES, renaming.will_rename_files, renaming.FILE_FILTERS, edits=True),
)
