"""What can be expected of an answer. Names and meanings are promptfoo's where it has the same assertion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from promptls.testcases import json_assertions, text_assertions
from promptls.testcases.verdict import Assertion, Rubric, Verdict

Takes = Literal["text", "pattern", "list", "data", "schema", "path", "count"]
"""What an assertion compares with: a text, a regular expression, a list of texts, any data, perhaps a JSON Schema, a
path with perhaps a value, or a number of words."""


class Kind(NamedTuple):
    """How an assertion is judged, what it takes, and what it says, as Markdown; `graded` ones have a threshold."""

    judge: Callable[[Assertion, str], Verdict]
    takes: Takes
    summary: str
    example: str
    graded: bool = False


def judge(assertion: Assertion, answer: str, rubric: Rubric | None = None) -> Verdict:
    """Whether an answer meets an expectation; one that needs a model fails, saying so, where there is none."""
    if assertion.needs_model:
        if rubric is None:
            return Verdict(False, 0.0, "llm-rubric needs a model to judge")
        verdict = rubric(str(assertion.value), answer)
        if assertion.threshold is not None and verdict.passed and verdict.score < assertion.threshold:
            verdict = Verdict(False, verdict.score, f"scored {verdict.score:.2f}, not {assertion.threshold:g}")
    else:
        verdict = ASSERTIONS[assertion.type].judge(assertion, answer)
    if not assertion.negated:
        return verdict
    passed = not verdict.passed
    reason = "" if passed else f"the answer meets {Assertion(assertion.type, assertion.value).shown}, and should not"
    return Verdict(passed, 1.0 - verdict.score, reason)


def problem_of(assertion: Assertion) -> str | None:
    """What is wrong with an assertion as it is written, in words that go on from its name; None if nothing is."""
    wrong = _CHECKS[ASSERTIONS[assertion.type].takes](assertion)
    if wrong is not None:
        return wrong
    threshold, weight = assertion.threshold, assertion.weight
    if threshold is not None and not (_is_number(threshold) and 0 <= threshold <= 1):
        return "needs a threshold between 0 and 1"
    if not _is_number(weight) or weight < 0:
        return "needs a weight that is a number, 0 or above"
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text_problem(assertion: Assertion) -> str | None:
    value = assertion.value
    if not isinstance(value, str | int | float | bool):
        return "needs a text"
    return "needs a text that is not empty: every answer has nothing in it" if value == "" else None


def _pattern_problem(assertion: Assertion) -> str | None:
    wrong = _text_problem(assertion)
    if wrong is None:
        try:
            text_assertions.compiled(str(assertion.value))
        except ValueError as error:
            return str(error)
    return wrong


def _list_problem(assertion: Assertion) -> str | None:
    value = assertion.value
    if not isinstance(value, list | str) or not text_assertions.listed(value):
        return "needs a list of texts, or texts with commas between them"
    return None


def _data_problem(assertion: Assertion) -> str | None:
    return "needs what the answer should be" if assertion.value is None else None


def _schema_problem(assertion: Assertion) -> str | None:
    if assertion.value is None or assertion.value is True:
        return None
    wrong = json_assertions.schema_problem(assertion.value)
    return f"needs a JSON Schema or nothing: it {wrong}" if wrong else None


def _path_problem(assertion: Assertion) -> str | None:
    path = assertion.path if assertion.path is not None else assertion.value
    if not isinstance(path, str) or not path:
        return "needs a `path`, such as `$.items[0].name`"
    try:
        json_assertions.at_path(None, path)
    except ValueError as error:
        return f"needs another path: {error}"
    return None


def _count_problem(assertion: Assertion) -> str | None:
    bounds = text_assertions.bounds(assertion.value)
    if bounds is None:
        return "needs a number, or a mapping with `min` or `max`"
    return "needs a `min` that is not above its `max`" if bounds[0] > bounds[1] else None


_CHECKS: Mapping[Takes, Callable[[Assertion], str | None]] = MappingProxyType(
    {
        "text": _text_problem,
        "pattern": _pattern_problem,
        "list": _list_problem,
        "data": _data_problem,
        "schema": _schema_problem,
        "path": _path_problem,
        "count": _count_problem,
    }
)


def _unjudged(assertion: Assertion, answer: str) -> Verdict:
    return Verdict(False, 0.0, "only a model can judge this")


ASSERTIONS: Mapping[str, Kind] = MappingProxyType(
    {
        "equals": Kind(
            text_assertions.equals,
            "data",
            "The answer is exactly this text; or this data, where it is a mapping or a list and the answer is JSON.",
            "equals: billing",
        ),
        "contains": Kind(
            text_assertions.contains, "text", "This text is somewhere in the answer.", "contains: two payments"
        ),
        "icontains": Kind(
            text_assertions.icontains,
            "text",
            "This text is somewhere in the answer, in upper or lower case.",
            "icontains: refund",
        ),
        "contains-all": Kind(
            text_assertions.contains_all,
            "list",
            "All of these texts are in the answer.",
            "contains-all: [refund, 7 working days]",
        ),
        "contains-any": Kind(
            text_assertions.contains_any,
            "list",
            "One of these texts at least is in the answer.",
            "contains-any: [refund, credit]",
        ),
        "icontains-all": Kind(
            text_assertions.icontains_all,
            "list",
            "All of these texts are in the answer, in upper or lower case.",
            "icontains-all: [refund, label]",
        ),
        "icontains-any": Kind(
            text_assertions.icontains_any,
            "list",
            "One of these texts at least is in the answer, in upper or lower case.",
            "icontains-any: [refund, credit]",
        ),
        "regex": Kind(
            text_assertions.regex,
            "pattern",
            "This regular expression matches somewhere in the answer. It is RE2's: no lookaround, no references back.",
            r"regex: '\d+ EUR'",
        ),
        "starts-with": Kind(
            text_assertions.starts_with, "text", "The answer begins with this text.", "starts-with: 'Answer:'"
        ),
        "ends-with": Kind(text_assertions.ends_with, "text", "The answer ends with this text.", "ends-with: '.'"),
        "is-json": Kind(
            json_assertions.is_json,
            "schema",
            "The whole answer is JSON. With a JSON Schema, it is also valid by that schema.",
            "is-json: {type: object, required: [label]}",
        ),
        "contains-json": Kind(
            json_assertions.contains_json,
            "schema",
            "There is a JSON object or list in the answer. With a JSON Schema, one that is valid by it.",
            "contains-json: true",
        ),
        "json-path": Kind(
            json_assertions.json_path,
            "path",
            "The answer is JSON and has something, or just the `value`, at this `path` of names, indexes and `[*]`.",
            "json-path: {path: $.label, value: billing}",
        ),
        "word-count": Kind(
            text_assertions.word_count,
            "count",
            "The answer has so many words: a number, or `min` and `max`.",
            "word-count: {max: 80}",
        ),
        "similar": Kind(
            text_assertions.similar,
            "text",
            "The answer is like this text, at least to the `threshold`, which is 0.75 unless given. Texts are compared "
            "by their runs of three letters, on this machine; promptfoo asks a model for embeddings.",
            "similar: {value: Your parcel arrives on Monday., threshold: 0.8}",
            graded=True,
        ),
        "llm-rubric": Kind(
            _unjudged,
            "text",
            "A model finds that the answer satisfies this rubric.",
            "llm-rubric: The answer apologises and names one next step.",
            graded=True,
        ),
    }
)
"""Every assertion; each can be turned round by `not-` before its name."""


def named(name: str) -> tuple[str, bool]:
    """The assertion that a name means, and whether it is turned round; underscores count as hyphens."""
    plain = name.replace("_", "-")
    return plain.removeprefix("not-"), plain.startswith("not-")
