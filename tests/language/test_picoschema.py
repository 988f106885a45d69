"""Picoschema and JSON Schema: the official JSON, positions, and a precise word on every common slip."""

import json
import random
import time
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest

from promptls.language.picoschema import input_schema, output_schema, read_schema
from promptls.language.picoschema_syntax import split_description
from promptls.language.render.sample_input import generate_input
from promptls.language.schema import Schema, SchemaProblem
from promptls.settings import Settings
from promptls.syntax.source import Source
from promptls.syntax.yaml_nodes import read_yaml, to_data
from tests.support import SHARED
from tests.support.oracle import Oracle, Refused
from tests.support.rendering import prompt_with


def read(text: str, named: Mapping[str, Any] | None = None) -> Schema:
    root = read_yaml(text).root
    assert root is not None
    return read_schema(root, named or {})


def problem(text: str, named: Mapping[str, Any] | None = None) -> SchemaProblem:
    (found,) = read(text, named).problems
    return found


def mended(text: str) -> str:
    return Source(text).edited(edit for found in read(text).problems for edit in found.edits).text


class TestJson:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("any", {"type": "any"}),
            ("any, what you like", {"type": "any", "description": "what you like"}),
            ("a: any, x, y", {"a": {"description": "x, y"}}),
            ("a?: string", {"a": {"type": ["string", "null"]}}),
            ("a?: any", {"a": {}}),
            ("a(array, list of a): string, one a", None),
            ("a?(object, o): {b: integer}", None),
            ("a?(enum): [x]", {"a": {"enum": ["x", None]}}),
            ("a?(enum): [x, null]", {"a": {"enum": ["x", None]}}),
            ("(*): number", None),
            ("{type: string, name: string}", {"type": "string", "name": "string"}),
            ("properties: {a: {type: string}}", {"properties": {"a": {"type": "string"}}, "type": "object"}),
            ("a(array): {b?: string, c(array): {d: null}}", None),
            ("a(object): string", None),
            ("a(array, x (y) z): string", None),
            ("a: Foo, mine", None),
            ("Foo, mine", None),
            ("Foo", None),
            ("a?: Foo", None),
        ],
    )
    def test_json_is_the_runtimes(self, text: str, expected: Any, oracle: Oracle) -> None:
        named = {"Foo": {"type": "number", "description": "a foo"}}
        source = f"---\noutput:\n  schema:\n{_indented(text)}\n---\nx"
        theirs = oracle.render(source, schemas=named)["output"]["schema"]
        schema = output_schema(prompt_with(source, settings=Settings(schemas=named)))
        assert schema is not None
        assert schema.type.json == theirs
        if expected is not None:
            assert expected in (theirs, theirs.get("properties"))

    def test_random_schemas_give_the_runtimes_json(self, oracle: Oracle) -> None:
        chance = random.Random(3)
        for _ in range(300):
            text = json.dumps(_random_schema(chance, 3))
            source = f"---\noutput:\n  schema: {text}\n---\nx"
            schema = output_schema(prompt_with(source))
            assert schema is not None and not schema.problems
            assert schema.type.json == oracle.render(source)["output"]["schema"], text

    def test_a_schema_is_json_schema_that_data_can_be_checked_against(self) -> None:
        schema = read("a(array): {b: string, c?(enum): [x]}\nd: integer")
        jsonschema.validate(generate_input(schema.type), schema.type.json)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _random_schema(chance: random.Random, depth: int) -> Any:
    scalars = ["string", "number, a number", "integer", "boolean", "null", "any", "any, d"]
    fields: dict[str, Any] = {}
    for name in chance.sample(["a", "b", "c", "d e", "名"], chance.randint(1, 4)):
        key = name + chance.choice(["", "?"])
        kind = chance.choice(["scalar", "scalar", "array", "object", "enum", "nested", "wildcard"])
        inner = _random_schema(chance, depth - 1) if depth and chance.random() < 0.5 else chance.choice(scalars)
        detail = chance.choice(["", ", described", ",x"])
        if kind == "scalar":
            fields[key] = chance.choice(scalars)
        elif kind == "enum":
            fields[f"{key}(enum{detail})"] = chance.choice([["x", "y"], [1, None], [True]])
        elif kind == "nested":
            fields[key] = inner
        elif kind == "wildcard":
            fields["(*)"] = inner
        elif isinstance(inner, dict) or kind == "array":
            fields[f"{key}({kind}{detail})"] = inner
    return fields or {"z": "string"}


