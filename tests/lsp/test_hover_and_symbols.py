"""What an editor shows about the thing under the cursor, and as an outline, in each client's form."""

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.capabilities import NOTHING, PUSH, speaking
from tests.lsp.editor import URI, editing

TEXT = """---
model: googleai/gemini-2.5-flash
input:
  schema:
    name: string, who is greeted
---
{{role "system"}}
😀 {{#if name}}Greet {{name}}.{{/if}}
{{role "user"}}
Hello.
"""


def content(hover: types.Hover | None) -> types.MarkupContent:
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    return hover.contents


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
async def test_hover_counts_in_the_encoding_of_the_client(encoding: str, column: int) -> None:
    async with editing(capabilities=speaking(encoding)) as editor:
        editor.open(TEXT)
        hover = await editor.hover(7, column + 3)
        assert "{{#if value" in content(hover).value
        assert hover is not None
        assert hover.range == types.Range(types.Position(7, column + 3), types.Position(7, column + 5))


async def test_hover_in_markdown_and_in_plain_text() -> None:
    async with editing() as editor:
        editor.open(TEXT)
        rich = content(await editor.hover(7, 26))
        assert rich.kind == types.MarkupKind.Markdown
        assert rich.value.startswith("```yaml\nname: string\n```")
        assert "who is greeted" in rich.value
    async with editing(capabilities=NOTHING) as editor:
        editor.open(TEXT)
        plain = content(await editor.hover(7, 26))
        assert plain.kind == types.MarkupKind.PlainText
        assert plain.value.startswith("name: string\n\nwho is greeted")
        assert "`" not in plain.value


async def test_positions_past_the_end_are_clamped() -> None:
    async with editing() as editor:
        editor.open(TEXT)
        assert await editor.hover(9, 0) is None
        assert await editor.hover(10_000, 3) is None
        assert await editor.actions(10_000, 10_000, only=["quickfix"]) == []
        with pytest.raises(JsonRpcException):
            await editor.hover(0, 0, "file:///unopened.prompt")


async def test_outline_as_a_tree_and_flat() -> None:
    params = types.DocumentSymbolParams(types.TextDocumentIdentifier(URI))
    async with editing(capabilities=PUSH) as editor:
        editor.open(TEXT)
        tree = await editor.text_document_document_symbol_async(params)
        assert tree is not None
        names = [(each.name, [child.name for child in each.children or ()]) for each in tree]  # type: ignore[union-attr]
        assert names == [("frontmatter", ["model", "input"]), ("system", ["#if name"]), ("user", [])]
    async with editing(capabilities=NOTHING) as editor:
        editor.open(TEXT)
        flat = await editor.text_document_document_symbol_async(params)
        assert flat is not None
        containers = {each.name: each.container_name for each in flat}  # type: ignore[union-attr]
        assert containers["#if name"] == "system"
        assert containers["system"] is None
