"""Picoschema, dotprompt's short form of schemas, to types with positions and to the official runtime's JSON Schema.

What is accepted and what comes out are google/dotprompt's (`picoschema.ts`, JavaScript 1.1.2), oddities included: a
top-level `any` keeps its name, only the first comma divides a type from its description, and a key is cut at its first
parenthesis. What it refuses, and what it silently reads otherwise than it looks, are problems.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from promptls.language.json_schema import TYPE_WORDS, data_of, read_json_schema
from promptls.language.metadata import metadata
from promptls.language.picoschema_syntax import SCALAR_TYPES, WILDCARD, FieldKey, split_description
from promptls.language.prompt import Prompt, facet
from promptls.language.schema import Field, Schema, SchemaForm, SchemaProblem, SchemaType, TypeName
from promptls.language.schema_mistakes import Mistakes, without_bare_comma
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import (
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    resolve,
)

_DEEPEST = 60
_MOST = 5_000


@facet
def input_schema(prompt: Prompt) -> Schema | None:
    """The schema of the prompt's input, or None where it declares none."""
    node = metadata(prompt).input_schema
    return read_schema(node, prompt.settings.schemas) if node else None


@facet
def output_schema(prompt: Prompt) -> Schema | None:
    """The schema of the answer, or None where the prompt declares none."""
    node = metadata(prompt).output_schema
    return read_schema(node, prompt.settings.schemas) if node else None


def read_schema(node: YamlNode, named: Mapping[str, str | dict[str, Any]]) -> Schema:
    """Read a schema in any of its three forms; `named` are the schemas that the host has registered. Never raises."""
    reader = _Reader(named, ())
    form, type = reader.schema(node)
    return Schema(form, type, node.range, tuple(reader.problems))


class _Reader:
    """`resolving` are the names of the schemas around, when a named one is being read."""

    def __init__(self, named: Mapping[str, str | dict[str, Any]], resolving: tuple[str, ...]) -> None:
        self._named = named
        self._resolving = resolving
        self._left = _MOST
        self._mistakes = Mistakes(tuple(named))
        self.problems: list[SchemaProblem] = []

    def schema(self, node: YamlNode) -> tuple[SchemaForm, SchemaType]:
        """The form and the type of a whole schema."""
        resolved = resolve(node)
        if isinstance(resolved, YamlScalar) and isinstance(resolved.value, str):
            word, description = split_description(resolved.text)
            if word == "any":
                json_any = _described({"type": "any"}, description)
                return "picoschema", SchemaType("any", node.range, json_any, description)
            form: SchemaForm = "picoschema" if word in SCALAR_TYPES else "name"
            return form, self._text(resolved, node.range, None, top=True)
        if isinstance(resolved, YamlMapping) and (json := _as_json_schema(resolved)) is not None:
            type = read_json_schema(resolved)
            return "json-schema", replace(type, json=json)
        return "picoschema", self._type(node, 0, None)

    def _type(self, node: YamlNode, depth: int, key: FieldKey | None) -> SchemaType:
        resolved = resolve(node)
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return SchemaType("any", node.range, {})
        if isinstance(resolved, YamlMapping):
            return self._object(resolved, node.range, depth)
        if isinstance(resolved, YamlSequence):
            self.problems.append(self._mistakes.sequence(resolved, key))
            only = self._type(resolved.items[0], depth + 1, None) if len(resolved.items) == 1 else None
            return SchemaType("array", node.range, {}, items=only)
        if not isinstance(resolved.value, str):
            self.problems.append(self._mistakes.no_type(resolved, key))
            return SchemaType("any", node.range, {} if resolved.value is not None else _object_json({}, [], False))
        return self._text(resolved, node.range, key)

    def _text(self, scalar: YamlScalar, range: Range, key: FieldKey | None, *, top: bool = False) -> SchemaType:
        word, description = split_description(scalar.text)
        if word in SCALAR_TYPES:
            json = {} if word == "any" else {"type": word}
            return SchemaType(cast("TypeName", word), range, _described(json, description), description)
        if word in self._named and word not in self._resolving:
            return self._named_type(word, description, range)
        if word not in self._named:
            self.problems.append(self._mistakes.type(scalar, word, description, key, top=top))
        return SchemaType("named", range, _described({}, description), description, name=word)

    def _named_type(self, name: str, description: str | None, range: Range) -> SchemaType:
        """A schema that the host has registered; its fields stand, for want of a better place, where its name does."""
        reader = _Reader(self._named, (*self._resolving, name))
        _, type = reader.schema(_node_of(self._named[name], range))
        return replace(
            type,
            range=range,
            json=_described(type.json, description),
            description=description or type.description,
            name=name,
        )

    def _object(self, mapping: YamlMapping, range: Range, depth: int) -> SchemaType:
        properties: dict[str, Any] = {}
        required: list[str] = []
        fields: list[Field] = []
        additional: SchemaType | None = None
        before = len(self.problems)
        for entry in mapping.entries:
            if not isinstance(entry.key, YamlScalar):
                continue
            if entry.key.text == WILDCARD:
                additional = self._type(entry.value, depth + 1, None)
                continue
            key = FieldKey.read(entry.key)
            field = self._field(entry, key, depth)
            if not key.optional:
                required.append(key.written_name)
            properties[key.written_name] = field.type.json
            fields.append(field)
        if mapping.flow:
            self.problems[before:] = map(without_bare_comma, self.problems[before:])
        return SchemaType(
            type="object",
            range=range,
            json=_object_json(properties, required, additional.json if additional else False),
            fields=tuple(fields),
            open=additional is not None,
            additional=additional,
        )

    def _field(self, entry: YamlEntry, key: FieldKey, depth: int) -> Field:
        type = self._field_type(entry, key, depth)
        json = dict(type.json)
        if key.optional and isinstance(json.get("type"), str):
            json["type"] = [json["type"], "null"]
        if key.description:
            json["description"] = key.description
        description = key.description or type.description
        return Field(
            name=key.name,
            name_range=key.name_range,
            key_range=key.range,
            range=entry.range,
            optional=key.optional,
            type=replace(type, json=json, description=description),
            description=description,
        )

    def _field_type(self, entry: YamlEntry, key: FieldKey, depth: int) -> SchemaType:
        self.problems += self._mistakes.key(key, entry)
        if key.type is None or key.type == "object":
            before = len(self.problems)
            type = self._type(entry.value, depth + 1, key)
            value = resolve(entry.value)
            if len(self.problems) > before and isinstance(value, YamlMapping) and _is_json_schema_only(value):
                self.problems[before:] = [self._mistakes.json_schema(value, key)]
                return read_json_schema(value)
            return type
        if key.type == "array":
            items = self._type(entry.value, depth + 1, key)
            return SchemaType("array", entry.value.range, {"type": "array", "items": items.json}, items=items)
        if key.type == "enum":
            return self._enum(entry.value, key)
        return SchemaType("any", entry.value.range, {})

    def _enum(self, node: YamlNode, key: FieldKey) -> SchemaType:
        values = data_of(node)
        members = list(values) if isinstance(values, list) else []
        problem = self._mistakes.enum(node, key)
        if problem is not None:
            self.problems.append(problem)
        with_null = [*members, None] if key.optional and None not in members else members
        return SchemaType("enum", node.range, {"enum": with_null}, values=tuple(members))


