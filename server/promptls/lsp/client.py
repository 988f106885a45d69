"""What the client can do, as far as it changes what we send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lsprotocol import types
from pygls.capabilities import get_capability

from promptls.syntax.source import PositionEncoding

_ENCODINGS: tuple[PositionEncoding, ...] = ("utf-8", "utf-16", "utf-32")
Markup = Literal["markdown", "plaintext"]
_LINKING = {
    types.TEXT_DOCUMENT_DEFINITION: "definition",
    types.TEXT_DOCUMENT_DECLARATION: "declaration",
    types.TEXT_DOCUMENT_TYPE_DEFINITION: "type_definition",
}


_FIRST_COMPLETION_KINDS = frozenset(map(types.CompletionItemKind, range(1, 19)))
_VSCODE = ("Visual Studio Code", "Code - OSS", "VSCodium", "Cursor", "Windsurf")


@dataclass(frozen=True, slots=True)
class CompletionSupport:
    """What a client makes of completion items; `suggests_again`: it knows VS Code's command for asking again."""

    snippets: bool = False
    insert_replace: bool = False
    label_details: bool = False
    markup: Markup = "plaintext"
    kinds: frozenset[types.CompletionItemKind] = _FIRST_COMPLETION_KINDS
    tags: bool = False
    deprecated: bool = False
    preselect: bool = False
    adjusts_indentation: bool = False
    suggests_again: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """The facts of one client's capabilities; the defaults are a client that can do nothing but the basics."""

    encoding: PositionEncoding = "utf-16"
    pulls_diagnostics: bool = False
    refreshes_diagnostics: bool = False
    related_information: bool = False
    diagnostic_tags: frozenset[types.DiagnosticTag] = frozenset()
    code_description: bool = False
    diagnostic_data: bool = False
    hover_markup: Markup = "plaintext"
    hierarchical_symbols: bool = False
    code_action_literals: bool = False
    preferred_actions: bool = False
    resolves_edits: bool = False
    versioned_edits: bool = False
    applies_edits: bool = False
    shows_documents: bool = False
    shows_progress: bool = False
    has_configuration: bool = False
    registers_configuration: bool = False
    registers_watchers: bool = False
    completion: CompletionSupport = field(default_factory=CompletionSupport)
    signature_markup: Markup = "plaintext"
    label_offsets: bool = False
    links: frozenset[str] = frozenset()
    """The methods whose answers may be links with an origin instead of bare locations."""
    line_folding_only: bool = False
    folding_limit: int | None = None
    link_tooltips: bool = False
    disabled_actions: bool = False
    resource_operations: frozenset[str] = frozenset()
    change_annotations: bool = False
    refreshes_tokens: bool = False
    refreshes_hints: bool = False
    shows_lenses: bool = False
    refreshes_lenses: bool = False
    opens_virtual_documents: bool = False


