"""GitHub's format: whatever is in a file, it is taken over or refused, and what is taken over can be read."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from promptls.testcases.document import read_tests
from promptls.testcases.github_format import ExchangeError, escaped, unescaped
from promptls.testcases.github_import import import_github
from promptls.testcases.text_assertions import compiled

SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab{}{{}} completion:.\\", max_size=12)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=2),
    max_leaves=4,
)
EVALUATORS = VALUES | st.fixed_dictionaries(
    {},
    optional={
        "name": VALUES,
        "string": VALUES | st.dictionaries(st.sampled_from(["equals", "contains", "startsWith", "endsWith"]), VALUES),
        "llm": VALUES | st.dictionaries(st.sampled_from(["prompt", "choices", "systemPrompt"]), VALUES),
        "uses": VALUES | st.just("github/similarity"),
    },
)
FILES = st.fixed_dictionaries(
    {
        "testData": VALUES
        | st.lists(st.dictionaries(st.sampled_from(["a", "b", "expected", "name"]), VALUES), min_size=1, max_size=3)
    },
    optional={"evaluators": st.lists(EVALUATORS, max_size=3) | VALUES, "messages": VALUES, "model": VALUES},
)


@given(FILES)
def test_files_are_taken_over_or_refused(data: dict[str, Any]) -> None:
    try:
        exchanged = import_github(yaml.safe_dump(data))
    except ExchangeError:
        return
    read = read_tests(yaml.safe_dump(exchanged.data, allow_unicode=True))
    assert read.problems == ()
    assert len(read.cases) == len(data["testData"])


@given(st.text(max_size=40))
def test_a_text_as_a_pattern_is_that_text(text: str) -> None:
    assert unescaped(escaped(text)) == text


@given(st.text("abA.*+?()[]{}^$|\\ \n", max_size=20))
def test_an_escaped_text_matches_itself(text: str) -> None:
    assert compiled(f"(?i)\\A{escaped(text)}\\z").search(text.upper()) is not None
