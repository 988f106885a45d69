"""Inlay hints, shown where an editor would show them: `‹label›`."""

import re
from pathlib import Path

import pytest

from promptls.ide.inlay_hints import ALL_KINDS, InlayHintKind, inlay_hints
from promptls.syntax.source import Range
from tests.ide.projects import Project

HEAD = """\
---
input:
  schema:
    name: string, of the user
    rows(array):
      cell: integer
      kind(enum): [a, b]
    long(enum): [one hundred, two hundred, three hundred]
    dish?: Dish
    any: any
---
"""


def hinted(tmp_path: Path, template: str, partials: str = "", kinds: frozenset[InlayHintKind] = ALL_KINDS) -> str:
    """The template with its hints."""
    project = Project(tmp_path, f"=== a.prompt\n{HEAD}{template}\n{partials}")
    prompt = project.workspace.prompt(project.top / "a.prompt")
    text = prompt.text
    for each in reversed(inlay_hints(prompt, kinds=kinds)):
        text = f"{text[: each.offset]}‹{each.label}›{text[each.offset :]}"
    return text.removeprefix(HEAD).rstrip("\n")


@pytest.mark.parametrize(
    "shown",
    [
        "{{name‹: string›}} {{name}} {{#if name}}{{/if}}",
        "日本 𝒳 {{#if name‹: string›}}{{name}}{{/if}}",
        '{{#each rows‹: array of object› as |row‹: object› i|}}{{row.cell‹: integer›}} {{cell}} {{kind‹: "a" | "b"›}}',
        '{{long‹: "one hundred" | "two hundred" |…›}} {{dish‹: Dish›}} {{any}} {{missing}}',
        '{{lookup rows "cell"}} {{[name]}} {{"name"}}',
        "{{#if name‹: string›",
        "{{rows.",
    ],
)
def test_types(tmp_path: Path, shown: str) -> None:
    assert hinted(tmp_path, re.sub("‹.*?›", "", shown), kinds=frozenset({"type"})) == shown


def test_parameters_of_partials(tmp_path: Path) -> None:
    partials = """\
=== _card.prompt
{{title}} {{#if note}}{{note}}{{/if}}
=== _many.prompt
{{a}}{{b}}{{c}}{{d}}{{e}}
=== _none.prompt
nothing
"""
    template = (
        '{{> card}} {{> card title="x"}} {{> card title="x" note="y"}} {{> many}} {{> none}} {{> gone}} {{> "card"}}'
    )
    assert hinted(tmp_path, template, partials, frozenset({"parameters"})) == (
        '{{> card‹(title, note?)›}} {{> card‹(title, note?)› title="x"}} {{> card title="x" note="y"}} '
        '{{> many‹(a, b, c, d, …)›}} {{> none}} {{> gone}} {{> "card"‹(title, note?)›}}'
    )


def test_roles_that_nobody_wrote(tmp_path: Path) -> None:
    only = frozenset[InlayHintKind]({"role"})
    assert hinted(tmp_path, 'Hello.\n{{role "model"}}Hi.', kinds=only) == '‹user:›Hello.\n{{role "model"}}Hi.'
    assert hinted(tmp_path, '{{role "system"}}Hi.\n{{history}}\n Go on.', kinds=only) == (
        '{{role "system"}}Hi.\n{{history}}\n ‹model:›Go on.'
    )


def test_a_range_and_what_else_a_hint_says(tmp_path: Path) -> None:
    project = Project(tmp_path, f"=== a.prompt\n{HEAD}{{{{name}}}} {{{{rows}}}}")
    prompt = project.workspace.prompt(project.top / "a.prompt")
    at = len(HEAD)
    (role, name) = inlay_hints(prompt, Range(at, at + 6))
    assert (role.kind, role.before, role.tooltip) == ("role", True, "Text before the first role is the user's.")
    assert (name.kind, name.before, name.tooltip) == ("type", False, "of the user")
    assert inlay_hints(prompt, kinds=()) == ()


def test_none_in_other_files(tmp_path: Path) -> None:
    project = Project(tmp_path, "=== a/a.prompt\nHello {name}.\n=== b/b.prompt\n")
    for path in ("a/a.prompt", "b/b.prompt"):
        assert inlay_hints(project.workspace.prompt(project.top / path)) == ()
