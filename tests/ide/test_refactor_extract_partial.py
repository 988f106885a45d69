"""Extracting a selection to a partial."""

from promptls.settings import Settings
from tests.ide.refactoring import assert_unchanged, done, offers, refusal

EXTRACT = "extract-partial"


def test_whole_lines_become_a_partial_with_their_parameters() -> None:
    result = done(
        """---
input:
  schema:
    topic: string, what to write about
    tone?: string
---
{{role "system"}}
⟦Write about {{topic}}.
{{#if tone}}
Sound {{tone}}.
{{/if}}⟧
{{role "user"}}
Go.
""",
        EXTRACT,
    )
    assert result.created == {
        "_write-about.prompt": "{{! Parameters: topic (what to write about), tone (string, optional). }}\n"
        "Write about {{topic}}.\n{{#if tone}}\nSound {{tone}}.\n{{/if}}\n"
    }
    assert '{{role "system"}}\n{{> write-about}}\n{{role "user"}}' in result.text
    assert_unchanged(result)


def test_a_part_of_a_line_keeps_what_stands_around_it() -> None:
    result = done("Hello ⟦dear {{name}}⟧, welcome.\n", EXTRACT)
    assert result.text == "Hello {{> dear}}, welcome.\n"
    assert result.created == {"_dear.prompt": "{{! Parameters: name. }}\ndear {{name}}"}
    assert_unchanged(result, {"name": "Ada\nLovelace"})


def test_a_selection_grows_to_whole_tags() -> None:
    result = done("Hello {{na⟦me}} and {{#if oth⟧er}}{{other}}{{/if}}.", EXTRACT)
    assert result.text == "Hello {{> and}}."
    assert_unchanged(result, {"name": "a", "other": "b"})


def test_block_parameters_and_outer_contexts_are_passed() -> None:
    result = done(
        """---
input:
  schema:
    title: string
    rows(array):
      cells(array):
        text: string
---
{{#each rows as |row|}}
{{#each row.cells as |cell|}}
  ⟦- {{cell.text}} of {{../../title}}, {{@index}}{{#if cell.text}}: {{this.text}} {{../row.x}}{{/if}}⟧
{{/each}}
{{/each}}
""",
        EXTRACT,
    )
    assert "{{> of cell=cell title=../../title row=../row}}" in result.text
    (partial,) = result.created.values()
    assert "- {{cell.text}} of {{title}}, {{@index}}{{#if cell.text}}: {{this.text}} {{row.x}}{{/if}}" in partial
    assert_unchanged(result)


def test_names_inside_blocks_of_the_selection_lead_out_to_the_arguments() -> None:
    result = done(
        """---
input:
  schema:
    people(array):
      name: string
      pets(array):
        name: string
---
{{#each people as |person|}}
⟦{{#each person.pets}}
{{name}} of {{person.name}}
{{/each}}⟧
{{/each}}
""",
        EXTRACT,
    )
    (partial,) = result.created.values()
    assert "{{#each person.pets}}\n{{name}} of {{../person.name}}\n{{/each}}" in partial
    assert_unchanged(result)


def test_the_context_itself_is_passed_where_arguments_would_be_mixed_into_it() -> None:
    result = done("{{#each names as |name|}}⟦<{{this}} {{name}} {{json this}}>⟧{{/each}}", EXTRACT)
    assert "{{> extracted name=name current=this}}" in result.text
    assert_unchanged(result, {"names": ["Ada", "Eve"]}, {"names": [{"a": 1}]})


def test_partials_in_the_selection_still_see_the_same_context() -> None:
    files = {"_card.prompt": "{{name}}: {{json this}}\n"}
    result = done("{{#each people as |p|}}\n⟦{{p.name}}\n{{> card}}⟧\n{{/each}}\n", EXTRACT, files)
    assert_unchanged(result, {"people": [{"name": "a"}, {"name": "b", "x": 1}]})


