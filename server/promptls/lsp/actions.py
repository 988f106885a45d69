"""Code actions: what the editor asked for, filtered and in its words. What can be done is known to `ide`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcInvalidParams

from promptls.lsp.features.optimizing import optimizations, resolve_optimization
from promptls.lsp.features.refactoring import KINDS as REFACTORING_KINDS
from promptls.lsp.features.refactoring import refactorings, resolve_refactoring
from promptls.lsp.features.test_creation import first_case_actions
from promptls.lsp.features.versions import STATE_VERSION_KIND, version_actions
from promptls.lsp.offers import Offer

if TYPE_CHECKING:
    from promptls.lint.rule import Finding
    from promptls.lsp.session import Snapshot
    from promptls.syntax.source import TextEdit

EXPLAIN_RULE = "promptls.explainRule"
SHOW_SIMILAR = "promptls.showSimilar"
FIX_ALL_KIND = f"{types.CodeActionKind.SourceFixAll.value}.promptls"
Identity = tuple[str | int | None, int, int, int, int]
"""A rule and a range, by which a diagnostic is known again."""

KINDS = (
    types.CodeActionKind.QuickFix.value,
    types.CodeActionKind.SourceFixAll.value,
    FIX_ALL_KIND,
    *REFACTORING_KINDS,
    STATE_VERSION_KIND,
)


def code_actions(params: types.CodeActionParams, snapshot: Snapshot) -> list[types.CodeAction | types.Command]:
    """Fixes and suppressions for what the range touches, an explanation of each rule, fixing the whole file, and what
    else can be done with the range.

    A client without code-action literals gets commands only, as the protocol demands.
    """
    only = params.context.only
    answer: list[types.CodeAction | types.Command] = []
    if _wanted(types.CodeActionKind.QuickFix.value, only):
        found = _findings(params, snapshot)
        if snapshot.client.code_action_literals:
            answer += _quick_fixes(found, params.context.diagnostics, snapshot)
        answer += first_case_actions(found, params.context.diagnostics, snapshot)
        answer += _explanations(found, snapshot)
    if snapshot.client.code_action_literals and _wanted(FIX_ALL_KIND, only):
        answer += _fix_all(snapshot)
    if snapshot.client.code_action_literals:
        answer += refactorings(params, snapshot, lambda kind: _wanted(kind, only))
    answer += optimizations(params, snapshot, lambda kind: _wanted(kind, only))
    if snapshot.client.code_action_literals and _wanted(STATE_VERSION_KIND, only):
        answer += version_actions(params, snapshot)
    return answer


def resolve_code_action(action: types.CodeAction, snapshot: Snapshot) -> types.CodeAction:
    """Fill in the edit of an action that was offered without it; raises where the text has moved on since."""
    from promptls.ide.code_actions import fix_everything

    data: Any = action.data
    if data["version"] != snapshot.document.version:
        raise JsonRpcContentModified("the text has changed since this action was offered")
    if "refactoring" in data:
        return resolve_refactoring(action, snapshot)
    if "optimization" in data:
        return resolve_optimization(action, snapshot)
    if action.kind != FIX_ALL_KIND:
        return action
    action.edit = _workspace_edit(fix_everything(snapshot.prompt), snapshot)
    return action


def resolved_uri(action: types.CodeAction) -> str:
    """The document of an action to resolve."""
    match action.data:
        case {"uri": str(uri), "version": int()}:
            return uri
    raise JsonRpcInvalidParams("this code action is not one of ours: its data names no document")


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether a kind, or one above it in the hierarchy of kinds, was asked for."""
    asked = [each.value if isinstance(each, types.CodeActionKind) else each for each in only or ()]
    return only is None or any(each in ("", kind) or kind.startswith(f"{each}.") for each in asked)


def _findings(params: types.CodeActionParams, snapshot: Snapshot) -> tuple[Finding, ...]:
    """The findings that the range touches, and those of the diagnostics that the client names.

    A diagnostic of an older version counts only where the newest text still has it at the same place.
    """
    from promptls.ide.code_actions import findings_at
    from promptls.lint.runner import findings

    touched = findings_at(snapshot.prompt, snapshot.lines.offsets(params.range))
    named = {_identity(diagnostic) for diagnostic in params.context.diagnostics}
    return tuple(
        each for each in findings(snapshot.prompt) if each in touched or _finding_identity(each, snapshot) in named
    )


def _quick_fixes(
    found: Sequence[Finding], named: Sequence[types.Diagnostic], snapshot: Snapshot
) -> Iterator[types.CodeAction]:
    from promptls.ide.code_actions import quick_fixes

    actions = list(quick_fixes(snapshot.prompt, found))
    if snapshot.prompt.settings.usage:
        source = snapshot.prompt.source
        results = {source.edited(each.edits).text: Offer(each.finding.rule, each.dismisses) for each in actions}
        snapshot.surroundings.offers.remember(snapshot.document.uri, results)
    for action in actions:
        identity = _finding_identity(action.finding, snapshot)
        yield types.CodeAction(
            action.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[each for each in named if _identity(each) == identity] or None,
            is_preferred=True if action.preferred and snapshot.client.preferred_actions else None,
            edit=_workspace_edit(action.edits, snapshot),
        )


def _explanations(found: Sequence[Finding], snapshot: Snapshot) -> Iterator[types.CodeAction | types.Command]:
    for rule in dict.fromkeys(each.rule for each in found if "/" in each.rule):
        title = f"Explain {rule}"
        command = types.Command(title=title, command=EXPLAIN_RULE, arguments=[snapshot.document.uri, rule])
        if snapshot.client.code_action_literals:
            yield types.CodeAction(title, kind=types.CodeActionKind.QuickFix, command=command)
        else:
            yield command
    if any(each.rule == "workspace/near-duplicate" for each in found):
        title = "Show similar prompts"
        command = types.Command(title=title, command=SHOW_SIMILAR, arguments=[snapshot.document.uri])
        literals = snapshot.client.code_action_literals
        yield types.CodeAction(title, kind=types.CodeActionKind.QuickFix, command=command) if literals else command


def _fix_all(snapshot: Snapshot) -> Iterator[types.CodeAction]:
    from promptls.ide.code_actions import fix_everything, has_safe_fix

    if not has_safe_fix(snapshot.prompt):
        return
    action = types.CodeAction("Fix all that can be fixed safely", kind=FIX_ALL_KIND)
    if snapshot.client.resolves_edits:
        action.data = {"uri": snapshot.document.uri, "version": snapshot.document.version}
        yield action
    elif edits := fix_everything(snapshot.prompt):
        action.edit = _workspace_edit(edits, snapshot)
        yield action


def _workspace_edit(edits: Sequence[TextEdit], snapshot: Snapshot) -> types.WorkspaceEdit:
    from promptls.lsp.convert import workspace_edit

    return workspace_edit(snapshot.document, edits, snapshot.lines, versioned=snapshot.client.versioned_edits)


def _finding_identity(finding: Finding, snapshot: Snapshot) -> Identity:
    range = snapshot.lines.range(finding.range)
    return finding.rule, range.start.line, range.start.character, range.end.line, range.end.character


def _identity(diagnostic: types.Diagnostic) -> Identity:
    start, end = diagnostic.range.start, diagnostic.range.end
    return diagnostic.code, start.line, start.character, end.line, end.character
