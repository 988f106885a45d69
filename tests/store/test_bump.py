"""Which semantic version an edit takes: a table of edits of one prompt, and what is special besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.store.bump import differences, stated_version, states_only_version
from promptls.store.versions import FIRST, SemanticVersion, greatest, read_version

BASE = """---
name: digest
model: googleai/gemini-2.5-flash
description: Sums up articles.
config:
  temperature: 0.2
tools: [lookUp]
input:
  schema:
    article: string, the text to sum up
    count: integer
    tone?: string
    style(enum): [short, long]
    author:
      name: string
      site?: string
  default:
    count: 3
output:
  format: json
  schema:
    title: string
    points(array): string
---
{{role "system"}}
You sum up articles.
{{role "user"}}
Sum up in {{count}} points: {{article}} {{tone}} {{style}} {{author.name}}
"""

EDITS = [
    # Patches: wording, and what programs do not see.
    ("You sum up articles.", "You sum up articles faithfully.", "patch", "the text changed (+1 -1 lines)"),
    ("You sum up articles.", "You  sum up\n\narticles.", "patch", "only the layout of the text changed"),
    ("Sums up articles.", "Sums up news.", "patch", "description changed"),
    ("tools:", "metadata:\n  tags: [news]\ntools:", "patch", "metadata is new"),
    ("string, the text to sum up", "string, what to sum up", "patch", "the input is declared in other words"),
    ("title: string", "title: string, at most ten words", "patch", "the output is declared in other words"),
    ("temperature: 0.2", "temperature: 0.7", "patch", "temperature is 0.7 instead of 0.2"),
    ("temperature: 0.2", "temperature: 0.2\n  topP: 0.9", "patch", "topP is set to 0.9"),
    ("count: 3", "count: 5", "patch", "the default of the input count changed"),
    ("name: digest", "name: digest # for the front page", "patch", "only layout and comments"),
    ("tools: [lookUp]", "tools:\n  - lookUp", "patch", "only layout and comments of the frontmatter changed"),
    ("{{tone}}", "{{#if tone}}Tone: {{tone}}{{/if}}", "patch", "the text changed (+1 -1 lines)"),
    # Minor: more is possible, and nothing that worked stops working.
    ("    tone?:", "    audience?: string\n    tone?:", "minor", "there is a new optional input audience"),
    ("  default:\n", "  default:\n    article: none\n", "minor", "the input article is no longer required"),
    ("article: string", "article?: string", "minor", "the input article is no longer required"),
    ("count: integer", "count: number", "minor", "the input count takes more: number instead of integer"),
    ("[short, long]", "[short, long, bullet]", "minor", "the input style takes more"),
    ("style(enum): [short, long]", "style: string", "minor", "the input style takes more: string"),
    ("article: string", "article: any", "minor", "the input article takes more: any instead of string"),
    ("      site?:", "      mail?: string\n      site?:", "minor", "there is a new optional mail in the input author"),
    ("name: string\n", "name?: string\n", "minor", "the name of the input author is no longer required"),
    ("You sum up articles.\n", 'You sum up articles.\n{{role "model"}}\nGladly.\n', "minor", "a new message: model"),
    ("You sum up articles.\n", "You sum up articles.\n{{history}}\n", "minor", "there is a new message: history"),
    ("gemini-2.5-flash", "gemini-2.5-pro", "minor", "the model is googleai/gemini-2.5-pro instead of"),
    ("model: googleai/gemini-2.5-flash\n", "", "minor", "the model is unset instead of googleai/gemini-2.5-flash"),
    ("tools: [lookUp]\n", "", "minor", "it no longer uses the tool lookUp"),
    # Major: a program that worked may fail.
    ("    article:", "    depth: integer\n    article:", "major", "there is a new required input depth"),
    ("    tone?: string\n", "", "major", "the input tone is gone"),
    ("tone?: string", "mood?: string", "major", "the input tone is gone"),
    ("tone?:", "tone:", "major", "the input tone is now required"),
    ("  default:\n    count: 3\n", "", "major", "the input count is now required"),
    ("article: string", "article: number", "major", "the input article is number instead of string"),
    ("[short, long]", "[short]", "major", "the input style is"),
    ("      site?: string\n", "", "major", "the input author has no site any more"),
    ("site?: string", "site: string", "major", "the site of the input author is now required"),
    ("      site?:", "      mail: string\n      site?:", "major", "there is a new required mail in the input author"),
    ("format: json", "format: text", "major", "the answer's format is text instead of json"),
    ("title: string", "headline: string", "major", "the schema of the answer changed: without title, with headline"),
    ("title: string", "title: string\n    language: string", "major", "the answer changed: with language"),
    ("title: string", "title?: string", "major", "the schema of the answer changed: title is optional"),
    ("points(array): string", "points(array): integer", "major", "points is array of integer instead of"),
    ('{{role "user"}}', '{{role "model"}}', "major", "the roles are system, model instead of system, user"),
    ('{{role "system"}}\nYou sum up articles.\n', "", "major", "a message is gone: system"),
    ("[lookUp]", "[lookUp, search]", "major", "it needs the tool search, which its host must have"),
    ("name: digest", "name: summary", "major", "the name is summary, by which programs find the prompt"),
    ("name: digest", "variant: formal\nname: digest", "major", "the variant is formal"),
]  # fmt: skip


def prompt(text: str) -> Prompt:
    return Prompt(text, settings=Settings(), path=Path("/project/a.prompt"))


@pytest.mark.parametrize(("old", "new", "bump", "reason"), EDITS, ids=[f"{each[2]}: {each[3]}" for each in EDITS])
def test_edits(old: str, new: str, bump: str, reason: str) -> None:
    assert BASE.count(old) == 1
    found = differences(prompt(BASE), prompt(BASE.replace(old, new)))
    assert greatest(found) == bump, found
    assert reason in "; ".join(each.message for each in found if each.bump == bump)
    assert [each.bump for each in found] == sorted((each.bump for each in found), key=["major", "minor", "patch"].index)


@pytest.mark.parametrize(("old", "new", "bump", "reason"), EDITS, ids=[f"{each[2]}: {each[3]}" for each in EDITS])
def test_the_way_back_is_also_a_version(old: str, new: str, bump: str, reason: str) -> None:
    assert differences(prompt(BASE.replace(old, new)), prompt(BASE))


def test_nothing_changed() -> None:
    assert differences(prompt(BASE), prompt(BASE)) == ()


UNDECLARED = [
    ("Hello {{name}}.", "Hello {{name}} of {{city}}.", "major", "there is a new required input city"),
    ("Hello {{name}}.", "Hello {{name}}{{#if city}} of {{city}}{{/if}}.", "minor", "new optional input city"),
    ("Hello {{name}}.", "Hello.", "major", "the input name is gone"),
    ("Hello {{name}}.", "Dear {{name}}.", "patch", "the text changed"),
    ("Hello {{name}}.", "---\ninput: {schema: {name: string}}\n---\nHello {{name}}.", "patch", "in other words"),
    ("{{#each items}}{{title}}{{/each}}", "{{#each items}}{{title}} {{price}}{{/each}}", "patch", "the text changed"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "bump", "reason"), UNDECLARED)
def test_inputs_that_nobody_declares(before: str, after: str, bump: str, reason: str) -> None:
    found = differences(prompt(before), prompt(after))
    assert greatest(found) == bump, found
    assert reason in "; ".join(each.message for each in found)


SCHEMA = "---\ninput:\n  schema:\n    type: object\n    required: [a, b]\n    properties:\n      a: {type: string}\n      b: {type: string}\n---\n{{a}}{{b}}"  # noqa: E501


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ("[a, b]", "[b, a]", "patch"),
        ("[a, b]", "[a]", "minor"),
        ("a: {type: string}", "a: {type: string, description: x}", "patch"),
        ("a: {type: string}", "a: {type: string, maxLength: 3}", "major"),
        ("required: [a, b]", "required: [a, b]\n    additionalProperties: true", "minor"),
        ("    properties:", "    title: Inputs\n    properties:", "patch"),
    ],
)
def test_json_schema(old: str, new: str, bump: str) -> None:
    found = differences(prompt(SCHEMA), prompt(SCHEMA.replace(old, new)))
    assert greatest(found) == bump, found


def test_the_same_schema_written_otherwise_is_a_patch() -> None:
    short = "---\noutput:\n  schema:\n    a: string\n    b?: integer\n---\nx"
    other = "---\noutput:\n  schema: {a: string, 'b?': integer}\n---\nx"
    assert greatest(differences(prompt(short), prompt(other))) == "patch"


def test_a_frontmatter_that_cannot_be_read_says_nothing() -> None:
    broken = BASE.replace("[lookUp]", "[lookUp")
    for pair in ((BASE, broken), (broken, BASE)):
        (found,) = differences(*map(prompt, pair))
        assert (found.bump, found.aspect) == ("patch", "frontmatter")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("---\nversion: 1.2.3\n---\nx", "1.2.3"),
        ("---\nversion: 2.1\n---\nx", "2.1"),
        ("---\nversion: 'v3'\n---\nx", "v3"),
        ("---\nversion: [1]\n---\nx", None),
        ("---\nversion:\n---\nx", None),
        ("x", None),
    ],
)
def test_stated_versions(text: str, version: str | None) -> None:
    assert stated_version(prompt(text)) == version


def test_what_only_states_a_version() -> None:
    stated = BASE.replace("name: digest", "version: 1.1.0\nname: digest")
    assert states_only_version(prompt(BASE), prompt(stated))
    assert states_only_version(prompt(stated), prompt(stated.replace("1.1.0", "2.0.0")))
    assert states_only_version(prompt("Hello"), prompt("---\nversion: 1.0.0\n---\nHello"))
    assert not states_only_version(prompt(BASE), prompt(stated.replace("0.2", "0.3")))
    assert differences(prompt(BASE), prompt(stated)) == ()


def test_reading_versions() -> None:
    assert read_version("v2.1") == SemanticVersion(2, 1, 0)
    assert read_version(" 10.0.3 ") == (10, 0, 3)
    for wrong in ("", "one", "1.2.3.4", "1..2", "1.0.0-beta", "9" * 40, "१.२"):
        assert read_version(wrong) is None
    assert str(FIRST.bumped("patch").bumped("minor").bumped("major")) == "2.0.0"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["{{a}}", '{{role "user"}}x', "---\n", "    a: string\n", "{{#if a}}", "word ", "\n", "- - ", "&a *a "]
)
def test_hostile_texts(unit: str) -> None:
    for text in (unit * (100_000 // len(unit)), "---\ninput:\n  schema:\n" + unit * (30_000 // len(unit))):
        assert differences(prompt(text), prompt(text + "x"))
