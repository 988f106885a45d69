"""Assertions about an answer as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from promptls.testcases.text_assertions import compiled
from promptls.testcases.verdict import Assertion, Verdict, shown, verdict

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

_MOST_STARTS = 1000


def is_json(assertion: Assertion, answer: str) -> Verdict:
    """The whole answer is JSON, and valid by the JSON Schema that the value may be."""
    try:
        data = json.loads(answer)
    except (ValueError, RecursionError) as error:
        return verdict(False, f"the answer is not JSON ({str(error).partition(':')[0]})")
    wrong = mismatch(data, assertion.value)
    return verdict(wrong is None, f"the JSON is not as the schema says: {wrong}")


def contains_json(assertion: Assertion, answer: str) -> Verdict:
    """Somewhere in the answer there is an object or a list, valid by the JSON Schema that the value may be."""
    wrong: str | None = None
    for data in _embedded(answer):
        wrong = mismatch(data, assertion.value)
        if wrong is None:
            return verdict(True, "")
    reason = f"no JSON in the answer is as the schema says: {wrong}" if wrong else "there is no JSON in the answer"
    return verdict(False, reason)


def _embedded(answer: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    at = 0
    for _ in range(_MOST_STARTS):
        match = re.compile(r"[{\[]").search(answer, at)
        if match is None:
            return
        try:
            data, at = decoder.raw_decode(answer, match.start())
        except (ValueError, RecursionError):
            at = match.end()
            continue
        yield data


def json_path(assertion: Assertion, answer: str) -> Verdict:
    """Something, or just the value, is at a path of the answer's JSON."""
    path = assertion.path or str(assertion.value)
    try:
        data = json.loads(answer)
    except (ValueError, RecursionError):
        return verdict(False, "the answer is not JSON")
    found = at_path(data, path)
    if not found:
        return verdict(False, f"there is nothing at {path}")
    if assertion.path is None or assertion.value is None:
        return verdict(True, "")
    return verdict(assertion.value in found, f"at {path} there is {shown(found[0])}, not {shown(assertion.value)}")


_STEP = re.compile(
    r"\.(?P<name>[\w-]+)|\[(?P<index>-?\d{1,9})\]|\[(?P<quote>['\"])(?P<quoted>[^'\"]*)(?P=quote)\]"
    r"|(?P<all>\[\*\]|\.\*)"
)


def at_path(data: Any, path: str) -> list[Any]:
    """The values at a JSONPath of names, indexes and `[*]`; raises `ValueError` for any other path."""
    found, at = [data], 1 if path.startswith("$") else 0
    if not at:
        path = f".{path}"
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise ValueError(f"{path} is no path of names, indexes and [*]")
        at = step.end()
        found = [value for each in found for value in _stepped(each, step)]
    return found


def _stepped(value: Any, step: re.Match[str]) -> list[Any]:
    name = step["name"] if step["name"] is not None else step["quoted"]
    if step["all"]:
        return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []
    if step["index"] is not None:
        index = int(step["index"])
        return [value[index]] if isinstance(value, list) and -len(value) <= index < len(value) else []
    return [value[name]] if isinstance(value, dict) and name in value else []


def schema_problem(schema: Any) -> str | None:
    """What is wrong with a JSON Schema, in words that go on from "the schema"; None if nothing is."""
    from jsonschema.exceptions import SchemaError

    if not isinstance(schema, dict | bool):
        return "is neither a mapping nor true or false"
    try:
        type(_validator(schema)).check_schema(cast("dict[str, Any]", schema))
    except (SchemaError, RecursionError) as error:
        return f"is no JSON Schema: {error.message if isinstance(error, SchemaError) else 'it is too deep'}"
    return None


def mismatch(data: Any, schema: Any) -> str | None:
    """The first thing in which data is not as a JSON Schema says; None where all is well or there is no schema."""
    return next((message for _, message in mismatches(data, schema)), None)


def mismatches(data: Any, schema: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Everything in which data is not as a JSON Schema says: where in the data, and what; nothing without a schema.

    A schema refers to itself only: nothing is ever loaded for it.
    """
    from referencing.exceptions import Unresolvable

    if not isinstance(schema, dict | bool):
        return
    try:
        for error in _validator(schema).iter_errors(data):
            path = tuple(error.absolute_path)
            where = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
            yield path, _said(error) + (f" (at ${where})" if where else "")
    except (Unresolvable, ValueError) as error:
        yield (), f"the schema cannot be used: {error}"
    except RecursionError:
        yield (), "the schema or the data is too deep"


def _said(error: ValidationError) -> str:
    """The error in the words of JSON where Python's would differ."""
    wanted: Any = error.validator_value
    match error.validator:
        case "enum":
            members = [each for each in wanted if each is not None]
            return f"{shown(error.instance)} is none of {', '.join(map(shown, members))}"
        case "type":
            types = [each for each in wanted if each != "null"] if isinstance(wanted, list) else [wanted]
            return f"{shown(error.instance)} is not of type {' or '.join(types)}"
        case "additionalProperties":
            return error.message.replace("Additional properties are not allowed", "there are properties too many")
        case _:
            return error.message[:200]


def _validator(schema: Any) -> Validator:
    """A validator whose patterns are RE2's, so that they take no more time than the text deserves."""
    import jsonschema
    from jsonschema import validators
    from referencing import Registry

    def pattern(_: Any, patrn: str, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        if isinstance(instance, str) and compiled(patrn).search(instance) is None:
            yield jsonschema.ValidationError(f"{instance!r} does not match {patrn!r}")

    plain = validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    kind: Any = validators.extend(plain, {"pattern": pattern})  # type: ignore[no-untyped-call]
    made: Validator = kind(schema, registry=Registry())
    return made
