"""A template made ready to be evaluated: what Handlebars' compiler decides once, before there are any data.

That is which calls are helpers, which names are block parameters, and what white space stays. Two of its decisions
are errors of the whole template, whether or not the place is ever reached: an unknown helper and too many arguments
of a partial.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeGuard

from promptls.language.helpers import helpers
from promptls.language.prompt import Prompt, facet, layout, template
from promptls.language.render.values import number_to_string
from promptls.language.render.whitespace import Whitespace, control_whitespace
from promptls.syntax.handlebars import Template, parse
from promptls.syntax.handlebars.nodes import (
    BlockParam,
    BlockStatement,
    BooleanLiteral,
    Decorator,
    Expression,
    MustacheStatement,
    NullLiteral,
    NumberLiteral,
    PartialBlockStatement,
    PartialStatement,
    PathExpression,
    PathSegment,
    Program,
    Statement,
    StringLiteral,
    SubExpression,
    Tag,
    UndefinedLiteral,
)
from promptls.syntax.source import Range

InlinePartial = BlockStatement | Decorator
_SCOPED = re.compile(r"^\.|this(?![A-Za-z0-9_])")


@dataclass(frozen=True, slots=True)
class CompileError:
    """Why Handlebars would refuse to compile the template."""

    kind: Literal["syntax", "unknown-helper", "bad-arguments"]
    message: str
    range: Range


@dataclass(frozen=True, slots=True)
class Call:
    """What stands in a tag or sub-expression: a helper by its name, or else a value by its path."""

    path: PathExpression
    helper: str | None


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """`block_params` tells for a path how many blocks outwards its parameter is, and which of that block's it is."""

    prompt: Prompt
    root: Program
    whitespace: Whitespace
    calls: Mapping[Tag | SubExpression, Call]
    block_params: Mapping[PathExpression, tuple[int, int]]
    inline_partials: Mapping[Program, tuple[InlinePartial, ...]]
    errors: tuple[CompileError, ...]


@facet
def compiled(prompt: Prompt) -> CompiledTemplate:
    """The prompt's own template, compiled."""
    return _compile(prompt, template(prompt))


@facet
def compiled_partial(prompt: Prompt) -> CompiledTemplate:
    """The whole file as a template: the runtimes do not take the frontmatter off a partial."""
    whole = Range(0, len(prompt.text))
    tree = template(prompt) if layout(prompt).template_range == whole else parse(prompt.text)
    return _compile(prompt, tree)


