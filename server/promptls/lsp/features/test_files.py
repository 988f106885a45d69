"""Test files: what is asked of `<name>.test.yaml` is answered here, and nothing of what prompts can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from promptls.lsp.features import completion as completions
from promptls.lsp.features.navigation import Answer, linked

if TYPE_CHECKING:
    from promptls.ide.test_files import TestFix, TestLens
    from promptls.lsp.session import Snapshot
    from promptls.testcases.document import TestProblem
    from promptls.workspace.suites import Suite

RUN_TESTS = "promptls.runTests"
SHOW_TEST_RESULTS = "promptls.showTestResults"
CREATE_TESTS = "promptls.createTests"
SOURCE = "promptls"


def suite_of(snapshot: Snapshot) -> Suite:
    """The cases of a document, and their prompt."""
    from promptls.workspace.suites import suite_of

    path = snapshot.prompt.path
    assert path is not None  # a test file is known by its path
    return suite_of(snapshot.surroundings.workspace, path, snapshot.document.source)


def diagnostics(suite: Suite, snapshot: Snapshot) -> list[types.Diagnostic]:
    """What is wrong with a test file."""
    from promptls.ide.test_files import problems

    return [_diagnostic(each, snapshot) for each in problems(suite)]


def _diagnostic(problem: TestProblem, snapshot: Snapshot) -> types.Diagnostic:
    return types.Diagnostic(
        range=snapshot.lines.range(snapshot.document.source.first_line(problem.range)),
        message=problem.message[:1].upper() + problem.message[1:],
        severity=types.DiagnosticSeverity.Error if problem.severity == "error" else types.DiagnosticSeverity.Warning,
        source=SOURCE,
    )


def _hover(params: types.HoverParams, snapshot: Snapshot) -> types.Hover | None:
    from promptls.ide.test_files import hover
    from promptls.lsp import convert

    found = hover(suite_of(snapshot), snapshot.lines.offset(params.position))
    return convert.hover(found, snapshot.lines, snapshot.client.hover_markup) if found else None


def _definition(params: types.DefinitionParams, snapshot: Snapshot) -> Answer:
    from promptls.ide.test_files import definition

    found = definition(suite_of(snapshot), snapshot.lines.offset(params.position))
    return linked(found, snapshot, types.TEXT_DOCUMENT_DEFINITION)


def _symbols(
    _: types.DocumentSymbolParams, snapshot: Snapshot
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    from promptls.ide.test_files import symbols
    from promptls.lsp import convert

    found = symbols(suite_of(snapshot))
    if snapshot.client.hierarchical_symbols:
        return [convert.document_symbol(symbol, snapshot.lines) for symbol in found]
    return convert.flat_symbols(found, snapshot.document.uri, snapshot.lines)


def _completion(params: types.CompletionParams, snapshot: Snapshot) -> types.CompletionList:
    from promptls.ide.test_completion import complete

    found = complete(suite_of(snapshot), snapshot.prompt, snapshot.lines.offset(params.position))
    return completions.completion_list(found, snapshot)


def _resolve_completion(item: types.CompletionItem, snapshot: Snapshot) -> types.CompletionItem:
    from promptls.ide.test_completion import documentation
    from promptls.lsp import convert

    data: Any = item.data
    text = documentation(suite_of(snapshot), data["item"])
    if text is not None:
        item.documentation = convert.prose(text, snapshot.client.completion.markup)
    return item


def _lenses(_: types.CodeLensParams, snapshot: Snapshot) -> list[types.CodeLens]:
    from promptls.ide.test_files import lenses

    if not snapshot.prompt.settings.editor.lenses:
        return []
    suite = suite_of(snapshot)
    return [_lens(each, snapshot) for each in lenses(suite, snapshot.surroundings.test_runs.get(suite.path, {}))]


def _lens(lens: TestLens, snapshot: Snapshot) -> types.CodeLens:
    command = RUN_TESTS if lens.action == "run" else SHOW_TEST_RESULTS
    arguments = [snapshot.document.uri, *([lens.case] if lens.case is not None else [])]
    return types.CodeLens(
        snapshot.lines.range(lens.range), types.Command(title=lens.title, command=command, arguments=arguments)
    )


def _actions(params: types.CodeActionParams, snapshot: Snapshot) -> list[types.CodeAction]:
    from promptls.ide.test_files import fixes

    only = params.context.only
    asked = [each.value if isinstance(each, types.CodeActionKind) else each for each in only or ()]
    if not snapshot.client.code_action_literals or (only is not None and not {"", "quickfix"} & set(asked)):
        return []
    found = fixes(suite_of(snapshot), snapshot.lines.offsets(params.range))
    return [_action(each, params.context.diagnostics, snapshot) for each in found]


def _action(fix: TestFix, named: list[types.Diagnostic] | Any, snapshot: Snapshot) -> types.CodeAction:
    from promptls.lsp.convert import workspace_edit

    mended = _diagnostic(fix.problem, snapshot)
    versioned = snapshot.client.versioned_edits
    return types.CodeAction(
        fix.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[each for each in named if (each.range, each.message) == (mended.range, mended.message)] or None,
        is_preferred=True if snapshot.client.preferred_actions else None,
        edit=workspace_edit(snapshot.document, fix.edits, snapshot.lines, versioned=versioned),
    )


def _as_it_is(item: Any, _: Snapshot) -> Any:
    return item


def _nothing(_: Any, __: Snapshot) -> None:
    return None


_ANSWERS: Mapping[str, Callable[[Any, Snapshot], Any]] = {
    types.TEXT_DOCUMENT_HOVER: _hover,
    types.TEXT_DOCUMENT_DEFINITION: _definition,
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: _symbols,
    types.TEXT_DOCUMENT_COMPLETION: _completion,
    types.COMPLETION_ITEM_RESOLVE: _resolve_completion,
    types.TEXT_DOCUMENT_CODE_LENS: _lenses,
    types.CODE_LENS_RESOLVE: _as_it_is,
    types.TEXT_DOCUMENT_CODE_ACTION: _actions,
    types.CODE_ACTION_RESOLVE: _as_it_is,
}


def answer_for(method: str) -> Callable[[Any, Snapshot], Any]:
    """What answers a question about a test file; most of what can be asked of a prompt has no answer there."""
    return _ANSWERS.get(method, _nothing)
