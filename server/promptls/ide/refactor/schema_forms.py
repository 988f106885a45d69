"""Turn picoschema into JSON Schema and back, where nothing is lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Literal

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.refactor.frontmatter_edits import comments_in, readable_frontmatter
from promptls.ide.refactor.offer import Offer, Place, own_edit
from promptls.ide.refactor.yaml_text import block, flow
from promptls.language.picoschema import input_schema, output_schema
from promptls.language.picoschema_syntax import SCALAR_TYPES, WILDCARD, split_description
from promptls.language.prompt import Prompt, frontmatter
from promptls.language.schema import Schema, SchemaType
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlAlias, YamlEntry, YamlMapping, walk

Which = Literal["input", "output"]


def offers(place: Place) -> Iterator[Offer]:
    """Offered inside the schema of the input or of the output."""
    for which in ("input", "output"):
        schema, entry = _schema(place.prompt, which), _entry(place.prompt, which)
        if schema is None or entry is None or not entry.range.encloses(place.range):
            continue
        if schema.form == "json-schema":
            make = partial(to_picoschema, place.prompt, which)
            yield Offer(f"{which}-to-picoschema", "Convert to picoschema", "refactor.rewrite", make)
        elif schema.form == "picoschema":
            make = partial(to_json_schema, place.prompt, which)
            yield Offer(f"{which}-to-json-schema", "Convert to JSON Schema", "refactor.rewrite", make)


def to_json_schema(prompt: Prompt, which: Which) -> WorkspaceEdit:
    """Write a picoschema as the JSON Schema that the runtime makes of it; raises `Refused`."""
    schema, entry = _convertible(prompt, which)
    if (name := _named(schema.type)) is not None:
        raise Refused(f"the reference to the schema {name} would be lost.")
    return _replaced(prompt, which, entry, schema.type.json, schema.type.json)


def to_picoschema(prompt: Prompt, which: Which) -> WorkspaceEdit:
    """Write a JSON Schema as picoschema; raises `Refused`, naming what picoschema cannot say."""
    schema, entry = _convertible(prompt, which)
    writer = _Writer()
    written = writer.schema(schema.type.json)
    if writer.lost:
        raise Refused(f"picoschema cannot say this: {'; '.join(dict.fromkeys(writer.lost))}.")
    return _replaced(prompt, which, entry, written, schema.type.json)


def _schema(prompt: Prompt, which: Which) -> Schema | None:
    return input_schema(prompt) if which == "input" else output_schema(prompt)


def _entry(prompt: Prompt, which: Which) -> YamlEntry | None:
    """The entry `schema`, where it is written in its own place."""
    head = frontmatter(prompt)
    holder = head.mapping.get(which) if head is not None and head.mapping is not None else None
    return holder.value.get("schema") if holder is not None and isinstance(holder.value, YamlMapping) else None


def _convertible(prompt: Prompt, which: Which) -> tuple[Schema, YamlEntry]:
    readable_frontmatter(prompt)
    schema, entry = _schema(prompt, which), _entry(prompt, which)
    if schema is None or entry is None:
        raise Refused(f"there is no {which} schema.")
    if schema.problems:
        raise Refused(f"the schema has an error: {schema.problems[0].message}.")
    if any(comments_in(prompt, entry.range)):
        raise Refused("the comments in the schema would be lost.")
    for node in walk(entry.value):
        if isinstance(node, YamlAlias) or node.anchor is not None:
            raise Refused("the anchors and aliases in the schema would be lost.")
    return schema, entry


def _named(type: SchemaType) -> str | None:
    pending = [type]
    while pending:
        each = pending.pop()
        if each.name is not None:
            return each.name
        pending += [inner for inner in (each.items, each.additional) if inner is not None]
        pending += [field.type for field in each.fields]
    return None


def _replaced(prompt: Prompt, which: Which, entry: YamlEntry, written: object, meant: object) -> WorkspaceEdit:
    """Put another form of a schema in its place; `meant` is the JSON Schema that it must still be."""
    source = prompt.source
    start = entry.key.range.start
    indent = " " * (start - source.line_starts[source.line_at(start)])
    in_flow = _is_in_flow(prompt, which)
    text = flow({"schema": written}) if in_flow else block({"schema": written}, source.newline, indent)
    edit = TextEdit(Range(start, max(entry.key.range.end + 1, entry.value.range.end)), text)
    after = prompt.with_text(source.edited([edit]).text)
    readable_frontmatter(after)
    schema = _schema(after, which)
    if schema is None or _normal(schema.type.json) != _normal(meant):
        raise Refused("the other form would mean something else.")
    return own_edit(prompt, edit)


def _is_in_flow(prompt: Prompt, which: Which) -> bool:
    head = frontmatter(prompt)
    holder = head.mapping.get(which) if head is not None and head.mapping is not None else None
    return holder is not None and isinstance(holder.value, YamlMapping) and holder.value.flow


def _normal(json: object) -> object:
    """A JSON Schema in a form in which two that mean the same are the same."""
    if isinstance(json, list):
        return [_normal(each) for each in json]
    if not isinstance(json, Mapping):
        return json
    normal = {key: _normal(value) for key, value in json.items()}
    for unordered in ("required", "type"):
        words = normal.get(unordered)
        if isinstance(words, list):
            normal[unordered] = frozenset(map(str, words))
    if not normal.get("required"):
        normal.pop("required", None)
    if normal.get("additionalProperties") in (True, {}):
        del normal["additionalProperties"]
    if "enum" in normal and normal.get("type") == _type_of_all(normal["enum"]):
        normal.pop("type", None)
    if normal.get("items") == {}:
        del normal["items"]
    if normal.get("type") == "object":
        normal.setdefault("properties", {})
    return normal


def _type_of_all(values: object) -> object:
    is_texts = isinstance(values, list) and all(isinstance(value, str) for value in values)
    return "string" if is_texts else None


_KNOWN = {
    "object": {"type", "description", "properties", "required", "additionalProperties"},
    "array": {"type", "description", "items"},
    "enum": {"type", "description", "enum"},
}
_KEY = re.compile(r"[^\s(?][^(?\r\n]*(?<!\s)")


class _Writer:
    """Writes JSON Schema as picoschema and gathers what cannot be said."""

    def __init__(self) -> None:
        self.lost: list[str] = []

    def schema(self, json: Mapping[str, Any]) -> object:
        """A whole schema: an object, whose own description has no place, or one value."""
        kind = _kind(json)
        if kind in ("array", "enum"):
            self.lost.append(f"that the whole is of the type {kind}")
            return {}
        return self._value(json, "the whole")

    def _value(self, json: object, name: str) -> object:
        """What stands after a key."""
        if not isinstance(json, Mapping):
            self.lost.append(f"the type of {name}")
            return "any"
        kind = _kind(json)
        self._check_keywords(json, kind, name)
        if kind == "object":
            if "description" in json:
                self.lost.append(f"the description of {name}")
            return self._properties(json, name)
        if kind in ("array", "enum"):
            self.lost.append(f"that {name} is of the type {kind}")
            return "any"
        return self._described(kind, json.get("description"), name)

    def _properties(self, json: Mapping[str, Any], name: str) -> object:
        properties = json.get("properties", {})
        required = json.get("required", [])
        is_listed = isinstance(required, list) and all(isinstance(each, str) for each in required)
        if not isinstance(properties, Mapping) or not is_listed:
            self.lost.append(f"the properties of {name}")
            return {}
        written: dict[str, object] = {}
        for key, value in properties.items():
            written.update([self._field(str(key), value, key in required)])
        self.lost += [f"that {each} is required but not described" for each in required if each not in properties]
        more = json.get("additionalProperties", True)
        if more is not False:
            written[WILDCARD] = "any" if more is True else self._value(more, f"what else {name} holds")
        if not written:
            self.lost.append(f"that {name} has no properties")
        return written

    def _field(self, name: str, json: object, required: bool) -> tuple[str, object]:
        if not _KEY.fullmatch(name):
            self.lost.append(f"the name {name!r}")
        key = name if required else f"{name}?"
        if not isinstance(json, Mapping):
            return key, self._value(json, name)
        if not required:
            json = self._without_null(json, name)
        kind = _kind(json)
        if kind not in ("object", "array", "enum"):
            return key, self._value(json, name)
        self._check_keywords(json, kind, name)
        description = json.get("description")
        if isinstance(description, str) and description:
            if re.search(r"[(\r\n\u2028\u2029]", description) or description.strip() != description:
                self.lost.append(f"the description of {name}, for its parentheses or line ends")
            key += f"({kind}, {description})"
        elif kind != "object":
            key += f"({kind})"
        if kind == "enum":
            return key, list(json["enum"])
        if kind == "array":
            return key, self._items(json.get("items", {}), name)
        return key, self._properties(json, name)

    def _items(self, json: object, name: str) -> object:
        return self._value(json, f"the items of {name}")

    def _without_null(self, json: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """The schema of an optional field, which in picoschema may always be null too."""
        if _kind(json) == "any":
            return json
        if isinstance(json.get("enum"), list):
            if None in json["enum"]:
                return {**json, "enum": [value for value in json["enum"] if value is not None]}
        elif isinstance(json.get("type"), list) and "null" in json["type"] and len(json["type"]) == 2:
            return {**json, "type": next((word for word in json["type"] if word != "null"), "null")}
        self.lost.append(f"that {name} may be left out but not be null")
        return json

    def _described(self, kind: str, description: object, name: str) -> str:
        if not isinstance(description, str) or not description:
            return kind
        text = f"{kind}, {description}"
        if split_description(text) != (kind, description):
            self.lost.append(f"the description of {name}, for its line ends or blanks")
        return text

    def _check_keywords(self, json: Mapping[str, Any], kind: str, name: str) -> None:
        if kind == "unknown":
            self.lost.append(f"the type of {name}")
        known = _KNOWN.get(kind, {"type", "description"})
        self.lost += [f"`{key}` of {name}" for key in json if key not in known]


def _kind(json: Mapping[str, Any]) -> str:
    """Picoschema's word for a type, or `unknown`."""
    if "enum" in json:
        return "enum" if isinstance(json["enum"], list) and json["enum"] else "unknown"
    type = json.get("type")
    if type in ("object", "array"):
        return str(type)
    if type is None:
        return "any" if json.keys() <= {"description"} else "unknown"
    return type if isinstance(type, str) and type in SCALAR_TYPES else "unknown"
