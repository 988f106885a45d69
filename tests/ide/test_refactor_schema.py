"""Inputs put into and taken out of the schema, and schemas turned from one form into the other."""

import yaml

from promptls.language.picoschema import input_schema, output_schema
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from tests.ide.refactoring import Done, assert_unchanged, done, offers, refusal

HEAD = "---\ninput:\n  schema:\n"


def schema_of(text: str, which: str = "input") -> object:
    prompt = Prompt(text, settings=Settings())
    schema = input_schema(prompt) if which == "input" else output_schema(prompt)
    assert schema is not None
    return schema.type.json


# Fields


def test_a_variable_is_added_with_the_type_of_its_use() -> None:
    result = done(f"{HEAD}    a: string\n---\n{{{{#each ite‸ms}}}}{{{{this}}}}{{{{/each}}}}{{{{a}}}}", "add-input")
    assert "    a: string\n    items(array): any\n---" in result.text
    assert_unchanged(result, {"items": ["x"]})


def test_a_schema_is_made_for_it() -> None:
    result = done("---\nmodel: m\n---\nHi {{na‸me}}", "add-input")
    assert result.text == "---\nmodel: m\ninput:\n  schema:\n    name: string\n---\nHi {{name}}"
    assert_unchanged(result, {"name": "Zoë"})


def test_all_variables_are_added_at_once() -> None:
    sample = "---\nmodel: m\n---\n{{#if a‸}}{{b.c}}{{#each d}}{{x}}{{/each}}{{/if}}"
    assert offers(sample)["add-all-inputs"].title == "Add all 3 undeclared variables to the input schema"
    result = done(sample, "add-all-inputs")
    assert yaml.safe_load(result.text.split("---")[1])["input"]["schema"] == {
        "a": "boolean",
        "b": "any",
        "d(array)": "any",
    }
    assert_unchanged(result, {"a": 1, "b": {"c": 2}, "d": [{"x": 3}]})


def test_a_file_without_frontmatter_gets_one() -> None:
    result = done("Hi {{na‸me}}", "add-input")
    assert result.text == "---\ninput:\n  schema:\n    name: string\n---\nHi {{name}}"
    assert_unchanged(result)


def test_declared_names_and_partials_get_no_offer() -> None:
    assert "add-input" not in offers(f"{HEAD}    a: string\n---\n{{{{a‸}}}}")
    assert "add-input" not in offers("Hi {{na‸me}}", path="_p.prompt")
    assert "defined elsewhere" in refusal("---\ninput:\n  schema: Recipe\n---\n{{a‸}}", "add-input")
    assert "not valid YAML" in refusal("---\ninput: [\n---\n{{a‸}}", "add-input")


def test_an_unused_input_is_removed_with_its_default() -> None:
    result = done(
        f"{HEAD}    a: string\n    b‸: string # old\n  default: {{a: 1, b: 2}}\n---\n{{{{a}}}}", "remove-input"
    )
    assert result.text == f"{HEAD}    a: string\n  default: {{a: 1}}\n---\n{{{{a}}}}"
    assert_unchanged(result)


def test_the_last_input_takes_its_keys_along() -> None:
    result = done(f"---\nmodel: m\n{HEAD[4:]}    a‸: string\n---\nHi", "remove-input")
    assert result.text == "---\nmodel: m\n---\nHi"
    assert_unchanged(result)


def test_inputs_in_use_stay() -> None:
    assert "line 6" in refusal(f"{HEAD}    a‸: string\n---\n{{{{a}}}}", "remove-input")
    files = {"_p.prompt": "{{a}}"}
    assert "in a partial" in refusal(f"{HEAD}    a‸: string\n---\n{{{{> p}}}}", "remove-input", files)
    whole = f"{HEAD}    a‸: string\n    b: string\n  default: {{a: 1, b: 1}}\n---\n{{{{json this}}}}"
    assert "whole input" in refusal(whole, "remove-input")
    assert "empty" in refusal(f"{HEAD}    a‸: string\n---\nHi", "remove-input")


# Forms

PICOSCHEMA = """---
input:
  schema:
    name: string, who it is
    tags?(array, what they like): string
    size(enum): [small, large]
    address?:
      street: string
      (*): string
    extra?: any
model: m
---
{{name}} {{#each tags}}{{this}}{{/each}}
"""


