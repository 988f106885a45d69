"""What can be expected of an answer. Names and meanings are promptfoo's where it has the same assertion."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from promptls.syntax.source import Range

Rubric = Callable[[str, str], "Verdict"]
"""Asks a model whether an answer (second) satisfies a rubric (first)."""

_SIMILAR_ENOUGH = 0.75
_LONGEST_SHOWN = 60


class Verdict(NamedTuple):
    """Whether an answer passes, how well (0 to 1), and why not."""

    passed: bool
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """One expectation. `path` is the JSONPath of `json-path`, `threshold` the least score of those that are graded."""

    type: str
    value: Any = None
    negated: bool = False
    threshold: float | None = None
    weight: float = 1.0
    path: str | None = None
    range: Range | None = None

    @property
    def name(self) -> str:
        """The name as written."""
        return f"not-{self.type}" if self.negated else self.type

    @property
    def needs_model(self) -> bool:
        """Whether only a model can judge it."""
        return self.type == "llm-rubric"


class Kind(NamedTuple):
    """How an assertion is judged and what value it takes: a text, a number, a list, anything, or None for no value."""

    judge: Callable[[Assertion, str], Verdict]
    takes: type | None
    summary: str


def judge(assertion: Assertion, answer: str, rubric: Rubric | None = None) -> Verdict:
    """Whether an answer meets an expectation; one that needs a model fails, saying so, where there is none."""
    if assertion.needs_model:
        if rubric is None:
            return Verdict(False, 0.0, "llm-rubric needs a model to judge")
        verdict = rubric(str(assertion.value), answer)
    else:
        verdict = ASSERTIONS[assertion.type].judge(assertion, answer)
    if not assertion.negated:
        return verdict
    passed = not verdict.passed
    reason = "" if passed else f"the answer meets {assertion.type} {_shown(assertion.value)}, and should not"
    return Verdict(passed, 1.0 - verdict.score, reason)


def problem_of(assertion: Assertion) -> str | None:
    """What is wrong with an assertion as it is written, in words that go on from its name; None if nothing is."""
    takes, value = ASSERTIONS[assertion.type].takes, assertion.value
    if takes is str and not isinstance(value, str | int | float | bool):
        return "needs a text"
    if takes is list and not (isinstance(value, list) and value):
        return "needs a list"
    if assertion.type == "regex":
        try:
            _compiled(str(value))
        except ValueError as error:
            return str(error)
    if assertion.type == "word-count" and _bounds(value) is None:
        return "needs a number, or a mapping with `min` or `max`"
    if assertion.type == "json-path" and not (assertion.path or isinstance(value, str)):
        return "needs a `path`, such as `$.items[0].name`"
    threshold = assertion.threshold
    if threshold is not None and not (isinstance(threshold, int | float) and 0 <= threshold <= 1):
        return "needs a threshold between 0 and 1"
    if not isinstance(assertion.weight, int | float) or assertion.weight < 0:
        return "needs a weight that is a number above 0"
    return None


def _verdict(passed: bool, reason: str) -> Verdict:
    return Verdict(passed, float(passed), "" if passed else reason)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}`"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _equals(assertion: Assertion, answer: str) -> Verdict:
    value = assertion.value
    if isinstance(value, dict | list):
        try:
            return _verdict(json.loads(answer) == value, f"the answer is not the data {_shown(value)}")
        except ValueError:
            return _verdict(False, "the answer is not JSON")
    return _verdict(answer.strip() == _text(value).strip(), f"the answer is {_shown(answer)}, not {_shown(value)}")


def _contains(assertion: Assertion, answer: str) -> Verdict:
    return _verdict(_text(assertion.value) in answer, f"the answer lacks {_shown(assertion.value)}")


def _icontains(assertion: Assertion, answer: str) -> Verdict:
    wanted = _text(assertion.value).casefold()
    return _verdict(wanted in answer.casefold(), f"the answer lacks {_shown(assertion.value)} in any case")


def _contains_all(assertion: Assertion, answer: str) -> Verdict:
    missing = [each for each in assertion.value if _text(each) not in answer]
    found = 1 - len(missing) / len(assertion.value)
    return Verdict(not missing, found, f"the answer lacks {', '.join(map(_shown, missing))}" if missing else "")


def _contains_any(assertion: Assertion, answer: str) -> Verdict:
    found = any(_text(each) in answer for each in assertion.value)
    return _verdict(found, f"the answer has none of {', '.join(map(_shown, assertion.value))}")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    """The pattern as RE2 takes it, whose time is in proportion to the text; raises `ValueError`."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"is no regular expression of RE2: {said}") from None


def _regex(assertion: Assertion, answer: str) -> Verdict:
    return _verdict(
        _compiled(str(assertion.value)).search(answer) is not None, f"nothing matches {_shown(assertion.value)}"
    )


def _starts_with(assertion: Assertion, answer: str) -> Verdict:
    return _verdict(
        answer.lstrip().startswith(_text(assertion.value)), f"it does not start with {_shown(assertion.value)}"
    )


def _ends_with(assertion: Assertion, answer: str) -> Verdict:
    return _verdict(answer.rstrip().endswith(_text(assertion.value)), f"it does not end with {_shown(assertion.value)}")


