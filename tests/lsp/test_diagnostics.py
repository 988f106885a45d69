"""Findings reach a client that is pushed to, and one that pulls; never stale, never to both doors."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.capabilities import NOTHING, PULL, PUSH, speaking
from tests.lsp.editor import URI, Editor, applied, editing
from tests.lsp.wire import Wire, error_code, patched

BLOCK_ROLE = '---\nmodel: googleai/gemini-2.5-flash\n---\n{{#role "system"}}\nBe kind.\n{{/role}}\n'
UNCLOSED = "---\nmodel: googleai/gemini-2.5-flash\n---\n{{#if a}}\nyes\n"
VAGUE = "---\nmodel: googleai/gemini-2.5-flash\n---\nWrite a good answer about things and stuff, maybe.\n"
VAGUE_CODE = "clarity/vague"
GOOD = "---\nmodel: googleai/gemini-2.5-flash\n---\nHello.\n"


def codes(diagnostics: list[types.Diagnostic]) -> set[object]:
    return {each.code for each in diagnostics}


async def test_pushed_with_version_and_every_detail() -> None:
    async with editing() as editor:
        editor.open(BLOCK_ROLE, version=7)
        (found,) = await editor.diagnostics_of(7)
        assert found.range == types.Range(types.Position(3, 0), types.Position(3, 18))
        assert (found.severity, found.code, found.source) == (
            types.DiagnosticSeverity.Error,
            "template/block-role",
            "promptls",
        )
        assert found.code_description is not None
        assert found.code_description.href.endswith("#templateblock-role")
        assert isinstance(found.data, dict)
        assert found.data["version"] == 7
        assert found.data["fix"]["safe"] is True
        edits = [
            types.TextEdit(
                types.Range(types.Position(**edit["range"]["start"]), types.Position(**edit["range"]["end"])),
                edit["newText"],
            )
            for edit in found.data["fix"]["edits"]
        ]
        editor.replace(applied(BLOCK_ROLE, edits), 8)
        assert await editor.diagnostics_of(8) == []
        editor.replace(UNCLOSED, 9)
        assert "template/unclosed-block" in codes(await editor.diagnostics_of(9))
        editor.close()
        assert await editor.diagnostics_of(None) == []
        assert editor.warnings() == []


async def test_a_plain_client_gets_plain_diagnostics() -> None:
    async with editing(capabilities=NOTHING) as editor:
        editor.open(BLOCK_ROLE)
        (found,) = await editor.diagnostics_of(1)
        assert found.code == "template/block-role"
        assert (found.code_description, found.related_information, found.tags, found.data) == (None, None, None, None)


async def test_tags_and_related_places(tmp_path: Path) -> None:
    (tmp_path / "_a.prompt").write_text("{{> b}}\n")
    (tmp_path / "_b.prompt").write_text("before\n{{> a}}\n")
    text = "---\nmodel: openai/gpt-4-32k\n---\n{{#if x}}\na\n{{/unless}}\n{{> a}}\n"
    uri = (tmp_path / "main.prompt").as_uri()
    async with editing(tmp_path) as editor:
        editor.open(text, uri)
        found = {each.code: each for each in await editor.diagnostics_of(1, uri)}
        assert list(found["model/deprecated"].tags or ()) == [types.DiagnosticTag.Deprecated]
        (opening,) = found["template/mismatched-close"].related_information or ()
        assert opening.location == types.Location(uri, types.Range(types.Position(3, 0), types.Position(3, 9)))
        elsewhere = [place.location for place in found["partials/cycle"].related_information or ()]
        assert (
            types.Location((tmp_path / "_b.prompt").as_uri(), types.Range(types.Position(1, 4), types.Position(1, 5)))
            in elsewhere
        )


async def test_pulled_with_result_ids_and_never_pushed(tmp_path: Path) -> None:
    async with editing(tmp_path, PULL) as editor:
        editor.open(BLOCK_ROLE)
        first = await editor.pull()
        assert isinstance(first, types.RelatedFullDocumentDiagnosticReport)
        assert codes(list(first.items)) == {"template/block-role"}
        same = await editor.pull(first.result_id)
        assert isinstance(same, types.RelatedUnchangedDocumentDiagnosticReport)
        assert same.result_id == first.result_id
        editor.replace(GOOD, 2)
        other = await editor.pull(first.result_id)
        assert isinstance(other, types.RelatedFullDocumentDiagnosticReport)
        assert list(other.items) == []
        assert other.result_id != first.result_id
        editor.close()
        with pytest.raises(JsonRpcException) as refused:
            await editor.pull()
        assert refused.value.code == -32602
        await asyncio.sleep(0.2)
        assert editor.published() == []


def test_pull_that_is_overtaken_says_so() -> None:
    slow = (
        "import time, promptls.lint.runner as runner\n"
        "from promptls.lsp.schedule import check_cancelled\n"
        "original = runner.findings\n"
        "def findings(prompt):\n"
        "    for _ in range(300 if 'slow' in prompt.text else 0): check_cancelled(); time.sleep(0.01)\n"
        "    return original(prompt)\n"
        "runner.findings = findings\n"
    )
    with Wire(*patched(slow)) as wire:
        wire.initialize(PULL)
        wire.open("slow")
        wire.request(1, "textDocument/diagnostic", {"textDocument": {"uri": URI}})
        wire.drain(1)
        document = {"uri": URI, "version": 2}
        wire.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "quick"}]})
        answer = wire.answer_to(1)
        assert error_code(answer) == -32802
        assert answer["error"]["data"] == {"retriggerRequest": True}
        assert wire.call(2, "textDocument/diagnostic", {"textDocument": {"uri": URI}})["result"]["kind"] == "full"


@pytest.mark.parametrize(
    ("encoding", "bytes_of"), [("utf-8", "utf-8"), ("utf-16", "utf-16-le"), ("utf-32", "utf-32-le")]
)
async def test_burst_of_keys_ends_in_one_true_answer(encoding: str, bytes_of: str) -> None:
    """An astral character, U+2028 and CRLF among the keys; what is published last fits the text."""

    def units(text: str) -> int:
        return len(text.encode(bytes_of)) // {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]

    before, typed = "😀", "\u2028 é😀 {{#if a}}"
    async with editing(capabilities=speaking(encoding)) as editor:
        editor.open(f"---\r\nmodel: googleai/gemini-2.5-flash\r\n---\r\n{before}\r\n")
        await editor.diagnostics_of(1)
        for index, char in enumerate(typed):
            editor.type_at(3, units(before + typed[:index]), char, version=index + 2)
        last = len(typed) + 1
        (unclosed,) = (each for each in await editor.diagnostics_of(last) if each.code == "template/unclosed-block")
        assert unclosed.range.start == types.Position(3, units(before + typed[: typed.index("{{")]))
        await asyncio.sleep(0.3)
        versions = [params.version or 0 for params in editor.published()]
        assert versions == sorted(versions)
        assert versions[-1] == last
        assert all(count == 1 or version in (1, last) for version, count in Counter(versions).items())


async def test_suggestions_follow_and_stay_in_place_while_keys_arrive() -> None:
    """The newest version has the older one's suggestions where they moved to, until it has its own."""

    def suggested(version: int) -> list[types.Diagnostic]:
        newest = [each for each in editor.published() if each.version == version][-1:]
        return [each for params in newest for each in params.diagnostics if each.code == VAGUE_CODE]

    async with editing() as editor:
        editor.open(VAGUE)
        await editor.until(lambda: suggested(1) or None)
        (first,) = suggested(1)
        editor.type_at(3, 0, "Please. ", 2)
        await editor.diagnostics_of(2)
        (moved,) = suggested(2)
        assert (moved.range.start.line, moved.range.start.character) == (
            first.range.start.line, first.range.start.character + len("Please. "),
        )  # fmt: skip
        editor.replace(GOOD, 3)
        await editor.diagnostics_of(3)
        assert suggested(3) == []