class TestPositions:
    TEXT = '"a": string, first\nlist?(array, some): {b: integer}\nkind(enum): [x, y]\n(*): any\n'

    def test_fields(self) -> None:
        schema = read(self.TEXT)
        shown = [
            (
                field.name,
                self.TEXT[slice(*field.name_range)],
                self.TEXT[slice(*field.key_range)],
                self.TEXT[slice(*field.range)],
                self.TEXT[slice(*field.type.range)],
                field.optional,
                field.description,
            )
            for field in schema.type.fields
        ]
        assert shown == [
            ("a", "a", '"a"', '"a": string, first', "string, first", False, "first"),
            (
                "list",
                "list",
                "list?(array, some)",
                "list?(array, some): {b: integer}",
                "{b: integer}",
                True,
                "some",
            ),
            ("kind", "kind", "kind(enum)", "kind(enum): [x, y]", "[x, y]", False, None),
        ]
        assert schema.type.open and schema.type.additional is not None
        array = schema.type.fields[1].type
        assert array.items is not None and array.items.field("b") is not None
        assert schema.type.fields[2].type.values == ("x", "y")

    def test_the_forms(self) -> None:
        assert read("a: string").form == "picoschema"
        assert read("string").form == "picoschema"
        assert read("{type: object}").form == "json-schema"
        assert read("Recipe", {"Recipe": {}}).form == "name"
        assert read("Recipe").form == "name"

    def test_a_named_schema_has_its_fields(self) -> None:
        named = {
            "Recipe": {"title": "string", "steps(array)": "Step"},
            "Step": {"type": "object", "properties": {"n": {}}},
        }
        field = read("r: Recipe", named).type.fields[0]
        assert field.type.name == "Recipe" and field.type.label == "Recipe"
        steps = field.type.field("steps")
        assert steps is not None and steps.type.items is not None
        assert [each.name for each in steps.type.items.fields] == ["n"]

    def test_named_schemas_that_name_each_other_end(self) -> None:
        schema = read("a: A", {"A": {"b": "B"}, "B": {"a": "A"}})
        assert schema.problems == ()

    def test_aliases_cannot_explode(self) -> None:
        lines = ["a0: &a0 {x: string}"] + [f"a{n}: &a{n} {{l: *a{n - 1}, r: *a{n - 1}}}" for n in range(1, 40)]
        started = time.perf_counter()
        read("\n".join(lines))
        assert time.perf_counter() - started < 5


class TestJsonSchema:
    def test_fields_types_and_requirements(self) -> None:
        text = (
            "type: object\nrequired: [a]\nproperties:\n  a: {type: string, description: d}\n"
            "  b: {type: [integer, 'null']}\n  c: {type: array, items: {enum: [x]}}\n  e: {const: 5}\n"
            "  f: {anyOf: [{type: number}, {type: 'null'}]}\n  g: {oneOf: [{type: number}, {type: string}]}\n"
        )
        fields = {field.name: field for field in read(text).type.fields}
        assert {name: (field.type.type, field.optional) for name, field in fields.items()} == {
            "a": ("string", False),
            "b": ("integer", True),
            "c": ("array", True),
            "e": ("enum", True),
            "f": ("number", True),
            "g": ("any", True),
        }
        assert fields["a"].description == "d" and text[slice(*fields["a"].name_range)] == "a"
        assert fields["c"].type.items is not None and fields["c"].type.items.values == ("x",)

    def test_references_are_followed(self) -> None:
        text = (
            "type: object\n$defs:\n  node: {type: object, properties: {next: {$ref: '#/$defs/node'}}}\n"
            "properties: {n: {$ref: '#/$defs/node'}, lost: {$ref: '#/nowhere'}}\n"
        )
        type = read(text).type
        node, lost = type.field("n"), type.field("lost")
        assert node is not None and node.type.field("next") is not None
        assert lost is not None and lost.type.type == "any"

    @pytest.mark.parametrize(("more", "open"), [("true", True), ("false", False), ("{type: string}", True)])
    def test_additional_properties(self, more: str, open: bool) -> None:
        assert read(f"{{type: object, additionalProperties: {more}}}").type.open is open


