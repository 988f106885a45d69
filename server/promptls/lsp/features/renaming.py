"""Renaming: names in texts, and what follows when files move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from promptls.lsp.edits import refuse, workspace_edit
from promptls.lsp.uris import to_path

if TYPE_CHECKING:
    from promptls.lsp.session import Snapshot, Surroundings

_RENAMED = (
    types.FileOperationFilter(types.FileOperationPattern("**/*.prompt", types.FileOperationPatternKind.File), "file"),
    types.FileOperationFilter(types.FileOperationPattern("**/*", types.FileOperationPatternKind.Folder), "file"),
)
FILE_FILTERS = types.FileOperationRegistrationOptions(list(_RENAMED))
"""The files and folders whose moves concern us."""


def prepare_rename(params: types.PrepareRenameParams, snapshot: Snapshot) -> types.PrepareRenamePlaceholder:
    """What would be renamed; an error with the reason where nothing can be."""
    from promptls.ide.edits import Refused
    from promptls.ide.rename import prepare_rename

    offset = snapshot.lines.offset(params.position)
    try:
        found = prepare_rename(snapshot.surroundings.workspace, snapshot.prompt, offset)
    except Refused as refused:
        refuse(refused)
    return types.PrepareRenamePlaceholder(snapshot.lines.range(found.range), found.name)


def rename(params: types.RenameParams, snapshot: Snapshot) -> types.WorkspaceEdit:
    """The edits in every file; an error with the reason where they would not be safe."""
    from promptls.ide.edits import Refused
    from promptls.ide.rename import rename

    offset = snapshot.lines.offset(params.position)
    try:
        edit = rename(snapshot.surroundings.workspace, snapshot.prompt, offset, params.new_name)
    except Refused as refused:
        refuse(refused)
    return workspace_edit(edit, snapshot.surroundings, snapshot.document, f"Rename to {params.new_name}")


def will_rename_files(params: types.RenameFilesParams, surroundings: Surroundings) -> types.WorkspaceEdit | None:
    """What must change along with files or folders that are about to move."""
    from promptls.ide.edits import FileRename, Refused, WorkspaceEdit
    from promptls.ide.rename_files import will_rename_files

    renames = [
        FileRename(old, new)
        for each in params.files
        if (old := to_path(each.old_uri)) is not None and (new := to_path(each.new_uri)) is not None
    ]
    try:
        edit = will_rename_files(surroundings.workspace, renames)
    except Refused as refused:
        refuse(refused)
    if edit.renames and "rename" not in surroundings.client.resource_operations:
        left = ", ".join(each.old.name for each in edit.renames)
        edit = WorkspaceEdit(edit.edits, edit.created, (), (*edit.notes, f"Left where it is: {left}."))
    if not (edit.edits or edit.renames):
        for note in edit.notes:
            surroundings.tell(note)
        return None
    return workspace_edit(edit, surroundings, title="Follow moved prompts")
