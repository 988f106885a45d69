"""Wrapping a selection, sorting the frontmatter, converting other formats."""

import pytest
import yaml

from promptls.ide.refactor import refactorings
from promptls.language.formats import recognised
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from tests.ide.refactoring import PATH, assert_unchanged, done, messages, offers, place, refusal

# Wrapping


def test_an_optional_value_guards_the_lines_that_print_it() -> None:
    result = done(
        "---\ninput:\n  schema:\n    a: string\n    b?: string\n---\none\n⟦{{a}} and {{b}}⟧\ntwo", "wrap-in-if"
    )
    assert "one\n{{#if b}}\n{{a}} and {{b}}\n{{/if}}\ntwo" in result.text
    data = {"a": "x", "b": "y"}
    assert messages(result.after, PATH, data) == messages(result.before, PATH, data)
    assert "and" not in str(messages(result.after, PATH, {"a": "x"}))


def test_a_new_condition_is_met_by_default() -> None:
    result = done("---\ninput:\n  schema:\n    a: string\n---\nHi ⟦{{a}}⟧!", "wrap-in-if")
    assert "Hi {{#if condition}}{{a}}{{/if}}!" in result.text
    head = yaml.safe_load(result.text.split("---")[1])
    assert head["input"] == {"schema": {"a": "string", "condition": "boolean"}, "default": {"condition": True}}
    assert_unchanged(result)


def test_a_condition_that_is_not_declared_is_noted() -> None:
    assert "condition" in done("Hi ⟦you⟧ {{x}}", "wrap-in-if").notes[0]


def test_names_lead_out_of_a_loop() -> None:
    result = done(
        """---
input:
  schema:
    a: string
    xs(array): string
    ps(array): {q: string, rs(array): {n: string}}
---
{{#each ps as |p|}}
⟦{{q}} {{p.q}} {{this.q}} {{../a}} {{@index}} {{@root.a}}
{{#each rs}}
{{n}} {{../q}} {{@index}} {{@../index}}
{{/each}}
{{> card}}⟧
{{/each}}
""",
        "wrap-in-each",
        {"_card.prompt": "<{{q}}>\n"},
    )
    assert "{{#each ../xs}}\n{{../q}} {{p.q}} {{../q}} {{../../a}} {{@../index}} {{@root.a}}\n" in result.text
    assert "{{n}} {{../../q}} {{@index}} {{@../../index}}" in result.text
    data = {"a": "A", "xs": ["x"], "ps": [{"q": "1", "rs": [{"n": "only"}]}, {"q": "2", "rs": [{"n": "é"}]}]}
    assert messages(result.after, PATH, data) == messages(result.before, PATH, data)
    assert messages(result.before, PATH, data)


def test_a_section_is_marked_inline() -> None:
    result = done('{{role "system"}}\nOne.\n⟦Two.⟧\nThree.\n', "begin-section")
    assert result.text == '{{role "system"}}\nOne.\n{{section "context"}}\nTwo.\nThree.\n'
    (message,) = messages(result.after, PATH, {})[:1]
    texts = [part["text"] for part in message["content"] if "text" in part]
    assert "".join(texts).replace("\n", "") == "One.Two.Three."
    assert {"metadata": {"purpose": "context", "pending": True}} in message["content"]


def test_wrapping_keeps_white_space() -> None:
    for sample in ("a\n  ⟦b\n  {{c}}⟧\n\nd", "a ⟦b {{c}}⟧ d", "a\r\n⟦日本 {{c}}⟧\r\nd", "⟦{{#if c}}\nx\n{{/if}}⟧\n"):
        result = done(sample, "wrap-in-if")
        before = messages(result.before, PATH, {"c": 1})
        assert messages(result.after, PATH, {"c": 1, "condition": True}) == before != []


def test_wrapping_is_refused_where_names_are_not_certain() -> None:
    assert "not known" in refusal("⟦{{#unknown}}{{x}}{{/unknown}}⟧", "wrap-in-each")
    assert "over the context itself" in refusal("⟦{{#with this}}{{../a}}{{/with}}⟧", "wrap-in-each")
    assert "looks at the loop" in refusal("⟦{{> p}}⟧ {{x}}", "wrap-in-each", {"_p.prompt": "{{@index}}"})
    assert "the same text" in refusal("⟦{{#each xs}}{{../a}}{{/each}}⟧", "wrap-in-each")
    assert "begins in one block" in refusal("{{#if a}}b ⟦c{{/if}} d⟧", "wrap-in-if")
    assert "holds an error" in refusal("⟦{{#if a}} b⟧", "wrap-in-each")


# Sorting


def test_keys_are_sorted_with_their_comments() -> None:
    result = done(
        "---\n# top\n\n# how\nconfig: # warm\n  temperature: 1\n\n# which\nmodel: m\nzé.x: 1\nname: q\n‸---\n{{a}}",
        "sort-frontmatter",
    )
    assert result.text == (
        "---\n# top\n\nname: q\n# which\nmodel: m\n# how\nconfig: # warm\n  temperature: 1\n\nzé.x: 1\n---\n{{a}}"
    )
    assert_unchanged(result, {"a": 1})


def test_sorting_is_offered_where_it_does_something() -> None:
    assert "sort-frontmatter" not in offers("---\nname: n\nmodel: m‸\n---\nx")
    assert "sort-frontmatter" not in offers("---\nmodel: m\nname: n\n---\nx‸")


