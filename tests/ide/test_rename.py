"""Renaming variables: what changes in which files, while every prompt renders as before."""

from pathlib import Path

from tests.ide.renaming import check_rename


def test_an_input_from_its_use(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        """\
=== a.prompt
---
input:
  schema:
    name?: string, of the user
    "other": string
  default:
    name: Ann
---
Hi {{na‸me}}! {{#if name}}{{@root.name}} {{this.name}} {{lookup this "name"}} {{[name]}}{{/if}}
{{#each (lookup this "name")}}{{/each}}{{other}} name
""",
        "user",
        """\
=== a.prompt
---
input:
  schema:
    user?: string, of the user
    "other": string
  default:
    user: Ann
---
Hi {{user}}! {{#if user}}{{@root.user}} {{this.user}} {{lookup this "user"}} {{[user]}}{{/if}}
{{#each (lookup this "user")}}{{/each}}{{other}} name
""",
        key="name",
    )


def test_an_input_from_its_schema_with_types_and_quotes_kept(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        """\
=== 作.prompt
---
input:
  schema:
    'ta‸gs?(array, 𝒳 of the text)': string
  default: {tags: [a, b]}
---
{{role "system"}}é {{#each tags}}{{this}} {{../tags.length}}{{/each}}{{#tags}}{{.}}{{/tags}}{{^tags}}none{{/tags}}
{{#each tags as |tag|}}{{tag}}{{/each}}
""",
        "étiquettes",
        """\
=== 作.prompt
---
input:
  schema:
    'étiquettes?(array, 𝒳 of the text)': string
  default: {étiquettes: [a, b]}
---
{{role "system"}}é {{#each étiquettes}}{{this}} {{../étiquettes.length}}{{/each}}{{#étiquettes}}{{.}}{{/étiquettes}}\
{{^étiquettes}}none{{/étiquettes}}
{{#each étiquettes as |tag|}}{{tag}}{{/each}}
""",
        key="tags",
    )


def test_an_input_that_only_a_default_declares(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        "=== a.prompt\n---\nmodel: m\ninput: {default: {to‸ne: warm}}\n---\nBe {{tone}}.\n",
        "mood",
        "=== a.prompt\n---\nmodel: m\ninput: {default: {mood: warm}}\n---\nBe {{mood}}.\n",
        key="tone",
    )


def test_an_input_that_nothing_declares(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        '=== a.prompt\n{{role "user"}}{{#if na‸me}}{{name}}{{/if}} {{other}}\n',
        "who",
        '=== a.prompt\n{{role "user"}}{{#if who}}{{who}}{{/if}} {{other}}\n',
        key="name",
    )


def test_an_input_of_json_schema_with_what_is_required(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        """\
=== a.prompt
---
input:
  schema:
    type: object
    properties:
      name: {type: string}
      user:
        type: object
        properties: {name: {type: string}}
        required: [name]
    required: [name, "user"]
---
{{name}} {{user.na‸me}} {{#with user}}{{name}}{{/with}}
""",
        "label",
        """\
=== a.prompt
---
input:
  schema:
    type: object
    properties:
      name: {type: string}
      user:
        type: object
        properties: {label: {type: string}}
        required: [label]
    required: [name, "user"]
---
{{name}} {{user.label}} {{#with user}}{{label}}{{/with}}
""",
        key="user.name",
    )


NESTED = """\
=== a.prompt
---
input:
  schema:
    title: string
    books(array):
      title: string
      authors(array):
        name: string
  default:
    books:
      - title: One
        authors: [{name: A}]
---
{{title}}
{{#each books as |book|}}
{{title}} {{book.ti‸tle}} {{../title}} {{lookup book "title"}}
{{#each authors}}{{name}} wrote {{../title}} in {{../../title}}{{/each}}
{{/each}}
"""


def test_a_nested_field(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        NESTED,
        "heading",
        """\
=== a.prompt
---
input:
  schema:
    title: string
    books(array):
      heading: string
      authors(array):
        name: string
  default:
    books:
      - heading: One
        authors: [{name: A}]
---
{{title}}
{{#each books as |book|}}
{{heading}} {{book.heading}} {{../title}} {{lookup book "heading"}}
{{#each authors}}{{name}} wrote {{../heading}} in {{../../title}}{{/each}}
{{/each}}
""",
        key="books.*.title",
    )


