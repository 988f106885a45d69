"""The conversation that a template makes, compared with what dotprompt renders."""

import random

import pytest

from promptls.language.messages import Message, messages, static_prefix
from tests.support.oracle import Oracle
from tests.support.project import InMemoryProject


def read(template: str, files: dict[str, str] | None = None) -> tuple[Message, ...]:
    return messages(InMemoryProject(files).prompt("main.prompt", template))


def told(template: str, files: dict[str, str] | None = None) -> list[str]:
    """Each message as `role (origin): kinds of its parts`."""
    return [
        f"{message.role} ({message.origin}): {' '.join(part.kind for part in message.parts)}".rstrip(": ")
        for message in read(template, files)
    ]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", []),
        (" \n {{! nothing }}", []),
        ("Hello {{name}}", ["user (implied): text value"]),
        ('\n{{role "system"}}\nBe kind.', ["system (role): text"]),
        ('Hi{{role "model"}}', ["user (implied): text", "model (role)"]),
        ("{{role speaker}}x", ["None (role): text"]),
        ("a {{role}} b", ["user (implied): text value text"]),
        ('{{role "user"}}{{history}} x', ["user (role): history", "model (history): text"]),
        ('{{media url=u}}{{section "s"}}{{log "x"}}', ["user (implied): media section"]),
        (
            '{{#if a}}{{role "system"}}s{{else}}{{role "user"}}u{{/if}}t',
            ["system (role): text", "user (role): text text"],
        ),
        ('{{^a}}{{role "system"}}s{{else}}{{role "user"}}u{{/a}}', ["system (role): text", "user (role): text"]),
        ('{{#role "system"}}dropped{{/role}}leaks', ["system (role): text"]),
        ('{{#*inline "p"}}{{role "system"}}x{{/inline}}{{> p}}', ["user (implied): partial"]),
        ('{{#> p}}{{role "system"}}x{{/p}}', ["user (implied): partial", "system (role): text"]),
    ],
)
def test_messages(template: str, expected: list[str]) -> None:
    assert told(template) == expected


def test_a_partial_may_leave_the_conversation_in_another_role() -> None:
    files = {
        "_style.prompt": '{{role "system"}}Be kind.{{role "user"}}',
        "_plain.prompt": "Be kind.",
        "_outer.prompt": "{{> style}}",
        "_a.prompt": '{{> b}}{{role "model"}}',
        "_b.prompt": "{{> a}}",
    }
    assert told("{{> style}}Hello", files) == ["user (implied): partial", "user (partial): text"]
    assert told("{{> outer}}Hello", files) == ["user (implied): partial", "user (partial): text"]
    assert told("{{> plain}}Hello", files) == ["user (implied): partial text"]
    assert told("{{> a}}Hello", files) == ["user (implied): partial", "model (partial): text"]


def test_ranges() -> None:
    template = 'Hi {{name}}!\n{{role "system"}} Be kind. {{history}}\n{{role "user"}}\n{{question}}\n'
    found = read(template)
    shown = [template[slice(*message.range)] for message in found]
    assert shown == [
        "Hi {{name}}!\n",
        '{{role "system"}} Be kind. ',
        "{{history}}\n",
        '{{role "user"}}\n{{question}}\n',
    ]
    assert [template[slice(*each.role_range)] if each.role_range else None for each in found] == [
        None,
        "system",
        None,
        "user",
    ]
    assert template[slice(*found[1].content_range)] == " Be kind. "
    assert [template[slice(*part.range)] for part in found[0].parts] == ["Hi ", "{{name}}", "!\n"]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("All of it.", "All of it."),
        ('{{role "system"}}\nA.{{! b }}{{role "user"}}{{name}} x', '{{role "system"}}\nA.{{! b }}{{role "user"}}'),
        ("Be kind. {{#if a}}x{{/if}}", "Be kind. "),
        ("A {{history}}", "A "),
        ("A {{role speaker}}", "A "),
        ("A {{> plain}} b {{> filled}} c", "A {{> plain}} b "),
        ("A {{> a}}", "A "),
        ("{{x}}", ""),
    ],
)
def test_static_prefix(template: str, expected: str) -> None:
    files = {"_plain.prompt": "Be kind.", "_filled.prompt": "{{name}}", "_a.prompt": "{{> b}}", "_b.prompt": "{{> a}}"}
    prompt = InMemoryProject(files).prompt("main.prompt", template)
    assert template[slice(*static_prefix(prompt))] == expected


def test_deep_nesting() -> None:
    depth = 5_000
    assert told("{{#if a}}" * depth + '{{role "model"}}x' + "{{/if}}" * depth) == ["model (role): text"]


PIECES = [
    '{{role "system"}}',
    '{{role "user"}}',
    '{{role "model"}}',
    '{{role "tool"}}',
    "{{history}}",
    "\t",
    "text",
    "{{x}}",
    '{{media url="http://h/p.png"}}',
    '{{section "s"}}',
    "{{! note }}",
    '{{#role "user"}}dropped{{/role}}',
    "{{#if x}}in{{/if}}",
]


def test_dotprompt_makes_the_same_messages(oracle: Oracle) -> None:
    several = 0
    for seed in range(300):
        chance = random.Random(seed)
        template = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 9)))
        rendered = oracle.render(template, {"input": {"x": "value"}})["messages"]
        roles = [message["role"] for message in rendered if message["content"]]
        assert [message.role for message in read(template) if not message.is_empty] == roles, template
        several += len(roles) > 1
    assert several > 50
