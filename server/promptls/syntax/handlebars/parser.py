"""Handlebars text to a tree that always exists, with an error for whatever `Handlebars.parse` would refuse.

The grammar is Handlebars 4.7's (`handlebars.yy`). Three passes: tokens (`lexer`), each tag by itself (`tags`), and the
nesting of blocks. None recurses, so nesting is bounded by memory alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from promptls.syntax.handlebars.errors import ParseError
from promptls.syntax.handlebars.lexer import Token, TokenKind, tokenize
from promptls.syntax.handlebars.nodes import BlockStatement, Missing, PartialBlockStatement, Program, Statement, Tag
from promptls.syntax.handlebars.operands import block_name, shown_name
from promptls.syntax.handlebars.tags import BlockTag, Item, TagReader
from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """The result of parsing: the root, the errors in source order, and the tokens, which rebuild the text."""

    program: Program
    errors: tuple[ParseError, ...]
    tokens: tuple[Token, ...]


def parse(text: str, start: int = 0, end: int | None = None) -> Template:
    """Parse `text[start:end]` as a template; ranges are offsets into `text`; never raises."""
    end = len(text) if end is None else end
    tokens = tokenize(text, start, end)
    errors: list[ParseError] = []
    items = TagReader(text, tokens, errors).items()
    program = _TreeBuilder(items, errors, Range(start, end)).program()
    errors.sort(key=lambda error: error.range)
    return Template(program, tuple(errors), tuple(tokens))


_BALANCE: dict[TokenKind, int] = {"OPEN_BLOCK": -1, "OPEN_INVERSE": -1, "OPEN_PARTIAL_BLOCK": -1, "OPEN_ENDBLOCK": 1}
"""What a block tag adds to the number of ends that a name has to spare."""


@dataclass(slots=True)
class _Section:
    """What follows an opening, `{{else}}` or `{{else if}}` tag inside a block being built."""

    kind: TokenKind
    tag: Tag
    body: list[Statement] = field(default_factory=list)


@dataclass(slots=True)
class _OpenBlock:
    """A block whose end has not come yet; its first section belongs to the opening tag."""

    name: object
    sections: list[_Section]

    @property
    def kind(self) -> TokenKind:
        return self.sections[0].kind

    @property
    def tag(self) -> Tag:
        return self.sections[0].tag

    @property
    def is_decorator(self) -> bool:
        return "*" in self.tag.opening


class _TreeBuilder:
    """Nests statements by their block tags.

    Where the tags do not fit, the ends still to come decide what was meant: a block whose name has an end to spare
    crosses another, one whose name has none was never closed, and an end that nothing waits for is a misspelt one if
    the innermost block will not find its own. So each mistake costs one error.
    """

    def __init__(self, items: list[Item], errors: list[ParseError], range: Range) -> None:
        self._items = items
        self._errors = errors
        self._range = range
        self._root: list[Statement] = []
        self._body = self._root
        self._open: list[_OpenBlock] = []
        # By name: blocks open here, ends minus openings still to come, and ends to come that an error has dealt with.
        self._waiting: Counter[object] = Counter()
        self._ahead: Counter[object] = Counter()
        self._ignored: Counter[object] = Counter()

    def program(self) -> Program:
        for item in self._items:
            if isinstance(item, BlockTag) and item.kind in _BALANCE:
                self._ahead[block_name(item.tag.path)] += _BALANCE[item.kind]
        for item in self._items:
            if not isinstance(item, BlockTag):
                self._body.append(item)
            elif item.kind in _BALANCE:
                self._opening_or_end(item.kind, item.tag)
            else:
                self._else(item.kind, item.tag)
        while self._open:
            self._never_closed(self._open[-1].tag)
            self._close(None, self._range.end)
        return Program(self._range, tuple(self._root))

    def _opening_or_end(self, kind: TokenKind, tag: Tag) -> None:
        name = block_name(tag.path)
        self._ahead[name] -= _BALANCE[kind]
        if kind != "OPEN_ENDBLOCK":
            section = _Section(kind, tag)
            self._open.append(_OpenBlock(name, [section]))
            self._waiting[name] += 1
            self._body = section.body
        elif self._waiting[name]:
            while self._open[-1].name != name:
                self._end_early(tag)
            self._close(tag, tag.range.end)
        else:
            self._end_of_nothing_open(tag, name)

    def _else(self, kind: TokenKind, tag: Tag) -> None:
        problem = self._else_problem(kind)
        if problem is not None:
            self._errors.append(ParseError("syntax", problem, tag.range))
        if self._open and (problem is None or kind == "OPEN_INVERSE_CHAIN"):
            section = _Section(kind, tag)
            self._open[-1].sections.append(section)
            self._body = section.body

    def _else_problem(self, kind: TokenKind) -> str | None:
        if not self._open:
            return "{{else}} stands outside any block"
        block = self._open[-1]
        if block.kind == "OPEN_PARTIAL_BLOCK":
            return "a partial block has no {{else}}"
        if block.is_decorator:
            return "a decorator block has no {{else}}"
        if block.sections[-1].kind == "INVERSE":
            return "nothing can follow the last {{else}} but the block's end"
        if kind == "OPEN_INVERSE_CHAIN" and block.kind == "OPEN_INVERSE":
            return "an inverted block ({{^…}}) takes a plain {{else}} only"
        return None

    def _end_early(self, tag: Tag) -> None:
        """An outer block ends while an inner one is open: either they cross, or the inner one has no end at all."""
        inner = self._open[-1]
        if self._ahead[inner.name] > self._ignored[inner.name]:
            self._ignored[inner.name] += 1
            self._mismatch(tag, inner.tag)
        else:
            self._never_closed(inner.tag)
        self._close(None, tag.range.start)

    def _end_of_nothing_open(self, tag: Tag, name: object) -> None:
        if self._ignored[name] > 0:
            self._ignored[name] -= 1
        elif self._open and self._ahead[self._open[-1].name] < self._waiting[self._open[-1].name]:
            self._mismatch(tag, self._open[-1].tag)
            self._close(tag, tag.range.end)
        elif not _is_half_typed(tag):
            message = f"{{{{/{shown_name(tag.path)}}}}} closes a block that was never opened"
            self._errors.append(ParseError("unexpected-close", message, tag.range))

    def _mismatch(self, close: Tag, opening: Tag) -> None:
        if _is_half_typed(close):
            return
        message = f"{{{{/{shown_name(close.path)}}}}} stands where {{{{/{shown_name(opening.path)}}}}} is due"
        related = ((opening.range, f"the block that is open: {shown_name(opening.path)}"),)
        self._errors.append(ParseError("mismatched-close", message, close.range, related))

    def _never_closed(self, opening: Tag) -> None:
        if _is_half_typed(opening):
            return
        name = shown_name(opening.path)
        message = f"the block {name!r} is never closed with {{{{/{name}}}}}"
        self._errors.append(ParseError("unclosed-block", message, opening.range))

    def _close(self, close: Tag | None, end: int) -> None:
        """Fold the innermost open block into one statement that ends at `end`."""
        block = self._open.pop()
        self._waiting[block.name] -= 1
        self._body = self._open[-1].sections[-1].body if self._open else self._root
        body_end = close.range.start if close else end
        range = Range(block.tag.range.start, end)
        if block.kind == "OPEN_PARTIAL_BLOCK":
            body = tuple(statement for section in block.sections for statement in section.body)
            program = Program(Range(block.tag.range.end, body_end), body)
            self._body.append(PartialBlockStatement(range, block.tag, program, close))
            return
        inverse, else_tag = _inverse(block.sections[1:], body_end)
        main_end = else_tag.range.start if else_tag else body_end
        main = Program(Range(block.tag.range.end, main_end), tuple(block.sections[0].body), block.tag.block_params)
        first, second = (inverse, main) if block.kind == "OPEN_INVERSE" else (main, inverse)
        statement = BlockStatement(range, block.tag, first, second, else_tag, close, decorator=block.is_decorator)
        self._body.append(statement)


def _is_half_typed(tag: Tag) -> bool:
    """Whether a tag has been reported for itself already, so that what it should have matched need not be."""
    return not tag.is_closed or isinstance(tag.path, Missing)


def _inverse(sections: list[_Section], end: int) -> tuple[Program | None, Tag | None]:
    """What the sections after a block's first make, and the tag that begins it; each `{{else if}}` nests the rest."""
    inverse: Program | None = None
    else_tag: Tag | None = None
    for section in reversed(sections):
        tag = section.tag
        section_end = else_tag.range.start if else_tag else end
        program = Program(Range(tag.range.end, section_end), tuple(section.body), tag.block_params)
        if section.kind == "OPEN_INVERSE_CHAIN":
            range = Range(tag.range.start, end)
            inverse = Program(range, (BlockStatement(range, tag, program, inverse, else_tag, None),), chained=True)
        elif inverse is None:
            inverse = program
        else:
            inverse = Program(Range(tag.range.end, end), program.body + inverse.body)
        else_tag = tag
    return inverse, else_tag
