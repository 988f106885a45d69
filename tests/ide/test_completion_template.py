"""Completion between the braces of a template: each sample has its cursor at `‸`."""

import pytest

from promptls.settings import Settings
from promptls.syntax.handlebars import parse
from tests.ide.completing import Offer

HEAD = """\
---
input:
  schema:
    user(object, who asks):
      name: string
      first name: string
      address(object):
        città: string, where they live
    tone?: string, how to answer
    kind(enum): [question, "a complaint"]
    documents(array):
      title: string
      tags(array): string
    count: integer
    vip: boolean
    role: string
---
"""
FILES = {
    "_header.prompt": "---\ndescription: Opens a letter.\ninput:\n  schema:\n    title: string, the title\n"
    "    style?(enum): [plain, fancy]\n---\n{{title}}",
    "_footer.prompt": "{{! Closes a letter. }}\n{{sender}}{{#each lines}}{{this}}{{/each}}{{#if urgent}}!{{/if}}",
    "parts/_logo.prompt": "Logo",
    "parts/_two words.prompt": "Logo",
}


def offer(sample: str, *, path: str = "sample.prompt", settings: Settings | None = None) -> Offer:
    return Offer(HEAD + sample, files=FILES, path=path, settings=settings)


def body(text: str) -> str:
    return text.removeprefix(HEAD)


# Variables


@pytest.mark.parametrize(
    "sample",
    [
        "{{‸}}",
        "{{‸",
        "a {{ ‸ }} b",
        "{{~‸~}}",
        "{{{‸}}}",
        "{{&‸}}",
        "{{us‸}}",
        "{{#if user}}{{/fi}} {{us‸}}",
        "🙂 é {{‸\nmore",
    ],
)
def test_variables_come_first_with_their_types(sample: str) -> None:
    found = offer(sample)
    assert found.labels[:6] == ["user", "tone", "kind", "documents", "count", "vip"]
    details = {label: found[label].detail for label in ("user", "tone", "kind", "documents", "count")}
    assert details == {
        "user": "object",
        "tone": "string, optional",
        "kind": '"question" | "a complaint"',
        "documents": "array of object",
        "count": "integer",
    }


def test_names_that_need_brackets_get_them() -> None:
    head = "---\ninput:\n  schema:\n    two words: string\n    '5': string\n    'null': string\n    a-b: string\n---\n"
    found = Offer(head + "{{‸}}")
    assert found.labels[:4] == ["[two words]", "[5]", "[null]", "a-b"]
    assert all(parse(found.filled(label)[len(head) :]).errors == () for label in found.labels[:4])


def test_a_variable_that_a_helper_would_hide_is_reached_by_this() -> None:
    assert "this.role" in offer("{{‸}}").labels
    assert offer("{{‸}}")["role"].kind == "function"


@pytest.mark.parametrize(
    ("sample", "fields"),
    [
        ("{{user.‸}}", ["name", "[first name]", "address"]),
        ("Hi {{user.‸\nand more text", ["name", "[first name]", "address"]),
        ("Hi {{user.na‸ and more text", ["name", "[first name]", "address"]),
        ("{{user.‸name}}", ["name", "[first name]", "address"]),
        ("{{#if user.‸}}x{{/if}}", ["name", "[first name]", "address"]),
        ("{{json (lookup user.‸", ["address", "name", "[first name]"]),
        ("{{user.address.‸}}", ["città"]),
        ("{{user.address.cit‸}}", ["città"]),
        ("{{user/‸}}", ["name", "[first name]", "address"]),
        ("{{this.user.‸}}", ["name", "[first name]", "address"]),
        ("{{@root.user.address.‸}}", ["città"]),
        ("{{user.name.‸}}", []),
        ("{{nobody.‸}}", []),
        ("{{documents.‸}}", ["length"]),
        ("{{#each documents as |d|}}{{d.‸}}{{/each}}", ["title", "tags"]),
        ("{{#each documents as |d|}}{{#each d.tags as |t|}}{{d.‸", ["title", "tags"]),
        ("{{#each documents}}{{this.‸}}{{/each}}", ["title", "tags"]),
        ("{{#each documents}}{{../user.‸}}{{/each}}", ["name", "[first name]", "address"]),
        ("{{#with user as |u|}}{{u.address.‸}}{{/with}}", ["città"]),
    ],
)
def test_fields_follow_a_dot(sample: str, fields: list[str]) -> None:
    assert offer(sample).labels == fields