async def test_pulling_client_is_asked_again_for_suggestions() -> None:
    async with editing(capabilities=PULL) as editor:
        editor.open(GOOD)
        await editor.pull()
        editor.replace(VAGUE + "{{#if a}}", 2)
        at_once = await editor.pull()
        assert isinstance(at_once, types.RelatedFullDocumentDiagnosticReport)
        assert "template/unclosed-block" in codes(list(at_once.items))
        assert VAGUE_CODE not in codes(list(at_once.items))
        await editor.until(lambda: editor.diagnostic_refresh_count or None)
        later = await editor.pull(at_once.result_id)
        assert isinstance(later, types.RelatedFullDocumentDiagnosticReport)
        assert {"template/unclosed-block", VAGUE_CODE} <= codes(list(later.items))


async def test_client_that_cannot_be_asked_again_pulls_all_at_once() -> None:
    capabilities = {**PULL, "workspace": {**PULL["workspace"], "diagnostics": {"refreshSupport": False}}}
    async with editing(capabilities=capabilities) as editor:
        editor.open(GOOD)
        await editor.pull()
        editor.replace(VAGUE, 2)
        report = await editor.pull()
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        assert VAGUE_CODE in codes(list(report.items))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_typing_does_not_pile_up_memory() -> None:
    """A version costs about 3 MB here, so that keeping all of them would show."""
    text = "---\nmodel: googleai/gemini-2.5-flash\n---\n" + "Say {{a}} to {{#if b}}{{c}}{{/if}}.\n" * 1500
    with Wire() as wire:
        wire.initialize(PUSH)

        def published(version: int) -> None:
            while (message := wire.next()).get("method") != types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS:
                pass
            assert message["params"]["version"] == version

        wire.open(text)
        published(1)
        early = 0
        for version in range(2, 32):
            place = {"line": 5, "character": 0}
            change = {"range": {"start": place, "end": place}, "text": "x"}
            document = {"uri": URI, "version": version}
            wire.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
            published(version)
            early = early or wire.resident_bytes()
        assert wire.resident_bytes() - early < 20e6