def _is_json(assertion: Assertion, answer: str) -> Verdict:
    try:
        data = json.loads(answer)
    except (ValueError, RecursionError) as error:
        return _verdict(False, f"the answer is not JSON ({str(error).partition(':')[0]})")
    if isinstance(assertion.value, dict):
        missing = [
            name for name in assertion.value.get("required", ()) if not isinstance(data, dict) or name not in data
        ]
        return _verdict(not missing, f"the JSON lacks {', '.join(missing)}")
    return _verdict(True, "")


def _contains_json(assertion: Assertion, answer: str) -> Verdict:
    decoder = json.JSONDecoder()
    for match in re.finditer(r"[{\[]", answer):
        try:
            decoder.raw_decode(answer, match.start())
        except (ValueError, RecursionError):
            continue
        return _verdict(True, "")
    return _verdict(False, "there is no JSON in the answer")


def _json_path(assertion: Assertion, answer: str) -> Verdict:
    path = assertion.path or str(assertion.value)
    try:
        found = at_path(json.loads(answer), path)
    except (ValueError, RecursionError):
        return _verdict(False, "the answer is not JSON")
    if not found:
        return _verdict(False, f"there is nothing at {path}")
    if assertion.path is None or assertion.value is None:
        return _verdict(True, "")
    return _verdict(assertion.value in found, f"at {path} there is {_shown(found[0])}, not {_shown(assertion.value)}")


_STEP = re.compile(
    r"\.(?P<name>[\w-]+)|\[(?P<index>-?\d+)\]|\[(?P<quote>['\"])(?P<quoted>[^'\"]*)(?P=quote)\]|(?P<all>\[\*\]|\.\*)"
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


def _bounds(value: Any) -> tuple[float, float] | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value, value
    if isinstance(value, dict) and value and value.keys() <= {"min", "max"}:
        least, most = value.get("min", 0), value.get("max", math.inf)
        if all(isinstance(each, int | float) and not isinstance(each, bool) for each in (least, most)):
            return least, most
    return None


def _word_count(assertion: Assertion, answer: str) -> Verdict:
    least, most = _bounds(assertion.value) or (0, math.inf)
    words = len(answer.split())
    wanted = f"{least:g}" if least == most else f"{least:g} to {most:g}" if most < math.inf else f"{least:g} or more"
    return _verdict(least <= words <= most, f"the answer has {words} words, not {wanted}")


def similarity(one: str, other: str) -> float:
    """How alike two texts are by their runs of three letters, from 0 to 1; needs no model."""
    first, second = _trigrams(one), _trigrams(other)
    shared = sum(first[key] * second[key] for key in first.keys() & second.keys())
    lengths = math.sqrt(sum(n * n for n in first.values())) * math.sqrt(sum(n * n for n in second.values()))
    return min(1.0, shared / lengths) if lengths else float(one.strip() == other.strip())


def _trigrams(text: str) -> Counter[str]:
    words = " ".join(re.findall(r"\w+", text.casefold()))
    padded = f"  {words}  "
    return Counter(padded[index : index + 3] for index in range(len(padded) - 2)) if padded.strip() else Counter()


def _similar(assertion: Assertion, answer: str) -> Verdict:
    threshold = assertion.threshold if assertion.threshold is not None else _SIMILAR_ENOUGH
    score = similarity(_text(assertion.value), answer)
    reason = (
        "" if score >= threshold else f"the answer is {score:.2f} like {_shown(assertion.value)}, not {threshold:g}"
    )
    return Verdict(score >= threshold, score, reason)


def _unjudged(assertion: Assertion, answer: str) -> Verdict:
    return Verdict(False, 0.0, "only a model can judge this")


ASSERTIONS: Mapping[str, Kind] = MappingProxyType(
    {
        "equals": Kind(_equals, object, "The answer is this text (white space around it aside), or this data as JSON."),
        "contains": Kind(_contains, str, "This text is somewhere in the answer."),
        "icontains": Kind(_icontains, str, "This text is somewhere in the answer, in upper or lower case."),
        "contains-all": Kind(_contains_all, list, "All of these texts are in the answer."),
        "contains-any": Kind(_contains_any, list, "One of these texts at least is in the answer."),
        "regex": Kind(_regex, str, "This regular expression (RE2's) matches somewhere in the answer."),
        "starts-with": Kind(_starts_with, str, "The answer begins with this text."),
        "ends-with": Kind(_ends_with, str, "The answer ends with this text."),
        "is-json": Kind(_is_json, None, "The answer is JSON; a value is a JSON Schema whose `required` it must have."),
        "contains-json": Kind(_contains_json, None, "There is JSON in the answer."),
        "json-path": Kind(
            _json_path, object, "The answer is JSON and has something, or just the value, at this `path`."
        ),
        "word-count": Kind(_word_count, object, "The answer has so many words: a number, or `min` and `max`."),
        "similar": Kind(
            _similar, str, "The answer is like this text, by runs of letters, at least to the `threshold` (0.75)."
        ),
        "llm-rubric": Kind(_unjudged, str, "A model finds that the answer satisfies this rubric."),
    }
)
"""Every assertion; each can be turned round by `not-` before its name."""