def test_only_the_last_name_of_a_path_is_replaced() -> None:
    assert body(offer("{{user.na‸me}}!").accepted("address")) == "{{user.address}}!"
    assert body(offer("{{user.na‸me}}!").inserted("address")) == "{{user.addressme}}!"
    assert body(offer("{{user.[fir‸st name]}}").accepted("name")) == "{{user.name}}"
    assert body(offer("{{user.fi‸}}").accepted("[first name]")) == "{{user.[first name]}}"


@pytest.mark.parametrize(
    ("sample", "first", "outer"),
    [
        ("{{#each documents}}{{‸}}{{/each}}", ["title", "tags", "this"], ["../user", "../tone"]),
        ("{{#each documents}}{{‸", ["title", "tags", "this"], ["../user", "@index", "@first", "@key"]),
        ("{{#each documents as |d i|}}{{‸}}{{/each}}", ["d", "i", "title"], ["../user"]),
        ("{{#with user}}{{‸}}{{/with}}", ["name", "[first name]", "address"], ["../tone"]),
        ("{{#each documents}}{{#each tags}}{{‸}}{{/each}}{{/each}}", ["this"], ["../title", "../../user"]),
        ("{{#each documents}}{{else}}{{‸}}{{/each}}", ["user", "tone"], ["@root"]),
        ("{{#if vip}}{{‸}}{{/if}}", ["user", "tone"], ["@root"]),
    ],
)
def test_blocks_change_what_is_in_scope(sample: str, first: list[str], outer: list[str]) -> None:
    labels = offer(sample).labels
    assert labels[: len(first)] == first
    assert set(outer) <= set(labels)
    assert all(labels.index(each) > labels.index(first[-1]) for each in outer)


def test_loop_variables_exist_in_loops_only() -> None:
    assert "@index" not in offer("{{@‸}}").labels
    assert "@index" in offer("{{#each documents}}{{@in‸}}{{/each}}").labels
    assert (
        body(offer("{{#each documents}}{{@in‸}}{{/each}}").accepted("@index"))
        == "{{#each documents}}{{@index}}{{/each}}"
    )


def test_after_an_at_sign_only_data_variables() -> None:
    settings = Settings(data_variables=["tenant"])
    labels = offer("{{@‸}}", settings=settings).labels
    assert {"@root", "@state", "@tenant"} <= set(labels)
    assert all(label.startswith("@") for label in labels)


def test_outer_members_follow_dots() -> None:
    assert offer("{{#each documents}}{{../to‸}}{{/each}}").labels[:3] == ["user", "tone", "kind"]
    text = offer("{{#each documents}}{{../to‸}}{{/each}}").accepted("tone")
    assert body(text) == "{{#each documents}}{{../tone}}{{/each}}"


def test_a_variable_closes_the_tag_unless_more_can_follow() -> None:
    assert body(offer("Hi {{to‸\nmore").accepted("tone")) == "Hi {{tone}}\nmore"
    assert body(offer("Hi {{us‸\nmore").accepted("user")) == "Hi {{user\nmore"
    assert body(offer("Hi {{{to‸\nmore").accepted("tone")) == "Hi {{{tone}}}\nmore"
    assert body(offer("Hi {{to‸}").accepted("tone")) == "Hi {{tone}}"
    assert body(offer("Hi {{to‸ more").accepted("tone")) == "Hi {{tone more"


def test_undeclared_names_are_offered_where_the_schema_does_not_rule_them_out() -> None:
    found = Offer("{{question}} {{#each things}}{{/each}} {{‸}}")
    assert found.labels[:2] == ["question", "things"]
    assert "question" not in offer("{{question}} {{‸}}").labels


def test_what_is_being_typed_is_not_offered() -> None:
    assert "quest" not in Offer('{{role "user"}}{{quest‸}}').labels


# Arguments


@pytest.mark.parametrize(
    ("sample", "first"),
    [
        ("{{#each ‸}}{{/each}}", ["user", "documents"]),
        ("{{#each ‸", ["user", "documents"]),
        ("{{#if ‸}}{{/if}}", ["user", "tone", "kind"]),
        ("{{else if ‸}}", ["user", "tone", "kind"]),
        ("{{json ‸}}", ["user", "tone", "kind"]),
        ("{{lookup ‸}}", ["user", "documents"]),
        ("{{json (lookup ‸)}}", ["user", "documents"]),
        ("{{media url=‸}}", ["tone", "kind"]),
        ("{{json user indent=‸}}", ["count"]),
        ("{{#if tone includeZero=‸}}", ["true", "false", "vip"]),
        ("{{role ‸}}", ['"system"', '"user"', '"model"', '"tool"', "tone", "kind"]),
        ("{{#ifEquals kind ‸}}", ['"question"', '"a complaint"', "user"]),
        ("{{unknown ‸}}", ["user", "tone"]),
        ("{{unknown x=‸}}", ["user", "tone"]),
    ],
)
def test_arguments_of_the_right_type_come_first(sample: str, first: list[str]) -> None:
    assert offer(sample).labels[: len(first)] == first


