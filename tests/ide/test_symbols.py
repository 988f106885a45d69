"""The outline of a prompt."""

import pytest

from promptls.ide.symbols import Symbol, document_symbols
from tests.support import ROOT
from tests.support.project import InMemoryProject

TEXT = """---
model: openai/gpt-4o
tools: [search, book]
input:
  schema:
    name: string
---
{{role "system"}}
Be kind.
{{#if name}}
  {{#each items}}{{> item}}{{/each}}
{{else}}
  {{> nobody}}
{{/if}}
{{role "user"}}
Hello {{name}}.
{{history}}
"""


def outline(text: str) -> tuple[Symbol, ...]:
    return document_symbols(InMemoryProject({"a.prompt": text}).prompt("a.prompt"))


def lines(symbols: tuple[Symbol, ...], depth: int = 0) -> list[str]:
    found = []
    for symbol in symbols:
        detail = f" · {symbol.detail}" if symbol.detail else ""
        found.append(f"{'  ' * depth}{symbol.kind} {symbol.name}{detail}")
        found += lines(symbol.children, depth + 1)
    return found


def test_frontmatter_messages_blocks_and_partials() -> None:
    assert lines(outline(TEXT)) == [
        "frontmatter frontmatter",
        "  key model · openai/gpt-4o",
        "  key tools · 2 items",
        "  key input",
        "    key schema",
        "      key name · string",
        "message system · Be kind. {{#if name}} {{#each items}}{{> item}}{{/each}} {{…",
        "  block #if name",
        "    block #each items",
        "      partial > item",
        "    partial > nobody",
        "message user · Hello {{name}}.",
        "message model",
    ]


def test_a_name_is_where_an_editor_jumps() -> None:
    _, system, user, _ = outline(TEXT)
    assert TEXT[slice(*system.selection)] == "system"
    assert TEXT[slice(*user.range)] == '{{role "user"}}\nHello {{name}}.\n'


def test_blocks_that_hold_whole_messages_stand_beside_them() -> None:
    text = '---\nmodel: m\n---\nHi.\n{{#each turns}}{{role "user"}}{{text}}{{/each}}\n'
    assert lines(outline(text))[2:] == [
        "message user · Hi. {{#each turns}}",
        "block #each turns",
        "message user · {{text}}{{/each}}",
    ]


def test_text_that_is_no_prompt_has_no_outline() -> None:
    assert outline("Just some words, and {braces}.") == ()


def test_deep_nesting_is_cut() -> None:
    deep = outline("---\nmodel: m\n---\n" + "{{#if a}}" * 2000 + "x" + "{{/if}}" * 2000)
    assert len(lines(deep)) < 100


@pytest.mark.parametrize("path", sorted((ROOT / "samples").rglob("*.prompt")), ids=lambda path: path.stem)
def test_outlines_nest_and_have_names(path: object) -> None:
    text = path.read_bytes().decode()  # type: ignore[attr-defined]
    for ruin in (text, text[: len(text) // 2], text[len(text) // 3 :], text.replace("}}", "}")):
        pending = list(outline(ruin))
        while pending:
            symbol = pending.pop()
            assert symbol.name
            assert symbol.range.encloses(symbol.selection)
            assert 0 <= symbol.range.start <= symbol.range.end <= len(ruin)
            assert all(symbol.range.encloses(child.range) for child in symbol.children)
            pending += symbol.children
