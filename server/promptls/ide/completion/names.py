"""Variables: the names in scope, and the members of a value after its dot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from promptls.ide.completion.items import CompletionItem, CompletionKind, Data, Word
from promptls.ide.tag_cursor import TagCursor
from promptls.language.helpers import DataVariable, helpers
from promptls.language.inputs import Declaration
from promptls.language.parameters import undeclared_names
from promptls.language.prompt import Prompt
from promptls.language.schema import Field, SchemaType
from promptls.language.scope import scope
from promptls.language.values import BlockParameter, Target, Value
from promptls.syntax.handlebars import parse
from promptls.syntax.handlebars.nodes import MustacheStatement, PathExpression
from promptls.syntax.source import Range

_PLAIN_NAME = re.compile(r"(?!-?\d+\Z)[\w$-]+")
_WORDS_OF_THE_LANGUAGE = frozenset({"as", "else", "false", "null", "this", "true", "undefined"})
_UNPRINTABLE = frozenset({"partial-block", "level"})
_SCALARS = frozenset({"string", "number", "integer", "boolean", "null", "enum"})


def word_of(cursor: TagCursor) -> Word:
    """The word under a cursor in a tag."""
    return Word(cursor.word, Range(cursor.word.start, cursor.word_end))


def variables(prompt: Prompt, cursor: TagCursor, expected: str = "any") -> Iterator[CompletionItem]:
    """The names that can be written at a cursor: nearest first, and before that those of the `expected` type.

    `expected` names types as the catalogue of helpers does: `array or object`, `string`, `any`.
    """
    found = _members(prompt, cursor) if cursor.path else _visible(prompt, cursor)
    yield from (each.item for each in sorted(found, key=lambda each: _misfit(each.types, expected)))


def value_named(prompt: Prompt, path: str, cursor: TagCursor) -> Value | None:
    """The value of a path as it would be written at a cursor; None where it cannot be read as one."""
    expression = _path(path)
    return scope(prompt).value_at(expression, cursor.frame_offset) if expression else None


def is_variable(prompt: Prompt, name: str, cursor: TagCursor) -> bool:
    """Whether a name is one of the template's own, which takes no arguments."""
    return any(each.name == name for each in scope(prompt).visible(cursor.frame_offset))


def type_detail(type: SchemaType | None, *, optional: bool = False) -> str:
    """A type in a few words."""
    label = type.label if type else "any"
    return f"{label}, optional" if optional else label


def _path(text: str) -> PathExpression | None:
    """A path read by itself; one that breaks off after a separator counts as far as it goes."""
    body = parse("{{" + (text[:-1] if text[-1:] in ("/", ".") and text != ".." else text) + "}}").program.body
    tag = body[0].tag if len(body) == 1 and isinstance(body[0], MustacheStatement) else None
    return tag.path if tag is not None and isinstance(tag.path, PathExpression) and not tag.params else None


class _Candidate(NamedTuple):
    """An item with the types that its value may have; none where nobody knows."""

    types: frozenset[str]
    item: CompletionItem


def _members(prompt: Prompt, cursor: TagCursor) -> Iterator[_Candidate]:
    value = value_named(prompt, cursor.path, cursor)
    if value is None:
        return
    word = word_of(cursor)
    for name, target, type in value.members():
        if written := _written(name):
            yield _Candidate(_types(type), _variable(cursor, word, written, target, type))
    if value.type is not None and value.type.type == "array" and value.inputs is None:
        yield _Candidate(frozenset({"integer"}), word.item("length", "property", detail="how many items there are"))


def _visible(prompt: Prompt, cursor: TagCursor) -> Iterator[_Candidate]:
    word = word_of(cursor)
    resolved = scope(prompt)
    data = [_Candidate(_types_in(each.type), _data_variable(word, each)) for each in _data_variables(prompt, cursor)]
    if prompt.text[slice(*cursor.word)].startswith("@"):
        yield from data
        return
    outer: list[_Candidate] = []
    for name, target, type in resolved.visible(cursor.frame_offset):
        before, slash, last = name.rpartition("/")
        written = None if isinstance(target, DataVariable) else _written(last)
        if written is None:
            continue
        if not slash and name in helpers(prompt) and not isinstance(target, BlockParameter):
            # A helper of the same name would win.
            written = f"this.{name}"
        candidate = _Candidate(_types(type), _variable(cursor, word, before + slash + written, target, type))
        if slash:
            outer.append(candidate)
        else:
            yield candidate
    context = resolved.frame_at(cursor.frame_offset).context
    if context.kind in ("each", "with", "section"):
        yield _Candidate(
            _types(context.value.type), word.item("this", "keyword", detail=type_detail(context.value.type))
        )
    if not resolved.inputs.complete and context.value.inputs is not None:
        for each in undeclared_names(prompt, besides=cursor.word.end):
            if written := _written(each.name):
                detail = "used elsewhere, not declared"
                yield _Candidate(frozenset(), word.item(written, "variable", detail=detail))
    yield from outer
    yield from data


def _data_variables(prompt: Prompt, cursor: TagCursor) -> Iterator[DataVariable]:
    for _, target, _ in scope(prompt).visible(cursor.frame_offset):
        if isinstance(target, DataVariable) and target.name not in _UNPRINTABLE:
            yield target
    for name in prompt.settings.data_variables:
        yield DataVariable(name, "any", "")


def _data_variable(word: Word, variable: DataVariable) -> CompletionItem:
    data = {"kind": "data-variable", "name": variable.name}
    return word.item(f"@{variable.name}", "constant", detail=variable.type, data=data)


def _types(type: SchemaType | None) -> frozenset[str]:
    """The names that the catalogue of helpers has for a type."""
    if type is None or type.type in ("any", "named"):
        return frozenset()
    wider = {"enum": "string", "integer": "number"}.get(type.type, type.type)
    return frozenset({type.type, wider})


def _types_in(words: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", words)) - {"any", "or"}


def _misfit(types: frozenset[str], expected: str) -> int:
    """0 where a value of these types can stand, 1 where nobody knows, 2 where it cannot."""
    wanted = _types_in(expected)
    if not wanted:
        return 0
    return 1 if not types else 0 if types & wanted else 2


def _written(name: str) -> str | None:
    """A name as a template writes it, in brackets where it must; None where it cannot."""
    if _PLAIN_NAME.fullmatch(name) and name not in _WORDS_OF_THE_LANGUAGE:
        return name
    return f"[{name}]" if name and not re.search(r"[\]\\\r\n\u2028\u2029]", name) else None


def _variable(cursor: TagCursor, word: Word, name: str, target: Target, type: SchemaType | None) -> CompletionItem:
    ends = (
        cursor.position == "name"
        and not cursor.is_inner
        and cursor.kind in ("OPEN", "OPEN_UNESCAPED")
        and cursor.is_alone
        and type is not None
        and type.type in _SCALARS
    )
    detail = type_detail(type, optional=isinstance(target, Declaration | Field) and target.optional)
    text = name + cursor.closing if ends else name
    kind: CompletionKind = "field" if isinstance(target, Field) else "variable"
    return word.item(name, kind, text, detail=detail, data=_data(target))


def _data(target: Target) -> Data | None:
    match target:
        case Declaration(range=range) | Field(name_range=range):
            return {"kind": "name", "offset": range.start}
        case BlockParameter(node=node):
            return {"kind": "name", "offset": node.range.start}
        case _:
            return None
