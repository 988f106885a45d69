"""Test files: what is read from them, and what is said where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptls.testcases.document import is_test_file, prompt_path, read_tests, test_path

GOOD = """prompt: ticket.prompt
cases:
  - name: refund
    input:
      message: I want my money back
    expect:
      contains: refund
      not-contains: [sorry, apologies]
      is-json: true
      word-count: {max: 20}
  - name: greeting
    input: {message: hello}
    expect:
      - is-json
      - type: similar
        value: Hello there
        threshold: 0.6
        weight: 2
      - json-path: {path: $.label, value: other}
"""


def test_cases_are_read() -> None:
    read = read_tests(GOOD)
    assert read.problems == ()
    assert read.prompt == "ticket.prompt"
    first, second = read.cases
    assert [each.name for each in first.assertions] == [
        "contains", "not-contains", "not-contains", "is-json", "word-count",
    ]  # fmt: skip
    assert first.input == {"message": "I want my money back"}
    similar = second.assertions[1]
    assert (similar.threshold, similar.weight) == (0.6, 2)
    assert second.assertions[2].path == "$.label"
    assert GOOD[first.name_range.start : first.name_range.end] == "refund"


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("case: []", "case", "did you mean `cases`"),
        ("cases: 5", "cases", "a list"),
        ("cases: [5]", "5", "a mapping"),
        ("cases: [{inputs: {}}]", "inputs", "did you mean `input`"),
        ("cases: [{input: 5}]", "5", "a mapping"),
        ("cases: [{expect: {contain: x}}]", "contain", "did you mean `contains`"),
        ("cases: [{expect: {regex: '('}}]", "regex: '('", "no regular expression"),
        ("cases: [{expect: {regex: '(?=a)'}}]", "regex: '(?=a)'", "no regular expression"),
        ("cases: [{expect: {word-count: many}}]", "word-count: many", "needs a number"),
        ("cases: [{expect: {contains-all: {}}}]", "contains-all: {}", "needs a list"),
        ("cases: [{expect: {contains: ''}}]", "contains: ''", "not empty"),
        ("cases: [{expect: {is-json: {type: 5}}}]", "is-json: {type: 5}", "no JSON Schema"),
        ("cases: [{expect: {json-path: $..a}}]", "json-path: $..a", "needs another path"),
        ("cases: [{expect: {word-count: {min: 5, max: 2}}}]", None, "not above"),
        ("cases: [{expect: {not-contain: x}}]", "not-contain", "did you mean `not-contains`"),
        ("cases: [{expect: [{type: similar, value: x, threshold: 7}]}]", None, "between 0 and 1"),
        ("cases: [{name: a}, {name: a}]", "a", "two cases"),
        ("[1]", "[", "a mapping"),
        ("cases: [", None, None),
        ("", None, None),
    ],
)
def test_mistakes_are_told_where_they_stand(text: str, at: str | None, said: str | None) -> None:
    problems = read_tests(text).problems
    assert problems
    if said:
        assert said in problems[0].message
    if at:
        range = problems[0].range
        assert text[range.start : range.end] == at


def test_a_test_file_stands_beside_its_prompt() -> None:
    assert test_path(Path("a/ticket.prompt")) == Path("a/ticket.test.yaml")
    assert prompt_path(Path("a/ticket.test.yaml")) == Path("a/ticket.prompt")
    assert prompt_path(Path("a/ticket.test.yaml"), "../b.prompt") == Path("a/../b.prompt")
    assert is_test_file(Path("x.test.yml"))
    assert not is_test_file(Path("x.yaml"))


@given(st.text(max_size=200) | st.text(alphabet="cases:-{}[] \n'nameinputexpect", max_size=200))
def test_reading_never_fails(text: str) -> None:
    read = read_tests(text)
    assert all(0 <= each.range.start <= each.range.end <= len(text) for each in read.problems)
