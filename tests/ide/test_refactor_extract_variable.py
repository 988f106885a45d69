"""Extracting literal text to an input variable."""

import yaml

from promptls.syntax.frontmatter import read_layout
from tests.ide.refactoring import Done, assert_unchanged, done, offers, refusal

EXTRACT = "extract-variable"


def frontmatter_of(result: Done) -> object:
    head = read_layout(result.text).frontmatter
    assert head is not None
    return yaml.safe_load(result.text[slice(*head.yaml_range)])


def test_the_schema_and_the_defaults_get_the_variable() -> None:
    result = done(
        "---\nmodel: m\ninput:\n  schema:\n    topic: string # what\n  default:\n    topic: cats\n---\n"
        "Write ⟦a short poem⟧ about {{topic}}.\n",
        EXTRACT,
    )
    assert "Write {{a_short_poem}} about {{topic}}." in result.text
    assert "    topic: string # what\n    a_short_poem: string\n" in result.text
    assert "    topic: cats\n    a_short_poem: a short poem\n" in result.text
    assert_unchanged(result, {"topic": "dogs"})


def test_input_is_made_where_it_lacks() -> None:
    result = done("---\nmodel: m\n---\nWrite ⟦poems⟧.", EXTRACT)
    assert frontmatter_of(result) == {
        "model": "m",
        "input": {"schema": {"poems": "string"}, "default": {"poems": "poems"}},
    }
    assert_unchanged(result)


def test_a_schema_is_not_made_where_it_would_lack_other_variables() -> None:
    result = done("---\nmodel: m\n---\nWrite ⟦poems⟧ for {{x}}.", EXTRACT)
    assert frontmatter_of(result) == {"model": "m", "input": {"default": {"poems": "poems"}}}
    assert_unchanged(result, {"x": 1})


def test_a_frontmatter_is_made_where_it_lacks() -> None:
    result = done("Write ⟦poems⟧.", EXTRACT)
    assert result.text.endswith("---\nWrite {{poems}}.")
    assert not result.notes
    assert_unchanged(result)


def test_a_new_frontmatter_trims_the_prompt_and_says_so() -> None:
    result = done("Write ⟦poems⟧.\n", EXTRACT)
    assert result.notes


def test_text_of_several_lines_and_what_yaml_would_read_otherwise() -> None:
    text = "yes: no # 1\n  - {x}\n\n'q' \\n 日本語 😀"
    result = done(f"---\ninput:\n  schema: {{a: string}}\n---\nA ⟦{text}⟧ B {{{{a}}}}", EXTRACT)
    data = frontmatter_of(result)
    assert isinstance(data, dict)
    assert text in data["input"]["default"].values()
    assert_unchanged(result)


def test_words_that_are_no_text_in_yaml() -> None:
    for word in ("yes", "1e3", "0o17", "null", "12", "~x", "- a"):
        assert_unchanged(done(f"---\nmodel: m\n---\nA ⟦{word}⟧ B", EXTRACT))


def test_inside_blocks_the_root_is_named() -> None:
    result = done("---\nmodel: m\n---\n{{#each xs}}{{#if this}}a ⟦b⟧{{/if}}{{/each}}", EXTRACT)
    assert "a {{@root.b}}" in result.text
    assert_unchanged(result, {"xs": [1, 2]})


def test_the_name_is_new() -> None:
    result = done("---\nmodel: m\n---\n{{role}} {{#each xs as |if2|}}⟦role⟧ {{/each}}", EXTRACT)
    assert "{{@root.role2}}" in result.text
    assert_unchanged(result, {"xs": [1]})


def test_flow_style_windows_lines_and_empty_entries() -> None:
    assert_unchanged(done("---\r\ninput: {schema: {a: string}}\r\n---\r\nA ⟦b c⟧ {{a}}\r\n", EXTRACT))
    assert_unchanged(done("---\ninput:\n---\nA ⟦b c⟧", EXTRACT))
    assert_unchanged(done("---\ninput: {}\n---\nA ⟦b c⟧", EXTRACT))
    assert_unchanged(done("---\n# nothing yet\n---\nA ⟦b c⟧", EXTRACT))


def test_json_schemas_get_a_property() -> None:
    result = done(
        "---\ninput:\n  schema:\n    type: object\n    properties:\n      a: {type: string}\n---\nA ⟦b⟧ {{a}}", EXTRACT
    )
    assert "      b: {type: string}\n" in result.text
    assert_unchanged(result)


def test_refusals() -> None:
    assert "callers" in refusal("A ⟦b⟧", EXTRACT, path="_p.prompt")
    assert "defined elsewhere" in refusal("---\ninput:\n  schema: Recipe\n---\nA ⟦b⟧", EXTRACT)
    assert "not valid YAML" in refusal("---\nmodel: [\n---\nA ⟦b⟧", EXTRACT)
    assert "alias" in refusal("---\nx: &a {schema: {b: string}}\ninput: *a\n---\nA ⟦c⟧", EXTRACT)
    assert "whole input" in refusal("A ⟦b⟧ {{json this}}", EXTRACT)
    assert "never closed" in refusal("---\nmodel: m\nA ⟦b⟧ {{x}}", EXTRACT)


def test_only_text_is_offered() -> None:
    assert EXTRACT not in offers("A ⟦{{b}}⟧ c")
    assert EXTRACT not in offers("A ⟦b {{c}}⟧")
    assert EXTRACT not in offers("A ‸b")
