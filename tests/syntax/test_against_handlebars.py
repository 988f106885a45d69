"""Our parser accepts, refuses and builds what npm Handlebars does.

There is no known disagreement, so nothing is excused here. The full run is `tests/syntax/fuzz_handlebars.py`.
"""

from pathlib import Path

import pytest

from promptls.syntax.frontmatter import read_layout
from promptls.syntax.handlebars import parse
from tests.support import ROOT
from tests.support.oracle import Oracle
from tests.syntax.fuzz_handlebars import compare, generated


def assert_agreement(oracle: Oracle, templates: list[str]) -> None:
    differences = [f"{each.template!r}: {each.difference}" for each in compare(oracle, templates) if each.difference]
    assert differences == []


@pytest.mark.parametrize("seed", range(3))
def test_generated_templates(oracle: Oracle, seed: int) -> None:
    templates = list(generated(seed, 500))
    accepted = oracle.accepts(templates)
    assert 100 < sum(accepted) < 400, "the sample should hold plenty of both kinds"
    assert_agreement(oracle, templates)


@pytest.mark.parametrize(
    "template",
    [
        "{{#> (x)}}{{/undefined}}",
        '{{#"a"}}{{/a}}',
        "{{#1}}{{/1.0}}",
        "{{{{1}}}}{{{{/1}}}}",
        "{{#each x as |[a]|}}{{/each}}",
        "{{#each x as |[a] b|}}{{/each}}",
        "{{a ..=1}}",
        "{{user.}}",
        "{{[a\nb]}}{{[this]}}{{a.[..]}}",
        r"{{[a\]b]}}{{[a\\\]b]}}",
        r"{{'\'}}{{'a'}}",
        r"{{'\'}}{{'}}",
        "{{!--}}x{{!-- }} --}}{{!---}}{{!-a-}}",
        "\\\\\\{{a}}\\{{b\\{{c\\\\{{d}}",
        "\\{{a\0}}{{b}}",
        "{{a\0b}}",
        "{{elsewhere}}{{#if a}}{{else-if b}}{{/if}}",
        "{{#if a}}{{^}}{{else if b}}{{/if}}",
        "{{^a}}{{else if b}}{{/a}}",
        "{{{{a}}}}{{{{b}}}}{{{{/b}}}}{{{{/c d}}}}{{{{/a}}}}",
        "{{" + "9" * 5000 + "}}",
        "{{a\u0085b}}{{\ufeffc\u2028}}",
    ],
)
def test_oddities(oracle: Oracle, template: str) -> None:
    assert_agreement(oracle, [template])


def test_corpus(oracle: Oracle, shared: Path) -> None:
    texts = [path.read_bytes().decode() for path in sorted((shared / "corpus").rglob("*.prompt"))]
    assert len(texts) > 100
    bodies = [text[slice(*read_layout(text).template_range)] for text in texts]
    assert_agreement(oracle, texts + bodies)


def test_samples(oracle: Oracle) -> None:
    texts = [path.read_bytes().decode() for path in sorted((ROOT / "samples").rglob("*.prompt"))]
    assert texts
    assert_agreement(oracle, texts)


def test_a_part_of_a_text_parses_as_that_part_alone() -> None:
    text = "---\na: {{b}}\n---\n{{#if c}}d{{/if}}\\{{e}}{{"
    start = text.index("{{#if")
    whole = parse(text, start, len(text) - 2)
    alone = parse(text[start:-2])
    assert not whole.errors and not alone.errors
    assert [(kind, begin - start, end - start) for kind, begin, end in whole.tokens] == list(alone.tokens)
