"""The template's nodes by type, gathered in one walk that every rule and feature shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

from promptls.language.prompt import Prompt, facet, template
from promptls.syntax.handlebars.nodes import CommentStatement, ContentStatement, Node, Program, walk

NodeType = TypeVar("NodeType")


class Tree:
    """Every node of a template by its type, each kind in source order."""

    def __init__(self, root: Program) -> None:
        self._by_type: dict[type, list[Any]] = defaultdict(list)
        for node in walk(root):
            self._by_type[type(node)].append(node)

    def of(self, kind: type[NodeType]) -> Sequence[NodeType]:
        """The nodes of exactly this type, in source order."""
        return self._by_type.get(kind, ())


@facet
def tree(prompt: Prompt) -> Tree:
    """The template's nodes by type."""
    return Tree(template(prompt).program)


def is_blank(program: Program | None) -> bool:
    """Whether a program renders nothing but white space: it is absent, or holds blanks and comments alone."""
    return program is None or all(map(renders_nothing, program.body))


def renders_nothing(node: Node) -> bool:
    """Whether a statement is a comment or white space."""
    return isinstance(node, CommentStatement) or (isinstance(node, ContentStatement) and not node.value.strip())
