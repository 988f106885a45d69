"""What fixes make of a text, where it matters which words and blanks come out."""

import pytest

from promptls.lint.runner import fixed
from promptls.settings import Settings
from tests.support.oracle import Oracle
from tests.support.project import InMemoryProject


def mended(text: str, rule: str, *, unsafe: bool = False) -> str:
    project = InMemoryProject({"_known.prompt": "x"}, settings=Settings(select=[rule]), has_siblings=True)
    return fixed(project.prompt("main.prompt", text), unsafe=unsafe).text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '{{#role "system"}}\nBe kind.\n{{/role}}\n\n{{#role "user"}}\n{{x}}\n{{/role}}\n',
            '{{role "system"}}\nBe kind.\n\n{{role "user"}}\n{{x}}\n',
            id="one after the other",
        ),
        pytest.param(
            '{{#role "system"}}Be kind.{{/role}}\n{{x}}',
            '{{role "system"}}Be kind.{{role "user"}}\n{{x}}',
            id="text after it is the user's",
        ),
        pytest.param(
            '{{role "model"}}Hi. {{#role "system"}}Be kind.{{/role}} Bye.',
            '{{role "model"}}Hi. {{role "system"}}Be kind.{{role "model"}} Bye.',
            id="text after it is the role's around it",
        ),
        pytest.param(
            '{{#if x}}\n  {{~#role "system"~}}\n  Be kind.\n  {{/role}}\n{{/if}}\nHello',
            '{{#if x}}\n  {{~role "system"~}}\n  Be kind.\n  {{role "user"}}\n{{/if}}\nHello',
            id="text after the block around it",
        ),
        pytest.param(
            '{{#each x}}\n{{#role "user"}}{{q}}{{/role}}\n{{#role "model"}}{{a}}{{/role}}\n{{/each}}',
            '{{#each x}}\n{{role "user"}}{{q}}\n{{role "model"}}{{a}}\n{{/each}}',
            id="turns in a loop",
        ),
        pytest.param(
            '{{#each x}}Next: {{#role "model"}}{{a}}{{/role}}{{/each}}',
            '{{#each x}}Next: {{role "model"}}{{a}}{{role "user"}}{{/each}}',
            id="text before it in a loop comes after it too",
        ),
        pytest.param(
            '{{#role "system"}}Be kind.{{else}}x{{/role}}', '{{#role "system"}}Be kind.{{else}}x{{/role}}', id="an else"
        ),
    ],
)
def test_block_role(before: str, after: str) -> None:
    assert mended(before, "template/block-role") == after


def test_mended_roles_come_out_as_meant(oracle: Oracle) -> None:
    text = mended('Hi {{#role "system"}}Be kind.{{/role}} {{#role "model"}}Yes.{{/role}} Go on.', "template/block-role")
    messages = oracle.render(text)["messages"]
    told = [(each["role"], each["content"][0]["text"].strip()) for each in messages]
    assert told == [("user", "Hi"), ("system", "Be kind."), ("model", "Yes."), ("user", "Go on.")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{#if x}}\na\n{{/unless}}\n", "{{#if x}}\na\n{{/if}}\n"),
        ("{{#a.b}}x{{/a.c}}", "{{#a.b}}x{{/a.b}}"),
        ("{{#if x}}{{#each y}}{{/if}}{{/each}}", "{{#if x}}{{#each y}}{{/if}}{{/each}}"),
    ],
)
def test_mismatched_close(before: str, after: str) -> None:
    assert mended(before, "template/mismatched-close") == after


@pytest.mark.parametrize(
    ("before", "safe", "unsafe"),
    [
        ("{{#if x}}\na\nb\n", "{{#if x}}\na\nb\n{{/if}}\n", None),
        ("  {{#if x}}\r\n  a\r\n", "  {{#if x}}\r\n  a\r\n  {{/if}}\r\n", None),
        ("{{#if x}}a", "{{#if x}}a{{/if}}", None),
        ("a {{#if x}}b\n\nc", None, "a {{#if x}}b{{/if}}\n\nc"),
        ("{{#if x}}\na\n\nb", None, "{{#if x}}\na\n\nb\n{{/if}}"),
        ("{{#each y}}{{#if x}}a {{/each}}", "{{#each y}}{{#if x}}a{{/if}} {{/each}}", None),
        ("{{#> p}}a", "{{#> p}}a{{/p}}", None),
        ("{{{{raw}}}} a", None, None),
        ("{{#if x}}a {{", None, None),
    ],
)
def test_unclosed_block(before: str, safe: str | None, unsafe: str | None) -> None:
    assert mended(before, "template/unclosed-block") == (safe or before)
    assert mended(before, "template/unclosed-block", unsafe=True) == (unsafe or safe or before)


