"""The frontmatter as typed values, and what has the wrong type."""

import sys

import pytest

from promptls.language.frontmatter_model import FrontmatterModel
from promptls.language.keys import CONFIG_KEYS, FRONTMATTER_KEYS
from promptls.language.metadata import metadata, type_problems
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.syntax.source import Range

FULL = """\
---
name: greet
variant: formal
version: '1.0'
description: Greets people.
model: "googleai/gemini-2.5-flash"
tools: [search, mail/send, 5]
toolDefs:
  - name: book
    inputSchema: {city: string}
config:
  temperature: 0.2
  stopSequences: [END]
  custom: true
input:
  schema: {name: string}
  default: {name: you}
output:
  format: json
  schema: Greeting
metadata: {owner: me}
myapp.kind: demo
a.b.c: 1
max_steps: 5
---
Hello {{name}}
"""


def prompt(text: str) -> Prompt:
    return Prompt(text, settings=Settings())


def front(yaml: str) -> Prompt:
    return prompt(f"---\n{yaml}\n---\nHello")


def cut(prompt: Prompt, range: Range) -> str:
    return prompt.text[range.start : range.end]


def test_every_value_with_its_place() -> None:
    given = prompt(FULL)
    data = metadata(given)
    texts = {
        "name": ("greet", "greet"),
        "variant": ("formal", "formal"),
        "version": ("1.0", "'1.0'"),
        "description": ("Greets people.", "Greets people."),
        "model": ("googleai/gemini-2.5-flash", '"googleai/gemini-2.5-flash"'),
        "output_format": ("json", "json"),
    }
    for name, (value, written) in texts.items():
        located = getattr(data, name)
        assert (located.value, cut(given, located.range)) == (value, written)
    assert [(tool.value, cut(given, tool.range)) for tool in data.tools] == [
        ("search", "search"),
        ("mail/send", "mail/send"),
    ]
    assert [(entry.name, cut(given, entry.key_range), entry.number) for entry in data.config] == [
        ("temperature", "temperature", 0.2),
        ("stopSequences", "stopSequences", None),
        ("custom", "custom", None),
    ]
    assert data.config[0].known is CONFIG_KEYS["temperature"]
    assert data.config[2].known is None
    nodes = (data.input_schema, data.input_default, data.output_schema, data.metadata)
    assert [node and cut(given, node.range) for node in nodes] == [
        "{name: string}",
        "{name: you}",
        "Greeting",
        "{owner: me}",
    ]
    assert [cut(given, each.range) for each in data.tool_definitions] == [
        "name: book\n    inputSchema: {city: string}",
    ]


def test_only_the_last_dot_splits_a_key() -> None:
    data = metadata(prompt(FULL))
    assert [(each.namespace, each.name) for each in data.extensions] == [("myapp", "kind"), ("a.b", "c")]
    assert [entry.name for entry in data.unknown] == ["max_steps"]


def test_the_last_of_duplicate_settings_counts() -> None:
    entry = metadata(front("config: {topK: 1, topK: 2}")).setting("topK")
    assert entry is not None and entry.number == 2


def test_values_behind_aliases_stand_where_the_alias_does() -> None:
    given = front("description: &d hello\nname: *d")
    data = metadata(given)
    assert data.name is not None and (data.name.value, cut(given, data.name.range)) == ("hello", "*d")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no frontmatter",
        "---\n---\n",
        "---\n- list\n---\n",
        "---\n5\n---\n",
        "---\nmodel\n---\n",
        "---\nconfig: 5\ninput: x\noutput: [1]\ntools: {a: 1}\ntoolDefs: no\n---\n",
        "---\n? [a]\n: b\n? {c: d}\n: e\n---\n",
        "---\nmodel: {{m}}\ninput: {schema: {a: [b}\n---\n",
        "---\nmodel: a\ninput:\n  schema:\n",
        "---\nconfig:\ninput:\n  schema:\n  default:\noutput:\ntools:\n---\n",
        "---\na: &a [1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
        "d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\nconfig: {x: [*d,*d,*d,*d,*d,*d,*d,*d]}\n---\n",
    ],
)
def test_nothing_is_too_odd_to_be_read(text: str) -> None:
    given = prompt(text)
    metadata(given)
    type_problems(given)


