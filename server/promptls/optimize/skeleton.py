"""What of a template must survive a rewrite: its tags, the blocks around them and the messages that they stand in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from promptls.language.messages import messages, role_tag
from promptls.language.prompt import Prompt, template
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    CommentStatement,
    ContentStatement,
    PartialBlockStatement,
    Program,
    Statement,
    Tag,
)
from promptls.syntax.source import Range

_BLANKS = re.compile(r"\s+")


class Placed(NamedTuple):
    """A tag, the tags of the blocks around it from the outside in, and the role of the message that it stands in."""

    tag: str
    blocks: tuple[str, ...]
    role: str | None


def placeholders(prompt: Prompt, *, with_roles: bool = True) -> Counter[Placed]:
    """Every tag but comments and those that set roles, counted; `with_roles=False` forgets the messages."""
    turns = [(message.range, message.role) for message in messages(prompt)] if with_roles else []
    return Counter(
        Placed(_spelled(prompt, tag.range), blocks, _role(turns, tag.range.start))
        for tag, blocks, is_role in _tags(prompt)
        if not is_role
    )


def roles(prompt: Prompt) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The tags that set roles, in order, with the blocks around them."""
    return tuple((_spelled(prompt, tag.range), blocks) for tag, blocks, is_role in _tags(prompt) if is_role)


def _spelled(prompt: Prompt, range: Range) -> str:
    return _BLANKS.sub(" ", prompt.text[range.start : range.end])


def _role(turns: list[tuple[Range, str | None]], offset: int) -> str | None:
    return next((role for range, role in reversed(turns) if range.start <= offset), "user")


def _tags(prompt: Prompt) -> Iterator[tuple[Tag, tuple[str, ...], bool]]:
    pending: list[tuple[Statement, tuple[str, ...]]] = []

    def add(program: Program | None, blocks: tuple[str, ...]) -> None:
        if program is not None:
            pending.extend((each, blocks) for each in reversed(program.body))

    add(template(prompt).program, ())
    while pending:
        statement, blocks = pending.pop()
        if isinstance(statement, ContentStatement | CommentStatement):
            continue
        if isinstance(statement, BlockStatement | PartialBlockStatement):
            yield statement.open, blocks, role_tag(statement) is not None
            opened = (*blocks, _spelled(prompt, statement.open.range))
            if isinstance(statement, BlockStatement):
                add(statement.inverse, (*opened, "else"))
            add(statement.program, opened)
            continue
        yield statement.tag, blocks, role_tag(statement) is not None