@pytest.mark.parametrize(
    ("sample", "labels"),
    [
        ("{{user ‸}}", []),
        ("{{#if tone ‸}}", ["includeZero="]),
        ("{{#if tone includeZero=true ‸}}", []),
        ("{{json user ‸}}", ["indent="]),
        ("{{json user in‸ indent=2}}", []),
        ("{{media ‸}}", ["url=", "contentType="]),
        ('{{media contentType="a" ‸}}', ["url="]),
        ("{{media ‸ url=tone}}", ["contentType="]),
        ("{{#each documents ‸}}", ["as |document|"]),
        ("{{#each user.things ‸}}", ["as |thing|"]),
        ("{{#each user.categories ‸", ["as |category|"]),
        ("{{#with user ‸}}", ["as |user|"]),
        ("{{#each documents as |‸|}}", ["document"]),
        ("{{#each documents as |‸", ["document"]),
        ("{{#each documents as |d ‸|}}", ["index", "key"]),
        ("{{#each documents as |d i ‸|}}", []),
        ("{{#each documents as |d|‸}}", []),
        ("{{media\n  url=tone\n  ‸\n}}", ["contentType="]),
        ("{{#each\n  documents\n  as |‸|}}", ["document"]),
        ("{{name, how are ‸", []),
        ('{{role "user"‸}}', []),
        ("{{/if ‸}}", []),
        ("{{#if a}}{{/if.‸}}", ["if"]),
    ],
)
def test_arguments_end_where_the_helper_takes_no_more(sample: str, labels: list[str]) -> None:
    found = offer(sample)
    assert [label for label in found.labels if label not in ("user", "tone", "kind", "documents", "count")] == labels


def test_named_arguments_are_completed_with_what_they_need() -> None:
    assert body(offer("{{media con‸}}").accepted("contentType=")) == '{{media contentType="$1"}}'
    assert body(offer("{{media u‸}}").accepted("url=")) == "{{media url=}}"
    assert offer("{{media u‸}}")["url="].asks_again
    assert body(offer("{{#each documents ‸").accepted("as |document|")) == "{{#each documents as |${1:document}|}}"


@pytest.mark.parametrize(
    "sample", ["{{json (‸)}}", "{{json (‸}}", "{{json (loo‸)}}", "{{#if (‸", "{{> header title=(‸)}}"]
)
def test_sub_expressions_take_helpers_that_give_a_value(sample: str) -> None:
    labels = offer(sample, settings=Settings(helpers=["upper"])).labels
    assert labels == ["json", "upper", "lookup"]


def test_a_sub_expression_is_closed() -> None:
    assert body(offer("{{#if (loo‸").accepted("lookup")) == "{{#if (lookup ${1:object} ${2:field})"
    assert body(offer("{{#if (loo‸)}}").accepted("lookup")) == "{{#if (lookup ${1:object} ${2:field})}}"
    assert body(offer("{{#if (loo‸ a b)}}").accepted("lookup")) == "{{#if (lookup a b)}}"


# Strings


