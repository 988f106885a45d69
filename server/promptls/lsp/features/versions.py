"""Where a prompt stands in its history: a lens, a code action, a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from promptls.lsp.session import Snapshot

SHOW_HISTORY = "promptls.showHistory"
STATE_VERSION_KIND = "source.stateVersion"


def version_lenses(snapshot: Snapshot) -> Iterator[types.CodeLens]:
    """The version and the number of versions above the first line; a click shows the changes."""
    from promptls.ide.versions import standing
    from promptls.syntax.source import Range

    found = standing(snapshot.surroundings.workspace, snapshot.prompt, snapshot.surroundings.tell)
    if found is not None:
        command = types.Command(title=found.title, command=SHOW_HISTORY, arguments=[snapshot.document.uri])
        yield types.CodeLens(snapshot.lines.range(Range(0, 0)), command)


def version_actions(params: types.CodeActionParams, snapshot: Snapshot) -> Iterator[types.CodeAction]:
    """The action that has the frontmatter state the version, on the first line and on the version itself."""
    from promptls.ide.edits import WorkspaceEdit
    from promptls.ide.versions import state_version, states_version_at
    from promptls.lsp.edits import workspace_edit

    if not states_version_at(snapshot.prompt, snapshot.lines.offsets(params.range)):
        return
    action = state_version(snapshot.surroundings.workspace, snapshot.prompt)
    if action is not None:
        edit = WorkspaceEdit(edits={snapshot.prompt.path: action.edits})
        yield types.CodeAction(
            action.title,
            kind=STATE_VERSION_KIND,
            edit=workspace_edit(edit, snapshot.surroundings, snapshot.document, action.title),
        )


def history_page(snapshot: Snapshot) -> str:
    """The changes of a document as Markdown."""
    from promptls.ide.versions import history_page

    return history_page(snapshot.surroundings.workspace, snapshot.prompt)
