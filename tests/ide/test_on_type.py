"""What is completed while one types; `‸` is the cursor after the character, and answers show the edit done."""

import pytest

from promptls.ide.on_type import on_type
from tests.support.markers import marked
from tests.support.project import InMemoryProject


def typed(sample: str) -> str:
    """The sample after the edits for the character before its cursor."""
    text, cursor = marked(sample).text, marked(sample).cursor
    prompt = InMemoryProject(has_siblings=True).prompt("x.prompt", text)
    return prompt.source.edited(on_type(prompt, cursor, text[cursor - 1])).text


@pytest.mark.parametrize(
    ("sample", "wanted"),
    [
        ("{{#if x}}‸", "{{#if x}}{{/if}}"),
        ("a {{#if x}}‸ b {{y}}", "a {{#if x}}{{/if}} b {{y}}"),
        ("{{~#each xs as |x|~}}‸\n", "{{~#each xs as |x|~}}{{/each}}\n"),
        ("{{^x.y}}‸", "{{^x.y}}{{/x.y}}"),
        ("{{#> dir/layout a=1}}‸", "{{#> dir/layout a=1}}{{/dir/layout}}"),
        ('{{#*inline "p"}}‸', '{{#*inline "p"}}{{/inline}}'),
        ("{{{{raw}}}}‸ {{x}}", "{{{{raw}}}}{{{{/raw}}}} {{x}}"),
        ("{{#é}}‸ 𝒳", "{{#é}}{{/é}} 𝒳"),
        (
            "---\nmodel: m\n---\n{{#if a}}\n{{#if b}}‸\n{{/if}}",
            "---\nmodel: m\n---\n{{#if a}}\n{{#if b}}{{/if}}\n{{/if}}",
        ),
        ("{{#if a}}{{else}}{{#each b}}‸{{/if}}", "{{#if a}}{{else}}{{#each b}}{{/each}}{{/if}}"),
    ],
)
def test_the_end_of_a_block(sample: str, wanted: str) -> None:
    assert typed(sample) == wanted


@pytest.mark.parametrize(
    "sample",
    [
        "{{#if x}}‸{{/if}}",
        "{{#if x}}‸\n{{#if y}}{{/if}}\n{{/if}}",
        "{{#if x}‸}",
        "{{#if x}‸",
        "{{x}}‸",
        "{{/if}}‸",
        "{{#if a}}{{else if b}}‸{{/if}}",
        "{{#if a}}{{else if b}}‸",
        "{{! #if }}‸",
        r"\{{#if x}}‸",
        "{{#> (x)}}‸",
        "{{#}}‸",
        "---\nmodel: {a: {b: c}}‸\n---\nx",
        '{"a": {"b": 1}}‸',
    ],
)
def test_nothing_to_end(sample: str) -> None:
    assert typed(sample) == marked(sample).text


@pytest.mark.parametrize(
    ("sample", "wanted"),
    [
        ("{{#if x}}a{{/‸", "{{#if x}}a{{/if}}"),
        ("{{#if x}}a{{/‸}}", "{{#if x}}a{{/if}}"),
        ("{{#if x}}a{{~/‸~}}", "{{#if x}}a{{~/if~}}"),
        ("{{#if x}}{{#each y}}{{/each}}{{/‸ b", "{{#if x}}{{#each y}}{{/each}}{{/if}} b"),
        ("{{#if x}}{{#each y}}{{/‸\n{{/if}}", "{{#if x}}{{#each y}}{{/each}}\n{{/if}}"),
        ("{{#if a}}{{else if b}}{{/‸", "{{#if a}}{{else if b}}{{/if}}"),
        ("{{#if a}}{{else}}{{#x}}{{/‸", "{{#if a}}{{else}}{{#x}}{{/x}}"),
        ('{{#"a b"}}{{/‸', '{{#"a b"}}{{/[a b]}}'),
    ],
)
def test_the_name_of_a_closing_tag(sample: str, wanted: str) -> None:
    assert typed(sample) == wanted


@pytest.mark.parametrize(
    "sample",
    ["{{/‸", "{{#if a}}{{/if}}{{/‸", "{{#if a}}{{/‸if}}", "{{#if a}}b/‸", "{{#if a}}{{b/‸}}", "{{#if a}}{{! {{/‸ }}"],
)
def test_no_name_to_give(sample: str) -> None:
    assert typed(sample) == marked(sample).text


def test_other_characters_and_formats() -> None:
    project = InMemoryProject()
    assert on_type(project.prompt("x.prompt", "{{#if x}}"), 9, "x") == ()
    jinja = "{% if a %}{{ x | y }}{{#x}}"
    assert on_type(project.prompt("x.prompt", jinja), len(jinja), "}") == ()
