"""Test files in the editor: what is wrong with them, what can be written, what things are, runs and their results."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_httpserver import HTTPServer

from tests.lsp.capabilities import PULL, PUSH
from tests.lsp.editor import Editor, applied, editing
from tests.optimize.model_server import Body, Model, answer, hang

PROMPT = """---
model: m
input:
  schema:
    ticket: string, what the customer wrote
    tone?(enum): [warm, cool]
---
Sort this: {{ticket}} {{tone}}
"""
CASES = """cases:
  - name: refund
    input:
      ticket: my money
    expect:
      contains: bill
  - name: crash 😀
    input: {ticket: it crashes}
    expect:
      - equals: bug
"""
ABLE: dict[str, Any] = {
    "textDocument": {
        **PUSH["textDocument"],
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "definition": {"linkSupport": True},
        "codeLens": {},
    },
    "workspace": {
        "codeLens": {"refreshSupport": True},
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
    },
    "window": {"showMessage": {}},
}


@asynccontextmanager
async def files(
    tmp_path: Path, tests: str | None = CASES, capabilities: dict[str, Any] = ABLE, **more: str
) -> AsyncIterator[tuple[Editor, str]]:
    """An editor with a prompt on disk and its open test file."""
    (tmp_path / "a.prompt").write_text(PROMPT, encoding="utf-8")
    for name, text in more.items():
        (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
    path = tmp_path / "a.test.yaml"
    if tests is not None:
        path.write_text(tests, encoding="utf-8")
    async with editing(tmp_path, capabilities) as editor:
        if tests is not None:
            item = types.TextDocumentItem(path.as_uri(), "yaml", 1, tests)
            editor.text_document_did_open(types.DidOpenTextDocumentParams(item))
        yield editor, path.as_uri()


def messages(diagnostics: list[types.Diagnostic]) -> list[str]:
    return [str(each.message) for each in diagnostics]


def identifier(uri: str) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(uri)


# Diagnostics


async def test_a_good_file_has_no_diagnostics(tmp_path: Path) -> None:
    async with files(tmp_path) as (editor, uri):
        assert await editor.diagnostics_of(1, uri) == []


async def test_what_is_wrong_is_told_where_it_stands(tmp_path: Path) -> None:
    tests = "cases:\n  - name: x\n    input: {tickets: 1, tone: hot}\n    expect: {contain: 5}\n"
    async with files(tmp_path, tests) as (editor, uri):
        found = await editor.diagnostics_of(1, uri)
    assert [(each.range.start.line, each.range.start.character, each.severity) for each in found] == [
        (1, 10, types.DiagnosticSeverity.Warning),
        (2, 12, types.DiagnosticSeverity.Warning),
        (2, 30, types.DiagnosticSeverity.Warning),
        (3, 13, types.DiagnosticSeverity.Error),
    ]
    assert messages(found) == [
        "The case lacks the required input `ticket`",
        "The prompt has no input `tickets`; did you mean `ticket`?",
        "`tone`: `hot` is none of `warm`, `cool`",
        "Unknown assertion `contain`; did you mean `contains`?",
    ]


async def test_a_change_of_the_prompt_renews_the_diagnostics(tmp_path: Path) -> None:
    async with files(tmp_path) as (editor, uri):
        assert await editor.diagnostics_of(1, uri) == []
        prompt = (tmp_path / "a.prompt").as_uri()
        editor.open(PROMPT, prompt)
        editor.replace(PROMPT.replace("ticket: string", "letter: string"), 2, prompt)
        found = await editor.until(lambda: editor.published(uri)[-1].diagnostics or None)
    assert "The prompt has no input `ticket`; did you mean" not in messages(list(found))
    assert "The case lacks the required input `letter`" in messages(list(found))


async def test_a_prompt_that_is_missing_is_told(tmp_path: Path) -> None:
    async with files(tmp_path, "prompt: gone.prompt\n" + CASES) as (editor, uri):
        (found,) = await editor.diagnostics_of(1, uri)
    assert "The prompt gone.prompt cannot be read" in str(found.message)
    assert (found.range.start.line, found.range.start.character) == (0, 8)


async def test_the_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    async with files(tmp_path) as (editor, _):
        other = (tmp_path / "chart.test.yaml").as_uri()
        editor.open("suite: deployment\ntests: [{it: works}]\n", other)
        assert await editor.diagnostics_of(1, other) == []


async def test_a_case_that_does_not_render_is_told(tmp_path: Path) -> None:
    async with files(tmp_path) as (editor, uri):
        await editor.diagnostics_of(1, uri)
        prompt = (tmp_path / "a.prompt").as_uri()
        editor.open(PROMPT.replace("{{tone}}", "{{nothing tone}}"), prompt)
        found = await editor.until(lambda: editor.published(uri)[-1].diagnostics or None)
    assert all("does not render with this case" in str(each.message) for each in found)
    assert len(found) == 2


async def test_pulled_diagnostics(tmp_path: Path) -> None:
    async with files(tmp_path, "cases: 5", PULL) as (editor, uri):
        report = await editor.pull(uri=uri)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        assert messages(list(report.items)) == ["`cases` should be a list"]
        again = await editor.pull(report.result_id, uri)
        assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)


@pytest.mark.parametrize(
    "tests",
    [
        "a: &a [x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\ncases: [{input: {ticket: *b}}]",
        "cases: " + "[" * 3000,
        "cases: &c [{expect: *c}]",
        "\x00\ufeff\u2028",
        "",
        "- 1",
    ],
)
async def test_hostile_files_are_survived(tmp_path: Path, tests: str) -> None:
    async with files(tmp_path) as (editor, uri):
        await editor.diagnostics_of(1, uri)
        editor.replace(tests, 2, uri)
        await editor.diagnostics_of(2, uri)
        at = types.Position(0, 3)
        await editor.text_document_hover_async(types.HoverParams(identifier(uri), at))
        assert await editor.text_document_code_lens_async(types.CodeLensParams(identifier(uri))) is not None
        await editor.text_document_completion_async(types.CompletionParams(identifier(uri), at))


# Writing


@pytest.mark.parametrize(
    ("before", "expected", "unexpected"),
    [
        ("", {"prompt", "model", "cases"}, {"name"}),
        ("cases:\n  - ", {"name", "input", "expect"}, {"cases", "contains"}),
        ("cases:\n  - name: x\n    ", {"input", "expect"}, {"name"}),
        ("cases:\n  - input:\n      ", {"ticket", "tone"}, {"name"}),
        ("cases:\n  - input:\n      ticket: x\n      ", {"tone"}, {"ticket"}),
        ("cases:\n  - input:\n      tone: ", {"warm", "cool"}, {"ticket"}),
        ("cases:\n  - input: {tone: ", {"warm", "cool"}, {"ticket"}),
        ("cases:\n  - expect:\n      ", {"contains", "not-contains", "llm-rubric"}, {"name"}),
        ("cases:\n  - expect:\n      - ", {"contains", "is-json", "type"}, {"name"}),
        ("cases:\n  - expect:\n      - type: ", {"contains", "not-is-json"}, {"value"}),
        ("cases:\n  - expect:\n      - type: similar\n        ", {"value", "threshold"}, {"type", "contains"}),
        ("prompt: ", {"a.prompt"}, {"cases"}),
    ],
)
async def test_completion(tmp_path: Path, before: str, expected: set[str], unexpected: set[str]) -> None:
    async with files(tmp_path, before) as (editor, uri):
        line, character = before.count("\n"), len(before.rpartition("\n")[2])
        params = types.CompletionParams(identifier(uri), types.Position(line, character))
        found = await editor.text_document_completion_async(params)
        assert isinstance(found, types.CompletionList)
        labels = {item.label for item in found.items}
        assert labels >= expected
        assert not labels & unexpected


async def test_completed_assertions_are_explained_and_make_yaml(tmp_path: Path) -> None:
    before = "cases:\n  - expect:\n      wor"
    async with files(tmp_path, before) as (editor, uri):
        params = types.CompletionParams(identifier(uri), types.Position(2, 9))
        found = await editor.text_document_completion_async(params)
        assert isinstance(found, types.CompletionList)
        item = next(each for each in found.items if each.label == "word-count")
        resolved = await editor.completion_item_resolve_async(item)
        assert isinstance(resolved.documentation, types.MarkupContent)
        assert "so many words" in resolved.documentation.value
        assert isinstance(item.text_edit, types.TextEdit)
        assert applied(before, [item.text_edit]).endswith("word-count: {max: $0}")


async def test_hover_and_definition(tmp_path: Path) -> None:
    async with files(tmp_path) as (editor, uri):

        async def hovered(line: int, character: int) -> str:
            found = await editor.hover(line, character, uri)
            assert found is not None
            assert isinstance(found.contents, types.MarkupContent)
            return found.contents.value

        assert "somewhere in the answer" in await hovered(5, 8)
        assert "The values of the prompt's variables" in await hovered(2, 6)
        shown = await hovered(3, 8)
        assert "ticket: string" in shown
        assert "what the customer wrote" in shown
        assert await editor.hover(3, 20, uri) is None
        params = types.DefinitionParams(identifier(uri), types.Position(3, 8))
        (link,) = await editor.text_document_definition_async(params) or ()  # type: ignore[misc]
        assert isinstance(link, types.LocationLink)
        assert link.target_uri == (tmp_path / "a.prompt").as_uri()
        assert link.target_selection_range.start == types.Position(4, 4)


async def test_symbols(tmp_path: Path) -> None:
    async with files(tmp_path) as (editor, uri):
        params = types.DocumentSymbolParams(identifier(uri))
        found = await editor.text_document_document_symbol_async(params) or ()
    assert [each.name for each in found] == ["refund", "crash 😀"]
    assert isinstance(found[1], types.DocumentSymbol)
    assert [child.name for child in found[1].children or ()] == ["equals `bug`"]


async def test_an_unknown_name_is_corrected(tmp_path: Path) -> None:
    tests = CASES.replace("contains:", "contain:")
    async with files(tmp_path, tests) as (editor, uri):
        (diagnostic,) = await editor.diagnostics_of(1, uri)
        (action,) = await editor.actions(5, 8, diagnostics=[diagnostic], uri=uri)
    assert action.title == "Change to contains"
    assert list(action.diagnostics or ()) == [diagnostic]
    assert action.is_preferred
    assert action.edit is not None
    (change,) = action.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert applied(tests, [each for each in change.edits if isinstance(each, types.TextEdit)]) == CASES


async def test_a_test_file_is_no_prompt(tmp_path: Path) -> None:
    async with files(tmp_path) as (editor, uri):
        await editor.diagnostics_of(1, uri)
        formatting = types.DocumentFormattingParams(identifier(uri), types.FormattingOptions(2, True))
        assert await editor.text_document_formatting_async(formatting) is None
        assert (
            await editor.text_document_inlay_hint_async(
                types.InlayHintParams(identifier(uri), types.Range(types.Position(0, 0), types.Position(9, 0)))
            )
            is None
        )
        tokens = types.SemanticTokensParams(identifier(uri))
        assert await editor.text_document_semantic_tokens_full_async(tokens) is None


# Runs


async def lens_titles(editor: Editor, uri: str) -> list[str]:
    found = await editor.text_document_code_lens_async(types.CodeLensParams(identifier(uri))) or ()
    return [each.command.title for each in found if each.command is not None]


async def run(editor: Editor, uri: str, *more: str) -> Any:
    params = types.ExecuteCommandParams("promptls.runTests", [uri, *more])
    return await editor.workspace_execute_command_async(params)


async def test_cases_are_rendered_without_a_model(tmp_path: Path) -> None:
    async with files(tmp_path) as (editor, uri):
        assert await lens_titles(editor, uri) == ["▶ Run all cases", "▶ Run", "▶ Run"]
        result = await run(editor, uri, "refund")
        assert [(each["name"], each["outcome"]) for each in result["cases"]] == [("refund", "passed")]
        assert editor.warnings()[-1] == "1 of 1 cases passed; rendered only."
        assert await lens_titles(editor, uri) == [
            "▶ Run all cases", "✓ 1 of 1 passed", "▶ Run", "✓ renders", "▶ Run",
        ]  # fmt: skip
        assert types.WORKSPACE_CODE_LENS_REFRESH in [method for method, _ in editor.asked]
        editor.replace(CASES.replace("my money", "your money"), 2, uri)
        assert "✓ renders (before the change)" in await lens_titles(editor, uri)
        page = await editor.workspace_execute_command_async(
            types.ExecuteCommandParams("promptls.showTestResults", [uri, "refund"])
        )
        assert "## ✓ refund" in str(page)
        assert "Sort this: my money" in str(page)


async def test_the_cases_of_a_prompt_can_be_run_from_it(tmp_path: Path) -> None:
    async with files(tmp_path) as (editor, _):
        result = await run(editor, (tmp_path / "a.prompt").as_uri())
        assert len(result["cases"]) == 2


def settings(model: Model) -> str:
    return f'[llm]\nprovider = "vllm"\nmodel = "m"\nmax-retries = 0\nbase-url = "{model.server.url_for("/v1")}"\n'


async def test_answers_are_judged(
    tmp_path: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("PROMPTLS_CACHE_FOLDER", str(tmp_path_factory.mktemp("cache")))

    def reply(body: Body) -> Any:
        return answer("bill" if "money" in body["messages"][-1]["content"] else "no idea")

    model = Model(httpserver, reply)
    async with files(tmp_path, promptls_toml=settings(model)) as (editor, uri):
        result = await run(editor, uri)
        assert [each["outcome"] for each in result["cases"]] == ["passed", "failed"]
        assert result["model"] == "m"
        titles = await lens_titles(editor, uri)
        assert "✓ passed, score 1.00" in titles
        assert any(title.startswith("✗ equals `bug`: the answer is `no idea`") for title in titles)
        assert "1 of 2 cases passed. crash 😀: equals `bug`" in editor.warnings()[-1]


async def test_nothing_is_sent_unless_somebody_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    toml = '[llm]\nmodel = "gpt-x"\n'
    async with files(tmp_path, promptls_toml=toml) as (editor, uri):
        result = await run(editor, uri)
        asked = [params for method, params in editor.asked if method == types.WINDOW_SHOW_MESSAGE_REQUEST]
        assert "will be sent to api.openai.com (gpt-x)" in asked[0].message
        assert result["model"] is None
        assert "rendered only, since nobody agreed" in editor.warnings()[-1]


async def test_a_run_that_waits_for_a_model_can_be_cancelled(
    tmp_path: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("PROMPTLS_CACHE_FOLDER", str(tmp_path_factory.mktemp("cache")))
    model = Model(httpserver, hang(8.0))
    able = {**ABLE, "window": {"workDoneProgress": True, "showMessage": {}}}
    async with files(tmp_path, capabilities=able, promptls_toml=settings(model)) as (editor, uri):
        running = asyncio.ensure_future(run(editor, uri))
        await editor.until(lambda: model.asked or None)
        created = [params for method, params in editor.asked if method == types.WINDOW_WORK_DONE_PROGRESS_CREATE]
        begun = time.monotonic()
        editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(created[-1].token))
        assert await running is None
        assert time.monotonic() - begun < 2.0
        assert editor.warnings()[-1] == "The run was cancelled."


@pytest.mark.parametrize("name", [["nope"], []])
async def test_what_cannot_be_run_is_said(tmp_path: Path, name: list[str]) -> None:
    async with files(tmp_path, "cases: []" if not name else CASES) as (editor, uri):
        with pytest.raises(JsonRpcException, match="There is no case"):
            await run(editor, uri, *name)


# The first case


async def test_test_cases_are_created(tmp_path: Path) -> None:
    async with files(tmp_path, None) as (editor, uri):
        prompt = (tmp_path / "a.prompt").as_uri()
        editor.open(PROMPT, prompt)
        action = next(each for each in await editor.actions(0, 0, uri=prompt) if each.title == "Create test cases")
    assert action.edit is not None
    create, content = action.edit.document_changes or ()
    assert isinstance(create, types.CreateFile)
    assert create.uri == uri
    assert isinstance(content, types.TextDocumentEdit)
    assert content.edits[0].new_text == (  # type: ignore[union-attr]
        "cases:\n- name: first case\n  input:\n    ticket: ticket\n    tone: warm\n"
        "  expect:\n    word-count:\n      min: 1\n"
    )


async def test_an_editor_that_makes_no_files_has_the_server_write_it(tmp_path: Path) -> None:
    async with files(tmp_path, None, PULL) as (editor, uri):
        prompt = (tmp_path / "a.prompt").as_uri()
        editor.open(PROMPT, prompt)
        place = types.Range(types.Position(0, 0), types.Position(0, 0))
        asked = types.CodeActionParams(identifier(prompt), place, types.CodeActionContext([]))
        assert "promptls.createTests" in repr(await editor.text_document_code_action_async(asked))
        params = types.ExecuteCommandParams("promptls.createTests", [prompt])
        assert await editor.workspace_execute_command_async(params) == uri
        assert (tmp_path / "a.test.yaml").read_text(encoding="utf-8").startswith("cases:")
        with pytest.raises(JsonRpcException, match="exists already"):
            await editor.workspace_execute_command_async(params)
