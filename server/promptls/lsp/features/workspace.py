"""What is asked of the whole workspace: symbols by name, and who includes whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from promptls.lsp.uris import to_path

if TYPE_CHECKING:
    from promptls.ide.call_hierarchy import CallItem
    from promptls.ide.workspace_symbols import WorkspaceSymbolKind
    from promptls.lsp.session import Snapshot, Surroundings

_SYMBOL_KINDS: dict[WorkspaceSymbolKind, types.SymbolKind] = {
    "prompt": types.SymbolKind.File,
    "partial": types.SymbolKind.Module,
    "input": types.SymbolKind.Variable,
    "schema": types.SymbolKind.Struct,
}
_CALL_KINDS = ("prompt", "partial", "missing", "computed")


def workspace_symbols(params: types.WorkspaceSymbolParams, surroundings: Surroundings) -> list[types.SymbolInformation]:
    """Prompts, partials, inputs and named schemas by a part of their names."""
    from promptls.ide.workspace_symbols import workspace_symbols

    answer: list[types.SymbolInformation] = []
    for each in workspace_symbols(surroundings.workspace, params.query):
        path = each.location.path
        lines = surroundings.lines(path) if path is not None else None
        if path is not None and lines is not None:
            location = types.Location(surroundings.uri(path), lines.range(each.location.range))
            answer.append(
                types.SymbolInformation(
                    location, each.name, _SYMBOL_KINDS[each.kind], container_name=each.container or None
                )
            )
    return answer


def prepare_call_hierarchy(
    params: types.CallHierarchyPrepareParams, snapshot: Snapshot
) -> list[types.CallHierarchyItem] | None:
    """The partial under the cursor, or the file."""
    from promptls.ide.call_hierarchy import prepare_call_hierarchy

    offset = snapshot.lines.offset(params.position)
    found = prepare_call_hierarchy(snapshot.surroundings.workspace, snapshot.prompt, offset)
    item = _call_item(found, snapshot.surroundings) if found is not None else None
    return [item] if item is not None else None


def incoming_calls(
    params: types.CallHierarchyIncomingCallsParams, surroundings: Surroundings
) -> list[types.CallHierarchyIncomingCall]:
    """The files that include an item."""
    from promptls.ide.call_hierarchy import incoming_calls

    answer: list[types.CallHierarchyIncomingCall] = []
    for call in incoming_calls(surroundings.workspace, _known_item(params.item)):
        item, lines = _call_item(call.item, surroundings), surroundings.lines(call.item.path)
        if item is not None and lines is not None:
            answer.append(types.CallHierarchyIncomingCall(item, [lines.range(each) for each in call.ranges]))
    return answer


def outgoing_calls(
    params: types.CallHierarchyOutgoingCallsParams, surroundings: Surroundings
) -> list[types.CallHierarchyOutgoingCall]:
    """The partials that an item includes."""
    from promptls.ide.call_hierarchy import outgoing_calls

    caller = _known_item(params.item)
    lines = surroundings.lines(caller.path)
    if lines is None:
        return []
    return [
        types.CallHierarchyOutgoingCall(item, [lines.range(each) for each in call.ranges])
        for call in outgoing_calls(surroundings.workspace, caller)
        if (item := _call_item(call.item, surroundings)) is not None
    ]


def _call_item(item: CallItem, surroundings: Surroundings) -> types.CallHierarchyItem | None:
    lines = surroundings.lines(item.path)
    if lines is None:
        return None
    return types.CallHierarchyItem(
        name=item.name,
        kind=types.SymbolKind.Module if item.kind == "partial" else types.SymbolKind.File,
        uri=surroundings.uri(item.path),
        range=lines.range(item.range),
        selection_range=lines.range(item.selection),
        detail=_detail(item),
        data={"kind": item.kind},
    )


def _detail(item: CallItem) -> str | None:
    return {"missing": "no such partial", "computed": "known only when it runs"}.get(item.kind)


def _known_item(item: types.CallHierarchyItem) -> CallItem:
    """The item that was handed out; of its ranges nothing is needed to go on."""
    from promptls.ide.call_hierarchy import CallItem
    from promptls.syntax.source import Range

    path: Path | None = to_path(item.uri)
    kind = item.data.get("kind") if isinstance(item.data, dict) else None
    if path is None or kind not in _CALL_KINDS:
        raise JsonRpcInvalidParams("this item of a call hierarchy is not one of ours")
    return CallItem(item.name, kind, path, Range(0, 0), Range(0, 0))
