"""JSON Schema, as far as it tells which fields a value has and of what type they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from promptls.language.schema import Field, SchemaType, TypeName
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import (
    TooLargeError,
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    resolve,
    to_data,
)

TYPE_WORDS = frozenset({"any", "array", "boolean", "integer", "null", "number", "object", "string"})
"""The words that make a mapping with a `type` JSON Schema; `any` is picoschema's own."""

_DEEPEST = 40
_MOST = 5_000


def read_json_schema(root: YamlMapping) -> SchemaType:
    """The type that a JSON Schema describes.

    References into the same document are followed, to a bound; alternatives that are more than "or null" give `any`.
    """
    return _Reader(root).read(root, 0)


def data_of(node: YamlNode | None) -> Any:
    """The data of a node, or None where its aliases expand to too much."""
    try:
        return to_data(node)
    except TooLargeError:
        return None


def inner_range(scalar: YamlScalar) -> Range:
    """The range of a scalar's text without its quotes."""
    if scalar.style in ("single", "double"):
        return Range(scalar.range.start + 1, scalar.range.end - 1)
    return scalar.range


class _Reader:
    def __init__(self, root: YamlMapping) -> None:
        self._root = root
        self._left = _MOST

    def read(self, node: YamlNode, depth: int) -> SchemaType:
        schema = resolve(node)
        self._left -= 1
        json = data_of(schema)
        if not isinstance(schema, YamlMapping) or not isinstance(json, dict) or depth > _DEEPEST or self._left < 0:
            return SchemaType("any", node.range, json if isinstance(json, dict) else {})
        description = json.get("description")
        target = self._target(schema)
        if target is not None:
            meant = self.read(target, depth + 1)
            own = description if isinstance(description, str) else meant.description
            return replace(meant, range=schema.range, json=json, description=own)
        name = _type_name(json)
        more = schema.get("additionalProperties")
        items = schema.get("items")
        return SchemaType(
            type=name,
            range=schema.range,
            json=json,
            description=description if isinstance(description, str) else None,
            fields=self._fields(schema, json, depth) if name == "object" else (),
            items=self.read(items.value, depth + 1) if name == "array" and items else None,
            values=tuple(value for value in _members(json) if value is not None) if name == "enum" else (),
            open=json.get("additionalProperties", False) is not False,
            additional=self.read(more.value, depth + 1) if more and _is_mapping(more.value) else None,
        )

    def _fields(self, schema: YamlMapping, json: dict[str, Any], depth: int) -> tuple[Field, ...]:
        entry = schema.get("properties")
        properties = resolve(entry.value) if entry else None
        if not isinstance(properties, YamlMapping):
            return ()
        required = json.get("required")
        names = set(map(str, required)) if isinstance(required, list) else set()
        return tuple(self._field(each, names, depth) for each in properties.entries if each.name is not None)

    def _field(self, entry: YamlEntry, required: set[str], depth: int) -> Field:
        assert isinstance(entry.key, YamlScalar), "an entry with a name has a scalar for its key"
        type = self.read(entry.value, depth + 1)
        return Field(
            name=entry.key.text,
            name_range=inner_range(entry.key),
            key_range=entry.key.range,
            range=entry.range,
            optional=entry.key.text not in required,
            type=type,
            description=type.description,
        )

    def _target(self, schema: YamlMapping) -> YamlNode | None:
        """The schema that stands for this one: what it refers to, or its only alternative to null."""
        reference = schema.get("$ref")
        node = resolve(reference.value) if reference else None
        if isinstance(node, YamlScalar) and node.text.startswith("#"):
            return self._referred(node.text)
        for key in ("anyOf", "oneOf", "allOf"):
            entry = schema.get(key)
            alternatives = resolve(entry.value) if entry else None
            if isinstance(alternatives, YamlSequence):
                real = [each for each in alternatives.items if data_of(each) != {"type": "null"}]
                return real[0] if len(real) == 1 else None
        return None

    def _referred(self, pointer: str) -> YamlNode | None:
        node: YamlNode = self._root
        for step in pointer.removeprefix("#").split("/")[1:]:
            inner = resolve(node)
            entry = inner.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(inner, YamlMapping) else None
            if entry is None:
                return None
            node = entry.value
        return node


def _is_mapping(node: YamlNode) -> bool:
    return isinstance(resolve(node), YamlMapping)


def _members(json: dict[str, Any]) -> list[Any]:
    values = json["enum"] if "enum" in json else [json.get("const")]
    return values if isinstance(values, list) else []


def _type_name(json: dict[str, Any]) -> TypeName:
    if _members(json) != [None]:
        return "enum"
    written = json.get("type")
    words = written if isinstance(written, list) else [written]
    real = [word for word in words if word != "null"]
    if len(real) == 1 and isinstance(real[0], str) and real[0] in TYPE_WORDS:
        return cast("TypeName", real[0])
    if words == ["null"]:
        return "null"
    if written is None and any(key in json for key in ("anyOf", "oneOf", "allOf", "$ref")):
        return "any"
    if written is None and "properties" in json:
        return "object"
    return "array" if written is None and "items" in json else "any"