def test_sorting_is_refused_where_the_order_says_something() -> None:
    assert "alias" in refusal("---\nconfig: &a {b: 1}\nmodel: m‸\nx: *a\n---\nx", "sort-frontmatter")
    assert "twice" in refusal("---\nmodel: m‸\nname: n\nmodel: o\n---\nx", "sort-frontmatter")
    assert "not valid YAML" in refusal("---\nmodel: m‸\nname: n\nconfig: [\n---\nx", "sort-frontmatter")
    assert "braces" in refusal("---\n{model: m‸, name: n}\n---\nx", "sort-frontmatter")


# Converting


def contents(text: str, data: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (message["role"], "".join(part["text"] for part in message["content"]).strip())
        for message in messages({PATH: text}, PATH, data)
        if message["content"][0] != {"text": "before"}
    ]


def test_a_continue_file() -> None:
    result = done(
        "‸# mine\nname: Test\ntemperature: 0.2\nmaxTokens: 100\nstop: END\nversion: 0.0.1\n---\n<system>\nYou are X.\n"
        "</system>\n\nHere: {{{ input }}}\nAnd {{{ ./docs/LISEZ-MOI.md }}}\n",
        "convert-file",
    )
    head = yaml.safe_load(result.text.split("---")[1])
    assert head == {
        "name": "Test",
        "version": "0.0.1",
        "config": {"temperature": 0.2, "maxOutputTokens": 100, "stopSequences": ["END"]},
        "input": {"schema": {"input": "string", "docs_lisez_moi_md": "string"}},
    }
    assert "# mine" in result.text
    assert result.notes == ("docs_lisez_moi_md was read from ./docs/LISEZ-MOI.md; now the caller gives it.",)
    assert contents(result.text, {"input": "I", "docs_lisez_moi_md": "R"}) == [
        ("system", "You are X."),
        ("user", "Here: I\nAnd R"),
    ]
    assert recognised(Prompt(result.text, settings=Settings())).format == "dotprompt"


def test_a_continue_file_of_text_alone() -> None:
    result = done("‸<system>\nDu bist X.\n</system>\n{{{ input }}} 😀\n", "convert-file")
    assert contents(result.text, {"input": "é"}) == [("system", "Du bist X."), ("user", "é 😀")]


def test_tags_become_roles() -> None:
    result = done(
        "‸---\nmodel: m # mine\n---\nBefore {{x}}\n<system>\nYou are X.\n</system>\n<user>Hi {{x}}</user>\n"
        "<assistant>\nHello\n</assistant>\nMore\n",
        "convert-tags",
    )
    assert result.text.startswith("---\nmodel: m # mine\n---\n")
    assert contents(result.text, {"x": "1"}) == [
        ("user", "Before 1"),
        ("system", "You are X."),
        ("user", "Hi 1"),
        ("model", "Hello"),
        ("user", "More"),
    ]


def test_a_humanloop_file() -> None:
    result = done(
        "‸---\nprovider: openai\nmodel: gpt-4o\ntemperature: 0\nmax_tokens: -1\n---\n<system>\nBe kind.\n</system>\n"
        "<user>\n{{question}}\n</user>\n",
        "convert-file",
    )
    head = yaml.safe_load(result.text.split("---")[1])
    assert head == {"model": "openai/gpt-4o", "config": {"temperature": 0, "maxOutputTokens": -1}}
    assert contents(result.text, {"question": "Q"}) == [("system", "Be kind."), ("user", "Q")]


def test_roles_called_as_blocks() -> None:
    result = done(
        '---\nmodel: m\n---\n{{#role "system"}}‸\nBe kind.\n{{/role}}\n{{#role "user"}}\n{{q}}\n{{/role}}\nAfter\n',
        "convert-role-blocks",
    )
    assert contents(result.before[PATH], {"q": "Q"}) == [("user", "After")]
    assert contents(result.text, {"q": "Q"}) == [("system", "Be kind."), ("user", "Q\nAfter")] or contents(
        result.text, {"q": "Q"}
    ) == [("system", "Be kind."), ("user", "Q"), ("user", "After")]


def test_conversions_are_refused_for_files_that_do_not_add_up() -> None:
    assert "never closed" in refusal("‸---\nmodel: m\n---\n<system>\nBe kind. {{x}}", "convert-tags")
    assert "closes nothing" in refusal("‸---\nmodel: m\n---\n<system>a</system>\n</system>\n", "convert-tags")
    assert "line 1" in refusal('{{#role "system"}}a{{else}}b‸{{/role}}', "convert-role-blocks")


def test_tags_for_data_are_left_alone() -> None:
    assert not any("convert" in id for id in offers('---\nmodel: m‸\n---\n{{role "system"}}\n<user>{{x}}</user>'))
    assert not any("convert" in id for id in offers("---\nmodel: m‸\n---\n<user>{{x}}</user>"))


@pytest.mark.parametrize("sample", ["‸", "⟦⟧", "‸\n\n"])
def test_an_empty_file_can_begin_with_a_template(sample: str) -> None:
    prompt, range = place(sample)
    ids = {offer.id for offer in refactorings(prompt, prompt.project, range)}
    assert {"begin-basic", "begin-few-shot", "begin-chain-of-thought", "begin-role-based", "begin-step-by-step"} <= ids
    result = done(sample, "begin-few-shot")
    assert messages(result.after, PATH, {"question": "Q"})
