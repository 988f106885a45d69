"""The conversation that a template makes, read off its tree without rendering it.

As in dotprompt: a role tag ends the message before it and starts another, text before the first role is the user's,
`{{history}}` opens a message of the model, and messages of white space are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from promptls.language.files import identity
from promptls.language.prompt import Prompt, facet, template
from promptls.language.tree import renders_nothing
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    ContentStatement,
    MustacheStatement,
    PartialBlockStatement,
    PartialStatement,
    Program,
    Statement,
    StringLiteral,
    Tag,
)
from promptls.syntax.source import Range

PartKind = Literal["text", "value", "media", "section", "history", "partial"]
Origin = Literal["implied", "role", "history", "partial"]


class Part(NamedTuple):
    """A piece of a message: text that is not blank, or a tag that renders something."""

    kind: PartKind
    node: Statement
    range: Range


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One message in source order, blank or not.

    `origin` says what began it: a role tag, `{{history}}`, a partial that ends in another role, or nothing (`implied`:
    text before the first role). `node` is that statement and `body` the program that it stands in; `role` is None where
    it is computed, `role_range` covers its name inside the quotes. `range` runs from `node` to the next message.
    """

    role: str | None
    origin: Origin
    node: Statement | None
    role_range: Range | None
    range: Range
    body: Program
    parts: tuple[Part, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing in it renders anything, so that it is dropped; the history is no part of a message."""
        return not any(part.kind != "history" for part in self.parts)

    @property
    def content_range(self) -> Range:
        """The range without the tag that begins it."""
        return Range(self.node.range.end, self.range.end) if self.node is not None else self.range


@facet
def messages(prompt: Prompt) -> tuple[Message, ...]:
    """The messages of a prompt in source order, those in blocks too; a first message that is blank is left out."""
    return tuple(_messages(prompt, {identity(prompt): None}))


@facet
def static_prefix(prompt: Prompt) -> Range:
    """The text before the first variable: what is the same at every call, and what providers can keep in a cache."""
    program = template(prompt).program
    end = program.range.start
    for statement in program.body:
        if not _is_static(statement, prompt, {identity(prompt): False}):
            break
        end = statement.range.end
    return Range(program.range.start, end)


def role_tag(statement: Statement) -> Tag | None:
    """The tag of a statement that sets a role, whether inline or, by mistake, as a block.

    A bare `{{role}}` sets none.
    """
    if isinstance(statement, MustacheStatement):
        tag = statement.tag
    elif isinstance(statement, BlockStatement):
        tag = statement.open
    else:
        return None
    return tag if tag.params and called_name(tag.path) == "role" else None


# Helpers whose content, when they are wrongly called as blocks, is dropped.
_INLINE_ONLY = frozenset({"role", "section", "history", "media", "json", "log"})
_PARTS: dict[str | None, PartKind] = {"media": "media", "section": "section", "history": "history"}

# Partials are looked into once each, and a circle of them has no last role: a partial that is being read has the answer
# `None` until it is known.
_Roles = dict[object, str | None]


@dataclass(slots=True)
class _Open:
    """A message being gathered."""

    role: str | None
    origin: Origin
    node: Statement | None
    role_range: Range | None
    start: int
    body: Program
    parts: list[Part]

    def closed(self, end: int) -> Message:
        range = Range(self.start, max(self.start, end))
        return Message(self.role, self.origin, self.node, self.role_range, range, self.body, tuple(self.parts))


def _messages(prompt: Prompt, roles: _Roles) -> Iterator[Message]:
    program = template(prompt).program
    current = _Open("user", "implied", None, None, program.range.start, program, [])
    for statement, body in _in_order(program):
        if isinstance(statement, ContentStatement):
            if not renders_nothing(statement):
                current.parts.append(Part("text", statement, statement.range))
            continue
        kind = _kind(statement)
        if kind is None:
            continue
        if kind != "role":
            current.parts.append(Part(kind, statement, statement.range))
        following = _switch(statement, kind, body, prompt, roles)
        if following is not None:
            if current.origin != "implied" or current.parts:
                yield current.closed(following.start)
            current = following
    if current.origin != "implied" or current.parts:
        yield current.closed(program.range.end)


def _kind(statement: Statement) -> PartKind | Literal["role"] | None:
    """What a tag adds to the message that is open, or that it begins another; None where it renders nothing itself."""
    if isinstance(statement, MustacheStatement):
        name = called_name(statement.tag.path)
        if name == "role" and statement.tag.params:
            return "role"
        return None if name == "log" else _PARTS.get(name, "value")
    if isinstance(statement, BlockStatement):
        name = called_name(statement.open.path)
        if name not in _INLINE_ONLY or statement.decorator or name == "log":
            return None
        return "role" if role_tag(statement) is not None else _PARTS.get(name, "value")
    return "partial" if isinstance(statement, PartialStatement | PartialBlockStatement) else None


def _in_order(program: Program) -> Iterator[tuple[Statement, Program]]:
    """The statements that are rendered, in source order, with the program that each stands in."""
    pending: list[tuple[Statement, Program]] = [(each, program) for each in reversed(program.body)]
    while pending:
        statement, body = pending.pop()
        yield statement, body
        if isinstance(statement, PartialBlockStatement):
            parts: list[Program | None] = [statement.program]
        elif isinstance(statement, BlockStatement) and not statement.decorator:
            if called_name(statement.open.path) in _INLINE_ONLY:
                continue
            parts = [statement.program, statement.inverse]
            parts.sort(key=lambda part: part.range.start if part else 0)
        else:
            continue
        for part in reversed(parts):
            if part is not None:
                pending.extend((each, part) for each in reversed(part.body))


def _switch(
    statement: Statement, kind: PartKind | Literal["role"], body: Program, prompt: Prompt, roles: _Roles
) -> _Open | None:
    """The message that a statement begins, if any."""
    if kind == "role" and (tag := role_tag(statement)) is not None:
        literal = tag.params[0] if isinstance(tag.params[0], StringLiteral) else None
        role = literal.value if literal else None
        return _Open(role, "role", statement, literal.content_range if literal else None, tag.range.start, body, [])
    if kind == "history":
        return _Open("model", "history", statement, None, statement.range.start, body, [])
    if kind == "partial" and isinstance(statement, PartialStatement):
        role = _role_after(statement, prompt, roles)
        if role is not None:
            return _Open(role, "partial", statement, None, statement.range.end, body, [])
    return None


def _role_after(statement: PartialStatement, prompt: Prompt, roles: _Roles) -> str | None:
    """The role in which a partial leaves the conversation, or None where it sets none."""
    name = called_name(statement.name)
    partial = prompt.project.partial(name, prompt) if name else None
    if partial is None:
        return None
    key = identity(partial)
    if key not in roles:
        roles[key] = None
        conversation = list(_messages(partial, roles))
        if conversation and conversation[-1].origin != "implied":
            roles[key] = conversation[-1].role
    return roles[key]


def _is_static(statement: Statement, prompt: Prompt, known: dict[object, bool]) -> bool:
    """Whether a statement renders the same whatever the input."""
    if isinstance(statement, MustacheStatement):
        name = called_name(statement.tag.path)
        values = (*statement.tag.params, *(pair.value for pair in statement.tag.hash))
        is_call = name in ("role", "section", "media") and bool(values)
        return is_call and all(isinstance(value, StringLiteral) for value in values)
    if isinstance(statement, PartialStatement):
        name = called_name(statement.name)
        partial = prompt.project.partial(name, prompt) if name else None
        if partial is None:
            return False
        key = identity(partial)
        if key not in known:
            known[key] = False
            known[key] = all(_is_static(each, partial, known) for each in template(partial).program.body)
        return known[key]
    return renders_nothing(statement) or isinstance(statement, ContentStatement)
