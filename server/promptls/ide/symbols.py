"""The outline of a prompt: its frontmatter by key, its messages by role, and the blocks and partials in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from promptls.language.formats import is_dotprompt
from promptls.language.messages import Message, messages
from promptls.language.prompt import Prompt, frontmatter, template
from promptls.syntax.frontmatter import Frontmatter
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    PartialBlockStatement,
    PartialStatement,
    Program,
    Tag,
)
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlEntry, YamlMapping, YamlScalar, YamlSequence, resolve

SymbolKind = Literal["frontmatter", "key", "message", "block", "partial", "case"]

# An outline deeper than this helps nobody, and clients recurse into it.
_DEEPEST = 20
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Symbol:
    """A part of a prompt: `selection`, which lies inside `range`, is what an editor jumps to."""

    name: str
    detail: str
    kind: SymbolKind
    range: Range
    selection: Range
    children: tuple[Symbol, ...] = ()


def document_symbols(prompt: Prompt) -> tuple[Symbol, ...]:
    """The outline in source order; empty for a file that is not dotprompt."""
    if not is_dotprompt(prompt):
        return ()
    head = frontmatter(prompt)
    outline = [_frontmatter(head)] if head is not None else []
    parts = tuple(_parts(prompt, template(prompt).program, 0))
    taken: set[int] = set()
    for message in messages(prompt):
        inside = tuple(part for part in parts if message.range.encloses(part.range))
        taken.update(id(part) for part in inside)
        outline.append(_message(prompt, message, inside))
    outline += [part for part in parts if id(part) not in taken]
    return tuple(sorted(outline, key=lambda symbol: symbol.range))


def _frontmatter(head: Frontmatter) -> Symbol:
    entries = tuple(_keys(head.mapping, 1)) if head.mapping else ()
    return Symbol("frontmatter", "", "frontmatter", head.range, head.open_fence, entries)


def _keys(mapping: YamlMapping, depth: int) -> Iterator[Symbol]:
    for entry in mapping.entries:
        value = resolve(entry.value)
        inner: tuple[Symbol, ...] = ()
        if isinstance(value, YamlMapping) and value is entry.value and depth < _DEEPEST:
            inner = tuple(_keys(value, depth + 1))
        yield Symbol(entry.name or "(key)", _value(entry), "key", entry.range, entry.key.range, inner)


def _value(entry: YamlEntry) -> str:
    value = resolve(entry.value)
    if isinstance(value, YamlScalar):
        return _shortened(value.text)
    if isinstance(value, YamlSequence):
        return f"{len(value.items)} items"
    return ""


def _message(prompt: Prompt, message: Message, parts: Sequence[Symbol]) -> Symbol:
    selection = message.role_range or (message.node.range if message.node else message.range)
    if not message.range.encloses(selection):
        selection = message.range
    content = message.content_range
    beginning = _shortened(prompt.text[content.start : content.end])
    return Symbol(message.role or "(computed role)", beginning, "message", message.range, selection, tuple(parts))


def _parts(prompt: Prompt, program: Program, depth: int) -> Iterator[Symbol]:
    """The blocks and partials of a program, each with those inside it."""
    for statement in program.body:
        if isinstance(statement, PartialStatement):
            yield _tagged(prompt, "partial", statement.tag, statement.range)
        elif isinstance(statement, BlockStatement | PartialBlockStatement):
            inside: tuple[Symbol, ...] = ()
            if depth < _DEEPEST:
                inside = tuple(part for each in _programs(statement) for part in _parts(prompt, each, depth + 1))
            kind: SymbolKind = "block" if isinstance(statement, BlockStatement) else "partial"
            yield _tagged(prompt, kind, statement.open, statement.range, inside)


def _programs(block: BlockStatement | PartialBlockStatement) -> list[Program]:
    if isinstance(block, PartialBlockStatement):
        return [block.program]
    parts = [part for part in (block.program, block.inverse) if part is not None]
    return sorted(parts, key=lambda part: part.range)


def _tagged(prompt: Prompt, kind: SymbolKind, tag: Tag, range: Range, children: tuple[Symbol, ...] = ()) -> Symbol:
    """A symbol named by what stands in its tag."""
    name = _shortened(prompt.text[tag.range.start : tag.range.end].strip("{}~"))
    return Symbol(name or "(unnamed)", "", kind, range, tag.range, children)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
