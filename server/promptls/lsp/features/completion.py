"""Completion and signature help, with as much as the client can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

if TYPE_CHECKING:
    from promptls.ide.completion import CompletionItem, CompletionKind, CompletionList
    from promptls.ide.signature import Signature
    from promptls.lsp.client import CompletionSupport
    from promptls.lsp.session import Snapshot

_KINDS: dict[CompletionKind, types.CompletionItemKind] = {
    "class": types.CompletionItemKind.Class,
    "constant": types.CompletionItemKind.Constant,
    "enum-member": types.CompletionItemKind.EnumMember,
    "event": types.CompletionItemKind.Event,
    "field": types.CompletionItemKind.Field,
    "file": types.CompletionItemKind.File,
    "function": types.CompletionItemKind.Function,
    "keyword": types.CompletionItemKind.Keyword,
    "module": types.CompletionItemKind.Module,
    "operator": types.CompletionItemKind.Operator,
    "property": types.CompletionItemKind.Property,
    "reference": types.CompletionItemKind.Reference,
    "snippet": types.CompletionItemKind.Snippet,
    "value": types.CompletionItemKind.Value,
    "variable": types.CompletionItemKind.Variable,
}
_ASK_AGAIN = types.Command(title="Suggest", command="editor.action.triggerSuggest")


def completion(params: types.CompletionParams, snapshot: Snapshot) -> types.CompletionList:
    """What can stand at the cursor; documentation comes with `resolve_completion`."""
    from promptls.ide.completion import complete

    offset = snapshot.lines.offset(params.position)
    return completion_list(complete(snapshot.prompt, offset, snapshot.surroundings.workspace), snapshot)


def completion_list(found: CompletionList, snapshot: Snapshot) -> types.CompletionList:
    """A list in the protocol's words."""
    return types.CompletionList(found.incomplete, [_item(each, snapshot) for each in found.items])


def resolve_completion(item: types.CompletionItem, snapshot: Snapshot) -> types.CompletionItem:
    """The item with its documentation."""
    from promptls.ide.completion import resolve_completion
    from promptls.lsp import convert

    data: Any = item.data
    text = resolve_completion(snapshot.prompt, data["item"])
    if text is not None:
        item.documentation = convert.prose(text, snapshot.client.completion.markup)
    return item


def completed_uri(item: types.CompletionItem) -> str:
    """The document of a completion item to resolve."""
    data = item.data
    if not (isinstance(data, dict) and isinstance(data.get("uri"), str) and isinstance(data.get("item"), dict)):
        raise JsonRpcInvalidParams("this completion item is not one of ours: its data names no document")
    return str(data["uri"])


def _item(item: CompletionItem, snapshot: Snapshot) -> types.CompletionItem:
    from promptls.ide.snippets import without_places

    client = snapshot.client.completion
    edit = item.edit
    is_snippet = edit.snippet and client.snippets
    text = edit.text if is_snippet or not edit.snippet else without_places(edit.text)
    insert = snapshot.lines.range(edit.insert)
    text_edit: types.TextEdit | types.InsertReplaceEdit
    if client.insert_replace:
        text_edit = types.InsertReplaceEdit(text, insert, snapshot.lines.range(edit.replace))
    else:
        text_edit = types.TextEdit(insert, text)
    kind = _KINDS[item.kind]
    return types.CompletionItem(
        label=item.label,
        label_details=_label_details(item, client),
        kind=kind if kind in client.kinds else types.CompletionItemKind.Text,
        tags=[types.CompletionItemTag.Deprecated] if item.deprecated and client.tags else None,
        detail=item.detail or None,
        deprecated=True if item.deprecated and client.deprecated and not client.tags else None,
        preselect=True if item.preselect and client.preselect else None,
        sort_text=item.sort_key or None,
        # Also where it is the label: Neovim takes an item that has an edit and lacks it for one that we have filtered.
        filter_text=item.filter_text,
        insert_text_format=types.InsertTextFormat.Snippet if is_snippet else None,
        insert_text_mode=types.InsertTextMode.AdjustIndentation
        if "\n" in text and client.adjusts_indentation
        else None,
        text_edit=text_edit,
        command=_ASK_AGAIN if item.asks_again and client.suggests_again else None,
        data=_data(item, snapshot),
    )


def _label_details(item: CompletionItem, client: CompletionSupport) -> types.CompletionItemLabelDetails | None:
    return types.CompletionItemLabelDetails(description=item.detail) if item.detail and client.label_details else None


def _data(item: CompletionItem, snapshot: Snapshot) -> dict[str, Any] | None:
    return {"uri": snapshot.document.uri, "item": dict(item.data)} if item.data is not None else None


def signature_help(params: types.SignatureHelpParams, snapshot: Snapshot) -> types.SignatureHelp | None:
    """What the call around the cursor takes."""
    from promptls.ide.signature import signature_help

    found = signature_help(snapshot.prompt, snapshot.lines.offset(params.position))
    if found is None:
        return None
    # Clients mark the first parameter where none is named, and none where there is no such number.
    active = len(found.parameters) if found.active is None else found.active
    return types.SignatureHelp([_signature(found, snapshot)], active_signature=0, active_parameter=active)


def _signature(signature: Signature, snapshot: Snapshot) -> types.SignatureInformation:
    from promptls.lsp import convert
    from promptls.syntax.source import text_units

    client = snapshot.client

    def label(start: int, end: int) -> str | tuple[int, int]:
        if not client.label_offsets:
            return signature.label[start:end]
        # In labels the protocol counts UTF-16 units, whatever was agreed upon for documents.
        return text_units(signature.label[:start], "utf-16"), text_units(signature.label[:end], "utf-16")

    def documentation(text: str) -> types.MarkupContent | None:
        return convert.prose(text, client.signature_markup) if text else None

    return types.SignatureInformation(
        label=signature.label,
        documentation=documentation(signature.documentation),
        parameters=[
            types.ParameterInformation(label(*each.range), documentation(each.documentation))
            for each in signature.parameters
        ],
    )
