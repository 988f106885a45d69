"""The template's nodes by type, gathered in one walk that every rule and feature shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

from promptls.language.prompt import Prompt, template, text_facet
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    CommentStatement,
    ContentStatement,
    Decorator,
    MustacheStatement,
    Node,
    PartialBlockStatement,
    PartialStatement,
    Program,
    Statement,
    SubExpression,
    Tag,
)

NodeType = TypeVar("NodeType", bound=Statement | SubExpression)


class Tree:
    """The statements and sub-expressions of a template by their type, each kind in source order."""

    def __init__(self, root: Program) -> None:
        self._by_type: dict[type, list[Any]] = defaultdict(list)
        # A stack of what is left to read at every depth: nesting may be deeper than Python recurses.
        left = [iter(root.body)]
        while left:
            statement = next(left[-1], None)
            if statement is None:
                left.pop()
                continue
            self._by_type[type(statement)].append(statement)
            tag = _tag(statement)
            if tag is not None and (tag.params or tag.hash):
                self._gather_calls(tag)
            if isinstance(statement, BlockStatement):
                first, second = statement.program, statement.inverse
                if statement.inverted:
                    first, second = second, first
                left.append(chain(first.body if first else (), second.body if second else ()))
            elif isinstance(statement, PartialBlockStatement):
                left.append(iter(statement.program.body))

    def _gather_calls(self, tag: Tag) -> None:
        found = self._by_type[SubExpression]
        pending = list(_calls(tag))
        while pending:
            call = pending.pop()
            found.append(call)
            pending.extend(_calls(call))

    def of(self, kind: type[NodeType]) -> Sequence[NodeType]:
        """The nodes of exactly this type, in source order."""
        return self._by_type.get(kind, ())


def _tag(statement: Statement) -> Tag | None:
    if isinstance(statement, MustacheStatement | PartialStatement | Decorator):
        return statement.tag
    if isinstance(statement, BlockStatement | PartialBlockStatement):
        return statement.open
    return None


def _calls(node: Tag | SubExpression) -> Iterator[SubExpression]:
    """The sub-expressions directly in a tag or call, last first."""
    arguments = (node.path, *node.params, *(pair.value for pair in node.hash))
    return (each for each in reversed(arguments) if isinstance(each, SubExpression))


@text_facet
def tree(prompt: Prompt) -> Tree:
    """The template's nodes by type."""
    return Tree(template(prompt).program)


def is_blank(program: Program | None) -> bool:
    """Whether a program renders nothing but white space: it is absent, or holds blanks and comments alone."""
    return program is None or all(map(renders_nothing, program.body))


def renders_nothing(node: Node) -> bool:
    """Whether a statement is a comment or white space."""
    if isinstance(node, ContentStatement):
        return not node.value or node.value.isspace()
    return isinstance(node, CommentStatement)