def test_what_has_another_type_is_left_out() -> None:
    data = metadata(front("name: [a]\nmodel: 5\nconfig: x\ninput: {default: 3}\ntools: search"))
    assert (data.name, data.model, data.config, data.input_default, data.tools) == (None, None, (), None, ())


@pytest.mark.parametrize(
    ("yaml", "problem"),
    [
        ("config: 5", ("config", "5", "a mapping", "a number", False)),
        ("config: [a]", ("config", "[a]", "a mapping", "a list", False)),
        ("model: [1]", ("model", "[1]", "text", "a list", False)),
        ("model: {a: b}", ("model", "{a: b}", "text", "a mapping", False)),
        ("tools: foo", ("tools", "foo", "a list", "text", False)),
        ("tools: [a, 2]", ("tools.2", "2", "text", "a number", True)),
        ("version: 1.0", ("version", "1.0", "text", "a number", True)),
        ("name: true", ("name", "true", "text", "true or false", True)),
        ("input: x", ("input", "x", "a mapping", "text", False)),
        ("input: {default: [1]}", ("input.default", "[1]", "a mapping", "a list", False)),
        ("output: {format: [a]}", ("output.format", "[a]", "text", "a list", False)),
        ("toolDefs: [{name: 3, inputSchema: any}]", ("toolDefs.1.name", "3", "text", "a number", True)),
        ("metadata: hello", ("metadata", "hello", "a mapping", "text", False)),
        ("x: &x [1]\nmodel: *x", ("model", "*x", "text", "a list", False)),
    ],
)
def test_wrong_types(yaml: str, problem: tuple[str, str, str, str, bool]) -> None:
    given = front(yaml)
    (found,) = type_problems(given)
    assert (found.key, cut(given, found.range), found.expected, found.actual, found.scalar) == problem


@pytest.mark.parametrize(
    "yaml",
    [
        FULL.split("---\n")[1].replace(", 5]", "]"),
        "name:\nconfig:\ntools: ~\ninput:\noutput: null",
        "max_steps: [1]\nunknown: {a: 1}\nmyapp.config: 5",
        "output: {format: csv, extra: 1}\ninput: {schema: 5}",
        # The value that breaks the YAML may not be what was written.
        "config: 5\nmodel: [a",
    ],
)
def test_right_types(yaml: str) -> None:
    assert type_problems(front(yaml)) == ()


def test_tables_are_complete() -> None:
    children = [child for parent in FRONTMATTER_KEYS.values() for child in parent.children]
    for key in (*FRONTMATTER_KEYS.values(), *children):
        assert key.summary.endswith(".") and key.example.startswith(f"{key.name}:")
    for setting in CONFIG_KEYS.values():
        assert setting.summary.endswith(".") and setting.example.startswith(f"{setting.name}:")
        assert set(setting.vendors).isdisjoint(setting.ignored_by)
    aliases = {field.alias or name for name, field in FrontmatterModel.model_fields.items()}
    assert aliases == set(FRONTMATTER_KEYS)


def test_examples_of_the_tables_are_right() -> None:
    for key in FRONTMATTER_KEYS.values():
        assert type_problems(front(key.example)) == (), key.name


def test_pydantic_waits_until_types_are_asked_for() -> None:
    """Reading the values needs no model of them, so the module that holds it is imported only when they are checked."""
    module = sys.modules.pop("promptls.language.frontmatter_model")
    try:
        metadata(prompt(FULL))
        assert "promptls.language.frontmatter_model" not in sys.modules
    finally:
        sys.modules["promptls.language.frontmatter_model"] = module