async def test_changed_partial_renews_those_who_include_it(tmp_path: Path) -> None:
    main, partial = tmp_path / "main.prompt", tmp_path / "_tone.prompt"
    main.write_text("---\nmodel: googleai/gemini-2.5-flash\n---\n{{> tone}}\n")
    async with editing(tmp_path) as editor:
        uri = main.as_uri()
        editor.open(main.read_text(), uri)
        assert "partials/missing" in codes(await editor.diagnostics_of(1, uri))
        editor.open("Be kind.\n", partial.as_uri())

        def mended() -> bool | None:
            return codes(list(editor.published(uri)[-1].diagnostics)) == set() or None

        await editor.until(mended)
        editor.close(partial.as_uri())  # never saved, so it is missing again

        def missing() -> bool | None:
            return "partials/missing" in codes(list(editor.published(uri)[-1].diagnostics)) or None

        await editor.until(missing)


async def test_pulling_client_is_asked_to_pull_again_when_a_partial_changes(tmp_path: Path) -> None:
    main, partial = tmp_path / "main.prompt", tmp_path / "_tone.prompt"
    async with editing(tmp_path, PULL) as editor:
        editor.open("---\nmodel: googleai/gemini-2.5-flash\n---\n{{> tone}}\n", main.as_uri())
        first = await editor.pull(uri=main.as_uri())
        partial.write_text("Be kind.\n")
        change = types.FileEvent(partial.as_uri(), types.FileChangeType.Created)
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
        await editor.until(lambda: editor.diagnostic_refresh_count or None)
        second = await editor.pull(first.result_id, main.as_uri())
        assert isinstance(second, types.RelatedFullDocumentDiagnosticReport)
        assert list(second.items) == []


async def test_untitled_documents_are_diagnosed() -> None:
    async with editing() as editor:
        editor.open(UNCLOSED, "untitled:Untitled-1")
        assert "template/unclosed-block" in codes(await editor.diagnostics_of(1, "untitled:Untitled-1"))
        editor.replace(GOOD, 2, "untitled:Untitled-1")
        assert await editor.diagnostics_of(2, "untitled:Untitled-1") == []


async def lost(editor: Editor) -> None:
    editor.change(
        [types.TextDocumentContentChangePartial(types.Range(types.Position(90, 0), types.Position(90, 1)), "x")], 2
    )


async def test_lost_sync_is_told_once_and_mended_by_saving() -> None:
    async with editing(capabilities=PUSH) as editor:
        editor.open(BLOCK_ROLE)
        await editor.diagnostics_of(1)
        await lost(editor)
        await editor.until(lambda: editor.warnings() or None)
        with pytest.raises(JsonRpcException) as refused:
            await editor.actions(3, 2)
        assert refused.value.code == -32801
        identifier = types.TextDocumentIdentifier(URI)
        editor.text_document_did_save(types.DidSaveTextDocumentParams(identifier, text=BLOCK_ROLE))
        assert await editor.actions(3, 2)
        (warning,) = editor.warnings()
        assert "lost track" in warning