def test_an_argument_does_not_hide_a_field_of_the_context() -> None:
    result = done("{{#each people as |name|}}⟦{{name.first}} {{this.name}}⟧{{/each}}", EXTRACT)
    assert_unchanged(result, {"people": [{"first": "a", "name": "b"}]})


def test_a_block_that_does_not_stand_alone_still_does_not() -> None:
    result = done("a {{#each names as |n|}}⟦{{#if n}}\n {{n}}\n{{/if}}⟧ x{{/each}}", EXTRACT)
    assert_unchanged(result, {"names": ["q", ""]})


def test_indented_lines_keep_their_indentation_in_the_partial() -> None:
    result = done("List:\n  ⟦- {{a}}\n    - {{b}}⟧\nEnd\n", EXTRACT)
    assert result.text == "List:\n{{> extracted}}\nEnd\n"
    assert result.created["_extracted.prompt"].endswith("  - {{a}}\n    - {{b}}\n")
    assert_unchanged(result, {"a": "1\n2", "b": "x"})


def test_roles_go_along() -> None:
    result = done('Hi\n⟦{{role "system"}}\nBe brief.\n{{role "user"}}\nNow⟧ {{x}}', EXTRACT)
    assert_unchanged(result, {"x": "y"})


def test_text_in_other_scripts_and_line_ends() -> None:
    result = done("Voilà\r\n⟦日本語 {{名前}} 😀\r\nÀ bientôt⟧\r\nfin\r\n", EXTRACT)
    (partial,) = result.created.values()
    assert partial.endswith("日本語 {{名前}} 😀\r\nÀ bientôt\r\n")
    assert_unchanged(result, {"名前": "花子"})


def test_a_taken_name_gets_a_number() -> None:
    result = done("a\n⟦Be kind.⟧\n", EXTRACT, {"_be-kind.prompt": "x"})
    assert list(result.created) == ["_be-kind-2.prompt"]
    assert_unchanged(result)


def test_the_selection_may_be_the_whole_template() -> None:
    result = done("---\nmodel: m\n---\n⟦{{#if a}}\nx\n{{else}}\ny\n{{/if}}⟧\n", EXTRACT)
    assert_unchanged(result, {"a": 1})


def test_an_error_elsewhere_does_not_matter() -> None:
    result = done("⟦Be kind.⟧\n\n{{#if a}}\nrest", EXTRACT)
    assert list(result.created) == ["_be-kind.prompt"]
    assert_unchanged(result)


def test_selections_that_cannot_be_cut_out() -> None:
    assert "begins in one block" in refusal("{{#if a}}x ⟦y{{/if}} z⟧", EXTRACT)
    assert "begins in one block" in refusal("{{#if a}}x ⟦y{{else}} z⟧{{/if}}", EXTRACT)
    assert "holds an error" in refusal("a ⟦b {{#if c}} d⟧", EXTRACT)
    assert "inline partial" in refusal('⟦{{#*inline "p"}}x{{/inline}}⟧{{> p}}', EXTRACT)
    assert "frontmatter" in refusal("---\nmod⟦el: m\n---\nHello⟧", EXTRACT)
    assert "raw block" in refusal("{{{{raw}}}}a ⟦b⟧ c{{{{/raw}}}}", EXTRACT)
    assert "not known" in refusal("{{#each xs as |x|}}⟦{{#y}}{{x}}{{/y}}⟧{{/each}}", EXTRACT)


def test_nothing_is_offered_where_nothing_is_selected() -> None:
    assert EXTRACT not in offers("Hello ‸you")
    assert EXTRACT not in offers("Hello⟦  ⟧you")
    assert EXTRACT not in offers("---\n⟦model: m⟧\n---\nHello")


def test_other_formats_are_left_alone() -> None:
    assert not offers("{% if x %}\n⟦Hello⟧ {{ name | upper }}\n{% endif %}\n")


def test_helpers_of_the_host_are_no_obstacle() -> None:
    result = done("a ⟦{{shout name}} b⟧", EXTRACT, settings=Settings(helpers=["shout"]))
    assert "{{shout name}} b" in next(iter(result.created.values()))
