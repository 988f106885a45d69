"""The action that makes the first test case of a prompt which has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from promptls.lsp.edits import workspace_edit
from promptls.lsp.features.test_files import CREATE_TESTS

if TYPE_CHECKING:
    from promptls.lint.rule import Finding
    from promptls.lsp.session import Snapshot

_TITLE = "Create test cases"


def first_case_actions(
    found: Sequence[Finding], named: Sequence[types.Diagnostic], snapshot: Snapshot
) -> Iterator[types.CodeAction | types.Command]:
    """An edit that makes the file where the editor can do that, else a command that has the server write it."""
    from promptls.ide.edits import Refused
    from promptls.ide.new_tests import new_tests
    from promptls.testcases.document import test_path

    prompt, client = snapshot.prompt, snapshot.client
    if prompt.path is None or not any(each.rule == "tests/none" for each in found):
        return
    command = types.Command(title=_TITLE, command=CREATE_TESTS, arguments=[snapshot.document.uri])
    if not client.code_action_literals:
        yield command
        return
    mended = [each for each in named if each.code == "tests/none"] or None
    action = types.CodeAction(_TITLE, kind=types.CodeActionKind.QuickFix, diagnostics=mended)
    if "create" in client.resource_operations:
        surroundings = snapshot.surroundings
        try:
            edit = new_tests(prompt, exists=surroundings.workspace.exists(test_path(prompt.path)))
        except Refused:
            return
        action.edit = workspace_edit(edit, surroundings, snapshot.document, _TITLE)
    else:
        action.command = command
    yield action
