"""Signature help: each sample has its cursor at `‸`; the active argument is marked in the label."""

import pytest

from promptls.ide.signature import Signature, signature_help
from promptls.settings import Settings
from tests.support.markers import marked, show
from tests.support.project import InMemoryProject

FILES = {
    "_header.prompt": """\
---
description: Opens a letter.
input:
  schema:
    title: string, the título
    n?: integer
---
{{title}}{{sender}}""",
    "_empty.prompt": "Nothing is taken.",
}


def signature(sample: str) -> Signature | None:
    text, (cursor,), _ = marked(sample)
    project = InMemoryProject(FILES, settings=Settings(helpers=["shout"]))
    return signature_help(project.prompt("sample.prompt", text), cursor)


def shown(found: Signature | None) -> str | None:
    if found is None:
        return None
    active = [found.parameters[found.active].range] if found.active is not None else []
    return show(found.label, ranges=active)


@pytest.mark.parametrize(
    ("sample", "label"),
    [
        ("{{#if ‸}}x{{/if}}", "{{#if ⟦value⟧ [includeZero=…]}}"),
        ("{{#if ‸", "{{#if ⟦value⟧ [includeZero=…]}}"),
        ("{{#if va‸lue}}x{{/if}}", "{{#if ⟦value⟧ [includeZero=…]}}"),
        ("{{#if value ‸}}x{{/if}}", "{{#if value ⟦[includeZero=…]⟧}}"),
        ("{{#if value includeZero=‸}}x{{/if}}", "{{#if value ⟦[includeZero=…]⟧}}"),
        ("{{#if value includeZero=true ‸}}x{{/if}}", "{{#if value [includeZero=…]}}"),
        ("{{#if a}}{{else unless ‸}}{{/if}}", "{{#unless ⟦value⟧ [includeZero=…]}}"),
        ("{{#ifEquals tone ‸}}", "{{#ifEquals left ⟦right⟧}}"),
        ('{{#ifEquals tone "fo‸rmal"}}', "{{#ifEquals left ⟦right⟧}}"),
        ("{{#ifEquals a b ‸}}", "{{#ifEquals left right}}"),
        ("{{#each items as |‸|}}", "{{#each items ⟦[as |item index|]⟧}}"),
        ("{{#with user as |‸", "{{#with context ⟦[as |name|]⟧}}"),
        ('{{role "‸', "{{role ⟦name⟧}}"),
        ('{{role "sys‸\nNext line', "{{role ⟦name⟧}}"),
        ("{{media ‸}}", "{{media ⟦url=…⟧ [contentType=…]}}"),
        ("{{media url=x ‸}}", "{{media url=… ⟦[contentType=…]⟧}}"),
        ("{{media ‸ url=x}}", "{{media url=… ⟦[contentType=…]⟧}}"),
        ("{{media co‸}}", "{{media url=… ⟦[contentType=…]⟧}}"),
        ("{{json (lookup a ‸) indent=2}}", "(lookup object ⟦field⟧)"),
        ("{{json (lookup a b) ‸}}", "{{json value ⟦[indent=…]⟧}}"),
        ("{{json (shout ‸)}}", "{{json ⟦value⟧ [indent=…]}}"),
        ("{{log a b c‸}}", "{{log ⟦[value]⟧ [level=…]}}"),
        ("ż🙂 {{json ‸}}", "{{json ⟦value⟧ [indent=…]}}"),
        ("{{#if a}}{{/fi}}{{json ‸}}", "{{json ⟦value⟧ [indent=…]}}"),
    ],
)
def test_helpers(sample: str, label: str) -> None:
    assert shown(signature(sample)) == label


@pytest.mark.parametrize(
    ("sample", "label"),
    [
        ("{{> header ‸}}", "{{> header ⟦title=string⟧ [n=integer] sender=string}}"),
        ('{{> header title="‸"}}', "{{> header ⟦title=string⟧ [n=integer] sender=string}}"),
        ('{{> header title="a" ‸}}', "{{> header title=string ⟦[n=integer]⟧ sender=string}}"),
        ("{{> header se‸", "{{> header title=string [n=integer] ⟦sender=string⟧}}"),
        ("{{> header n=(json ‸)}}", "(json ⟦value⟧ [indent=…])"),
        ("{{#> header sender=‸}}x{{/header}}", "{{#> header title=string [n=integer] ⟦sender=string⟧}}"),
    ],
)
def test_partials(sample: str, label: str) -> None:
    assert shown(signature(sample)) == label


@pytest.mark.parametrize(
    "sample",
    [
        "‸",
        "Some words ‸",
        "{{js‸on x}}",
        "{{json‸",
        "{{json x}}‸",
        "{{name ‸}}",
        "{{shout ‸}}",
        "{{history ‸}}",
        "{{/if ‸}}",
        "{{! json ‸ }}",
        "{{> empty ‸}}",
        "{{> missing ‸}}",
        "---\nmodel: ‸\n---\n",
        r"\{{json ‸}}",
    ],
)
def test_nowhere_else(sample: str) -> None:
    assert signature(sample) is None


def test_documentation() -> None:
    helper = signature("{{json a indent=‸}}")
    assert helper is not None and helper.active is not None
    assert "Writes a value as JSON." in helper.documentation
    assert "indented by" in helper.parameters[helper.active].documentation
    partial = signature("{{> header ‸}}")
    assert partial is not None
    assert partial.documentation == "Opens a letter."
    assert [each.documentation for each in partial.parameters] == ["the título", "", "Used without being declared."]
