"""The syntax tree, named after the node types of Handlebars' own (`Handlebars.parse`), with code-point ranges.

Differences: a tag keeps its own range, path segments keep theirs, and a tree of broken text holds `Missing` where an
expression should be and `close=None` where a block is never closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

from promptls.syntax.source import Range

_Node = TypeVar("_Node")


@dataclass_transform(eq_default=False, frozen_default=True)
def _node(cls: type[_Node]) -> type[_Node]:
    """A dataclass that the type checker holds frozen; frozen at run time too, a node would take five times as long."""
    return dataclass(slots=True, eq=False)(cls)


@_node
class PathSegment:
    """One name of a path; `literal` means that it was written in brackets, so that `[this]` is a plain name."""

    range: Range
    name: str
    literal: bool


@_node
class PathExpression:
    """`user.name`, `../x`, `@index`, `this`, `.`; `parts` are the names looked up after `depth` steps outwards."""

    range: Range
    segments: tuple[PathSegment, ...]
    data: bool
    depth: int
    parts: tuple[str, ...]
    original: str

    @property
    def part_segments(self) -> tuple[PathSegment, ...]:
        """The segments that `parts` came from, without leading `..`, `.` and `this`."""
        return self.segments[len(self.segments) - len(self.parts) :]

    @property
    def is_this(self) -> bool:
        """Whether this is the current context itself (`this` or `.`)."""
        return not self.parts and not self.depth and not self.data

    @property
    def is_scoped(self) -> bool:
        """Whether it begins with `this`, `.` or `..`, so that it can name neither a helper nor a block parameter."""
        return len(self.parts) < len(self.segments)

    @property
    def is_simple(self) -> bool:
        """Whether it is a single plain name: the only form that can be a helper."""
        return len(self.parts) == 1 and not self.is_scoped


@_node
class StringLiteral:
    range: Range
    value: str
    content_range: Range


@_node
class NumberLiteral:
    range: Range
    value: int | float


@_node
class BooleanLiteral:
    range: Range
    value: bool


@_node
class UndefinedLiteral:
    range: Range


@_node
class NullLiteral:
    range: Range


@_node
class Missing:
    """An expression that should stand here but does not; its range is empty."""

    range: Range


@_node
class HashPair:
    range: Range
    key: str
    key_range: Range
    value: Expression


@_node
class SubExpression:
    range: Range
    path: Expression
    params: tuple[Expression, ...]
    hash: tuple[HashPair, ...]


Literal = StringLiteral | NumberLiteral | BooleanLiteral | UndefinedLiteral | NullLiteral
Expression = PathExpression | Literal | SubExpression | Missing


@_node
class BlockParam:
    """A name between the bars of `as |item index|`."""

    range: Range
    name: str


@_node
class Tag:
    """One pair of braces: what stands in it and whether `~` strips the white space around it.

    `opening` is the text of its opening token, such as `{{~#`; `is_closed` is false where the closing braces lack.
    """

    range: Range
    opening: str
    path: Expression
    params: tuple[Expression, ...] = ()
    hash: tuple[HashPair, ...] = ()
    block_params: tuple[BlockParam, ...] = ()
    strip_before: bool = False
    strip_after: bool = False
    is_closed: bool = True


@_node
class ContentStatement:
    """Text outside tags; `value` lacks the last backslash where that one escaped the tag that follows."""

    range: Range
    value: str


@_node
class CommentStatement:
    range: Range
    value: str
    strip_before: bool
    strip_after: bool


@_node
class MustacheStatement:
    tag: Tag
    escaped: bool

    @property
    def range(self) -> Range:
        return self.tag.range


@_node
class Decorator:
    tag: Tag

    @property
    def range(self) -> Range:
        return self.tag.range


@_node
class PartialStatement:
    tag: Tag

    @property
    def range(self) -> Range:
        return self.tag.range

    @property
    def name(self) -> Expression:
        return self.tag.path


@_node
class Program:
    """A run of statements; `chained` marks the inverse that an `{{else if}}` makes."""

    range: Range
    body: tuple[Statement, ...]
    block_params: tuple[BlockParam, ...] = ()
    chained: bool = False


@_node
class BlockStatement:
    """`{{#x}}…{{/x}}`, `{{^x}}…{{/x}}` or `{{{{x}}}}…{{{{/x}}}}`.

    As in Handlebars, an inverted block (`{{^x}}`) keeps its first part in `inverse`, and an `{{else if}}` is a block of
    its own inside a chained inverse; such a block has no `close` of its own but shares its parent's.
    """

    range: Range
    open: Tag
    program: Program | None
    inverse: Program | None
    else_tag: Tag | None
    close: Tag | None
    raw: bool = False
    decorator: bool = False

    @property
    def inverted(self) -> bool:
        """Whether it was opened by `{{^x}}`."""
        return "^" in self.open.opening


@_node
class PartialBlockStatement:
    """`{{#> name}}fallback{{/name}}`."""

    range: Range
    open: Tag
    program: Program
    close: Tag | None

    @property
    def name(self) -> Expression:
        return self.open.path


Statement = (
    ContentStatement
    | CommentStatement
    | MustacheStatement
    | Decorator
    | PartialStatement
    | BlockStatement
    | PartialBlockStatement
)
Node = Program | Statement | Expression | HashPair | BlockParam | Tag


def children(node: Node) -> tuple[Node, ...]:
    """The direct children of a node in source order; a tag counts as a child of its statement."""
    match node:
        case Program(body=body):
            return body
        case Tag(path=path, params=params, hash=pairs, block_params=block_params):
            return (path, *_in_source_order(params, pairs), *block_params)
        case SubExpression(path=path, params=params, hash=pairs):
            return (path, *_in_source_order(params, pairs))
        case HashPair(value=value):
            return (value,)
        case MustacheStatement(tag=tag) | PartialStatement(tag=tag) | Decorator(tag=tag):
            return (tag,)
        case BlockStatement(open=opening, program=program, inverse=inverse, else_tag=else_tag, close=close):
            first, second = (inverse, program) if node.inverted else (program, inverse)
            between = else_tag if second is not None and not second.chained else None
            return tuple(part for part in (opening, first, between, second, close) if part is not None)
        case PartialBlockStatement(open=opening, program=program, close=close):
            return (opening, program) if close is None else (opening, program, close)
        case _:
            return ()


def _in_source_order(params: tuple[Expression, ...], pairs: tuple[HashPair, ...]) -> tuple[Node, ...]:
    """All arguments; only in a broken tag can a value follow a named one."""
    arguments = (*params, *pairs)
    if params and pairs and params[-1].range.start > pairs[0].range.start:
        return tuple(sorted(arguments, key=lambda argument: argument.range))
    return arguments


def walk(node: Node) -> Iterator[Node]:
    """Every node of the tree, parents first, in source order; safe for trees of any depth."""
    pending: list[Node] = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


def path_to(root: Node, offset: int) -> tuple[Node, ...]:
    """The nodes that enclose a cursor at `offset`, outermost first.

    Between two adjacent nodes the one that starts at the cursor wins, unless the one that ends there is a name, a tag
    or another leaf that is being typed.
    """
    found: list[Node] = [root]
    while True:
        candidates = [child for child in children(found[-1]) if child.range.contains(offset)]
        if not candidates:
            return tuple(found)
        inside = [child for child in candidates if child.range.start < offset < child.range.end]
        found.append(inside[0] if inside else _preferred(candidates, offset))


def _preferred(candidates: list[Node], offset: int) -> Node:
    for child in candidates:
        if isinstance(child, Tag) and not child.is_closed and child.range.end == offset:
            return child
    for child in candidates:
        if child.range.start == offset and not isinstance(child, ContentStatement):
            return child
    for child in candidates:
        if not isinstance(child, ContentStatement):
            return child
    return candidates[-1]