def _as_json_schema(mapping: YamlMapping) -> dict[str, Any] | None:
    """The mapping as JSON Schema, if that is what the runtime takes it for."""
    entry = mapping.get("type")
    type = resolve(entry.value) if entry else None
    json = data_of(mapping)
    if not isinstance(json, dict):
        return None
    if isinstance(type, YamlScalar) and isinstance(type.value, str) and type.value in TYPE_WORDS:
        return json
    properties = mapping.get("properties")
    value = resolve(properties.value) if properties else None
    if isinstance(value, YamlMapping | YamlSequence) or (isinstance(value, YamlScalar) and value.value is None):
        return {**json, "type": "object"}
    return None


_JSON_SCHEMA_WORDS = frozenset(
    {"type", "description", "items", "properties", "required", "enum", "format", "minimum", "maximum", "minLength"}
    | {"maxLength", "minItems", "maxItems", "pattern", "default", "title", "additionalProperties", "nullable"}
)


def _is_json_schema_only(mapping: YamlMapping) -> bool:
    """Whether a field's value that picoschema cannot read is JSON Schema from end to end."""
    return mapping.get("type") is not None and all(each.name in _JSON_SCHEMA_WORDS for each in mapping.entries)


def _object_json(properties: dict[str, Any], required: list[str], additional: object) -> dict[str, Any]:
    json: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        json["required"] = required
    return {**json, "additionalProperties": additional}


def _described(json: dict[str, Any], description: str | None) -> dict[str, Any]:
    return {**json, "description": description} if description else json


def _node_of(data: object, range: Range) -> YamlNode:
    """Plain data as a YAML node, all of it at one place."""
    if isinstance(data, Mapping):
        entries = tuple(
            YamlEntry(YamlScalar(range, str(key), str(key), "plain"), _node_of(value, range))
            for key, value in data.items()
        )
        return YamlMapping(range, entries, flow=False)
    if isinstance(data, list | tuple):
        return YamlSequence(range, tuple(_node_of(item, range) for item in data), flow=False)
    value = data if isinstance(data, str | int | float | bool) else None
    return YamlScalar(range, "" if value is None else str(value), value, "plain")
