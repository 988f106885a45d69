"""What the client can do, as far as it changes what we send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lsprotocol import types
from pygls.capabilities import get_capability

from promptls.syntax.source import PositionEncoding

_ENCODINGS: tuple[PositionEncoding, ...] = ("utf-8", "utf-16", "utf-32")
Markup = Literal["markdown", "plaintext"]


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
    has_configuration: bool = False
    registers_configuration: bool = False
    registers_watchers: bool = False


def read_client(capabilities: types.ClientCapabilities) -> Client:
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
        has_configuration=can("workspace.configuration"),
        registers_configuration=can("workspace.did_change_configuration.dynamic_registration"),
        registers_watchers=can("workspace.did_change_watched_files.dynamic_registration"),
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
