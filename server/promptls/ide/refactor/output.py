"""What a template prints as far as that is known without data: its texts after white-space control, and its tags.

Two templates whose tags mean the same print the same exactly if this is the same, whatever the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from promptls.language.render.compiled import CompiledTemplate
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    CommentStatement,
    ContentStatement,
    Decorator,
    PartialBlockStatement,
    PartialStatement,
    Statement,
)


class Mark(NamedTuple):
    """A tag; `indent` is what a partial puts before its lines."""

    kind: str
    indent: str = ""


Output = Sequence[str | Mark]
"""Texts and tags; no text is empty or follows another."""

_NO_STATEMENTS: Mapping[Statement, Output] = {}


def output_of(template: CompiledTemplate, instead: Mapping[Statement, Output] = _NO_STATEMENTS) -> Output:
    """What a template prints, with some of its statements replaced."""
    return _Reader(template, instead).read(template.root.body)


def content_of(block: BlockStatement, template: CompiledTemplate) -> Output:
    """What the content of a block without an inverse prints."""
    return _Reader(template, _NO_STATEMENTS).read(block.program.body if block.program is not None else ())


def joined(parts: Output) -> Output:
    """The same with texts that meet made one."""
    result: list[str | Mark] = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        elif part:
            result.append(part)
    return result


class _Reader:
    """Reads without recursion, since templates may nest deeper than Python does."""

    def __init__(self, template: CompiledTemplate, instead: Mapping[Statement, Output]) -> None:
        self._template = template
        self._instead = instead

    def read(self, body: Sequence[Statement]) -> Output:
        result: list[str | Mark] = []
        pending: list[Statement | str | Mark] = list(reversed(body))
        while pending:
            node = pending.pop()
            if isinstance(node, str | Mark):
                result.append(node)
            elif node in self._instead:
                result += self._instead[node]
            else:
                pending += reversed(self._parts(node))
        return joined(result)

    def _parts(self, node: Statement) -> Sequence[Statement | str | Mark]:
        match node:
            case ContentStatement():
                start, end = self._template.whitespace.kept[node]
                return (self._template.prompt.text[start:end],)
            case CommentStatement():
                return ()
            case PartialStatement():
                indent = self._template.whitespace.indents.get(node)
                blanks = self._template.prompt.text[indent.start : indent.end] if indent is not None else ""
                return (Mark("partial", blanks),)
            case BlockStatement():
                first = node.program.body if node.program is not None else ()
                second = node.inverse.body if node.inverse is not None else ()
                return (Mark("block"), *first, Mark("else"), *second, Mark("end"))
            case PartialBlockStatement():
                return (Mark("partial-block"), *node.program.body, Mark("end"))
            case Decorator():
                return (Mark("decorator"),)
            case _:
                return (Mark("value"),)