class TestProblems:
    @pytest.mark.parametrize(
        ("text", "kind", "where", "better"),
        [
            ("tags: string[]", "list-syntax", "string[]", "tags(array): string"),
            ("tags?: any[], the tags", "list-syntax", "any[]", "tags?(array): any, the tags"),
            ("tags(array): str[]", "list-syntax", "str[]", "tags(array): string"),
            ("tags: 'list[int]'", "list-syntax", "list[int]", "tags(array): 'integer'"),
            ("tags: Array<Tag>", "list-syntax", "Array<Tag>", "tags(array): Tag"),
            ("tags: list of strings", "list-syntax", "list of strings", "tags(array): string"),
            ("tags: [string]", "list-syntax", "[string]", "tags(array): string"),
            ("tags: [{a: string}]", "list-syntax", "[{a: string}]", "tags(array): {a: string}"),
            ("tags: array", "list-syntax", "array", "tags(array): any"),
            ("string[]", "list-syntax", "string[]", "{type: array, items: {type: string}}"),
            ("kind: a | b", "union-syntax", "a | b", "kind(enum): [a, b]"),
            ('kind: \'"a" | "b c"\'', "union-syntax", '"a" | "b c"', "kind(enum): [a, b c]"),
            ("kind: yes | no, which", "union-syntax", "yes | no", 'kind(enum, which): ["yes", "no"]'),
            ("kind: [a, b]", "union-syntax", "[a, b]", "kind(enum): [a, b]"),
            ("kind(enum): a, b", "union-syntax", "a, b", "kind(enum): [a, b]"),
            ("kind: enum(a, b)", "union-syntax", "enum(a", "kind(enum): [a, b]"),
            ("a: string | null", "union-syntax", "string | null", "a?: string"),
            ("a: string | number", "union-syntax", "string | number", "a: any"),
            ("a: strnig", "invalid-type", "strnig", "a: string"),
            ("a: str, text", "invalid-type", "str", "a: string, text"),
            ("a: int", "invalid-type", "int", "a: integer"),
            ("a: bool", "invalid-type", "bool", "a: boolean"),
            ("a: float", "invalid-type", "float", "a: number"),
            ("a: text", "invalid-type", "text", "a: string"),
            ("a: String", "invalid-type", "String", "a: string"),
            ("a: object", "invalid-type", "object", "a: any"),
            ("a: string?", "invalid-type", "string?", "a?: string"),
            ("a: string , b", "invalid-type", "string ", "a: string, b"),
            ("a: string - the a", "invalid-type", "string - the a", "a: string, the a"),
            ("a: The name of it", "invalid-type", "The name of it", "a: string, The name of it"),
            ("a(list): string", "invalid-type", "list", "a(array): string"),
            ("a(array)?: string", "invalid-type", "a(array)?", "a?(array): string"),
            ("a(array: string", "invalid-type", "a(array", "a(array): string"),
            ("a (array): string", "invalid-type", "a (array)", "a(array): string"),
            ("a: Recipee", "unknown-name", "Recipee", "a: Recipee"),
            ("a(integer): the a", None, None, None),
            ("a(enum): []", "enum-empty", "[]", "a(enum): []"),
            ("a(enum):", "enum-empty", "a(enum)", "a(enum):"),
            ("a: 5", "not-a-schema", "5", "a: 5"),
            ("a: true", "not-a-schema", "true", "a: true"),
            ("a:", "not-a-schema", "a", "a:"),
            ("a: null", "not-a-schema", "null", 'a: "null"'),
            ("a(array) x: string", "invalid-type", "a(array) x", "a(array) x: string"),
            ("a(array, b (c)): string", "invalid-type", "a(array, b (c))", "a(array, b (c)): string"),
            ("a: |\n  string, b\n", "invalid-type", None, None),
        ],
    )
    def test_slips(self, text: str, kind: str | None, where: str | None, better: str | None) -> None:
        problems = read(text).problems
        assert problems
        if kind is not None:
            assert [found.kind for found in problems] == [kind]
        if where is not None:
            assert text[slice(*problems[0].range)] == where
        if better is not None:
            assert mended(text) == better
            if better != text and "Tag" not in better:
                assert read(better).problems == ()

    def test_a_name_close_to_a_known_one_is_mended(self) -> None:
        found = problem("a: Recipee", {"Recipe": {}})
        assert found.kind == "unknown-name" and "'Recipe'" in found.message
        assert [edit.text for edit in found.edits] == ["Recipe"]

    def test_known_names_are_no_problems(self) -> None:
        assert read("a: int", {"int": {"type": "integer"}}).problems == ()

    def test_what_the_runtime_refuses_has_a_problem_and_what_it_takes_has_none(self, oracle: Oracle) -> None:
        files = sorted((SHARED / "corpus").rglob("*.prompt"))
        if not files:
            pytest.skip(f"{SHARED / 'corpus'} is absent")
        checked = 0
        for path in files:
            prompt = prompt_with(path.read_text(encoding="utf-8"))
            for schema in (input_schema(prompt), output_schema(prompt)):
                if schema is None or schema.form == "json-schema":
                    continue
                checked += 1
                source = f"---\noutput:\n  schema: {json.dumps(_data(prompt.text, schema))}\n---\nx"
                try:
                    theirs = oracle.render(source)["output"]["schema"]
                except Refused:
                    assert schema.problems, path
                else:
                    assert schema.problems == (), path
                    assert schema.type.json == theirs, path
        assert checked > 40