@pytest.mark.parametrize(
    ("sample", "label", "after"),
    [
        ('{{role "‸"}}', "system", '{{role "system"}}'),
        ('{{role "us‸er"}}', "system", '{{role "system"}}'),
        ("{{role '‸'}}", "model", "{{role 'model'}}"),
        ('{{role "‸', "system", '{{role "system"}}'),
        ('{{role "sy‸\nYou are a translator.', "system", '{{role "system"}}\nYou are a translator.'),
        ('{{role "‸}}\nYou say "hi". {{role "user"}}', "tool", '{{role "tool"}}\nYou say "hi". {{role "user"}}'),
        ('{{role "sy‸ and so on', "system", '{{role "system and so on'),
        ('{{role "‸"}}', "critic", '{{role "critic"}}'),
        ('{{section "‸"}}', "output", '{{section "output"}}'),
        ('{{media url=tone contentType="‸', "image/png", '{{media url=tone contentType="image/png"}}'),
        ('{{media contentType="im‸age/gif" url=x}}', "image/png", '{{media contentType="image/png" url=x}}'),
        ('{{#ifEquals kind "‸"}}', "a complaint", '{{#ifEquals kind "a complaint"}}'),
        ('{{#unlessEquals kind "‸', "question", '{{#unlessEquals kind "question"'),
        ('{{lookup user "‸"}}', "first name", '{{lookup user "first name"}}'),
        ('{{json (lookup user "‸', "name", '{{json (lookup user "name"'),
        ('{{log tone level="‸"}}', "warn", '{{log tone level="warn"}}'),
        ('{{> header style="‸"}}', "fancy", '{{> header style="fancy"}}'),
    ],
)
def test_known_strings_are_completed_inside_their_quotes(sample: str, label: str, after: str) -> None:
    assert body(offer(sample, settings=Settings(roles=["critic"])).accepted(label)) == after


@pytest.mark.parametrize(
    "sample", ['{{#ifEquals tone "‸"}}', '{{json "‸"}}', '{{"‸"}}', '{{role "system" "‸"}}', '{{role "a\n‸"}}']
)
def test_other_strings_are_left_alone(sample: str) -> None:
    assert offer(sample).labels == []


# Helpers and blocks


def test_the_role_helper_is_offered_inline_only() -> None:
    assert body(offer("{{ro‸}}").accepted("role")) == '{{role "${1|system,user,model,tool|}"}}'
    assert body(offer("{{ro‸\nText").accepted("role")) == '{{role "${1|system,user,model,tool|}"}}\nText'
    assert not {"role", "section", "history", "media", "json"} & set(offer("{{#‸}}").labels)


def test_a_helper_that_has_arguments_already_is_only_renamed() -> None:
    assert body(offer("{{js‸ user}}").accepted("json")) == "{{json user}}"
    assert body(offer("{{#un‸ vip}}a{{/if}}").accepted("unless")) == "{{#unless vip}}a{{/if}}"


@pytest.mark.parametrize(
    ("sample", "after"),
    [
        ("{{#‸}}", "{{#if ${1:value}}}\n$0\n{{/if}}"),
        ("{{#‸", "{{#if ${1:value}}}\n$0\n{{/if}}"),
        ("{{#i‸}}", "{{#if ${1:value}}}\n$0\n{{/if}}"),
        ("{{~#i‸~}}", "{{~#if ${1:value}}}\n$0\n{{/if~}}"),
        ("{{#i‸}", "{{#if ${1:value}}}\n$0\n{{/if}}"),
        ("Text {{#i‸}} text", "Text {{#if ${1:value}}}$0{{/if}} text"),
        ("{{#i‸}}x{{/if}}", "{{#if}}x{{/if}}"),
        ("{{#each documents}}\n{{#i‸}}\n{{/each}}", "{{#each documents}}\n{{#if ${1:value}}}\n$0\n{{/if}}\n{{/each}}"),
    ],
)
def test_a_block_comes_with_its_end_unless_it_has_one(sample: str, after: str) -> None:
    assert body(offer(sample).accepted("if")) == after


@pytest.mark.parametrize(
    ("sample", "after"),
    [
        ("{{‸}}", "{{#each ${1:items} as |${2:item}|}}\n$0\n{{/each}}"),
        ("{{ea‸", "{{#each ${1:items} as |${2:item}|}}\n$0\n{{/each}}"),
        ("Text {{ea‸}}", "Text {{#each ${1:items} as |${2:item}|}}$0{{/each}}"),
    ],
)
def test_a_block_may_be_begun_without_its_hash(sample: str, after: str) -> None:
    found = offer(sample)
    assert body(found.accepted("#each")) == after
    assert found["#each"].filter_text == "each"


def test_helpers_of_the_settings_are_offered_in_both_forms() -> None:
    settings = Settings(helpers=["upper"])
    assert body(offer("{{up‸}}", settings=settings).accepted("upper")) == "{{upper $0}}"
    assert body(offer("{{#up‸}}", settings=settings).accepted("upper")) == "{{#upper $1}}\n$0\n{{/upper}}"


