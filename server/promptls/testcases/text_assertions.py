"""Assertions about an answer as text."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from functools import lru_cache
from typing import Any

from promptls.testcases.verdict import Assertion, Verdict, as_text, shown, verdict

_SIMILAR_ENOUGH = 0.75


def equals(assertion: Assertion, answer: str) -> Verdict:
    """The answer is just this text; or, where mappings or lists are expected, this data as JSON."""
    value = assertion.value
    if isinstance(value, dict | list):
        try:
            return verdict(json.loads(answer) == value, f"the answer is not the data {shown(value)}")
        except (ValueError, RecursionError):
            return verdict(False, "the answer is not JSON")
    wanted = as_text(value)
    if answer != wanted and answer.strip() == wanted.strip():
        return verdict(False, f"the answer is {shown(wanted.strip())} with other white space around it")
    return verdict(answer == wanted, f"the answer is {shown(answer)}, not {shown(value)}")


def contains(assertion: Assertion, answer: str) -> Verdict:
    """The text is somewhere in the answer."""
    return verdict(as_text(assertion.value) in answer, f"the answer lacks {shown(assertion.value)}")


def icontains(assertion: Assertion, answer: str) -> Verdict:
    """As `contains`, in upper or lower case."""
    wanted = as_text(assertion.value).casefold()
    return verdict(wanted in answer.casefold(), f"the answer lacks {shown(assertion.value)} in any case")


def contains_all(assertion: Assertion, answer: str) -> Verdict:
    """All of the texts are in the answer; graded by how many are."""
    wanted = listed(assertion.value)
    missing = [each for each in wanted if each not in answer]
    return Verdict(not missing, 1 - len(missing) / len(wanted), _lacking(missing))


def icontains_all(assertion: Assertion, answer: str) -> Verdict:
    """As `contains_all`, in upper or lower case."""
    wanted, folded = listed(assertion.value), answer.casefold()
    missing = [each for each in wanted if each.casefold() not in folded]
    return Verdict(not missing, 1 - len(missing) / len(wanted), _lacking(missing))


def contains_any(assertion: Assertion, answer: str) -> Verdict:
    """One of the texts is in the answer."""
    wanted = listed(assertion.value)
    return verdict(any(each in answer for each in wanted), f"the answer has none of {_all_shown(wanted)}")


def icontains_any(assertion: Assertion, answer: str) -> Verdict:
    """As `contains_any`, in upper or lower case."""
    wanted, folded = listed(assertion.value), answer.casefold()
    found = any(each.casefold() in folded for each in wanted)
    return verdict(found, f"the answer has none of {_all_shown(wanted)} in any case")


def listed(value: Any) -> list[str]:
    """A list of texts, which may also be written with commas between them."""
    if isinstance(value, list):
        return [as_text(each) for each in value]
    return [each.strip() for each in as_text(value).split(",") if each.strip()]


def _lacking(missing: list[str]) -> str:
    return f"the answer lacks {_all_shown(missing)}" if missing else ""


def _all_shown(texts: list[str]) -> str:
    return ", ".join(map(shown, texts))


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
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


def regex(assertion: Assertion, answer: str) -> Verdict:
    """The pattern matches somewhere in the answer."""
    found = compiled(str(assertion.value)).search(answer) is not None
    return verdict(found, f"nothing matches {shown(assertion.value)}")


def starts_with(assertion: Assertion, answer: str) -> Verdict:
    """The answer begins with the text."""
    return verdict(answer.startswith(as_text(assertion.value)), f"it does not start with {shown(assertion.value)}")


def ends_with(assertion: Assertion, answer: str) -> Verdict:
    """The answer ends with the text."""
    return verdict(answer.endswith(as_text(assertion.value)), f"it does not end with {shown(assertion.value)}")


def bounds(value: Any) -> tuple[float, float] | None:
    """The least and the most words that `word-count` allows; None where the value says neither."""
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value, value
    if isinstance(value, dict) and value and value.keys() <= {"min", "max"}:
        least, most = value.get("min", 0), value.get("max", math.inf)
        if all(isinstance(each, int | float) and not isinstance(each, bool) for each in (least, most)):
            return least, most
    return None


def word_count(assertion: Assertion, answer: str) -> Verdict:
    """The answer has so many runs of characters between white space."""
    least, most = bounds(assertion.value) or (0, math.inf)
    words = len(answer.split())
    wanted = f"{least:g}" if least == most else f"{least:g} to {most:g}" if most < math.inf else f"{least:g} or more"
    return verdict(least <= words <= most, f"the answer has {words} words, not {wanted}")


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


def similar(assertion: Assertion, answer: str) -> Verdict:
    """Graded; the default threshold is promptfoo's, which compares embeddings of a model instead."""
    threshold = assertion.threshold if assertion.threshold is not None else _SIMILAR_ENOUGH
    score = similarity(as_text(assertion.value), answer)
    reason = "" if score >= threshold else f"the answer is {score:.2f} like {shown(assertion.value)}, not {threshold:g}"
    return Verdict(score >= threshold, score, reason)
