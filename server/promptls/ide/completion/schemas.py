"""Inside schemas: names and types of picoschema, the keywords of JSON Schema, and values for declared inputs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from promptls.ide.completion.items import CompletionItem, CompletionKind, Data, Word
from promptls.ide.snippets import choice, escaped
from promptls.ide.yaml_cursor import YamlCursor
from promptls.ide.yaml_lines import ITEM
from promptls.language.json_schema import TYPE_WORDS
from promptls.language.parameters import undeclared_names
from promptls.language.picoschema import input_schema
from promptls.language.picoschema_syntax import KEY_TYPES, SCALAR_TYPES, WILDCARD
from promptls.language.prompt import Prompt, frontmatter
from promptls.language.schema import SchemaType
from promptls.syntax.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence, quoted, resolve

_TYPE_WORDS = {
    "string": "text",
    "number": "a number, fractions included",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
    "any": "anything",
}
_KEY_TYPE_WORDS = {"array": "a list", "enum": "one of some values", "object": "a value with fields"}
_KEYWORDS = {
    "type": "type: $0",
    "properties": "properties:\n  $0",
    "required": "required: [$0]",
    "items": "items:\n  type: $0",
    "description": "description: $0",
    "enum": "enum: [$0]",
    "default": "default: $0",
    "format": "format: $0",
    "minimum": "minimum: $0",
    "maximum": "maximum: $0",
    "minLength": "minLength: $0",
    "maxLength": "maxLength: $0",
    "pattern": "pattern: $0",
    "minItems": "minItems: $0",
    "maxItems": "maxItems: $0",
    "uniqueItems": "uniqueItems: true",
    "additionalProperties": "additionalProperties: false",
    "anyOf": "anyOf:\n  - $0",
}
_NAMED_SCHEMAS = frozenset({"properties", "definitions", "$defs", "patternProperties"})
_BARE_NAME = re.compile(r"[^\s\d(){}\[\]?:,#'\"&*!|>%@`-][^\s(){}\[\]?:,#'\"]*\??")


def schema_parts(
    prompt: Prompt, cursor: YamlCursor, word: Word, schema: tuple[str, ...], rest: tuple[str, ...]
) -> Iterator[CompletionItem]:
    """What can stand in a schema that lies at the path `schema`, `rest` being the path inside of it."""
    node = node_at(prompt, schema)
    if _is_json_schema(node, cursor, rest):
        yield from _json_schema(cursor, word, rest, node)
        return
    is_begun = cursor.is_fresh_line and not rest and node is None and word.insert.start == word.insert.end
    if cursor.position == "key":
        yield from _fields(prompt, cursor, word, schema, rest)
    if cursor.position == "value" or is_begun:
        yield from _types(prompt, cursor, word, rest)


def _types(prompt: Prompt, cursor: YamlCursor, word: Word, rest: tuple[str, ...]) -> Iterator[CompletionItem]:
    key = rest[-1] if rest else ""
    form = re.search(r"\((\w+)", key)
    if form and form[1] in ("enum", "object"):
        if form[1] == "enum" and not cursor.quote:
            yield word.item("[…]", "snippet", "[$1]", snippet=True, filter_text="", detail="the values")
        return
    if "," in cursor.typed:
        return
    yield from (word.item(each, "keyword", detail=_TYPE_WORDS[each]) for each in SCALAR_TYPES)
    yield from (word.item(name, "class", detail="schema of the settings") for name in prompt.settings.schemas)


def _fields(
    prompt: Prompt, cursor: YamlCursor, word: Word, schema: tuple[str, ...], rest: tuple[str, ...]
) -> Iterator[CompletionItem]:
    """Keys of an object: names that the template wants, and forms for the name that is typed."""
    typed = cursor.typed
    following = "" if cursor.has_colon else ": "
    taken = {re.split(r"[?(]", each)[0].strip() for each in cursor.siblings}
    if "(" in typed:
        yield from _key_types(cursor)
        return
    if schema == ("input", "schema") and not rest:
        for each in undeclared_names(prompt):
            if each.name not in taken and _BARE_NAME.fullmatch(each.name):
                name = each.name + ("?" if each.guarded else "")
                text = name if cursor.has_colon else _field(name, each.type)
                label, detail = name, "used in the template, not declared"
                yield word.item(label, "variable", text, snippet=not cursor.has_colon, detail=detail)
    if _BARE_NAME.fullmatch(typed) and not cursor.has_colon:
        yield word.item(f"{typed}: …", "property", _field(typed, "string"), snippet=True, filter_text=typed)
        if not typed.endswith("?"):
            yield word.item(f"{typed}?", "property", _field(f"{typed}?", "string"), snippet=True, detail="optional")
        for type in KEY_TYPES:
            name = f"{typed}({type})"
            yield word.item(name, "property", _form(typed, type, cursor), snippet=True, detail=_KEY_TYPE_WORDS[type])
    if WILDCARD not in cursor.siblings:
        text = f"{WILDCARD}{following}"
        yield word.item(WILDCARD, "operator", text, detail="allows further properties of this type", asks_again=True)


def _key_types(cursor: YamlCursor) -> Iterator[CompletionItem]:
    """The words in the parentheses of a key."""
    name, _, inside = cursor.typed.partition("(")
    if "," in inside:
        return
    start = cursor.word.start + len(name) + 1 + len(inside) - len(inside.lstrip())
    has_end = ")" in cursor.following
    rest = re.match(r"\w*", cursor.following)
    insert = cursor.word._replace(start=start)
    inner = Word(insert, insert._replace(end=insert.end + (rest.end() if rest else 0)))
    for each in KEY_TYPES:
        text = each if has_end else _form("", each, cursor).removeprefix("(")
        yield inner.item(each, "keyword", text, snippet=not has_end, detail=_KEY_TYPE_WORDS[each])


def _field(name: str, type: str) -> str:
    """A field with a type to choose."""
    if type in ("array", "object"):
        return f"{escaped(name)}({type}): {'${1:string}' if type == 'array' else ''}"
    types = sorted(SCALAR_TYPES, key=lambda each: each != type)
    return f"{escaped(name)}: {choice(1, types)}"


def _form(name: str, type: str, cursor: YamlCursor) -> str:
    """A field with a type in parentheses, and what its value begins with."""
    values = {"array": "${1:string}", "enum": "[$1]", "object": "{$1}" if cursor.flow else "\n  $1"}
    separator = ":" if values[type].startswith("\n") else ": "
    return f"{escaped(name)}({type}){separator}{values[type]}"


def _is_json_schema(node: YamlNode | None, cursor: YamlCursor, rest: Sequence[str]) -> bool:
    """Whether the runtime takes the schema for JSON Schema, as far as it is written."""
    keys = set(cursor.siblings) if not rest else set()
    if isinstance(node, YamlMapping):
        type = node.get("type")
        scalar = resolve(type.value) if type else None
        if isinstance(scalar, YamlScalar) and scalar.text in TYPE_WORDS:
            return True
        properties = node.get("properties")
        if properties is not None and isinstance(resolve(properties.value), YamlMapping):
            return True
    return "properties" in keys


def _json_schema(
    cursor: YamlCursor, word: Word, rest: tuple[str, ...], root: YamlNode | None
) -> Iterator[CompletionItem]:
    last = rest[-1] if rest else ""
    if cursor.position == "key" and (len(rest) % 2 == 0 or last not in _NAMED_SCHEMAS):
        if last in _NAMED_SCHEMAS:
            return
        for name, snippet in _KEYWORDS.items():
            if name not in cursor.siblings:
                text = name if cursor.has_colon else _flowing(snippet) if cursor.flow else snippet
                yield word.item(name, "keyword", text, snippet=not cursor.has_colon)
    elif last == "type":
        yield from (word.item(each, "keyword", detail=_TYPE_WORDS.get(each, "")) for each in sorted(TYPE_WORDS))
    elif last in ("additionalProperties", "uniqueItems"):
        yield from (word.item(each, "value") for each in ("true", "false"))
    elif last == ITEM and rest[-2:-1] == ("required",):
        mapping = _descend(root, rest[:-2])
        properties = mapping.get("properties") if isinstance(mapping, YamlMapping) else None
        node = resolve(properties.value) if properties else None
        for entry in node.entries if isinstance(node, YamlMapping) else ():
            if entry.name:
                yield word.item(entry.name, "field")


def _flowing(snippet: str) -> str:
    """A keyword as it stands between braces."""
    return re.sub(r":\n  (.*)", r": {\1}", snippet)


def node_at(prompt: Prompt, path: Sequence[str]) -> YamlNode | None:
    """The node under some keys of the frontmatter, first items standing for all; None where there is none."""
    head = frontmatter(prompt)
    return _descend(head.root, path) if head else None


def _descend(node: YamlNode | None, path: Sequence[str]) -> YamlNode | None:
    for step in path:
        resolved = resolve(node) if node is not None else None
        if isinstance(resolved, YamlSequence) and step == ITEM:
            node = resolved.items[0] if resolved.items else None
        elif isinstance(resolved, YamlMapping) and (entry := resolved.get(step)) is not None:
            node = entry.value
        else:
            return None
    resolved = resolve(node) if node is not None else None
    return None if isinstance(resolved, YamlScalar) and resolved.value is None else resolved


def default_parts(prompt: Prompt, cursor: YamlCursor, word: Word, rest: tuple[str, ...]) -> Iterator[CompletionItem]:
    """Inside `input.default`: inputs that have no default yet, and values that their types allow."""
    schema = input_schema(prompt)
    type = schema.type if schema else None
    if type is None and not rest and cursor.position == "key":
        for name in undeclared_names(prompt):
            if name.name not in cursor.siblings and _BARE_NAME.fullmatch(name.name):
                text = name.name if cursor.has_colon else f"{name.name}: "
                yield word.item(name.name, "variable", text, detail="used in the template, not declared")
    for step in rest:
        if type is None:
            return
        field = type.field(step)
        type = type.items if step == ITEM else field.type if field else type.additional
    if type is None:
        return
    if cursor.position == "key":
        for each in type.fields:
            if each.name not in cursor.siblings:
                value = _value(each.type, flow=cursor.flow)
                separator = "" if cursor.has_colon else ":" if value.startswith("\n") else ": "
                text = escaped(each.name) + (separator + value if not cursor.has_colon else "")
                detail = f"{each.type.label}, optional" if each.optional else each.type.label
                data: Data = {"kind": "name", "offset": each.name_range.start}
                yield word.item(each.name, "variable", text, snippet=True, detail=detail, data=data)
    if cursor.position != "key" or cursor.is_fresh_line:
        for value in _values(type):
            yield word.item(value, _kind(type), value if cursor.quote is None else value.strip("\"'"))


def _kind(type: SchemaType) -> CompletionKind:
    return "enum-member" if type.type == "enum" else "value"


def _values(type: SchemaType) -> Iterator[str]:
    if type.type == "enum":
        yield from map(_scalar, type.values)
    elif type.type == "boolean":
        yield from ("true", "false")
    elif type.type == "null":
        yield "null"


def _value(type: SchemaType, *, flow: bool) -> str:
    """A value of some type, as a snippet."""
    values = tuple(_values(type))
    if values and not any(re.search(r"[,|}\\$]", each) for each in values):
        return choice(1, values)
    match type.type:
        case "array":
            return "[$1]"
        case "object":
            return "{$1}" if flow or not type.fields else "\n  $1"
        case "number" | "integer":
            return "${1:0}"
        case "string":
            return '"$1"'
        case _:
            return "$1"


_SAFE = re.compile(r"[A-Za-z_][\w -]*[\w-]|[A-Za-z_]")
_AMBIGUOUS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def _scalar(value: object) -> str:
    """A plain value in YAML."""
    if isinstance(value, str):
        return value if _SAFE.fullmatch(value) and value.lower() not in _AMBIGUOUS else quoted(value)
    return json.dumps(value)