@pytest.mark.parametrize(
    ("sample", "labels"),
    [
        ("{{#if vip}}{{/‸}}", ["if"]),
        ("{{#if vip}}{{/‸", ["if"]),
        ("{{#each documents}}{{#if title}}{{/‸", ["if", "each"]),
        ("{{#each documents}}{{#if title}}{{/if}}{{/‸", ["each"]),
        ("{{#each documents}}{{#if title}}a{{else}}b{{/i‸", ["if", "each"]),
        ("{{#> layout}}{{/‸", ["layout"]),
        ("{{^user.vip}}{{/‸", ["user.vip"]),
        ("{{#if a}}{{/each}}{{/‸", ["if"]),
        ("{{/‸", []),
    ],
)
def test_the_innermost_block_is_closed_first(sample: str, labels: list[str]) -> None:
    assert offer(sample).labels == labels


def test_closing_a_block() -> None:
    found = offer("{{#if vip}}a{{/‸\nb")
    assert body(found.accepted("if")) == "{{#if vip}}a{{/if}}\nb"
    assert found["if"].preselect
    assert body(offer("{{#if vip}}a{{/i‸f}}").accepted("if")) == "{{#if vip}}a{{/if}}"
    assert body(offer("{{#if vip}}a{{‸}}").accepted("/if")) == "{{#if vip}}a{{/if}}"


@pytest.mark.parametrize(
    ("sample", "offered"),
    [
        ("{{#if vip}}a{{el‸}}{{/if}}", True),
        ("{{#each documents}}a{{‸", True),
        ("{{#if vip}}a{{el‸se}}b{{/if}}", True),
        ("{{#if vip}}a{{else}}b{{el‸}}{{/if}}", False),
        ("{{#if vip}}a{{/if}}{{el‸}}", False),
        ("{{#> header}}{{el‸}}{{/header}}", False),
        ("{{el‸}}", False),
    ],
)
def test_else_is_offered_inside_blocks_that_take_it(sample: str, offered: bool) -> None:
    labels = offer(sample).labels
    assert ("else" in labels, "else if" in labels) == (offered, offered)


def test_an_else_chain() -> None:
    assert body(offer("{{#if a}}{{el‸}}{{/if}}").accepted("else if")) == "{{#if a}}{{else if ${1:value}}}{{/if}}"
    assert body(offer("{{#if a}}{{el‸se}}{{/if}}").accepted("else")) == "{{#if a}}{{else}}{{/if}}"
    assert offer("{{#if a}}{{else ‸}}{{/if}}").labels == ["if", "unless", "each", "with", "ifEquals", "unlessEquals"]
    assert body(offer("{{#if a}}{{else ‸}}{{/if}}").accepted("if")) == "{{#if a}}{{else if ${1:value}}}{{/if}}"
    assert "else if" not in offer("{{^if a}}{{el‸}}{{/if}}").labels


def test_inverted_sections_and_decorators() -> None:
    assert body(offer("{{^vi‸}}").accepted("vip")) == "{{^vip}}\n$0\n{{/vip}}"
    assert body(offer("{{^‸}}").accepted("vip")) == "{{^vip}}\n$0\n{{/vip}}"
    assert body(offer("{{#*‸}}").accepted("inline")) == '{{#*inline "${1:name}"}}\n$0\n{{/inline}}'


def test_raw_blocks_are_named_only() -> None:
    assert body(offer("{{{{up‸}}}}", settings=Settings(helpers=["upper"])).accepted("upper")) == "{{{{upper}}}}"


@pytest.mark.parametrize(
    "sample",
    ["{{‸}}", "{{#‸}}", "{{{‸}}}", "{{#if vip}}{{‸}}{{/if}}", "a {{json ‸}}", "{{#each documents}}{{‸}}{{/each}}"],
)
def test_what_is_offered_is_valid_handlebars(sample: str) -> None:
    found = offer(sample)
    for label in found.labels:
        if label not in ("/if", "/each") and not label.endswith("="):
            assert parse(body(found.filled(label))).errors == (), label


# Partials


@pytest.mark.parametrize("sample", ["{{> ‸}}", "{{>‸", "{{> hea‸", "{{#> ‸}}", '{{> "‸"}}', "text {{> ‸ more"])
def test_partials_are_offered_by_name(sample: str) -> None:
    assert {"header", "footer", "parts/logo"} <= set(offer(sample).labels)


