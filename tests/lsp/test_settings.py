"""Settings from the editor and from files, and their change at run time; what is wrong is told once."""

import asyncio
import json
from pathlib import Path

from lsprotocol import types

from tests.lsp.capabilities import PULL, PUSH
from tests.lsp.editor import Editor, editing
from tests.lsp.wire import Wire

TEXT = '---\nmodel: googleai/gemini-2.5-flash\n---\n{{#role "system"}}\nBe kind.\n{{/role}}\n'
ASKED = {**PUSH, "workspace": {"configuration": True}}
RULE = "template/block-role"


def codes(editor: Editor, uri: str) -> set[object]:
    return codes_of(editor.published(uri)[-1])


def codes_of(published: types.PublishDiagnosticsParams) -> set[object]:
    return {each.code for each in published.diagnostics}


async def becomes(editor: Editor, uri: str, expected: set[object]) -> None:
    await editor.until(lambda: (codes(editor, uri) == expected) or None)


async def test_initialization_options(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    for options in (
        {"ignore": [RULE]},
        {"promptls": {"ignore": [RULE]}},
        {"settings": {"promptls": {"ignore": [RULE]}}},
    ):
        async with editing(tmp_path, options=options) as editor:
            editor.open(TEXT, uri)
            assert await editor.diagnostics_of(1, uri) == []


async def test_settings_are_asked_for_and_asked_again(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    async with editing(tmp_path, ASKED, configuration={"promptls": {"ignore": [RULE]}}) as editor:
        editor.open(TEXT, uri)
        assert await editor.diagnostics_of(1, uri) == []
        editor.set_configuration({"promptls": {"severity": {RULE: "hint"}}})
        editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await becomes(editor, uri, {RULE})
        assert editor.published(uri)[-1].diagnostics[0].severity == types.DiagnosticSeverity.Hint
        assert editor.published(uri)[-1].version == 1


async def test_suggestions_show_in_editors_unless_switched_off(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    text = "---\nmodel: googleai/gemini-2.5-flash\ntools: [getForecast]\n---\nPlan a trip.\n"
    quiet = "tools/never-mentioned"
    async with editing(tmp_path) as editor:
        editor.open(text, uri)
        await editor.until(lambda: any(quiet in codes_of(each) for each in editor.published(uri)) or None)
        never = types.DidChangeConfigurationParams({"promptls": {"suggestions": "never"}})
        editor.workspace_did_change_configuration(never)
        await editor.until(lambda: quiet not in codes(editor, uri) or None)


async def test_settings_are_pushed(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    async with editing(tmp_path) as editor:
        editor.open(TEXT, uri)
        await editor.diagnostics_of(1, uri)
        editor.workspace_did_change_configuration(
            types.DidChangeConfigurationParams({"promptls": {"ignore": ["template"]}})
        )
        await becomes(editor, uri, set())


def test_client_that_never_says_its_settings_is_served_all_the_same() -> None:
    with Wire() as wire:
        wire.initialize(ASKED)
        wire.open(TEXT)
        while wire.next().get("method") != types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS:
            pass
        (question,) = (each for each in wire.received if each.get("method") == types.WORKSPACE_CONFIGURATION)
        wire.send_body(json.dumps({"jsonrpc": "2.0", "id": question["id"], "result": [None]}).encode())  # far too late
        assert wire.call(1, "shutdown")["result"] is None


async def test_wrong_settings_are_told_once_and_the_rest_counts(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    (tmp_path / "promptls.toml").write_text('ignore = ["template/block-role"]\nfail-on = "sometimes"\n')
    options = {"extend-select": ["no/such-rule"], "colour": "red"}
    async with editing(tmp_path, options=options) as editor:
        editor.open(TEXT, uri)
        assert await editor.diagnostics_of(1, uri) == []
        for version in range(2, 5):
            editor.replace(TEXT, version, uri)
            editor.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
            await editor.diagnostics_of(version, uri)
        await asyncio.sleep(0.3)
        told = "\n".join(editor.warnings())
        for part in ("promptls.toml:2", "fail-on", "no/such-rule", "colour"):
            assert told.count(part) == 1, told


async def test_settings_file_that_changes_unwatched_is_noticed_on_save(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    async with editing(tmp_path) as editor:
        editor.open(TEXT, uri)
        assert await editor.diagnostics_of(1, uri)
        (tmp_path / "promptls.toml").write_text('ignore = ["template/block-role"]\n')
        editor.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
        await becomes(editor, uri, set())


async def test_watched_settings_file(tmp_path: Path) -> None:
    uri = (tmp_path / "a.prompt").as_uri()
    async with editing(tmp_path, PULL) as editor:
        editor.open(TEXT, uri)
        first = await editor.pull(uri=uri)
        assert isinstance(first, types.RelatedFullDocumentDiagnosticReport)
        assert len(first.items) == 1
        (registration,) = [params for method, params in editor.asked if method == types.CLIENT_REGISTER_CAPABILITY]
        assert {each.method for each in registration.registrations} == {
            types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        }
        file = tmp_path / "promptls.toml"
        file.write_text('ignore = ["template/block-role"]\n')
        change = types.FileEvent(file.as_uri(), types.FileChangeType.Created)
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
        await editor.until(lambda: editor.diagnostic_refresh_count or None)
        second = await editor.pull(first.result_id, uri)
        assert isinstance(second, types.RelatedFullDocumentDiagnosticReport)
        assert list(second.items) == []


async def test_folders_come_and_go(tmp_path: Path) -> None:
    """Partials of a nested prompt are looked for up to the workspace folder, so that adding one makes a difference."""
    deep = tmp_path / "a" / "b" / "c" / "d" / "e" / "f" / "g"
    deep.mkdir(parents=True)
    (tmp_path / "_tone.prompt").write_text("Be kind.\n")
    uri = (deep / "main.prompt").as_uri()
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "all")
    async with editing(deep) as editor:
        editor.open("---\nmodel: googleai/gemini-2.5-flash\n---\n{{> tone}}\n", uri)
        assert {each.code for each in await editor.diagnostics_of(1, uri)} == {"partials/missing"}
        nested = types.WorkspaceFolder(deep.as_uri(), deep.name)
        missing: set[object] = {"partials/missing"}
        for added, removed, expected in (([folder], [nested], set()), ([nested], [folder], missing)):
            event = types.WorkspaceFoldersChangeEvent(added, removed)
            editor.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
            await becomes(editor, uri, expected)
