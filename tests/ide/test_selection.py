"""How a selection grows from the cursor `‸`, smallest range first."""

import pytest

from promptls.ide.selection import selection
from tests.support.markers import marked
from tests.support.project import InMemoryProject


def grown(sample: str) -> list[str]:
    text, cursor = marked(sample).text, marked(sample).cursor
    prompt = InMemoryProject(has_siblings=True).prompt("x.prompt", text)
    return [text[slice(*range)] for range in selection(prompt, cursor)]


def test_from_a_word_to_the_file() -> None:
    block = "{{#if a}}One wo\u0301rd\nand two.{{/if}}"
    text = f'{{{{role "system"}}}}\n{block}\n{{{{role "user"}}}}\nx\n'
    assert grown(text.replace("two", "t‸wo")) == [
        "two",
        "and two.",
        "One wo\u0301rd\nand two.",
        block,
        f'{{{{role "system"}}}}\n{block}\n',
        text,
    ]


@pytest.mark.parametrize(
    ("sample", "steps"),
    [
        (
            "{{json us‸er.name indent=2}}",
            ["user", "user.name", "json user.name indent=2", "{{json user.name indent=2}}"],
        ),
        ("{{a.b‸.c}}", ["b", "a.b", "a.b.c", "{{a.b.c}}"]),
        ('{{f "one tw‸o"}}', ["two", "one two", '"one two"', 'f "one two"', '{{f "one two"}}']),
        ("{{f (g h‸)}}", ["h", "(g h)", "f (g h)", "{{f (g h)}}"]),
        ("{{f a=‸1}}", ["1", "a=1", "f a=1", "{{f a=1}}"]),
    ],
)
def test_in_tags(sample: str, steps: list[str]) -> None:
    assert grown(sample) == steps


def test_in_branches() -> None:
    assert grown("{{#if a}}1{{else}}t‸wo{{/if}}") == ["two", "{{#if a}}1{{else}}two{{/if}}"]
    assert grown("{{#if a}}1{{el‸se}}2{{/if}}")[:2] == ["else", "{{else}}"]


def test_in_the_frontmatter() -> None:
    yaml = 'model: "goo‸gle ai"\ninput:\n  schema:\n    a: b\n'
    assert grown(f"---\n{yaml}---\nx") == [
        "google",
        "google ai",
        '"google ai"',
        'model: "google ai"',
        'model: "google ai"\ninput:\n  schema:\n    a: b',
        'model: "google ai"\ninput:\n  schema:\n    a: b\n',
        '---\nmodel: "google ai"\ninput:\n  schema:\n    a: b\n---\n',
        '---\nmodel: "google ai"\ninput:\n  schema:\n    a: b\n---\nx',
    ]
    nested = grown("---\ninput:\n  schema:\n    a: ‸b\n---\nx")
    assert nested[:4] == ["b", "a: b", "schema:\n    a: b", "input:\n  schema:\n    a: b"]
    block = grown("---\nname: |\n  one\n  tw‸o\n\n  three\n---\nx")
    assert block[:5] == [
        "two",
        "one\n  two",
        "one\n  two\n\n  three",
        "|\n  one\n  two\n\n  three",
        "name: |\n  one\n  two\n\n  three",
    ]


def test_at_the_edges() -> None:
    assert grown("‸") == [""]
    prompt = InMemoryProject().prompt("x.prompt", "plain text")
    assert selection(prompt, 99)[0] == (6, 10)
    assert selection(prompt, -1)[-1] == (0, 10)
