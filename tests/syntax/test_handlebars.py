"""The parser on any text at all: it never raises, covers the text, nests its ranges, stays fast, and errs precisely."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptls.syntax.handlebars import Template, parse
from promptls.syntax.handlebars.nodes import Missing, PathExpression, children, path_to, walk
from promptls.syntax.source import Range
from tests.support import ROOT
from tests.support.oracle import Oracle
from tests.syntax.templates import CONTENT, FRAGMENTS, SPACES, TemplateGenerator

CHARACTERS = "{}#/^>!~\\\"'[]()|=.@&*- elsiasrothum0\n\ré\u2028\u0085\ufeff𝒳\ud800\udc00\0"
soup = st.lists(st.sampled_from([*FRAGMENTS, *CONTENT, *SPACES, " else if ", "role"]), max_size=30).map("".join)
texts = (
    soup
    | st.text(alphabet=CHARACTERS, max_size=80)
    | st.integers(0).map(lambda seed: TemplateGenerator(seed).template())
)


def assert_well_formed(text: str, template: Template, start: int = 0, end: int | None = None) -> None:
    whole = Range(start, len(text) if end is None else end)
    position = whole.start
    for kind, token_start, token_end in template.tokens:
        assert token_start == position
        assert token_end > token_start or kind == "UNCLOSED"
        position = token_end
    assert position == whole.end
    assert template.program.range == whole
    for node in walk(template.program):
        parts = children(node)
        assert all(node.range.encloses(part.range) for part in parts), (node, parts)
        assert all(before.range.end <= after.range.start for before, after in pairwise(parts)), parts
        if isinstance(node, PathExpression):
            assert all(node.range.encloses(segment.range) for segment in node.segments)
            assert node.segments
        assert not isinstance(node, Missing) or node.range.start == node.range.end
    for error in template.errors:
        assert whole.encloses(error.range)
        assert error.range.start < error.range.end
        assert all(whole.encloses(range) for range, _ in error.related)
    assert list(template.errors) == sorted(template.errors, key=lambda error: error.range)


@given(texts)
@settings(max_examples=400)
def test_any_text_gives_a_well_formed_tree(text: str) -> None:
    assert_well_formed(text, parse(text))


@given(soup, soup, soup)
def test_any_part_of_a_text_gives_a_well_formed_tree(before: str, text: str, after: str) -> None:
    whole = before + text + after
    start, end = len(before), len(before) + len(text)
    assert_well_formed(whole, parse(whole, start, end), start, end)


@given(texts, st.data())
def test_path_to_leads_to_the_cursor(text: str, data: st.DataObject) -> None:
    program = parse(text).program
    offset = data.draw(st.integers(0, len(text)))
    path = path_to(program, offset)
    assert path[0] is program
    assert all(node.range.contains(offset) for node in path)
    assert all(inner in children(outer) for outer, inner in pairwise(path))


@given(st.lists(texts, min_size=20, max_size=20))
@settings(max_examples=15, deadline=None)
def test_an_error_wherever_handlebars_refuses(oracle: Oracle, templates: list[str]) -> None:
    accepted = [not parse(template).errors for template in templates]
    assert accepted == oracle.accepts(templates)


def prefixes(path: Path, step: int) -> Iterator[str]:
    text = path.read_bytes().decode()
    return (text[:end] for end in range(0, len(text) + 1, step))


def assert_prefixes_parse(paths: list[Path], step: int) -> None:
    for path in paths:
        for text in prefixes(path, step):
            began = time.process_time()
            template = parse(text)
            assert time.process_time() - began < 1, f"{path} up to {len(text)}"
            assert_well_formed(text, template)


SAMPLES = sorted((ROOT / "samples").rglob("*.prompt"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_prefix_of_a_sample(path: Path) -> None:
    for text in prefixes(path, 1):
        parse(text)
    assert_prefixes_parse([path], 17)


def test_prefixes_of_the_corpus(shared: Path) -> None:
    assert_prefixes_parse(sorted((shared / "corpus").rglob("*.prompt"))[::4], 13)


BEFORE = "Hi {{name}}.\n"
AFTER = '\n{{#each xs}}{{this}} {{json a indent=2}}{{/each}}\n{{role "user"}}\nBye {{other}}, {{> p}}\n'


@pytest.mark.parametrize(
    ("broken", "kind", "where"),
    [
        ("{{#if a}}x", "unclosed-block", "{{#if a}}"),
        ("{{#if a}}x{{else}}y", "unclosed-block", "{{#if a}}"),
        ("{{#if a}}{{#each b}}x{{/if}}", "unclosed-block", "{{#each b}}"),
        ("{{#if a}}{{#if b}}x{{/if}}", "unclosed-block", "{{#if a}}"),
        ("{{{{raw}}}} {{x}}", "unclosed-block", "{{{{raw}}}}"),
        ("{{{{raw}}}} {{{{a}}}}{{{{/a}}}}", "unclosed-block", "{{{{raw}}}}"),
        ("{{#a}}{{#b}}x{{/a}}y{{/b}}", "mismatched-close", "{{/a}}"),
        ("{{#if a}}x{{/fi}}", "mismatched-close", "{{/fi}}"),
        ("{{#if a}}{{#each b}}x{{/eahc}}{{/if}}", "mismatched-close", "{{/eahc}}"),
        ("{{{{raw}}}} {{{{/rw}}}}", "mismatched-close", "rw"),
        ("x{{/if}}", "unexpected-close", "{{/if}}"),
        ("{{#a}}{{/b}}{{/a}}", "unexpected-close", "{{/b}}"),
        ('{{role "system}}', "syntax", '"system'),
        ('{{role "system', "syntax", '"system'),
        ("{{#if 'a}}x{{/if}}", "syntax", "'a"),
        ("{{user.", "syntax", "{{user."),
        ("{{user", "syntax", "{{user"),
        ("{{user}", "syntax", "{{user}"),
        ("{{", "syntax", "{{"),
        ("{{#if", "syntax", "{{#if"),
        ("{{#if a\nx{{/if}}", "syntax", "{{#if a"),
        ("{{/i", "syntax", "{{/i"),
        ("{{json (lookup a", "syntax", "{{json (lookup a"),
        ("{{json (lookup a}}", "syntax", "}}"),
        ("{{json a indent=}}", "syntax", "}}"),
        ("{{a + b}}", "syntax", "+"),
        ("{{}}", "syntax", "}}"),
        ("{{a}}}", "syntax", "}}}"),
        ("{{!-- note }} {{x}}", "syntax", "{{!-- note }}"),
        ("{{else}}", "syntax", "{{else}}"),
        ("{{#if a}}{{else}}{{else if b}}{{/if}}", "syntax", "{{else if b}}"),
        ("{{#> p}}{{else}}{{/p}}", "syntax", "{{else}}"),
        ("a\0b\0c", "syntax", "\0"),
    ],
)
def test_one_mistake_is_one_error(broken: str, kind: str, where: str) -> None:
    text = BEFORE + broken + AFTER
    (error,) = parse(text).errors
    assert (error.kind, text[slice(*error.range)]) == (kind, where)
    assert error.range.start == len(BEFORE) + broken.index(where)


def test_a_half_typed_path_is_kept_up_to_its_separator() -> None:
    text = "{{#if user.\nmore {{x}}{{/if}}"
    nodes = path_to(parse(text).program, text.index(".") + 1)
    path = nodes[-1]
    assert isinstance(path, PathExpression)
    assert path.original == "user."
    assert [segment.name for segment in path.segments] == ["user"]


def repeated(unit: str, before: str = "", after: str = "") -> Callable[[int], str]:
    return lambda count: before + unit * count + after


GROWING: dict[str, Callable[[int], str]] = {
    "plain text": repeated("Plain prompt text that goes on and on.\n" * 20),
    "tags": repeated("a {{b}} c {{d e=f}}\n"),
    "nested blocks": lambda count: "{{#a}}" * count + "{{/a}}" * count,
    "blocks never closed": repeated("{{#a}}"),
    "blocks closed by another name": lambda count: "{{#a}}" * count + "{{/b}}" * count,
    "blocks that cross": lambda count: (
        "".join(f"{{{{#a{i}}}}}" for i in range(count)) + "".join(f"{{{{/a{i}}}}}" for i in range(count))
    ),
    "inner blocks never closed": lambda count: "{{#a}}{{#b}}" * count + "{{/a}}" * count,
    "else after else": repeated("{{else}}x", "{{#a}}", "{{/a}}"),
    "else if": repeated("{{else if b}}x", "{{#a}}", "{{/a}}"),
    "an unclosed string at the top": repeated('Text {{a "b"}} and more.\n', '{{role "system}}\n'),
    "unclosed strings": repeated('{{"'),
    "strings that end escaped": repeated('\\" {{', '{{"'),
    "unclosed comments": repeated("{{!-- x "),
    "unclosed brackets and one far end": repeated("{{[", after="]"),
    "unclosed raw blocks": repeated("{{{{a}}}}"),
    "nested raw blocks": lambda count: "{{{{a}}}}" * count + "{{{{/a}}}}" * count,
    "nested parentheses": lambda count: "{{a " + "(b " * count + ")" * count + "}}",
    "parentheses never closed": repeated("(b ", "{{a ", "}}"),
    "open braces": repeated("{{a "),
    "escapes": repeated("\\{{a}} \\\\{{b}} "),
    "one long line of broken tags": repeated("{{a + ", after="}}"),
    "NUL characters": repeated("\0a"),
    "a long path": repeated(".b", "{{a", "}}"),
    "a long number": repeated("9", "{{", "#}}"),
}


def seconds(text: str) -> float:
    def once() -> float:
        began = time.process_time()
        parse(text)
        return time.process_time() - began

    return statistics.median(once() for _ in range(3))


@pytest.mark.parametrize("case", GROWING)
def test_time_grows_with_the_text(case: str) -> None:
    # The collector's own time grows with all the objects of the process, tests included.
    gc.collect()
    gc.disable()
    try:
        small, large = (seconds(GROWING[case](count)) for count in (1_000, 8_000))
    finally:
        gc.enable()
    assert large < 8 * 3 * small + 0.005, f"8 times the text took {large / small:.1f} times as long"


@pytest.mark.parametrize(
    "text",
    [
        "{{#a}}" * 5_000 + "x" + "{{/a}}" * 5_000,
        "{{#a}}" * 5_000,
        "{{#a}}" + "{{else if b}}" * 5_000 + "{{/a}}",
        "{{#> a}}" * 5_000 + "{{/a}}" * 5_000,
        "{{a " + "(b " * 20_000 + "c" + ")" * 20_000 + "}}",
        "{{a " + "b=(c " * 20_000 + ")" * 20_000 + "}}",
    ],
    ids=["blocks", "unclosed blocks", "else if", "partial blocks", "parentheses", "hashes"],
)
def test_deep_nesting_never_recurses(text: str) -> None:
    template = parse(text)
    assert_well_formed(text, template)
    assert len(path_to(template.program, len(text) // 2)) > 2_500
