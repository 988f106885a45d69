"""Changes to several files in the protocol's words, as far as the client can make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from promptls.lsp.documents import Document

if TYPE_CHECKING:
    from promptls.ide.edits import Refused, WorkspaceEdit
    from promptls.lsp.session import Surroundings
    from promptls.syntax.source import TextEdit

_Operation = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile
_NOTE = "note"


def refuse(refused: Refused) -> NoReturn:
    """Tell the client why something cannot be done."""
    raise JsonRpcException(refused.reason, types.LSPErrorCodes.RequestFailed)


def workspace_edit(
    edit: WorkspaceEdit, surroundings: Surroundings, document: Document | None = None, title: str = ""
) -> types.WorkspaceEdit:
    """An edit that is only valid for the texts that it was made for, where the client checks their versions.

    `document` is what an edit of no path means. Raises `JsonRpcException` with the reason where the client cannot do
    what the edit needs: make files, or move them. Notes become an annotation, or are shown.
    """
    client = surroundings.client
    _check_operations(edit, surroundings)
    annotated = bool(edit.notes) and client.change_annotations and client.versioned_edits
    if edit.notes and not annotated:
        surroundings.tell(" ".join(edit.notes))
    texts = dict(_texts(edit.edits, surroundings, document))
    if not client.versioned_edits:
        return types.WorkspaceEdit(changes={each.uri: changes for each, changes in texts.values()})
    annotation = _NOTE if annotated else None
    operations: list[_Operation] = [
        types.TextDocumentEdit(identifier, [*_annotated(changes, annotation)]) for identifier, changes in texts.values()
    ]
    for path, text in edit.created.items():
        uri = surroundings.uri(path)
        beginning = types.Range(types.Position(0, 0), types.Position(0, 0))
        content = types.TextEdit(beginning, text)
        operations += (
            types.CreateFile(uri, annotation_id=annotation),
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri), [*_annotated([content], annotation)]
            ),
        )
    operations += (
        types.RenameFile(surroundings.uri(each.old), surroundings.uri(each.new), annotation_id=annotation)
        for each in edit.renames
    )
    annotations = {_NOTE: types.ChangeAnnotation(title or "promptls", description=" ".join(edit.notes))}
    return types.WorkspaceEdit(document_changes=operations, change_annotations=annotations if annotated else None)


def _check_operations(edit: WorkspaceEdit, surroundings: Surroundings) -> None:
    known = surroundings.client.resource_operations
    if edit.created and "create" not in known:
        raise JsonRpcException(
            f"This needs the new file {_names(edit.created)}, and this editor does not let a server make files.",
            types.LSPErrorCodes.RequestFailed,
        )
    if edit.renames and "rename" not in known:
        raise JsonRpcException(
            f"This moves {_names({each.old: '' for each in edit.renames})}, and this editor does not let a server "
            "move files.",
            types.LSPErrorCodes.RequestFailed,
        )


def _names(paths: Mapping[Path, str]) -> str:
    return ", ".join(path.name for path in paths)


def _texts(
    edits: Mapping[Path | None, tuple[TextEdit, ...]], surroundings: Surroundings, document: Document | None
) -> Iterator[tuple[str, tuple[types.OptionalVersionedTextDocumentIdentifier, list[types.TextEdit]]]]:
    from promptls.lsp.convert import Lines

    for path, changes in edits.items():
        if not changes:
            continue
        open_one = document if path is None else surroundings.documents.get(path)
        if open_one is not None:
            lines = Lines(open_one.source, surroundings.client.encoding)
            identifier = types.OptionalVersionedTextDocumentIdentifier(open_one.uri, open_one.version)
        elif path is not None and (known := surroundings.lines(path)) is not None:
            lines = known
            identifier = types.OptionalVersionedTextDocumentIdentifier(surroundings.uri(path))
        else:
            raise JsonRpcException(f"{path} can no longer be read.", types.LSPErrorCodes.RequestFailed)
        yield identifier.uri, (identifier, [lines.edit(each) for each in changes])


def _annotated(
    changes: list[types.TextEdit], annotation: str | None
) -> Iterator[types.TextEdit | types.AnnotatedTextEdit]:
    for each in changes:
        yield each if annotation is None else types.AnnotatedTextEdit(annotation, each.range, each.new_text)
