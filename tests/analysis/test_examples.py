"""Worked examples are found however they are written, and nothing else is taken for one."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptls.analysis.examples import ExamplePair, examples
from promptls.language.prompt import Prompt
from promptls.settings import Settings


def found(text: str) -> list[tuple[str, str]]:
    return [(pair.input, pair.output) for pair in _read(text)]


def _read(text: str) -> tuple[ExamplePair, ...]:
    return examples(Prompt(text, settings=Settings()))


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Classify.\n\nInput: a b\nOutput: x\n\nInput: c\nOutput: y\n\nInput:", [("a b", "x"), ("c", "y")]),
        ("Examples:\nQ: How far?\nA: Two miles.\n", [("How far?", "Two miles.")]),
        ("Ejemplo:\nEntrada: gris\nSalida: color\n", [("gris", "color")]),
        (
            "[Question] One?\n[Answer] <a>1</a>\n\n[Question] Two?\n[Answer] <a>2</a>\n",
            [("One?", "<a>1</a>"), ("Two?", "<a>2</a>")],
        ),
        ("For example:\n- red -> colour\n- Paris -> place\n", [("red", "colour"), ("Paris", "place")]),
        ("Examples:\nText: a Label: b\nText: c Label: d\n", [("a", "b"), ("c", "d")]),
        ("Sort it.\n<example>\n<input>a</input>\n<output>b</output>\n</example>\n", [("a", "b")]),
        ('{{role "user"}}\nOne?\n{{role "model"}}\n1\n{{role "user"}}\n{{q}}\n', [("One?", "1")]),
        (
            "Examples:\nQuestion:\nq\nAnswer:\na\nOutput:\n{}\n\nQuestion:\nr\nAnswer:\nb\nOutput:\n[]\n",
            [("q\nAnswer:\na", "{}"), ("r\nAnswer:\nb", "[]")],
        ),
    ],
)
def test_pairs_are_found(text: str, pairs: list[tuple[str, str]]) -> None:
    assert found(text) == pairs


def test_an_example_tag_splits_at_the_tags_that_hold_inputs() -> None:
    text = '<example>\n<mail>Hi</mail>\n{"a": 1}\n</example>\n{{role "user"}}\n<mail>{{mail}}</mail>\n'
    assert found(text) == [("<mail>Hi</mail>", '{"a": 1}')]


@pytest.mark.parametrize(
    "text",
    [
        "Input:\n{{text}}\nOutput:\n",
        "# Input\nA list of numbers.\n\n# Output\nTheir sum.\n",
        "Question: {{q}}\nAnswer: <your answer>\n",
        'Use the format "Input: x, Output: y" for it.',
        "Read -> think -> answer.",
        '{{role "user"}}\nSolve {{task}}.\n{{role "model"}}\nI will.\n',
    ],
)
def test_slots_and_descriptions_are_no_examples(text: str) -> None:
    assert found(text) == []


def test_pairs_that_the_data_brings_are_examples() -> None:
    text = "{{#each shots}}\nInput: {{input}}\nOutput: {{output}}\n\nInput: {{more}}\nOutput: {{other}}\n{{/each}}\n"
    pairs = _read(text)
    assert pairs
    assert all(pair.is_filled_in for pair in pairs)


def test_ranges_hold_the_words() -> None:
    text = "---\nmodel: a/b\n---\nTask.\n\nInput: one\nOutput: two\n\nInput: three\nOutput: four\n"
    for pair in _read(text):
        assert text[slice(*pair.input_range)] == pair.input
        assert text[slice(*pair.output_range)] == pair.output
        assert pair.range.encloses(pair.input_range)
        assert pair.range.encloses(pair.output_range)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Input: ", "Output: ", "\n", "x", "<example>", "</example>", "->", "{{a}}", "Q: ", "A: ", "# "]
        )
    )
)
def test_never_overlaps_and_never_fails(pieces: list[str]) -> None:
    pairs = _read("".join(pieces))
    assert all(one.range.end <= other.range.start for one, other in pairwise(pairs))
