"""What the words of a frontmatter are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from promptls.ide.semantic_legend import COMMENT, KEYWORD, NUMBER, STRING, Meaning, SemanticToken, tokens_of
from promptls.language.inputs import inputs
from promptls.language.metadata import metadata
from promptls.language.models import model_catalogue
from promptls.language.picoschema import input_schema, output_schema
from promptls.language.picoschema_syntax import text_start
from promptls.language.prompt import Prompt, frontmatter
from promptls.language.schema import SchemaType
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlMapping, YamlNode, YamlScalar, walk

_KEY = Meaning("property")
_TYPE = Meaning("type")
_NAMESPACE = Meaning("namespace")
_DECLARED_INPUT = Meaning("variable", ("declaration",))
_DECLARED_FIELD = Meaning("property", ("declaration",))
_MODEL = Meaning("enumMember")
_OLD_MODEL = Meaning("enumMember", ("deprecated",))

_COMMENT = re.compile(r"(?:(?<=\s)|\A)#[^\r\n]*")
_TYPE_WORD = re.compile(r"\w+(?=\s*(?:,|\Z))")
_KEY_TYPE = re.compile(r"(?<=\()\w+")


def frontmatter_tokens(prompt: Prompt) -> Iterator[SemanticToken]:
    """The tokens of a frontmatter in source order; of broken YAML those before the break."""
    head = frontmatter(prompt)
    if head is None:
        return
    nodes = list(walk(head.root)) if head.root is not None else []
    keys = {id(entry.key) for node in nodes if isinstance(node, YamlMapping) for entry in node.entries}
    types = {id(node) for root in _schemas(prompt) for node in walk(root)}
    declared = _declared(prompt)
    model = metadata(prompt).model
    cursor = head.yaml_range.start
    for node in nodes:
        if not isinstance(node, YamlScalar) or node.range.start < cursor:
            continue
        yield from _comments(prompt.text, Range(cursor, node.range.start))
        cursor = node.range.end
        if id(node) in keys:
            yield from _key(prompt.text, node, declared)
        elif model is not None and model.range == node.range:
            yield from _model(prompt, node)
        else:
            yield from _value(prompt.text, node, is_type=id(node) in types)
    if head.error is None:
        yield from _comments(prompt.text, Range(cursor, head.yaml_range.end))


def _schemas(prompt: Prompt) -> Iterator[YamlNode]:
    about = metadata(prompt)
    yield from (node for node in (about.input_schema, about.output_schema) if node is not None)


def _declared(prompt: Prompt) -> Mapping[int, tuple[Range, Meaning]]:
    """The names that schemas and defaults declare, by where they begin."""
    found: dict[int, tuple[Range, Meaning]] = {}
    schemas = [schema.type for schema in (input_schema(prompt), output_schema(prompt)) if schema is not None]
    seen: set[int] = set()
    while schemas:
        type: SchemaType = schemas.pop()
        if id(type) in seen or type.name is not None:
            # What the host declares has no place in this file.
            continue
        seen.add(id(type))
        schemas.extend(each for each in (type.items, type.additional) if each is not None)
        for field in type.fields:
            found[field.name_range.start] = (field.name_range, _DECLARED_FIELD)
            schemas.append(field.type)
    for declaration in inputs(prompt).declarations.values():
        ranges = [declaration.range]
        if declaration.default is not None:
            ranges.append(declaration.default.key.range)
        found.update((range.start, (range, _DECLARED_INPUT)) for range in ranges)
    return found


def _comments(text: str, gap: Range) -> Iterator[SemanticToken]:
    """The comments between two scalars."""
    for match in _COMMENT.finditer(text, *gap):
        yield from tokens_of(text, Range(*match.span()), COMMENT)


def _key(text: str, key: YamlScalar, declared: Mapping[int, tuple[Range, Meaning]]) -> Iterator[SemanticToken]:
    start = text_start(key)
    found = declared.get(key.range.start) or (declared.get(start) if start is not None else None)
    if found is None or start is None or found[0].end > key.range.end:
        yield from _dotted(text, key, ".", _KEY)
        return
    range, meaning = found
    yield from tokens_of(text, range, meaning)
    # `items(array, what it holds)`
    if type := _KEY_TYPE.search(text, range.end, key.range.end):
        yield SemanticToken(Range(*type.span()), *_TYPE)
        yield from _rest(text, Range(type.end(), start + len(key.text)))


def _dotted(text: str, scalar: YamlScalar, separator: str, meaning: Meaning) -> Iterator[SemanticToken]:
    """`namespace.name` or `provider/model`; only the last dot and the first slash divide."""
    start = text_start(scalar)
    at = scalar.text.find(separator) if separator == "/" else scalar.text.rfind(separator)
    if start is None or at <= 0 or at == len(scalar.text) - 1:
        yield from tokens_of(text, scalar.range, meaning)
        return
    yield from tokens_of(text, Range(start, start + at), _NAMESPACE)
    yield from tokens_of(text, Range(start + at + 1, start + len(scalar.text)), meaning)


def _model(prompt: Prompt, scalar: YamlScalar) -> Iterator[SemanticToken]:
    model = model_catalogue(prompt).find(scalar.text)
    meaning = _OLD_MODEL if model is not None and model.deprecated else _MODEL
    yield from _dotted(prompt.text, scalar, "/", meaning)


def _value(text: str, scalar: YamlScalar, *, is_type: bool) -> Iterator[SemanticToken]:
    start = text_start(scalar)
    if is_type and start is not None and (type := _TYPE_WORD.match(scalar.text)):
        yield from tokens_of(text, Range(start, start + type.end()), _TYPE)
        yield from _rest(text, Range(start + type.end(), start + len(scalar.text)))
    elif isinstance(scalar.value, bool) or (scalar.value is None and scalar.range.start < scalar.range.end):
        yield from tokens_of(text, scalar.range, KEYWORD)
    elif isinstance(scalar.value, str):
        yield from tokens_of(text, scalar.range, STRING)
    else:
        yield from tokens_of(text, scalar.range, NUMBER)


def _rest(text: str, range: Range) -> Iterator[SemanticToken]:
    """The description after `type, `, without the parenthesis that ends a key."""
    rest = text[range.start : range.end]
    description = rest.lstrip(", \t").removesuffix(")") if rest.startswith((",", " ")) else ""
    if description:
        start = range.start + len(rest) - len(rest.lstrip(", \t"))
        yield from tokens_of(text, Range(start, start + len(description)), STRING)
