"""The features as real editors ask for them, with the capabilities that those send."""

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import client_capabilities

from tests.lsp.editor import applied, editing, edits_of

TEXT = '---\nmodel: googleai/gemini-2.5-flash\n---\n{{#role "system"}}\nBe kind.\n{{/role}}\n'


@pytest.mark.parametrize(
    ("name", "encoding"), [("visual_studio_code", "utf-16"), ("neovim", "utf-8"), ("emacs", "utf-32")]
)
async def test_a_day_with(name: str, encoding: str, tmp_path: Path) -> None:
    capabilities: dict[str, Any] = default_converter().unstructure(client_capabilities(name))
    uri = (tmp_path / "a.prompt").as_uri()
    async with editing(tmp_path, capabilities) as editor:
        assert editor.result.capabilities.position_encoding == encoding
        editor.open(TEXT, uri)
        if capabilities["textDocument"].get("diagnostic") is None:
            diagnostics = await editor.diagnostics_of(1, uri)
        else:
            report = await editor.pull(uri=uri)
            assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
            diagnostics = list(report.items)
        assert [each.code for each in diagnostics] == ["template/block-role"]
        assert await editor.hover(1, 10, uri) is not None
        symbols = await editor.text_document_document_symbol_async(
            types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
        )
        assert symbols is not None
        assert [each.name for each in symbols] == ["frontmatter", "system"]
        fix = (await editor.actions(3, 0, diagnostics=diagnostics, uri=uri))[0]
        assert applied(TEXT, edits_of(fix.edit, uri)) == TEXT.replace("{{#role", "{{role").replace("{{/role}}\n", "")
        (everything,) = await editor.actions(0, 0, only=["source.fixAll"], uri=uri)
        if everything.edit is None:
            everything = await editor.code_action_resolve_async(everything)
        assert edits_of(everything.edit, uri)
        editor.close(uri)
        assert editor.warnings() == []
