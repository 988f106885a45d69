"""What can stand at a cursor in a test file: keys, assertions, and the inputs of the prompt with their values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptls.ide.completion.items import CompletionItem, CompletionKind, CompletionList, Word, completion_list
from promptls.ide.hover import Hover
from promptls.ide.test_files import ITEM, assertion_hover
from promptls.ide.yaml_cursor import YamlCursor, cursor_in
from promptls.language.parameters import parameters
from promptls.language.prompt import Prompt
from promptls.language.schema import SchemaType
from promptls.syntax.source import Range
from promptls.testcases.assertions import ASSERTIONS, Takes
from promptls.testcases.keys import CASE_KEYS, DETAIL_KEYS, FILE_KEYS, Key
from promptls.workspace.suites import Suite

_CASE = "- name: ${1:what it is about}\n  input:\n    $2\n  expect:\n    - $0"
_VALUES: Mapping[Takes, str] = {
    "text": "",
    "pattern": "'$0'",
    "list": "[$0]",
    "data": "",
    "schema": "true",
    "path": "{path: \\$.$1, value: $0}",
    "count": "{max: $0}",
}
_TABLES: Mapping[str, Mapping[str, Key]] = {"file": FILE_KEYS, "case": CASE_KEYS, "detail": DETAIL_KEYS}


def complete(suite: Suite, tests: Prompt, offset: int) -> CompletionList:
    """What can stand at a cursor; `tests` is the test file's own text."""
    cursor = cursor_in(tests, Range(0, len(tests.text)), offset)
    return completion_list(_items(cursor, suite)) if cursor is not None else CompletionList()


def _items(cursor: YamlCursor, suite: Suite) -> Iterator[CompletionItem]:
    word = Word(cursor.word, Range(cursor.word.start, max(cursor.word.end, cursor.word_end)))
    is_key = cursor.position == "key"
    match cursor.path:
        case () if is_key:
            yield from _keys(cursor, word, "file")
        case ("cases",) if cursor.position != "value" and not cursor.flow:
            yield word.item("case", "snippet", _CASE, snippet=True, filter_text="- name case", detail="a new case")
        case ("cases", "-") if cursor.position != "value":
            yield from _keys(cursor, word, "case")
        case ("prompt",) if not is_key:
            yield from _prompts(cursor, word, suite)
        case ("cases", "-", "input", *rest):
            yield from _input(cursor, word, suite, rest)
        case ("cases", "-", "expect", *rest):
            yield from _expectations(cursor, word, [each for each in rest if each != ITEM])


def _keys(cursor: YamlCursor, word: Word, table: str) -> Iterator[CompletionItem]:
    for key in _TABLES[table].values():
        if key.name not in cursor.siblings:
            data = {"table": table, "name": key.name}
            yield _key(cursor, word, key.name, "property", data=data)


def _key(
    cursor: YamlCursor,
    word: Word,
    name: str,
    kind: CompletionKind,
    *,
    value: str = "",
    detail: str = "",
    data: Mapping[str, str | int] | None = None,
) -> CompletionItem:
    text = name if cursor.has_colon else f"{name}: {value}"
    is_snippet = bool(value) and not cursor.has_colon
    return word.item(name, kind, text, snippet=is_snippet, detail=detail, data=data, asks_again=not value)


def _expectations(cursor: YamlCursor, word: Word, names: Sequence[str]) -> Iterator[CompletionItem]:
    if cursor.position == "value" and list(names) == ["type"]:
        for name in _names():
            yield word.item(_blank(cursor) + name, "function", data={"assertion": name})
        return
    if cursor.position == "value":
        return
    if names:
        shown = ("value", *(name for name in DETAIL_KEYS if name not in ("type", "value")))
    elif "type" in cursor.siblings:
        shown = tuple(DETAIL_KEYS)
    else:
        for name in _names():
            if name not in cursor.siblings:
                value = _VALUES[ASSERTIONS[name.removeprefix("not-")].takes]
                yield _key(cursor, word, name, "function", value=value, data={"assertion": name})
        shown = ("type",) if cursor.path[-1:] == (ITEM,) else ()
    for name in shown:
        if name not in cursor.siblings:
            yield _key(cursor, word, name, "property", data={"table": "detail", "name": name})


def _names() -> Iterator[str]:
    yield from ASSERTIONS
    yield from (f"not-{name}" for name in ASSERTIONS)


def _input(cursor: YamlCursor, word: Word, suite: Suite, rest: Sequence[str]) -> Iterator[CompletionItem]:
    if suite.prompt is None:
        return
    if not rest and cursor.position == "key":
        for each in parameters(suite.prompt):
            if each.name not in cursor.siblings:
                detail = each.type if not each.optional else f"{each.type}, optional"
                yield _key(cursor, word, each.name, "variable", detail=detail, data={"input": each.name})
        return
    first = next((each for each in parameters(suite.prompt) if rest and each.name == rest[0]), None)
    type = _followed(first.schema, rest[1:]) if first is not None else None
    if type is None:
        return
    if cursor.position == "key":
        for field in type.fields:
            if field.name not in cursor.siblings:
                yield _key(cursor, word, field.name, "variable", detail=field.type.label)
    else:
        yield from _values(cursor, word, type)


def _followed(type: SchemaType | None, path: Sequence[str]) -> SchemaType | None:
    """The type at a path inside a type."""
    for step in path:
        if type is None:
            return None
        if step == ITEM:
            type = type.items
        else:
            field = type.field(step)
            type = field.type if field is not None else None
    return type


def _values(cursor: YamlCursor, word: Word, type: SchemaType) -> Iterator[CompletionItem]:
    if type.type == "array" and cursor.position == "item" and type.items is not None:
        type = type.items
    values: Sequence[Any] = type.values if type.type == "enum" else (True, False) if type.type == "boolean" else ()
    for value in values:
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value)
            yield word.item(text, "enum-member", _blank(cursor) + text, filter_text=text)


def _prompts(cursor: YamlCursor, word: Word, suite: Suite) -> Iterator[CompletionItem]:
    try:
        names = sorted(path.name for path in suite.path.parent.glob("*.prompt"))
    except OSError:
        names = []
    for name in names:
        yield word.item(name, "file", _blank(cursor) + name, filter_text=name)


def _blank(cursor: YamlCursor) -> str:
    return " " if cursor.needs_blank else ""


def documentation(suite: Suite, data: Mapping[str, Any]) -> str | None:
    """The documentation of an item, as Markdown."""
    nowhere = Range(0, 0)
    found: Hover | None = None
    match data:
        case {"assertion": str(name)}:
            found = assertion_hover(name, nowhere)
        case {"table": str(table), "name": str(name)} if table in _TABLES and name in _TABLES[table]:
            return _TABLES[table][name].summary
        case {"input": str(name)} if suite.prompt is not None:
            return next((each.description for each in parameters(suite.prompt) if each.name == name), None)
    if found is None:
        return None
    return "\n\n".join((*found.paragraphs, f"```yaml\n{found.code}\n```"))