def test_a_block_parameter(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        """\
=== a.prompt
---
input:
  schema:
    rows(array): {name: string}
    row: string
---
{{row}} {{#each rows as |row i|}}{{ro‸w.name}} {{this.name}} {{../row}} {{#each ../rows as |row|}}{{row.name}}{{/each}}
{{#with row as |r|}}{{r.name}} {{row.name}}{{/with}}{{/each}}
""",
        "line",
        """\
=== a.prompt
---
input:
  schema:
    rows(array): {name: string}
    row: string
---
{{row}} {{#each rows as |line i|}}{{line.name}} {{this.name}} {{../row}} {{#each ../rows as |row|}}{{row.name}}{{/each}}
{{#with line as |r|}}{{r.name}} {{line.name}}{{/with}}{{/each}}
""",
    )


def test_through_a_partial_that_shares_the_context(tmp_path: Path) -> None:
    notes = check_rename(
        tmp_path,
        """\
=== a.prompt
---
input: {schema: {name: string, tone?: string}}
---
{{name}} {{> greeting}} {{to‸ne}}
=== b.prompt
---
input: {schema: {tone: string}}
---
{{> greeting}}
=== c.prompt
{{role "user"}}{{> greeting tone="dry" name="x"}}
=== d.prompt
---
input: {schema: {mood: string}}
---
{{#with mood}}{{> greeting tone=this}}{{/with}} {{> other}}
=== _greeting.prompt
{{! tone: how to say it }}{{#if tone}}In a {{tone}} tone.{{/if}} {{> inner}}
=== _inner.prompt
<{{@root.tone}}{{tone}}>
=== _other.prompt
{{tonality}}
""",
        "voice",
        """\
=== a.prompt
---
input: {schema: {name: string, voice?: string}}
---
{{name}} {{> greeting}} {{voice}}
=== b.prompt
---
input: {schema: {voice: string}}
---
{{> greeting}}
=== c.prompt
{{role "user"}}{{> greeting voice="dry" name="x"}}
=== d.prompt
---
input: {schema: {mood: string}}
---
{{#with mood}}{{> greeting voice=this}}{{/with}} {{> other}}
=== _greeting.prompt
{{! tone: how to say it }}{{#if voice}}In a {{voice}} tone.{{/if}} {{> inner}}
=== _inner.prompt
<{{@root.voice}}{{voice}}>
""",
        key="tone",
    )
    assert notes == ("The input `tone` gets its new name in b.prompt, c.prompt, d.prompt too, "
                     "which share it through a partial.",)  # fmt: skip


def test_an_argument_of_a_partial_but_not_what_is_given_to_it(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        """\
=== a.prompt
---
input: {schema: {name: string, books(array): {title: string}}}
---
{{> card ti‸tle=name}}{{#each books}}{{> list/item text=title}}{{/each}}
=== _card.prompt
{{title}} {{> list/item text=title}}
=== list/_item.prompt
* {{text}}
""",
        "heading",
        """\
=== a.prompt
---
input: {schema: {name: string, books(array): {title: string}}}
---
{{> card heading=name}}{{#each books}}{{> list/item text=title}}{{/each}}
=== _card.prompt
{{heading}} {{> list/item text=heading}}
""",
    )


def test_a_field_that_a_partial_runs_on(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        """\
=== a.prompt
---
input: {schema: {books(array): {title: string}}}
---
{{#each books}}{{> item}}{{/each}}{{#with books.[0]}}{{> item}}{{/with}}
=== _item.prompt
* {{ti‸tle}}
""",
        "heading",
        """\
=== a.prompt
---
input: {schema: {books(array): {heading: string}}}
---
{{#each books}}{{> item}}{{/each}}{{#with books.[0]}}{{> item}}{{/with}}
=== _item.prompt
* {{heading}}
""",
        key="books.*.title",
    )


def test_example_input_beside_the_prompt(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        """\
=== a.prompt
---
input: {schema: {user: {name: string}, name: string}}
---
{{user.na‸me}} {{name}}
=== a.input.json
{
\t"name": "n",
\t"user": {"name": "u"}
}
=== a.input.yaml
user:
  name: u
name: n
=== b.input.json
{"user": {"name": "not ours"}}
""",
        "label",
        """\
=== a.prompt
---
input: {schema: {user: {label: string}, name: string}}
---
{{user.label}} {{name}}
=== a.input.json
{
\t"name": "n",
\t"user": {"label": "u"}
}
=== a.input.yaml
user:
  label: u
name: n
""",
        key="user.name",
    )
