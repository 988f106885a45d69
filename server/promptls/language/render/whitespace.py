"""Handlebars' white-space control, beside the tree: what each piece of text keeps, and how partials are indented.

Two things remove white space: `~` strips all of it up to the next text or tag, and a block tag, partial or comment
that stands alone on its line takes the line's blanks and line end with it (a partial then indents every line that it
prints).
The behaviour, oddities of chained `{{else if}}` included, is that of Handlebars 4.7 (`whitespace-control.js`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from promptls.language.render.values import WHITESPACE
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    CommentStatement,
    ContentStatement,
    Decorator,
    MustacheStatement,
    PartialBlockStatement,
    PartialStatement,
    Program,
    Statement,
    Tag,
)
from promptls.syntax.source import Range

_BLANKS = " \t"


@dataclass(frozen=True, slots=True)
class Whitespace:
    """What stays of every content statement, and the blanks before every partial that stands alone on its line."""

    kept: Mapping[ContentStatement, Range]
    indents: Mapping[PartialStatement, Range]


def control_whitespace(root: Program) -> Whitespace:
    """Apply white-space control to a whole template without changing its tree."""
    control = _Control(root)
    # Inner programs come first, as in Handlebars; a list instead of recursion bears any depth of nesting.
    for program in reversed(control.programs):
        control.program(program)
    kept = {content: Range(edges.start, edges.end) for content, edges in control.edges.items()}
    return Whitespace(kept, control.indents)


class _Flags(NamedTuple):
    """Whether a tag has `~` before and after it."""

    before: bool = False
    after: bool = False


class _Strip(NamedTuple):
    """What a statement asks of its neighbours; `standalone` names the sides on which it may stand alone."""

    before: bool
    after: bool
    open_standalone: bool = False
    close_standalone: bool = False
    inline_standalone: bool = False


@dataclass(slots=True)
class _Edges:
    """The part of a text that is left, and whether its blanks at either end were taken already."""

    start: int
    end: int
    start_stripped: bool = False
    end_stripped: bool = False


class _Control:
    def __init__(self, root: Program) -> None:
        self._root = root
        self.edges: dict[ContentStatement, _Edges] = {}
        self.indents: dict[PartialStatement, Range] = {}
        self.programs: list[Program] = []
        self._close_flags: dict[BlockStatement, _Flags] = {}
        pending = [root]
        while pending:
            program = pending.pop()
            self.programs.append(program)
            for node in program.body:
                if isinstance(node, ContentStatement):
                    self.edges[node] = _Edges(*node.range)
                elif isinstance(node, BlockStatement):
                    self._chain_flags(node)
                    pending += [inner for inner in (node.program, node.inverse) if inner is not None]
                elif isinstance(node, PartialBlockStatement):
                    pending.append(node.program)

    def _chain_flags(self, block: BlockStatement) -> None:
        """Handlebars closes an `{{else if}}` by the tag after it, but the last before the end by the end's tag."""
        if block.close is not None:
            self._close_flags[block] = _flags(block.close)
        elif block not in self._close_flags:
            self._close_flags[block] = _Flags()
        chained = _chained(block.inverse)
        if chained is not None:
            ending = block.close if block.close is not None else block.else_tag
            self._close_flags[chained] = _flags(ending)

    def program(self, program: Program) -> None:
        body = program.body
        is_root = program is self._root
        for index, statement in enumerate(body):
            strip = self._strip(statement)
            if strip is None:
                continue
            before = self._is_line_start(body, index, is_root)
            after = self._is_line_end(body, index, is_root)
            if strip.after:
                self._omit_after(body, index, all_lines=True)
            if strip.before:
                self._omit_before(body, index, all_lines=True)
            if strip.inline_standalone and before and after:
                self._omit_after(body, index)
                if self._omit_before(body, index) and isinstance(statement, PartialStatement):
                    self.indents[statement] = _trailing_blanks(body[index - 1])
            if isinstance(statement, BlockStatement | PartialBlockStatement):
                first, last = _outer_programs(statement)
                if strip.open_standalone and before:
                    self._omit_after(first.body, -1)
                    self._omit_before(body, index)
                if strip.close_standalone and after:
                    self._omit_after(body, index)
                    self._omit_before(last.body, len(last.body))

    def _strip(self, statement: Statement) -> _Strip | None:
        match statement:
            case BlockStatement():
                return self._block(statement)
            case PartialBlockStatement(open=opening, program=program, close=close):
                return self._body(_flags(opening), program, _flags(close))
            case PartialStatement(tag=tag):
                return _Strip(tag.strip_before, tag.strip_after, inline_standalone=True)
            case CommentStatement(strip_before=before, strip_after=after):
                return _Strip(before, after, inline_standalone=True)
            case MustacheStatement(tag=tag) | Decorator(tag=tag):
                return _Strip(tag.strip_before, tag.strip_after)
            case _:
                return None

    def _body(self, opening: _Flags, program: Program, close: _Flags) -> _Strip:
        body = program.body
        strip = _Strip(
            opening.before,
            close.after,
            open_standalone=self._is_line_end(body, -1),
            close_standalone=self._is_line_start(body, len(body)),
        )
        if opening.after:
            self._omit_after(body, -1, all_lines=True)
        if close.before:
            self._omit_before(body, len(body), all_lines=True)
        return strip

    def _block(self, block: BlockStatement) -> _Strip | None:
        opening = _Flags() if block.raw else _flags(block.open)
        close = _Flags() if block.raw else self._close_flags[block]
        program = block.program or block.inverse
        if program is None:
            return None
        inverse = block.inverse if block.program is not None else None
        if inverse is None:
            return self._body(opening, program, close)
        chained = _chained(inverse)
        first_inverse = last_inverse = inverse
        if chained is not None and chained.program is not None:
            first_inverse = last_inverse = chained.program
        strip = _Strip(
            opening.before,
            close.after,
            open_standalone=self._is_line_end(program.body, -1),
            close_standalone=self._is_line_start(first_inverse.body, len(first_inverse.body)),
        )
        if opening.after:
            self._omit_after(program.body, -1, all_lines=True)
        between = _flags(block.else_tag)
        if between.before:
            self._omit_before(program.body, len(program.body), all_lines=True)
        if between.after:
            self._omit_after(first_inverse.body, -1, all_lines=True)
        if close.before:
            self._omit_before(last_inverse.body, len(last_inverse.body), all_lines=True)
        if self._is_line_start(program.body, len(program.body)) and self._is_line_end(first_inverse.body, -1):
            self._omit_before(program.body, len(program.body))
            self._omit_after(first_inverse.body, -1)
        return strip

    def _is_line_start(self, body: tuple[Statement, ...], index: int, is_root: bool = False) -> bool:
        """Whether only blanks stand between the line's start and the statement at `index`."""
        if index == 0:
            return is_root
        previous = body[index - 1]
        if not isinstance(previous, ContentStatement):
            return False
        text = previous.value
        blanks = text[len(text.rstrip(WHITESPACE)) :]
        return "\n" in blanks or (is_root and index == 1 and len(blanks) == len(text))

    def _is_line_end(self, body: tuple[Statement, ...], index: int, is_root: bool = False) -> bool:
        """Whether only blanks stand between the statement at `index` and the line's end."""
        if index + 1 >= len(body):
            return is_root
        following = body[index + 1]
        if not isinstance(following, ContentStatement):
            return False
        text = following.value
        blanks = text[: len(text) - len(text.lstrip(WHITESPACE))]
        return "\n" in blanks or (is_root and index + 2 >= len(body) and len(blanks) == len(text))

    def _omit_after(self, body: tuple[Statement, ...], index: int, all_lines: bool = False) -> None:
        """Take the white space after the statement at `index`: all of it, or through the end of its line."""
        content = body[index + 1] if index + 1 < len(body) else None
        if not isinstance(content, ContentStatement):
            return
        edges = self.edges[content]
        if not all_lines and edges.start_stripped:
            return
        text = content.value[edges.start - content.range.start : edges.end - content.range.start]
        if all_lines:
            rest = text.lstrip(WHITESPACE)
        else:
            rest = text.lstrip(_BLANKS)
            rest = rest[2:] if rest.startswith("\r\n") else rest[1:] if rest[:1] in ("\r", "\n") else rest
        edges.start = edges.end - len(rest)
        edges.start_stripped = len(rest) != len(text)

    def _omit_before(self, body: tuple[Statement, ...], index: int, all_lines: bool = False) -> bool:
        """Take the white space before the statement at `index`: all of it, or the blanks of its line."""
        content = body[index - 1] if index > 0 else None
        if not isinstance(content, ContentStatement):
            return False
        edges = self.edges[content]
        if not all_lines and edges.end_stripped:
            return False
        text = content.value[edges.start - content.range.start : edges.end - content.range.start]
        rest = text.rstrip(WHITESPACE if all_lines else _BLANKS)
        edges.end = edges.start + len(rest)
        edges.end_stripped = len(rest) != len(text)
        return edges.end_stripped


def _flags(tag: Tag | None) -> _Flags:
    return _Flags() if tag is None else _Flags(tag.strip_before, tag.strip_after)


def _chained(program: Program | None) -> BlockStatement | None:
    """The block that an `{{else if}}` made of an inverse."""
    if program is None or not program.chained:
        return None
    block = program.body[0]
    return block if isinstance(block, BlockStatement) else None


def _outer_programs(block: BlockStatement | PartialBlockStatement) -> tuple[Program, Program]:
    """The programs whose edges touch the block's first and last tag, as Handlebars sees them."""
    if isinstance(block, PartialBlockStatement):
        return block.program, block.program
    first = block.program or block.inverse
    last = block.inverse or block.program
    assert first is not None and last is not None, "a block has a program or an inverse"
    return first, last


def _trailing_blanks(content: Statement) -> Range:
    assert isinstance(content, ContentStatement)
    kept = len(content.value.rstrip(_BLANKS))
    return Range(content.range.start + kept, content.range.end)