HEAD = (
    "---\ninput:\n  schema:\n    a: string\n    b?: integer, with a note # and a comment\n  default:\n    b: 1\n---\n"
)


@pytest.mark.parametrize(
    ("head", "template", "after"),
    [
        pytest.param(
            HEAD, "{{c}}", "    b?: integer, with a note # and a comment\n    c: string\n", id="after the last"
        ),
        pytest.param(HEAD, "{{#each c}}{{this}}{{/each}}", "\n    c(array): any\n", id="a list"),
        pytest.param(HEAD, "{{c.d}}", "\n    c: any\n", id="an object"),
        pytest.param("---\ninput:\n  schema: {a: string}\n---\n", "{{c}}", "{a: string, c: string}", id="flow style"),
        pytest.param(
            "---\r\ninput:\r\n  schema:\r\n    a: string\r\n---\r\n",
            "{{c}}",
            "    a: string\r\n    c: string\r\n",
            id="CRLF",
        ),
        pytest.param(
            "---\ninput:\n  schema:\n    properties:\n      a:\n        type: string\n    required: [a]\n---\n",
            "{{c}}",
            "        type: string\n      c: {type: string}\n    required",
            id="JSON Schema",
        ),
        pytest.param(
            "---\ninput:\n  schema:\n    a: string\n    p:\n      q: string\n\nmodel: m\n---\n",
            "{{c}}",
            "      q: string\n    c: string\n\nmodel: m\n",
            id="after a nested one",
        ),
    ],
)
def test_declare_an_input(head: str, template: str, after: str) -> None:
    text = mended(head + template, "variables/undefined")
    assert after in text
    assert text.endswith(template)
    assert len(text) > len(head + template)


def test_a_likely_misspelling_is_not_declared() -> None:
    head = "---\ninput:\n  schema:\n    question: string\n---\n"
    assert mended(head + "{{qestion}}", "variables/undefined") == head + "{{qestion}}"
    assert mended(head + "{{qestion}}", "variables/undefined", unsafe=True) == head + "{{question}}"


@pytest.mark.parametrize(
    ("template", "after"),
    [
        ("{{#each rows}}{{title}}{{/each}}", "{{#each rows}}{{../title}}{{/each}}"),
        (
            "{{#each rows}}{{#each cells}}{{title}}{{/each}}{{/each}}",
            "{{#each rows}}{{#each cells}}{{../../title}}{{/each}}{{/each}}",
        ),
        ("{{#if title}}{{../title}}{{/if}}", "{{#if title}}{{title}}{{/if}}"),
    ],
)
def test_names_of_outer_contexts(template: str, after: str) -> None:
    head = (
        "---\ninput:\n  schema:\n    title: string\n    rows(array):\n      cells(array):\n        text: string\n---\n"
    )
    assert mended(head + template, "variables/undefined", unsafe=True) == head + after


def test_remove_an_input_with_its_default() -> None:
    head = HEAD.replace("    b: 1\n", "    b: 1\n    a: x\n")
    expected = "---\ninput:\n  schema:\n    a: string\n  default:\n    a: x\n---\n{{a}}"
    assert mended(head + "{{a}}", "variables/unused", unsafe=True) == expected
    assert mended(HEAD + "{{a}}", "variables/unused", unsafe=True) == HEAD + "{{a}}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n{{#if true}}\nb\n{{else}}\nc\n{{/if}}\nd", "a\nb\nd"),
        ("a\n{{#if 0}}\nb\n{{else}}\nc\n{{/if}}\nd", "a\nc\nd"),
        ("{{#if 0 includeZero=true}}b{{/if}}", "b"),
        ('{{#unlessEquals "x" "x"}}b{{/unlessEquals}}c', "c"),
        ('{{#ifEquals 5 "5"}}b{{else}}c{{/ifEquals}}', "c"),
    ],
)
def test_constant_condition(before: str, after: str) -> None:
    assert mended(before, "template/constant-condition", unsafe=True) == after
