"""JavaScript's view of values: expected results are what node prints."""

import math
from typing import Any

import pytest

from promptls.language.render.values import (
    UNDEFINED,
    SafeString,
    TooLargeError,
    is_empty,
    is_truthy,
    loosely_equal,
    merged,
    own_keys,
    own_property,
    strictly_equal,
    to_json,
    to_string,
)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (2.0, "2"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e21, "1e+21"),
        (123456789012345680000, "123456789012345680000"),
        (2**53 + 1, "9007199254740992"),
        (10**400, "Infinity"),
        (1e-7, "1e-7"),
        (1e-6, "0.000001"),
        (1.5e300, "1.5e+300"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        (True, "true"),
        (None, "null"),
        (UNDEFINED, "undefined"),
        ([1, [2, None], {}, "x"], "1,2,,[object Object],x"),
        ({"a": 1}, "[object Object]"),
        (SafeString("s"), "s"),
    ],
)
def test_to_string(value: object, printed: str) -> None:
    assert to_string(value) == printed


@pytest.mark.parametrize("value", [None, UNDEFINED, False, "", 0, 0.0, math.nan])
def test_falsy(value: object) -> None:
    assert not is_truthy(value)


@pytest.mark.parametrize("value", ["0", [], {}, -1, True, 10**400, SafeString("")])
def test_truthy(value: object) -> None:
    assert is_truthy(value)


def test_empty_lists_are_empty_and_zero_is_not() -> None:
    assert is_empty([])
    assert is_empty("")
    assert not is_empty(0)
    assert not is_empty({})


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (1, "1", False),
        (1, True, False),
        (None, UNDEFINED, False),
        ("a", "a", True),
        ([], [], False),
        (math.nan, math.nan, False),
    ],
)
def test_strictly_equal(left: object, right: object, equal: bool) -> None:
    assert strictly_equal(left, right) is equal


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, "1", True),
        (0, "", True),
        (False, "0", True),
        (None, UNDEFINED, True),
        (None, 0, False),
        ([1], 1, True),
        ([], [], False),
        ("0x10", 16, True),
        (" 5\n", 5, True),
        ("5_0", 50, False),
        ("nan", math.nan, False),
        ("Infinity", math.inf, True),
        ({}, "[object Object]", True),
    ],
)
def test_loosely_equal(left: object, right: object, equal: bool) -> None:
    assert loosely_equal(left, right) is equal
    assert loosely_equal(right, left) is equal


def test_keys_in_javascript_order() -> None:
    assert own_keys({"b": 0, "10": 0, "2": 0, "01": 0, "a": 0}) == ["2", "10", "b", "01", "a"]


@pytest.mark.parametrize(
    ("value", "name", "found"),
    [
        ([5, 6], "1", 6),
        ([5, 6], "01", UNDEFINED),
        ([5, 6], "length", 2),
        ("a𝒳", "length", 3),
        ("a𝒳", "0", "a"),
        ("a𝒳", "1", "\ud835"),
        ("a", "toString", UNDEFINED),
        ({"a": None}, "a", None),
        ({}, "constructor", UNDEFINED),
        (5, "length", UNDEFINED),
    ],
)
def test_own_property(value: object, name: str, found: object) -> None:
    assert own_property(value, name) == found


@pytest.mark.parametrize(
    ("value", "indent", "text"),
    [
        ({"b": [1.0, None, UNDEFINED], "a": UNDEFINED, "1": "é\n"}, UNDEFINED, '{"1":"é\\n","b":[1,null,null]}'),
        ({"a": [], "b": {}, "c": [1]}, 2, '{\n  "a": [],\n  "b": {},\n  "c": [\n    1\n  ]\n}'),
        ([1], "--", "[\n--1\n]"),
        ([1], 0, "[1]"),
        ([1], 20, f"[\n{' ' * 10}1\n]"),
        (math.nan, UNDEFINED, "null"),
        ("\ud800\u2028𝒳", UNDEFINED, '"\\ud800\u2028𝒳"'),
        (UNDEFINED, UNDEFINED, None),
        (SafeString("x"), UNDEFINED, '{"string":"x"}'),
    ],
)
def test_to_json(value: object, indent: object, text: str | None) -> None:
    assert to_json(value, indent) == text


def test_json_is_bounded() -> None:
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(TooLargeError):
        to_json(deep)
    wide: Any = "x"
    for _ in range(50):
        wide = {"a": wide, "b": wide}
    with pytest.raises(TooLargeError):
        to_json(wide)


def test_merged_takes_the_properties_of_any_value() -> None:
    assert merged({"a": 1}, {"b": 2}) == {"a": 1, "b": 2}
    assert merged("ab", {"x": 0}) == {"0": "a", "1": "b", "x": 0}
    assert merged([7], {}) == {"0": 7}
    assert merged(None, {"a": 1}) == {"a": 1}
