"""The names in a prompt that are no variables: partials, helpers, schemas, tools, the model, roles."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

from promptls.ide.variables import unbracketed
from promptls.language.formats import is_dotprompt
from promptls.language.helpers import DataVariable
from promptls.language.metadata import metadata
from promptls.language.picoschema import input_schema, output_schema, read_schema
from promptls.language.prompt import Prompt, facet
from promptls.language.schema import SchemaType
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.language.uses import called_name, inline_partials
from promptls.syntax.handlebars.nodes import (
    Expression,
    MustacheStatement,
    PartialBlockStatement,
    PartialStatement,
    PathExpression,
    StringLiteral,
)
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlScalar, resolve

NameKind = Literal["partial", "inline-partial", "helper", "data-variable", "schema", "tool", "model", "role"]

_SCHEMA_NAME = re.compile(r"[^\W\d][\w.-]*\Z")


class Name(NamedTuple):
    """A name and where it stands; `range` lacks quotes and brackets. `declares` marks what gives it its meaning."""

    range: Range
    kind: NameKind
    name: str
    declares: bool = False


@facet
def names(prompt: Prompt) -> tuple[Name, ...]:
    """Every name of the prompt's own text that is no variable, in source order; none in what is not dotprompt."""
    if not is_dotprompt(prompt):
        return ()
    return tuple(sorted({*_partials(prompt), *_called(prompt), *_roles(prompt), *_schemas(prompt), *_listed(prompt)}))


def name_at(prompt: Prompt, offset: int) -> Name | None:
    """The name that a cursor touches."""
    found = names(prompt)
    index = bisect_right(found, offset, key=lambda each: each.range.start) - 1
    return found[index] if index >= 0 and found[index].range.contains(offset) else None


def _partials(prompt: Prompt) -> Iterator[Name]:
    inline = set()
    for name, block in inline_partials(prompt):
        inline.add(name)
        if range := _written(prompt, block.open.params[0]):
            yield Name(range, "inline-partial", name, declares=True)
    calls: list[PartialStatement | PartialBlockStatement] = [*tree(prompt).of(PartialStatement)]
    for call in (*calls, *tree(prompt).of(PartialBlockStatement)):
        called = called_name(call.name)
        if called is None or (isinstance(call.name, PathExpression) and call.name.data):
            continue
        kind: NameKind = "inline-partial" if called in inline else "partial"
        closing = call.close.path if isinstance(call, PartialBlockStatement) and call.close is not None else None
        for expression in (call.name, closing):
            if expression is not None and (range := _written(prompt, expression)):
                yield Name(range, kind, called)


def _written(prompt: Prompt, expression: Expression) -> Range | None:
    """Where a name is written, if it is."""
    if isinstance(expression, StringLiteral):
        return expression.content_range
    range = expression.range
    if isinstance(expression, PathExpression) and len(expression.segments) == 1:
        range = unbracketed(prompt, range)
    return range if range.start < range.end else None


def _called(prompt: Prompt) -> Iterator[Name]:
    """Helpers, and names after `@`."""
    for use in scope(prompt).uses:
        if use.kind == "helper":
            yield Name(use.steps[0].segment.range, "helper", use.steps[0].segment.name)
        elif use.path.data and use.steps and isinstance(use.steps[0].target, DataVariable | None):
            yield Name(use.steps[0].segment.range, "data-variable", use.steps[0].segment.name)


def _roles(prompt: Prompt) -> Iterator[Name]:
    for statement in tree(prompt).of(MustacheStatement):
        tag = statement.tag
        if tag.params and isinstance(tag.params[0], StringLiteral) and called_name(tag.path) == "role":
            yield Name(tag.params[0].content_range, "role", tag.params[0].value)


def _schemas(prompt: Prompt) -> Iterator[Name]:
    """The named schemas that the prompt's schemas refer to."""
    found = (input_schema(prompt), output_schema(prompt))
    pending = [schema.type for schema in found if schema is not None]
    for tool in metadata(prompt).tool_definitions:
        for key in ("inputSchema", "outputSchema"):
            if entry := tool.get(key):
                pending.append(read_schema(entry.value, prompt.settings.schemas).type)
    while pending:
        type = pending.pop()
        if type.name is not None:
            yield from _schema(prompt, type, type.name)
            continue
        pending += [each for each in (type.items, type.additional) if each is not None]
        pending += [each.type for each in type.fields]


def _schema(prompt: Prompt, type: SchemaType, name: str) -> Iterator[Name]:
    for start in (type.range.start, type.range.start + 1):
        if _SCHEMA_NAME.match(name) and prompt.text.startswith(name, start):
            yield Name(Range(start, start + len(name)), "schema", name)
            return


def _listed(prompt: Prompt) -> Iterator[Name]:
    """The tools and the model."""
    known = metadata(prompt)
    for tool in known.tools:
        yield Name(_unquoted(prompt, tool.range), "tool", tool.value)
    for definition in known.tool_definitions:
        entry = definition.get("name")
        scalar = resolve(entry.value) if entry else None
        if entry is not None and isinstance(scalar, YamlScalar) and isinstance(scalar.value, str):
            yield Name(_unquoted(prompt, entry.value.range), "tool", scalar.value, declares=True)
    if known.model is not None:
        yield Name(_unquoted(prompt, known.model.range), "model", known.model.value)


def _unquoted(prompt: Prompt, range: Range) -> Range:
    written = prompt.text[range.start : range.end]
    quoted = len(written) > 1 and written[0] in "\"'" and written[-1] == written[0]
    return Range(range.start + 1, range.end - 1) if quoted else range
