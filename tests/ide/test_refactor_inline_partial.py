"""Inlining a partial."""

import pytest

from tests.ide.refactoring import Done, assert_unchanged, done, offers, refusal

INLINE = "inline-partial"
TONE = """{{! Parameters: audience, register ("warm" or "formal"). }}
# Tone
Write for {{audience}}.
{{#ifEquals register "formal"}}
No jokes.
{{else}}
Jokes.
{{/ifEquals}}
"""


def inlined(sample: str, partial: str, **others: str) -> Done:
    files = {f"_{name}.prompt": text for name, text in {"p": partial, **others}.items()}
    return done(sample, INLINE, files)


def test_arguments_take_the_places_of_their_names() -> None:
    result = inlined('a\n{{> ‸p audience="new {members}" register="formal"}}\n\nb', TONE)
    assert result.text == (
        'a\n# Tone\nWrite for new {members}.\n{{#ifEquals "formal" "formal"}}\nNo jokes.\n{{else}}\nJokes.\n'
        "{{/ifEquals}}\n\nb"
    )
    assert_unchanged(result)


def test_numbers_truth_and_calls_as_arguments() -> None:
    result = inlined(
        "{{> p‸ n=150 yes=true call=(json user) none=null}}!",
        "{{n}} {{#if yes}}{{yes}}{{/if}} {{call}} {{json call}} [{{none}}]",
    )
    assert_unchanged(result, {"user": {"a": 1}})


def test_variables_as_arguments_are_followed_into_blocks() -> None:
    result = inlined(
        "---\ninput:\n  schema:\n    company: {name: string, staff(array): {name: string}}\n---\n"
        "{{> ‸p firm=company label=company.name}}\n",
        "{{label}}: {{firm.name}}\n{{#each firm.staff}}\n- {{name}} of {{../firm.name}}, {{../label}}\n{{/each}}\n",
    )
    assert "- {{name}} of {{../company.name}}, {{../company.name}}" in result.text
    assert_unchanged(result)


def test_the_context_of_the_call_goes_before_the_names() -> None:
    result = inlined(
        "---\ninput:\n  schema:\n    users(array): {name: string, tags(array): string}\n---\n"
        "{{#each users as |user|}}\n{{> ‸p user}}\n{{/each}}\n",
        "Name: {{name}} {{this.name}}\n{{#each tags}}\n- {{this}} of {{../name}}\n{{/each}}\n{{json this}}\n",
    )
    assert "- {{this}} of {{user.name}}" in result.text
    assert "{{json user}}" in result.text
    assert_unchanged(result)


def test_a_block_parameter_outside_does_not_catch_a_name_of_the_partial() -> None:
    result = inlined("{{#each items as |name|}}{{> ‸p}}{{/each}}", "<{{name}}>")
    assert result.text == "{{#each items as |name|}}<{{this.name}}>{{/each}}"
    assert_unchanged(result, {"items": [{"name": "a"}, {"name": "b"}]})


def test_the_indentation_of_the_call_is_given_to_every_line() -> None:
    result = inlined("List:\n  {{> ‸p}}\nEnd", "- a\n\n- {{b}}\n{{#if c}}\n- c\n{{/if}}\n")
    assert result.text == "List:\n  - a\n  \n  - {{b}}\n  {{#if c}}\n  - c\n  {{/if}}\nEnd"
    assert result.notes
    assert_unchanged(result, {"b": "x", "c": True})


def test_partials_inside_get_what_they_saw() -> None:
    result = inlined('{{> ‸p user tone="warm"}}', "A {{> q}} {{> q tone=1}}\n", q="<{{name}} {{tone}}>")
    assert result.text == 'A {{> q user tone="warm"}} {{> q user tone=1}}\n'
    assert_unchanged(result, {"user": {"name": "Ada"}})


def test_white_space_control_of_the_call_is_carried_out() -> None:
    result = inlined("a \n {{~> ‸p~}} \n b", "x {{y}} z")
    assert result.text == "ax {{y}} zb"
    assert_unchanged(result, {"y": 1})


def test_a_file_without_a_line_end_stays_without() -> None:
    result = inlined("a\n{{> ‸p}}\nb", "x")
    assert result.text == "a\nxb"
    assert_unchanged(result)


def test_roles_and_other_scripts() -> None:
    result = inlined('{{> p‸ who="Zoë 😀"}}\nHi {{x}}', '{{role "system"}}\nDu bist {{who}}。\n{{role "user"}}\n')
    assert "Du bist Zoë 😀。" in result.text
    assert_unchanged(result, {"x": "é"})


def test_the_prompt_around_may_be_broken() -> None:
    result = inlined("{{> ‸p}}\n{{#if a}}\nrest", "x\n")
    assert_unchanged(result)


@pytest.mark.parametrize(
    ("sample", "partial", "reason"),
    [
        ("{{> ‸q}}", "", "no partial 'q'"),
        ('{{> (lookup‸ x "y")}}', "", "known only when"),
        ("{{#> p‸}}content{{/p}}", "x{{> @partial-block}}", "content of its own"),
        ("{{> p‸}}", "x{{> @partial-block}}", "content of a block"),
        ("{{> p‸}}", "x {{> p}}", "comes round"),
        ("{{> p‸}}", "x {{> main}}", "comes round"),
        ("{{> p‸}}", "x {{#if", "has an error"),
        ("{{> p‸}}", "---\nmodel: m\n---\nx", "frontmatter"),
        ("{{> p‸ a=1}}", "{{json this}}", "holds the arguments too"),
        ("{{> p‸ user}}", "{{#flag}}{{name}}{{/flag}}", "not known"),
        ("{{#each xs}}{{> p‸}}{{/each}}", "{{../name}}", "leads out"),
        ('{{> p‸ a="x"}}', "{{#a}}y{{/a}}", "not a variable"),
        ('{{> p‸ a="x"}}', "{{a.b}}", "part of an argument"),
        ('{{> p‸ a="{{b}}"}}', "{{a}}", "looks like a tag"),
        ("{{#each xs as |i|}}{{> p‸ a=i}}{{/each}}", "{{#each ys as |i|}}{{../a}}{{/each}}", "parameter 'i'"),
        ("{{#each xs}}{{> p‸ n=@index}}{{/each}}", "{{#each ys}}{{../n}}{{/each}}", "something else"),
        ('{{#*inline "r"}}x{{/inline}}{{> r‸}}', "", "defined in this template"),
        ("{{> p‸}}{{> q}}", '{{#*inline "q"}}x{{/inline}}', "inline partial"),
    ],
)
def test_refusals(sample: str, partial: str, reason: str) -> None:
    files = {"_p.prompt": partial, "_main.prompt": "{{> p}}"} if "main" in partial else {"_p.prompt": partial}
    assert reason in refusal(sample, INLINE, files)


def test_offered_at_the_call_only() -> None:
    assert offers("a {{> ‸p}}", {"_p.prompt": "x"})[INLINE].title == "Inline the partial p"
    assert INLINE not in offers("‸a {{> p}}", {"_p.prompt": "x"})
