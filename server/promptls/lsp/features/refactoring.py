"""Refactorings as code actions: offered for a selection, worked out when one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcException, JsonRpcInvalidParams

from promptls.lsp.edits import refuse, workspace_edit

if TYPE_CHECKING:
    from promptls.ide.refactor import Offer
    from promptls.lsp.session import Snapshot

KINDS = (
    "refactor.extract",
    "refactor.inline",
    "refactor.rewrite",
    "source.sortFrontmatter",
    "source.convertToDotprompt",
)


def refactorings(
    params: types.CodeActionParams, snapshot: Snapshot, is_wanted: Callable[[str], bool]
) -> Iterator[types.CodeAction]:
    """What can be done with a selection; what cannot is shown with the reason, where the client shows such."""
    if not any(map(is_wanted, KINDS)):
        return
    from promptls.ide.refactor import refactorings

    range = snapshot.lines.offsets(params.range)
    for offer in refactorings(snapshot.prompt, snapshot.surroundings.workspace, range):
        if not is_wanted(offer.kind):
            continue
        action = types.CodeAction(offer.title, kind=offer.kind)
        if offer.refusal is not None:
            if snapshot.client.disabled_actions:
                action.disabled = types.CodeActionDisabled(offer.refusal)
                yield action
        elif snapshot.client.resolves_edits:
            action.data = {
                "uri": snapshot.document.uri,
                "version": snapshot.document.version,
                "refactoring": offer.id,
                "range": list(range),
            }
            yield action
        else:
            try:
                action.edit = _edit(offer, snapshot)
            except JsonRpcException:
                continue
            yield action


def resolve_refactoring(action: types.CodeAction, snapshot: Snapshot) -> types.CodeAction:
    """Fill in the edit; an error with the reason where it turns out to be unsafe."""
    from promptls.ide.refactor import offered
    from promptls.syntax.source import Range

    id, start, end = _chosen(action.data)
    offer = offered(snapshot.prompt, snapshot.surroundings.workspace, Range(start, end), id)
    if offer is None:
        raise JsonRpcContentModified("this is no longer on offer here")
    action.edit = _edit(offer, snapshot)
    return action


def _chosen(data: Any) -> tuple[str, int, int]:
    match data:
        case {"refactoring": str(id), "range": [int(start), int(end)]} if 0 <= start <= end:
            return id, start, end
    raise JsonRpcInvalidParams("this code action is not one of ours: its data names no refactoring")


def _edit(offer: Offer, snapshot: Snapshot) -> types.WorkspaceEdit:
    from promptls.ide.edits import Refused
    from promptls.ide.refactor import resolve

    try:
        edits = resolve(offer).edits
    except Refused as refused:
        refuse(refused)
    return workspace_edit(edits, snapshot.surroundings, snapshot.document, offer.title)