@pytest.mark.parametrize(
    ("sample", "label", "after"),
    [
        ("{{> hea‸}}", "header", "{{> header}}"),
        ("{{> parts/l‸ogo}}", "parts/logo", "{{> parts/logo}}"),
        ("{{> ‸}}", "parts/two words", '{{> "parts/two words"}}'),
        ('{{> "pa‸"}}', "parts/two words", '{{> "parts/two words"}}'),
        ("{{#> hea‸}}", "header", "{{#> header}}\n$0\n{{/header}}"),
        ("{{#> hea‸}}x{{/header}}", "header", "{{#> header}}x{{/header}}"),
    ],
)
def test_accepting_a_partial(sample: str, label: str, after: str) -> None:
    assert body(offer(sample).accepted(label)) == after


def test_partials_defined_in_place_and_the_block_of_the_caller() -> None:
    assert "mine" in offer('{{#*inline "mine"}}x{{/inline}}{{> ‸}}').labels
    assert "@partial-block" in offer("{{> ‸}}", path="_layout.prompt").labels
    assert "@partial-block" not in offer("{{> ‸}}").labels


@pytest.mark.parametrize(
    ("sample", "labels"),
    [
        ("{{> header ‸}}", ["title=", "style="]),
        ("{{> header ti‸", ["title=", "style="]),
        ('{{> header title="a" ‸}}', ["style="]),
        ('{{> header ‸ title="a"}}', ["style="]),
        ("{{> footer ‸}}", ["sender=", "lines=", "urgent="]),
        ("{{#> footer sender=tone ‸}}", ["lines=", "urgent="]),
        ("{{> nowhere x=1 ‸}}", []),
    ],
)
def test_a_partial_takes_what_it_declares_or_uses(sample: str, labels: list[str]) -> None:
    assert [label for label in offer(sample).labels if label.endswith("=")] == labels


def test_arguments_of_partials_have_types() -> None:
    assert offer("{{> header ‸}}")["style="].detail == '"plain" | "fancy", optional'
    assert offer("{{> footer ‸}}")["lines="].detail == "array"
    assert offer("{{> footer lines=‸}}").labels[0] == "documents"
    assert offer("{{> header style=‸}}").labels[:2] == ['"plain"', '"fancy"']
    assert offer("{{> header ‸}}").labels[2] == "user"


# Where nothing is offered


@pytest.mark.parametrize(
    "sample",
    [
        "‸",
        "Some words ‸ in a line",
        "user‸",
        "a { ‸ } b",
        "{‸",
        "{{tone}}‸",
        "{{tone}‸}",
        "‸{{tone}}",
        "{‸{tone}}",
        "{{! a comm‸ent }}",
        "{{!-- user.‸ --}}",
        "{{!-- never closed ‸",
        r"\{{us‸er}}",
        "{{{{raw}}}} {{us‸er}} {{{{/raw}}}}",
        "{{tone}} ‸\n",
        "{{tone}}\n\n‸",
        '{{json "a" "‸"}}',
        "{{json 5‸}}",
    ],
)
def test_nothing_is_offered_in_running_text(sample: str) -> None:
    labels = offer(sample).labels
    assert labels == [] or sample == "{{json 5‸}}"


def test_nothing_is_offered_in_other_formats() -> None:
    assert Offer("{% for x in y %}{{ ‸ }}{% endfor %}").labels == []


def test_a_plain_text_is_completed_once_it_has_braces() -> None:
    assert "role" in Offer("Translate this: {{‸").labels


# Documentation


@pytest.mark.parametrize(
    ("sample", "label", "words"),
    [
        ("{{‸}}", "tone", "how to answer"),
        ("{{user.address.‸}}", "città", "where they live"),
        ("{{‸}}", "json", "Writes a value as JSON."),
        ("{{#‸}}", "each", "once for every item"),
        ("{{#each documents}}{{‸}}{{/each}}", "@index", "from 0"),
        ("{{#each documents as |d|}}{{‸}}{{/each}}", "d", "A name that this block gives."),
        ('{{role "‸"}}', "system", "above the conversation"),
        ("{{> ‸}}", "header", 'Opens a letter.\n\nTakes `title: string`, `style?: "plain" | "fancy"`.'),
        ("{{> ‸}}", "footer", "Closes a letter.\n\nTakes `sender: string`, `lines: array`, `urgent?: boolean`."),
        ("{{> header ‸}}", "title=", "the title"),
        ("{{> footer ‸}}", "sender=", "without declaring"),
        ("{{media ‸}}", "contentType=", "MIME type"),
    ],
)
def test_documentation_is_made_when_it_is_asked_for(sample: str, label: str, words: str) -> None:
    assert words in (offer(sample).documentation(label) or "")


def test_order_is_the_editors_too() -> None:
    keys = [item.sort_key for item in offer("{{‸}}").list.items]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