def _compile(prompt: Prompt, tree: Template) -> CompiledTemplate:
    compiler = _Compiler(helpers(prompt))
    compiler.compile(tree.program)
    syntax = [CompileError("syntax", error.message, error.range) for error in tree.errors]
    return CompiledTemplate(
        prompt=prompt,
        root=tree.program,
        whitespace=control_whitespace(tree.program),
        calls=compiler.calls,
        block_params=compiler.block_params,
        inline_partials=compiler.inline_partials,
        errors=(*syntax, *compiler.errors),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """The parameters of the blocks around a place, innermost first, each with the depth of its block."""

    depth: int
    params: tuple[tuple[int, tuple[BlockParam, ...]], ...]

    def inside(self, program: Program) -> _Names:
        own = ((self.depth + 1, program.block_params),) if program.block_params else ()
        return _Names(self.depth + 1, (*own, *self.params))

    def find(self, name: str) -> tuple[int, int] | None:
        """How many blocks outwards the parameter is, and which of that block's it is."""
        for depth, params in self.params:
            for index, param in enumerate(params):
                if param.name == name:
                    return self.depth - depth, index
        return None


class _Compiler:
    def __init__(self, known_helpers: Collection[str]) -> None:
        self._known = known_helpers
        self._programs: list[tuple[Program, _Names]] = []
        self.calls: dict[Tag | SubExpression, Call] = {}
        self.block_params: dict[PathExpression, tuple[int, int]] = {}
        self.inline_partials: dict[Program, tuple[InlinePartial, ...]] = {}
        self.errors: list[CompileError] = []

    def compile(self, root: Program) -> None:
        self._programs.append((root, _Names(-1, ())))
        while self._programs:
            program, outer = self._programs.pop()
            names = outer.inside(program)
            for statement in program.body:
                self._statement(statement, names)
            inlines: tuple[InlinePartial, ...] = tuple(filter(_is_decorator, program.body))
            if inlines:
                self.inline_partials[program] = inlines

    def _statement(self, statement: Statement, names: _Names) -> None:
        match statement:
            case MustacheStatement(tag=tag):
                self._call(tag, names)
            case BlockStatement(open=tag, decorator=decorator):
                if decorator:
                    self._arguments(tag, names)
                else:
                    self._call(tag, names)
                for program in (statement.program, statement.inverse):
                    if program is not None:
                        self._programs.append((program, names))
            case PartialStatement(tag=tag):
                self._partial(tag, names)
            case PartialBlockStatement(open=tag, program=program):
                self._partial(tag, names)
                self._programs.append((program, names))
            case Decorator(tag=tag):
                self._arguments(tag, names)
            case _:
                pass

    def _partial(self, tag: Tag, names: _Names) -> None:
        if len(tag.params) > 1:
            range = Range(tag.params[1].range.start, tag.params[-1].range.end)
            message = f"a partial takes one context, but {len(tag.params)} values stand here"
            self.errors.append(CompileError("bad-arguments", message, range))
        if isinstance(tag.path, SubExpression):
            self._call(tag.path, names)
        self._arguments(tag, names)

    def _arguments(self, node: Tag | SubExpression, names: _Names) -> None:
        for operand in (*node.params, *(pair.value for pair in node.hash)):
            if isinstance(operand, SubExpression):
                self._call(operand, names)
            elif isinstance(operand, PathExpression):
                self._path(operand, names)

    def _call(self, outermost: Tag | SubExpression, names: _Names) -> None:
        pending: list[Tag | SubExpression] = [outermost]
        while pending:
            node = pending.pop()
            path = _callee(node.path)
            if path is not None:
                self.calls[node] = Call(path, self._helper(node, path, names))
                self._path(path, names)
            for operand in (*node.params, *(pair.value for pair in node.hash)):
                if isinstance(operand, SubExpression):
                    pending.append(operand)
                elif isinstance(operand, PathExpression):
                    self._path(operand, names)

    def _helper(self, node: Tag | SubExpression, path: PathExpression, names: _Names) -> str | None:
        """The helper that is called, if any: any call with arguments must be one, whatever its path looks like."""
        simple = len(path.parts) == 1 and not path.depth and not _is_scoped(path)
        if simple and names.find(path.parts[0]) is not None:
            return None
        name = path.parts[0] if path.parts else path.original
        if isinstance(node, SubExpression) or node.params or node.hash:
            if name not in self._known or not path.parts:
                message = f"{path.original!r} is called with arguments, but no helper has that name"
                self.errors.append(CompileError("unknown-helper", message, path.range))
            return name
        return name if simple and name in self._known else None

    def _path(self, path: PathExpression, names: _Names) -> None:
        if path.parts and not path.depth and not _is_scoped(path):
            found = names.find(path.parts[0])
            if found is not None:
                self.block_params[path] = found


def _is_decorator(statement: Statement) -> TypeGuard[InlinePartial]:
    """Whether the statement is a decorator, which defines a partial for the program that it stands in."""
    return isinstance(statement, Decorator) or (isinstance(statement, BlockStatement) and statement.decorator)


def _is_scoped(path: PathExpression) -> bool:
    # Handlebars looks at the text, and so takes `[this]` and even `within.this` for `this`.
    return _SCOPED.search(path.original) is not None


def _callee(expression: Expression) -> PathExpression | None:
    """The path in a call; a literal there is a name: `{{"a b"}}` prints the field `a b`."""
    if isinstance(expression, PathExpression):
        return expression
    name = literal_name(expression)
    if name is None:
        return None
    segment = PathSegment(expression.range, name, literal=True)
    return PathExpression(expression.range, (segment,), data=False, depth=0, parts=(name,), original=name)


def literal_name(expression: Expression) -> str | None:
    """A path's or a literal's text as a name, or None for what has none."""
    match expression:
        case PathExpression(original=original):
            return original
        case StringLiteral(value=value):
            return value
        case NumberLiteral(value=value):
            return number_to_string(value)
        case BooleanLiteral(value=value):
            return "true" if value else "false"
        case UndefinedLiteral():
            return "undefined"
        case NullLiteral():
            return "null"
        case _:
            return None
