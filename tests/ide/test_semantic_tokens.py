"""What each word of a sample is told to be, and how answers are cut and compared."""

import random
from pathlib import Path

import pytest

from promptls.ide.semantic_legend import TOKEN_MODIFIERS, TOKEN_TYPES
from promptls.ide.semantic_tokens import delta, semantic_tokens, semantic_tokens_in
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.syntax.source import Range
from tests.bench.texts import prompt_text
from tests.support import ROOT
from tests.support.project import InMemoryProject

HEAD = """---
input:
  schema:
    user:
      name: string
    xs(array): string
---
"""


def words(text: str, prompt: Prompt | None = None) -> list[str]:
    """The tokens as `word type modifier…`."""
    prompt = prompt or InMemoryProject(has_siblings=True).prompt("x.prompt", text)
    return [" ".join((text[slice(*token.range)], token.type, *token.modifiers)) for token in semantic_tokens(prompt)]


def in_template(template: str) -> list[str]:
    found = words(HEAD + template)
    return found[len(words(HEAD)) :]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{user.name}}", ["user variable", "name property"]),
        ("{{other.x}}", ["other variable", "x property"]),
        ("{{#each xs as |x|}}{{x}}{{@index}}{{/each}}",
         ["each keyword", "xs variable", "as keyword", "x parameter declaration", "x parameter",
          "@index variable readonly defaultLibrary", "each keyword"]),
        ("{{#with user}}{{name}}{{../xs}}{{this.name}}{{/with}}",
         ["with keyword", "user variable", "name property", "xs variable", "this keyword", "name property",
          "with keyword"]),
        ('{{role "system"}}{{history}}',
         ["role function defaultLibrary", '"system" string', "history function defaultLibrary"]),
        ('{{#role "x"}}{{/role}}',
         ["role function deprecated defaultLibrary", '"x" string', "role function deprecated defaultLibrary"]),
        ("{{shout user 1 true null}}", ["shout function", "user variable", "1 number", "true keyword", "null keyword"]),
        ("{{json (f xs) indent=2}}",
         ["json function defaultLibrary", "f function", "xs variable", "indent parameter", "2 number"]),
        ("{{> dir/card title=user}}", ["dir macro", "card macro", "title parameter", "user variable"]),
        ("{{#> card}}{{/card}}", ["card macro", "card macro"]),
        ('{{#*inline "p"}}{{/inline}}{{> p}}',
         ["inline keyword", '"p" macro declaration', "inline keyword", "p macro"]),
        ("{{#if xs}}{{else if user}}{{else}}{{^}}{{/if}}",
         ["if keyword", "xs variable", "else keyword", "if keyword", "user variable", "else keyword", "if keyword"]),
        ("{{! one\n  two }}", ["{{! one comment", "two }} comment"]),
        ("{{{{raw}}}}{{x}}{{{{/raw}}}}", ["raw variable", "raw variable"]),
        ("𝒳{{[é 𝒳]}}", ["[é 𝒳] variable"]),
        ("{{user.", ["user variable"]),
        ('{{f "x', ["f function", '"x string']),
    ],
)  # fmt: skip
def test_template(template: str, expected: list[str]) -> None:
    assert in_template(template) == expected


def test_frontmatter() -> None:
    text = """---
# note
model: googleai/gemini-2.0-flash # old
my.ext: [1.5, yes, null, "x#y"]
input:
  schema:
    name?: string, who # it is
    items(array, all of them): Item
  default:
    name: Bob
description: |
  two
  lines
---
"""
    assert words(text) == [
        "# note comment",
        "model property",
        "googleai namespace",
        "gemini-2.0-flash enumMember deprecated",
        "# old comment",
        "my namespace",
        "ext property",
        "1.5 number",
        "yes string",
        "null keyword",
        '"x#y" string',
        "input property",
        "schema property",
        "name variable declaration",
        "string type",
        "who string",
        "# it is comment",
        "items variable declaration",
        "array type",
        "all of them string",
        "Item type",
        "default property",
        "name variable declaration",
        "Bob string",
        "description property",
        "| string",
        "two string",
        "lines string",
    ]


def test_settings_declare_helpers() -> None:
    prompt = Prompt("{{shout}}{{> p}}", settings=Settings(helpers=["shout"]))
    assert words(prompt.text, prompt) == ["shout function", "p macro"]


def test_files_of_other_formats_have_none() -> None:
    assert semantic_tokens(InMemoryProject().prompt("x.prompt", "{% if a %}{{ x }}{% endif %}")) == ()


@pytest.mark.parametrize("path", sorted((ROOT / "samples").rglob("*.prompt")), ids=lambda path: path.name)
def test_tokens_are_in_order_within_lines_and_in_the_legend(path: Path) -> None:
    text = path.read_bytes().decode()
    cursor = 0
    for range, type, modifiers in semantic_tokens(InMemoryProject(has_siblings=True).prompt("x.prompt", text)):
        assert cursor <= range.start < range.end <= len(text)
        assert not set(text[slice(*range)]) & {"\n", "\r"}
        assert type in TOKEN_TYPES and set(modifiers) <= set(TOKEN_MODIFIERS)
        cursor = range.end


def test_a_part_of_the_tokens() -> None:
    prompt = InMemoryProject().prompt("x.prompt", prompt_text(60))
    tokens = semantic_tokens(prompt)
    for start in range(0, len(prompt.text), 37):
        part = Range(start, start + 50)
        expected = [each for each in tokens if each.range.end >= part.start and each.range.start < part.end]
        assert list(semantic_tokens_in(prompt, part)) == expected


@pytest.mark.parametrize("seed", range(50))
def test_delta_makes_the_new_of_the_old(seed: int) -> None:
    chance = random.Random(seed)
    old = [chance.randrange(3) for _ in range(chance.randrange(40))]
    new = old[:]
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(new) + 1)
        new[at : at + chance.randrange(4)] = [chance.randrange(3) for _ in range(chance.randrange(4))]
    edit = delta(old, new)
    if edit is None:
        assert old == new
    else:
        assert old[: edit.start] + list(edit.inserted) + old[edit.start + edit.deleted :] == new
        assert edit.deleted + len(edit.inserted) <= len(old) + len(new)


def test_delta_is_small() -> None:
    old = list(range(1000))
    assert delta(old, old) is None
    assert delta(old, [*old[:500], -1, *old[500:]]) == (500, 0, [-1])
    assert delta(old, [*old[:500], *old[501:]]) == (500, 1, [])
