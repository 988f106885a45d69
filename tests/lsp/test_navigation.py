"""Where names lead, over the files of a project on disk and in buffers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.capabilities import PUSH
from tests.lsp.editor import Editor, editing

MAIN = (
    '---\nmodel: m\ninput:\n  schema:\n    name: string\n---\n😀{{name}} {{> head who=name}}\n{{media url="pic.png"}}\n'
)
HEAD = "---\ninput:\n  schema:\n    who: string\n---\nHi {{who}}.\n"
LINKS: dict[str, Any] = {
    "textDocument": {
        **PUSH["textDocument"],
        "definition": {"linkSupport": True},
        "typeDefinition": {"linkSupport": True},
        "documentLink": {"tooltipSupport": True},
    }
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.prompt").write_text(MAIN, encoding="utf-8")
    (tmp_path / "_head.prompt").write_text(HEAD, encoding="utf-8")
    (tmp_path / "pic.png").write_bytes(b"")
    return tmp_path


def place(folder: Path, line: int, character: int, name: str = "main.prompt") -> dict[str, Any]:
    return {
        "text_document": types.TextDocumentIdentifier((folder / name).as_uri()),
        "position": types.Position(line, character),
    }


def opened(editor: Editor, folder: Path, name: str = "main.prompt") -> types.TextDocumentIdentifier:
    uri = (folder / name).as_uri()
    editor.open((folder / name).read_text(encoding="utf-8"), uri)
    return types.TextDocumentIdentifier(uri)


def span(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))


async def test_definitions_as_locations_and_as_links(project: Path) -> None:
    params = types.DefinitionParams(**place(project, 6, 5))
    async with editing(project) as editor:
        opened(editor, project)
        found = await editor.text_document_definition_async(params)
        assert found == [types.Location((project / "main.prompt").as_uri(), span(4, 4, 8))]
        elsewhere = await editor.text_document_definition_async(types.DefinitionParams(**place(project, 6, 17)))
        assert isinstance(elsewhere, list)
        assert [each.uri for each in elsewhere] == [(project / "_head.prompt").as_uri()]
        assert await editor.text_document_definition_async(types.DefinitionParams(**place(project, 6, 0))) == []
    async with editing(project, LINKS) as editor:
        opened(editor, project)
        links = await editor.text_document_definition_async(params)
        assert isinstance(links, Sequence)
        (link,) = links
        assert isinstance(link, types.LocationLink)
        assert link.origin_selection_range == span(6, 4, 8)
        assert link.target_selection_range == span(4, 4, 8)
        declared = await editor.text_document_declaration_async(types.DeclarationParams(**place(project, 6, 5)))
        assert isinstance(declared, Sequence)
        assert all(isinstance(each, types.Location) for each in declared)
        typed = await editor.text_document_type_definition_async(types.TypeDefinitionParams(**place(project, 6, 5)))
        assert typed is not None


async def test_references_in_files_on_disk_and_in_buffers(project: Path) -> None:
    async with editing(project) as editor:
        opened(editor, project, "_head.prompt")
        context = types.ReferenceContext(include_declaration=True)
        where = place(project, 5, 6, "_head.prompt")
        found = await editor.text_document_references_async(types.ReferenceParams(context, **where))
        places = {(Path(each.uri).name, each.range.start.line, each.range.start.character) for each in found or ()}
        assert places == {("_head.prompt", 3, 4), ("_head.prompt", 5, 5), ("main.prompt", 6, 20)}
        editor.open("\n" + MAIN, (project / "main.prompt").as_uri())
        found = await editor.text_document_references_async(types.ReferenceParams(context, **where))
        assert ("main.prompt", 7) in {(Path(each.uri).name, each.range.start.line) for each in found or ()}


@pytest.mark.filterwarnings("ignore:Unknown progress token")
async def test_progress_and_pieces_for_who_hands_out_tokens(project: Path) -> None:
    uses = "{{name}} " * 250
    (project / "main.prompt").write_text(MAIN + uses, encoding="utf-8")
    async with editing(project) as editor:
        opened(editor, project)
        params = types.ReferenceParams(types.ReferenceContext(True), **place(project, 6, 5))
        whole = await editor.text_document_references_async(params)
        params.work_done_token, params.partial_result_token = "work", "pieces"
        assert not await editor.text_document_references_async(params)
        told = [value for method, value in editor.notified if method == types.PROGRESS]
        work = [each.value["kind"] for each in told if each.token == "work"]
        assert work == ["begin", "end"]
        pieces = [one for each in told if each.token == "pieces" for one in each.value]
        assert len(pieces) == len(whole or ()) > 250


async def test_highlights_links_and_hints(project: Path) -> None:
    async with editing(project, LINKS) as editor:
        document = opened(editor, project)
        marks = await editor.text_document_document_highlight_async(
            types.DocumentHighlightParams(**place(project, 6, 5))
        )
        assert [(each.range.start.line, each.kind) for each in marks or ()] == [
            (4, types.DocumentHighlightKind.Write),
            (6, types.DocumentHighlightKind.Read),
            (6, types.DocumentHighlightKind.Read),
        ]
        links = await editor.text_document_document_link_async(types.DocumentLinkParams(document))
        assert [Path(each.target or "").name for each in links or ()] == ["_head.prompt", "pic.png"]
        assert all(each.tooltip for each in links or ())
        whole = types.Range(types.Position(0, 0), types.Position(99, 0))
        hints = await editor.text_document_inlay_hint_async(types.InlayHintParams(document, whole))
        assert (6, 8) in {(each.position.line, each.position.character) for each in hints or ()}
        none = await editor.text_document_inlay_hint_async(types.InlayHintParams(document, span(0, 0, 1)))
        assert not none


async def test_who_includes_whom(project: Path) -> None:
    async with editing(project) as editor:
        opened(editor, project, "_head.prompt")
        (item,) = (
            await editor.text_document_prepare_call_hierarchy_async(
                types.CallHierarchyPrepareParams(**place(project, 5, 0, "_head.prompt"))
            )
            or ()
        )
        assert item.name == "head"
        (caller,) = await editor.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(item)) or ()
        assert caller.from_.name == "main"
        assert [each.start.line for each in caller.from_ranges] == [6]
        (callee,) = (
            await editor.call_hierarchy_outgoing_calls_async(types.CallHierarchyOutgoingCallsParams(caller.from_)) or ()
        )
        assert callee.to.uri == item.uri
        item.data = {"kind": "nonsense"}
        with pytest.raises(JsonRpcException) as error:
            await editor.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(item))
        assert error.value.code == types.ErrorCodes.InvalidParams


async def test_symbols_of_the_workspace(project: Path) -> None:
    async with editing(project) as editor:
        found = await editor.workspace_symbol_async(types.WorkspaceSymbolParams("head"))
        assert [each.name for each in found or ()][:1] == ["head"]
        assert not await editor.workspace_symbol_async(types.WorkspaceSymbolParams("zzzz"))
    async with editing() as editor:
        assert not await editor.workspace_symbol_async(types.WorkspaceSymbolParams("head"))
