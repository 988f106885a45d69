"""Renaming and moving over the wire: what each client can carry out, and refusals that say why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.capabilities import PUSH
from tests.lsp.editor import applied, editing, edits_of
from tests.lsp.test_navigation import HEAD, MAIN, opened, place, project, span

__all__ = ["project"]

ABLE: dict[str, Any] = {
    **PUSH,
    "textDocument": {**PUSH["textDocument"], "rename": {"prepareSupport": True}},
    "workspace": {
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]},
        "fileOperations": {"willRename": True},
    },
}


async def test_a_variable_with_versions_of_open_texts(project: Path) -> None:
    async with editing(project, ABLE) as editor:
        opened(editor, project)
        where = place(project, 6, 5)
        prepared = await editor.text_document_prepare_rename_async(types.PrepareRenameParams(**where))
        assert prepared == types.PrepareRenamePlaceholder(span(6, 4, 8), "name")
        edit = await editor.text_document_rename_async(types.RenameParams(new_name="guest", **where))
        uri = (project / "main.prompt").as_uri()
        assert applied(MAIN, edits_of(edit, uri)) == MAIN.replace("name", "guest")
        assert edit is not None
        (change,) = edit.document_changes or ()
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1


async def test_plain_changes_for_plain_clients(project: Path) -> None:
    async with editing(project) as editor:
        assert editor.result.capabilities.rename_provider is True
        opened(editor, project)
        edit = await editor.text_document_rename_async(types.RenameParams(new_name="x", **place(project, 6, 5)))
        assert edit is not None
        assert edit.document_changes is None
        assert list(edit.changes or ()) == [(project / "main.prompt").as_uri()]


@pytest.mark.parametrize("new", ["two words", "", "a.b", "{{", "if-else }}"])
async def test_illegal_names_are_refused(project: Path, new: str) -> None:
    async with editing(project, ABLE) as editor:
        opened(editor, project)
        with pytest.raises(JsonRpcException) as error:
            await editor.text_document_rename_async(types.RenameParams(new_name=new, **place(project, 6, 5)))
        assert error.value.code == types.LSPErrorCodes.RequestFailed
        assert error.value.message.endswith(".")


async def test_nothing_to_rename(project: Path) -> None:
    async with editing(project, ABLE) as editor:
        opened(editor, project)
        with pytest.raises(JsonRpcException) as error:
            await editor.text_document_prepare_rename_async(types.PrepareRenameParams(**place(project, 6, 0)))
        assert error.value.code == types.LSPErrorCodes.RequestFailed


async def test_a_partial_moves_its_file_where_the_client_can(project: Path) -> None:
    where = place(project, 6, 17)
    async with editing(project, ABLE) as editor:
        opened(editor, project)
        edit = await editor.text_document_rename_async(types.RenameParams(new_name="greeting", **where))
        assert edit is not None
        *texts, move = edit.document_changes or ()
        assert move == types.RenameFile((project / "_head.prompt").as_uri(), (project / "_greeting.prompt").as_uri())
        assert texts
    async with editing(project) as editor:
        opened(editor, project)
        with pytest.raises(JsonRpcException, match=r"_head\.prompt"):
            await editor.text_document_rename_async(types.RenameParams(new_name="greeting", **where))


async def test_includes_follow_a_file_that_is_moved(project: Path) -> None:
    async with editing(project, ABLE) as editor:
        operations = editor.result.capabilities.workspace
        assert operations is not None
        assert operations.file_operations is not None
        assert operations.file_operations.will_rename is not None
        globs = [each.pattern.glob for each in operations.file_operations.will_rename.filters]
        assert globs == ["**/*.prompt", "**/*"]
        opened(editor, project)
        moved = types.FileRename((project / "_head.prompt").as_uri(), (project / "_top.prompt").as_uri())
        edit = await editor.workspace_will_rename_files_async(types.RenameFilesParams([moved]))
        uri = (project / "main.prompt").as_uri()
        assert applied(MAIN, edits_of(edit, uri)) == MAIN.replace("> head", "> top")
        same = types.FileRename((project / "pic.png").as_uri(), (project / "other.png").as_uri())
        assert await editor.workspace_will_rename_files_async(types.RenameFilesParams([same])) is None


async def test_unsaved_texts_count(project: Path) -> None:
    async with editing(project, ABLE) as editor:
        editor.open(HEAD.replace("who", "person"), (project / "_head.prompt").as_uri())
        where = place(project, 5, 6, "_head.prompt")
        edit = await editor.text_document_rename_async(types.RenameParams(new_name="guest", **where))
        uri = (project / "_head.prompt").as_uri()
        assert applied(HEAD.replace("who", "person"), edits_of(edit, uri)) == HEAD.replace("who", "guest")
