"""Where names lead, where else they stand, and what is shown beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from promptls.lsp.features.scoring import counted

if TYPE_CHECKING:
    from promptls.ide.highlights import HighlightKind
    from promptls.ide.inlay_hints import InlayHint, InlayHintKind
    from promptls.ide.links import DocumentLink
    from promptls.ide.locations import Location, LocationLink
    from promptls.language.prompt import Prompt
    from promptls.lsp.session import Snapshot
    from promptls.workspace import Workspace

Answer = list[types.Location] | list[types.LocationLink]

_HIGHLIGHT_KINDS: dict[HighlightKind, types.DocumentHighlightKind] = {
    "text": types.DocumentHighlightKind.Text,
    "read": types.DocumentHighlightKind.Read,
    "write": types.DocumentHighlightKind.Write,
}


def definition(params: types.DefinitionParams, snapshot: Snapshot) -> Answer:
    """Where a name gets its meaning."""
    from promptls.ide.navigation import definition

    return _linked(definition, params, snapshot, types.TEXT_DOCUMENT_DEFINITION)


def declaration(params: types.DeclarationParams, snapshot: Snapshot) -> Answer:
    """Where a name is declared."""
    from promptls.ide.navigation import declaration

    return _linked(declaration, params, snapshot, types.TEXT_DOCUMENT_DECLARATION)


def type_definition(params: types.TypeDefinitionParams, snapshot: Snapshot) -> Answer:
    """Where the type of a value is written."""
    from promptls.ide.navigation import type_definition

    return _linked(type_definition, params, snapshot, types.TEXT_DOCUMENT_TYPE_DEFINITION)


def _linked(
    question: Callable[[Workspace, Prompt, int], tuple[LocationLink, ...]],
    params: types.DefinitionParams | types.DeclarationParams | types.TypeDefinitionParams,
    snapshot: Snapshot,
    method: str,
) -> Answer:
    found = question(snapshot.surroundings.workspace, snapshot.prompt, snapshot.lines.offset(params.position))
    return linked(found, snapshot, method)


def linked(found: Iterable[LocationLink], snapshot: Snapshot, method: str) -> Answer:
    """Links, or bare locations where the client takes no others for a method."""
    if method in snapshot.client.links:
        return [link for each in found if (link := _link(each, snapshot)) is not None]
    return [
        types.Location(snapshot.uri_of(each.path), lines.range(each.selection))
        for each in found
        if (lines := snapshot.lines_of(each.path)) is not None
    ]


def _link(link: LocationLink, snapshot: Snapshot) -> types.LocationLink | None:
    lines = snapshot.lines_of(link.path)
    if lines is None:
        return None
    return types.LocationLink(
        target_uri=snapshot.uri_of(link.path),
        target_range=lines.range(link.range),
        target_selection_range=lines.range(link.selection),
        origin_selection_range=snapshot.lines.range(link.origin),
    )


def references(params: types.ReferenceParams, snapshot: Snapshot) -> list[types.Location]:
    """Everywhere that what is under the cursor is named."""
    from promptls.ide.references import references

    offset = snapshot.lines.offset(params.position)
    declarations = params.context.include_declaration
    found = references(snapshot.surroundings.workspace, snapshot.prompt, offset, declarations=declarations)
    return _locations(found, snapshot)


def _locations(found: Iterable[Location], snapshot: Snapshot) -> list[types.Location]:
    return [
        types.Location(snapshot.uri_of(each.path), lines.range(each.range))
        for each in found
        if (lines := snapshot.lines_of(each.path)) is not None
    ]


def document_highlights(params: types.DocumentHighlightParams, snapshot: Snapshot) -> list[types.DocumentHighlight]:
    """What belongs together with what is under the cursor."""
    from promptls.ide.highlights import highlights

    return [
        types.DocumentHighlight(snapshot.lines.range(each.range), _HIGHLIGHT_KINDS[each.kind])
        for each in highlights(snapshot.prompt, snapshot.lines.offset(params.position))
    ]


def document_links(_: types.DocumentLinkParams, snapshot: Snapshot) -> list[types.DocumentLink]:
    """Partials, media and files of schemas."""
    from promptls.ide.links import document_links

    return [_document_link(each, snapshot) for each in document_links(snapshot.surroundings.workspace, snapshot.prompt)]


def _document_link(link: DocumentLink, snapshot: Snapshot) -> types.DocumentLink:
    target = link.target if isinstance(link.target, str) else snapshot.uri_of(link.target)
    tooltip = link.tooltip if snapshot.client.link_tooltips else None
    return types.DocumentLink(snapshot.lines.range(link.range), target, tooltip)


def inlay_hints(params: types.InlayHintParams, snapshot: Snapshot) -> list[types.InlayHint]:
    """What a template leaves unsaid, and the tokens of messages where the settings want them."""
    from promptls.ide.inlay_hints import inlay_hints, token_hints

    within = snapshot.lines.offsets(params.range)
    found = list(inlay_hints(snapshot.prompt, within))
    if _shows_tokens(snapshot):
        counts = counted(snapshot.prompt, snapshot.surroundings, wait=not snapshot.client.refreshes_hints)
        found += token_hints(snapshot.prompt, counts, within)
    return [_inlay_hint(each, snapshot) for each in found]


def _shows_tokens(snapshot: Snapshot) -> bool:
    editor = snapshot.prompt.settings.editor
    if editor.token_hints == "auto":
        return not (editor.lenses and snapshot.client.shows_lenses)
    return editor.token_hints == "always"


_HINT_KINDS: dict[InlayHintKind, types.InlayHintKind | None] = {"type": types.InlayHintKind.Type, "tokens": None}


def _inlay_hint(hint: InlayHint, snapshot: Snapshot) -> types.InlayHint:
    return types.InlayHint(
        position=snapshot.lines.position(hint.offset),
        label=hint.label,
        kind=_HINT_KINDS.get(hint.kind, types.InlayHintKind.Parameter),
        tooltip=hint.tooltip,
        padding_left=True if hint.kind == "tokens" and not hint.before else None,
        padding_right=True if hint.before else None,
    )