def read_client(capabilities: types.ClientCapabilities, info: types.ClientInfo | None = None) -> Client:
    """Distil capabilities; of position encodings the client's first that we know is taken."""

    def has(path: str) -> Any:
        return get_capability(capabilities, path, None)

    def can(path: str) -> bool:
        return bool(has(path))

    diagnostics = has("text_document.publish_diagnostics") or has("text_document.diagnostic")
    tags = getattr(diagnostics, "tag_support", None)
    return Client(
        encoding=_encoding(has("general.position_encodings")),
        pulls_diagnostics=has("text_document.diagnostic") is not None,
        refreshes_diagnostics=can("workspace.diagnostics.refresh_support"),
        related_information=_diagnostics(capabilities, "related_information"),
        diagnostic_tags=frozenset(tags.value_set) if tags else frozenset(),
        code_description=_diagnostics(capabilities, "code_description_support"),
        diagnostic_data=_diagnostics(capabilities, "data_support"),
        hover_markup=_markup(has("text_document.hover.content_format")),
        hierarchical_symbols=can("text_document.document_symbol.hierarchical_document_symbol_support"),
        code_action_literals=can("text_document.code_action.code_action_literal_support"),
        preferred_actions=can("text_document.code_action.is_preferred_support"),
        resolves_edits=(
            can("text_document.code_action.data_support")
            and "edit" in getattr(has("text_document.code_action.resolve_support"), "properties", ())
        ),
        versioned_edits=can("workspace.workspace_edit.document_changes"),
        applies_edits=can("workspace.apply_edit"),
        shows_documents=can("window.show_document.support"),
        shows_progress=can("window.work_done_progress"),
        has_configuration=can("workspace.configuration"),
        registers_configuration=can("workspace.did_change_configuration.dynamic_registration"),
        registers_watchers=can("workspace.did_change_watched_files.dynamic_registration"),
        completion=_completion(has("text_document.completion"), info),
        signature_markup=_markup(has("text_document.signature_help.signature_information.documentation_format")),
        label_offsets=can(
            "text_document.signature_help.signature_information.parameter_information.label_offset_support"
        ),
        links=frozenset(method for method, name in _LINKING.items() if can(f"text_document.{name}.link_support")),
        line_folding_only=can("text_document.folding_range.line_folding_only"),
        folding_limit=has("text_document.folding_range.range_limit"),
        link_tooltips=can("text_document.document_link.tooltip_support"),
        disabled_actions=can("text_document.code_action.disabled_support"),
        resource_operations=(
            frozenset(
                types.ResourceOperationKind(each).value
                for each in has("workspace.workspace_edit.resource_operations") or ()
            )
            if can("workspace.workspace_edit.document_changes")
            else frozenset()
        ),
        change_annotations=has("workspace.workspace_edit.change_annotation_support") is not None,
        refreshes_tokens=can("workspace.semantic_tokens.refresh_support"),
        refreshes_hints=can("workspace.inlay_hint.refresh_support"),
        shows_lenses=has("text_document.code_lens") is not None,
        refreshes_lenses=can("workspace.code_lens.refresh_support"),
        opens_virtual_documents=has("workspace.text_document_content") is not None
        and can("window.show_document.support"),
    )


def _completion(offered: types.CompletionClientCapabilities | None, info: types.ClientInfo | None) -> CompletionSupport:
    item = offered.completion_item if offered else None
    kinds = offered.completion_item_kind.value_set if offered and offered.completion_item_kind else None
    if item is None:
        return CompletionSupport()
    modes = item.insert_text_mode_support.value_set if item.insert_text_mode_support else ()
    return CompletionSupport(
        snippets=bool(item.snippet_support),
        insert_replace=bool(item.insert_replace_support),
        label_details=bool(item.label_details_support),
        markup=_markup(item.documentation_format),
        kinds=frozenset(map(types.CompletionItemKind, kinds)) if kinds else _FIRST_COMPLETION_KINDS,
        tags=item.tag_support is not None and types.CompletionItemTag.Deprecated in item.tag_support.value_set,
        deprecated=bool(item.deprecated_support),
        preselect=bool(item.preselect_support),
        adjusts_indentation=types.InsertTextMode.AdjustIndentation in modes,
        suggests_again=info is not None and info.name.startswith(_VSCODE),
    )


def _diagnostics(capabilities: types.ClientCapabilities, name: str) -> bool:
    """Whether diagnostics may carry something; since 3.18 clients may say so for pulled ones alone."""
    return any(
        get_capability(capabilities, f"text_document.{kind}.{name}", False)
        for kind in ("publish_diagnostics", "diagnostic")
    )


def _encoding(offered: Sequence[str] | None) -> PositionEncoding:
    return next((known for each in offered or () for known in _ENCODINGS if each == known), "utf-16")


def _markup(formats: Sequence[str] | None) -> Markup:
    return "markdown" if formats and formats[0] == types.MarkupKind.Markdown else "plaintext"