def converted(sample: str, id: str, which: str = "input") -> Done:
    result = done(sample, id)
    assert schema_of(result.text, which) == schema_of(result.before[result.path], which)
    return result


def test_picoschema_becomes_the_json_schema_that_it_means() -> None:
    result = converted(PICOSCHEMA.replace("schema:", "sch‸ema:"), "input-to-json-schema")
    assert yaml.safe_load(result.text.split("---")[1])["input"]["schema"] == schema_of(PICOSCHEMA)
    assert_unchanged(result)


def test_and_back() -> None:
    json = done(PICOSCHEMA.replace("schema:", "sch‸ema:"), "input-to-json-schema").text
    result = converted(json.replace("schema:", "sch‸ema:", 1), "input-to-picoschema")
    assert yaml.safe_load(result.text.split("---")[1]) == yaml.safe_load(PICOSCHEMA.split("---")[1])
    assert_unchanged(result)


def test_open_objects_get_a_wildcard() -> None:
    schema = "type: object‸\n    properties:\n      é: {type: integer}\n    required: [é]"
    result = done(f"---\noutput:\n  schema:\n    {schema}\n---\nx", "output-to-picoschema")
    assert yaml.safe_load(result.text.split("---")[1])["output"]["schema"] == {"é": "integer", "(*)": "any"}


def test_flow_style_stays_on_its_line() -> None:
    result = converted("---\noutput: {format: json, schema: {a‸: string}}\n---\nx", "output-to-json-schema", "output")
    assert result.text.count("\n") == 3


def test_a_single_type_is_a_schema_too() -> None:
    converted("---\noutput:\n  schema: integer, how ma‸ny\n---\nx", "output-to-json-schema", "output")


def lost(schema: str) -> str:
    return refusal(f"---\noutput:\n  sch‸ema: {schema}\n---\nx", "output-to-picoschema")


def test_what_picoschema_cannot_say_is_named() -> None:
    assert "`minimum` of n" in lost("{type: object, properties: {n: {type: integer, minimum: 1}}, required: [n]}")
    assert "n may be left out but not be null" in lost("{type: object, properties: {n: {type: string}}}")
    assert "the type of n" in lost("{type: object, properties: {n: {anyOf: []}}, required: [n]}")
    assert "the description of the whole" in lost("{type: object, description: d, properties: {}}")
    assert "of the type array" in lost("{type: array, items: {type: string}}")
    assert "parentheses" in lost("{type: object, properties: {n: {type: array, description: a (b)}}, required: [n]}")
    assert "the name 'a(b'" in lost('{type: object, properties: {"a(b": {type: string}}, required: ["a(b"]}')
    assert "not described" in lost("{type: object, properties: {n: {type: string}}, required: [n, m]}")
    assert "the properties" in lost("{type: object, properties: {n: {type: string}}, required: [{a: 1}]}")
    nested = "{type: array, items: {type: array, items: {type: string}}}"
    assert "items of n" in lost(f"{{type: object, properties: {{n: {nested}}}, required: [n]}}")


def test_what_yaml_alone_holds_is_named() -> None:
    assert "comments" in refusal(
        "---\noutput:\n  sch‸ema:\n    a: string # why\n    b: any\n---\nx", "output-to-json-schema"
    )
    anchored = "---\noutput:\n  sch‸ema:\n    a: &t string\n    b: *t\n---\nx"
    assert "anchors" in refusal(anchored, "output-to-json-schema")
    assert "has an error" in refusal("---\noutput:\n  sch‸ema:\n    a: strin\n---\nx", "output-to-json-schema")


def test_references_to_named_schemas_would_be_lost() -> None:
    settings = Settings(schemas={"Recipe": {"type": "object", "properties": {}}})
    sample = "---\noutput:\n  schema:\n    a‸: Recipe\n---\nx"
    assert "Recipe" in refusal(sample, "output-to-json-schema", settings=settings)


def test_offered_inside_the_schema_only() -> None:
    assert not any("schema" in id for id in offers("---\nmod‸el: m\noutput: {schema: {a: string}}\n---\nx"))
    assert not any("json" in id for id in offers("---\noutput: {schema: Rec‸ipe}\n---\nx"))
