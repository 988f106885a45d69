"""What a hover says; the cursor is written as ‸ in the sample."""

import pytest

from promptls.ide.hover import Hover, hover
from promptls.settings import Settings
from tests.support import ROOT
from tests.support.markers import marked
from tests.support.project import InMemoryProject

HEAD = """---
model: openai/gpt-4o
config:
  temperature: 0.2
input:
  schema:
    user(object, who is asking):
      name: string, the full name
      tags?(array): string
    tone?: string, how to write
  default:
    tone: friendly, "and" brief
---
"""
PARTIALS = {"_header.prompt": "---\ndescription: Says who we are.\ninput:\n  schema:\n    name: string\n---\nWe.\n"}


def hover_at(sample: str, settings: Settings | None = None) -> Hover | None:
    text, (cursor,), _ = marked(sample)
    return hover(InMemoryProject({**PARTIALS, "a.prompt": text}, settings=settings).prompt("a.prompt"), cursor)


def body(sample: str) -> tuple[str, str, list[str]]:
    """The hovered text, the code and the paragraphs."""
    found = hover_at(sample)
    assert found is not None
    return marked(sample).text[slice(*found.range)], found.code, list(found.paragraphs)


def test_helpers_are_explained_wherever_they_are_named() -> None:
    for line in ("{{#i‸f tone}}x{{/if}}", "{{#if tone}}x{{/if‸}}", "{{lookup user (js‸on tone)}}"):
        name, code, paragraphs = body(HEAD + line)
        assert name in ("if", "json")
        assert code.startswith(("{{#if ", "{{json "))
        assert any("`value`" in paragraph for paragraph in paragraphs)
    assert "inline" not in body(HEAD + '{{ro‸le "user"}}')[1]
    assert body(HEAD + '{{#rol‸e "user"}}x{{/role}}')[1].startswith("{{role ")  # never in the block form that drops it


def test_variables_know_type_description_default_and_place() -> None:
    name, code, paragraphs = body(HEAD + "Write {{to‸ne}}.")
    assert (name, code) == ("tone", "tone?: string")
    assert paragraphs == [
        "how to write",
        'Default: `friendly, "and" brief`',
        "Declared on line 10, in the input schema.",
    ]
    name, code, paragraphs = body(HEAD + "{{us‸er.name}}")
    assert (name, code) == ("user", "user: object")
    assert paragraphs[:2] == ["who is asking", "- `name: string`, the full name\n- `tags?: array of string`"]
    assert body(HEAD + "{{user.na‸me}}") == ("name", "name: string", ["the full name"])


def test_declarations_are_hovered_too() -> None:
    assert body(HEAD.replace("tone?", "to‸ne?"))[1] == "tone?: string"
    assert body(HEAD.replace("    tone: fr", "    to‸ne: fr"))[1] == "tone?: string"


def test_block_parameters_and_data_variables() -> None:
    assert body(HEAD + "{{#each user.tags as |tag|}}{{t‸ag}}{{/each}}")[1] == "tag: string"
    name, code, _ = body(HEAD + "{{#each user.tags}}{{@ind‸ex}}{{/each}}")
    assert code == "@index: integer"
    assert "index" in name


def test_roles() -> None:
    name, code, paragraphs = body(HEAD + '{{role "sys‸tem"}}')
    assert (name, code) == ('"system"', '{{role "system"}}')
    assert paragraphs
    assert hover_at(HEAD + '{{role "nar‸rator"}}') is None
    declared = hover_at(HEAD + '{{role "nar‸rator"}}', Settings(roles=("narrator",)))
    assert declared is not None


def test_partials_tell_what_they_are() -> None:
    name, code, paragraphs = body(HEAD + "{{> hea‸der}}")
    assert (name, code) == ("header", "{{> header}}")
    assert paragraphs == ["Says who we are.", "Takes `name: string`.", "`_header.prompt`, 8 lines"]
    assert body(HEAD + "{{> foo‸ter}}")[2] == ["There is no such partial; it would be `_footer.prompt`."]


def test_keys_of_the_frontmatter() -> None:
    assert body(HEAD.replace("config:", "con‸fig:"))[0] == "config"
    name, code, paragraphs = body(HEAD.replace("temperature", "temp‸erature"))
    assert (name, code) == ("temperature", "temperature: 0.2")
    assert "Allowed: from 0 to 2." in paragraphs
    assert body(HEAD.replace("  schema", "  sch‸ema"))[0] == "schema"
    assert hover_at(HEAD.replace("config:", "madeUp‸: 1\nconfig:")) is None


def test_models() -> None:
    name, code, paragraphs = body(HEAD.replace("gpt-4o", "gpt-4‸o"))
    assert (name, code) == ("openai/gpt-4o", "model: openai/gpt-4o")
    assert any(paragraph == "Context window: 128,000 tokens" for paragraph in paragraphs)
    assert any(paragraph.startswith("Per million tokens: $") for paragraph in paragraphs)
    assert any("Deprecated" in paragraph for paragraph in body(HEAD.replace("gpt-4o", "gpt-4-32‸k"))[2])
    assert hover_at(HEAD.replace("gpt-4o", "made‸-up")) is None


@pytest.mark.parametrize("sample", ["Hel‸lo {{x}}.", HEAD + "Hel‸lo", HEAD + "{{! a com‸ment }}", "‸", HEAD + "‸"])
def test_nothing_to_say(sample: str) -> None:
    assert hover_at(sample) is None


@pytest.mark.parametrize("path", sorted((ROOT / "samples").rglob("*.prompt")), ids=lambda path: path.stem)
def test_every_offset_of_every_sample_and_of_its_ruins(path: object) -> None:
    """No exception, and no range outside of the text, however much of it is missing."""
    text = path.read_bytes().decode()  # type: ignore[attr-defined]
    for ruin in (
        text,
        text[: len(text) // 2],
        text[len(text) // 3 :],
        text.replace("}}", "}"),
        text.replace("---", "--"),
    ):
        prompt = InMemoryProject({"a.prompt": ruin}).prompt("a.prompt")
        for offset in range(len(ruin) + 1):
            found = hover(prompt, offset)
            assert found is None or 0 <= found.range.start <= offset <= found.range.end <= len(ruin)
