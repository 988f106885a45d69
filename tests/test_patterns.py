"""No text makes a regular expression slow: each is fed 100 KB of what is hardest for it."""

import re

import pytest

import promptls
from tests.support.hostile import patterns_of, slow_unit, use_of

PATTERNS = {(pattern.pattern, pattern.flags): (name, pattern) for name, pattern in patterns_of(promptls)}

KNOWN = {
    "settings.toml._TOKEN": "of a settings file, an unclosed string full of escaped quotes",
    "optimize.static.inputs._RULES": "names of sections, which are short",
}
"""Patterns that are slow on what hardly occurs, and on what."""


@pytest.mark.parametrize(("name", "pattern"), PATTERNS.values(), ids=[name for name, _ in PATTERNS.values()])
def test_patterns_take_linear_time(name: str, pattern: re.Pattern[str]) -> None:
    if reason := KNOWN.get(name.partition("[")[0]):
        pytest.xfail(reason)
    assert slow_unit(use_of(name, pattern)) is None


def test_patterns_are_found() -> None:
    assert len(PATTERNS) > 400


@pytest.mark.parametrize(
    "pattern",
    [r"\s*:", r"(?:a|a)*b", r"(?:\r\n|\r|\n)*x", r"(?:[^\W_]+-?)*:", r"^[ >]*>{3,}[ ]*$", r"\w+@", "(?:a+ ?)+c"],
)
def test_slow_patterns_are_found_out(pattern: str) -> None:
    compiled = re.compile(pattern)
    assert slow_unit(lambda text: [None for _ in compiled.finditer(text)]) is not None