def _data(text: str, schema: Schema) -> Any:
    written = text[slice(*schema.range)]
    start = text.rfind("\n", 0, schema.range.start) + 1
    return to_data(read_yaml(" " * (schema.range.start - start) + written).root)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("string", ("string", None)),
        ("string, a, b", ("string", "a, b")),
        ("string,a", ("string", "a")),
        ("string,", ("string", "")),
        ("string, a\n", ("string, a\n", None)),
        ("a\nb, c", ("b", "c")),
    ],
)
def test_split_description(text: str, parts: tuple[str, str | None]) -> None:
    assert split_description(text) == parts


class TestSampleInput:
    TEXT = (
        "name: string\nage?: integer\ntags(array): string\nkind(enum): [x, y]\nown: {flag: boolean, nothing: 'null'}\n"
    )

    def test_a_value_for_every_field(self) -> None:
        assert generate_input(read(self.TEXT).type) == {
            "name": "name",
            "age": 1,
            "tags": ["tags 1", "tags 2"],
            "kind": "x",
            "own": {"flag": True, "nothing": None},
        }

    def test_less_of_it(self) -> None:
        data = generate_input(read(self.TEXT).type, optional=False, items=0)
        assert "age" not in data and data["tags"] == []

    def test_only_objects_give_input(self) -> None:
        assert generate_input(read("string").type) == {}

    def test_defaults_of_json_schema_are_taken(self) -> None:
        schema = read("{type: object, properties: {a: {type: string, default: hi}}}")
        assert generate_input(schema.type) == {"a": "hi"}

    def test_endless_schemas_end(self) -> None:
        node = "{type: object, properties: {l: {$ref: '#'}, r: {$ref: '#'}}}"
        assert "l" in generate_input(read(node).type)
