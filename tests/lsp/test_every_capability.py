"""Everything that the server advertises, asked for with what real editors say of themselves.

Each text is asked about at a handful of places; what comes back must be readable for the client, inside of the text,
and without an error other than a refusal with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import default_converter
from pytest_lsp import client_capabilities

from tests.lsp.editor import Editor, editing

TEXTS = {
    "ordinary": '---\nmodel: openai/gpt-4o\ninput:\n  schema:\n    name: string\n---\n{{role "user"}}\n{{#if name}}\n'
    "{{> head who=name}}\n{{/if}}\n",
    "broken": "---\nmodel: [\ninput:\n  schema\n---\n{{#if name}}\n{{> head \n{{na",
    "non-ASCII": "---\nmodel: m\ninput:\n  schema:\n    größe: string\n---\n"
    "😀😀 {{größe}} 漢字 {{#each größe}}😀{{/each}}\r\n",
    "empty": "",
}
AT_PLACE = {
    "hover_provider": (types.TEXT_DOCUMENT_HOVER,),
    "definition_provider": (types.TEXT_DOCUMENT_DEFINITION,),
    "declaration_provider": (types.TEXT_DOCUMENT_DECLARATION,),
    "type_definition_provider": (types.TEXT_DOCUMENT_TYPE_DEFINITION,),
    "completion_provider": (types.TEXT_DOCUMENT_COMPLETION,),
    "signature_help_provider": (types.TEXT_DOCUMENT_SIGNATURE_HELP,),
    "references_provider": (types.TEXT_DOCUMENT_REFERENCES,),
    "document_highlight_provider": (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT,),
    "linked_editing_range_provider": (types.TEXT_DOCUMENT_LINKED_EDITING_RANGE,),
    "call_hierarchy_provider": (types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY,),
    "document_on_type_formatting_provider": (types.TEXT_DOCUMENT_ON_TYPE_FORMATTING,),
    "rename_provider": (types.TEXT_DOCUMENT_RENAME, types.TEXT_DOCUMENT_PREPARE_RENAME),
}
OF_FILE = {
    "document_symbol_provider": (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,),
    "document_link_provider": (types.TEXT_DOCUMENT_DOCUMENT_LINK,),
    "folding_range_provider": (types.TEXT_DOCUMENT_FOLDING_RANGE,),
    "selection_range_provider": (types.TEXT_DOCUMENT_SELECTION_RANGE,),
    "code_lens_provider": (types.TEXT_DOCUMENT_CODE_LENS,),
    "inlay_hint_provider": (types.TEXT_DOCUMENT_INLAY_HINT,),
    "code_action_provider": (types.TEXT_DOCUMENT_CODE_ACTION,),
    "document_formatting_provider": (types.TEXT_DOCUMENT_FORMATTING,),
    "document_range_formatting_provider": (
        types.TEXT_DOCUMENT_RANGE_FORMATTING,
        types.TEXT_DOCUMENT_RANGES_FORMATTING,
    ),
    "semantic_tokens_provider": (
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA,
    ),
    "diagnostic_provider": (types.TEXT_DOCUMENT_DIAGNOSTIC, types.WORKSPACE_DIAGNOSTIC),
    "workspace_symbol_provider": (types.WORKSPACE_SYMBOL,),
}
ELSEWHERE = {"text_document_sync", "position_encoding", "workspace", "execute_command_provider"}
"""Driven by test_documents, test_editors, test_renaming, test_preview and test_actions."""
ENCODED = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTH = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def advertised(capabilities: types.ServerCapabilities) -> set[str]:
    names = (attribute.name for attribute in type(capabilities).__attrs_attrs__)
    return {name for name in names if getattr(capabilities, name)}


def everything(uri: str, position: dict[str, int], end: dict[str, int]) -> dict[str, Any]:
    """Parameters that hold whatever any of the methods needs."""
    whole = {"start": {"line": 0, "character": 0}, "end": end}
    return {
        "textDocument": {"uri": uri},
        "position": position,
        "positions": [position],
        "range": whole,
        "ranges": [whole],
        "context": {"includeDeclaration": True, "diagnostics": [], "triggerKind": 1, "isRetrigger": False},
        "options": {"tabSize": 2, "insertSpaces": True},
        "ch": "}",
        "newName": "other",
        "previousResultId": "0",
        "previousResultIds": [],
        "query": "a",
    }


def ranges(value: Any, uri: str, here: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every range in an answer, with the document that it is about."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from ranges(each, uri, here)
    elif isinstance(value, dict):
        uri = value.get("targetUri") or value.get("uri") or (value.get("textDocument") or {}).get("uri") or uri
        if value.keys() == {"start", "end"}:
            yield uri, value
        for key, each in value.items():
            if key == "changes":
                for changed, edits in each.items():
                    yield from ranges(edits, changed, here)
            else:
                yield from ranges(each, here if key == "originSelectionRange" else uri, here)


def lengths(text: str, encoding: str) -> list[int]:
    """The length of every line in the client's units, line end left out."""
    lines = text.replace("\r\n", "\n").split("\n")
    return [len(line.encode(ENCODED[encoding])) // WIDTH[encoding] for line in lines]


async def ask(editor: Editor, method: str, params: dict[str, Any]) -> Any:
    request = types.METHOD_TO_TYPES[method][2]
    converter = default_converter()
    try:
        answer = await editor.protocol.send_request_async(method, converter.structure(params, request))
    except JsonRpcException as error:
        assert error.code == types.LSPErrorCodes.RequestFailed, (method, error)  # noqa: PT017
        assert error.message.endswith(".")  # noqa: PT017
        return None
    return converter.unstructure(answer)


@pytest.mark.filterwarnings("ignore::pytest_lsp.checks.LspSpecificationWarning")
@pytest.mark.parametrize("client", ["visual_studio_code", "neovim", "emacs"])
async def test_every_capability(client: str, tmp_path: Path) -> None:
    capabilities = default_converter().unstructure(client_capabilities(client))
    partial = "Hi {{who}}.\n"
    (tmp_path / "_head.prompt").write_text(partial, encoding="utf-8")
    async with editing(tmp_path, capabilities) as editor:
        offered = editor.result.capabilities
        assert advertised(offered) == AT_PLACE.keys() | OF_FILE.keys() | ELSEWHERE
        encoding = str(getattr(offered.position_encoding, "value", offered.position_encoding))
        for number, (name, text) in enumerate(TEXTS.items()):
            uri = (tmp_path / f"t{number}.prompt").as_uri()
            editor.open(text, uri)
            sizes = lengths(text, encoding)
            known = {uri: sizes, (tmp_path / "_head.prompt").as_uri(): lengths(partial, encoding)}
            known[(tmp_path / f"t{number}.test.yaml").as_uri()] = [0]  # may be made, by an edit at its beginning
            end = {"line": len(sizes) - 1, "character": sizes[-1]}
            places = [{"line": line, "character": size // 2} for line, size in enumerate(sizes)]
            asked = [(method, end) for methods in OF_FILE.values() for method in methods]
            asked += [(method, place) for methods in AT_PLACE.values() for method in methods for place in places]
            for method, place in asked:
                answer = await ask(editor, method, everything(uri, place, end))
                for about, found in ranges(answer, uri, uri) if "workspace/" not in method else ():
                    start, stop = found["start"], found["end"]
                    assert (start["line"], start["character"]) <= (stop["line"], stop["character"]), (name, method)
                    for each in (start, stop):
                        assert each["line"] < len(known[about]), (name, method, found)
                        assert each["character"] <= known[about][each["line"]], (name, method, found)
            editor.close(uri)
        assert editor.warnings() == []
