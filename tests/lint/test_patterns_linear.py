"""No pattern of the rules takes much longer than the text is long, whatever stands in it."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

import promptls.lint

_LENGTH = 100_000
_UNITS = (
    "a",
    " ",
    "\n",
    "1",
    "a.",
    "a@a.",
    "+1 ",
    "4111 ",
    '"',
    "'a",
    "<a ",
    "- ",
    "](a:",
    "{{a",
    "data:",
    "the very ",
    "never a-b ",
    "ignore all the ",
    "is fine if ",
    "AB CD ",
    "¡á",
)
_LEAST_SECONDS = 0.02
_MOST_GROWTH = 9.0
"""For four times the text: a linear pattern takes 4 times as long, one that grows with the square 16 times."""


_WHOLE = frozenset(
    {
        "lint.example_edits._CLOSING",
        "lint.personal_data._NOBODY",
        "lint.plugin_host._ID",
        "lint.rules.frontmatter_portability._ENUM_KEY",
        "lint.rules.model_config._REASONING_ONLY",
        "lint.rules.security_text._LOCAL_HOST",
        "lint.rules.template_syntax._FILTER",
        "lint.secrets._EXAMPLE_HOST",
    }
)
"""Patterns for one name, host or tag as a whole: they are matched at its start, and never searched for."""


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    seen: set[tuple[str, int]] = set()
    for info in pkgutil.walk_packages(promptls.lint.__path__, "promptls.lint."):
        for name, value in vars(importlib.import_module(info.name)).items():
            for key, pattern in _in(value):
                if (pattern.pattern, pattern.flags) not in seen:
                    seen.add((pattern.pattern, pattern.flags))
                    yield f"{info.name.removeprefix('promptls.')}.{name}{key}", pattern


def _in(value: object, key: str = "", depth: int = 0) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The compiled patterns in a module's value, and in what it holds."""
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield key, value
    elif depth < 4 and isinstance(value, dict):
        for name, inner in value.items():
            yield from _in(inner, f"{key}[{name}]" if isinstance(name, str) else key, depth + 1)
    elif depth < 4 and isinstance(value, tuple | list):
        for index, inner in enumerate(value):
            yield from _in(inner, f"{key}[{index}]", depth + 1)
    elif depth < 4 and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for name in value.__dataclass_fields__:
            yield from _in(getattr(value, name, None), f"{key}.{name}", depth + 1)


PATTERNS = dict(_patterns())


def test_patterns_are_found() -> None:
    assert len(PATTERNS) > 100


def _seconds(pattern: re.Pattern[str], text: str, *, whole: bool) -> float:
    began = time.process_time()
    if whole:
        pattern.match(text)
    else:
        for _ in pattern.finditer(text):
            pass
    return time.process_time() - began


@pytest.mark.parametrize("name", PATTERNS)
def test_time_grows_with_the_text_alone(name: str) -> None:
    pattern, whole = PATTERNS[name], name in _WHOLE
    for unit in _UNITS:
        text = unit * (_LENGTH // len(unit))
        for length in (_LENGTH // 16, _LENGTH):
            took = _seconds(pattern, text[:length], whole=whole)
            if took < _LEAST_SECONDS:
                continue
            growth = min(took, _seconds(pattern, text[:length], whole=whole)) / max(
                _seconds(pattern, text[: length // 4], whole=whole), 1e-6
            )
            assert growth < _MOST_GROWTH, f"{growth:.1f} times as long for 4 times {unit!r}"
