"""The test cases of a GitHub `.prompt.yml` as a test file of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptls.syntax.yaml_nodes import TooLargeError, read_yaml, to_data
from promptls.testcases.github_format import (
    BUILT_IN,
    COMPLETION,
    OWN_QUESTION,
    Exchanged,
    ExchangeError,
    escaped,
)

_PLACEHOLDER = re.compile(r"\{\{([^{}\n]{1,100})\}\}")
_STRINGS = ("equals", "contains", "startsWith", "endsWith")

Row = Mapping[str, Any]
Expectation = dict[str, Any]


def import_github(text: str) -> Exchanged:
    """The cases of a `.prompt.yml`; raises `ExchangeError`."""
    data = _read(text)
    rows, evaluators = data.get("testData"), data.get("evaluators")
    evaluators = [] if evaluators is None else evaluators
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ExchangeError("holds no cases: expected a list of mappings under testData")
    if not isinstance(evaluators, list):
        raise ExchangeError("holds no list under evaluators")
    importer = _Importer(evaluators, _placeholders(data.get("messages")))
    cases = [importer.case(row, number) for number, row in enumerate(rows, 1)]
    model = {"model": data["model"]} if isinstance(data.get("model"), str) and data["model"] else {}
    return Exchanged({**model, "cases": cases}, tuple(dict.fromkeys(importer.notes)))


def _read(text: str) -> dict[str, Any]:
    document = read_yaml(text)
    if document.error is not None:
        raise ExchangeError(f"is not valid YAML: {document.error.message}")
    try:
        data = to_data(document.root)
    except TooLargeError as error:
        raise ExchangeError(f"is too large: {error}") from None
    if not isinstance(data, dict):
        raise ExchangeError("is no .prompt.yml: expected a mapping")
    return data


def _placeholders(data: Any) -> frozenset[str]:
    """The names in `{{…}}` anywhere in data."""
    return frozenset(name.strip() for name in _PLACEHOLDER.findall(json.dumps(data, ensure_ascii=False, default=str)))


class _Importer:
    """`variables` are the names that the messages take; without any, every value of a row is taken for an input."""

    def __init__(self, evaluators: Sequence[Any], variables: frozenset[str]) -> None:
        self._evaluators = evaluators
        self._variables = variables
        self._judged = _placeholders(evaluators) | {"expected", "name"}
        self._names: set[str] = set()
        self.notes: list[str] = []

    def case(self, row: Row, number: int) -> dict[str, Any]:
        own = row.get("name") if "name" not in self._variables else None
        expect = [each for evaluator in self._evaluators for each in self._expectations(evaluator, row)]
        case: dict[str, Any] = {
            "name": self._unique(own if isinstance(own, str) and own else f"case {number}"),
            "input": dict(self._inputs(row)),
        }
        return {**case, "expect": expect} if expect else case

    def _unique(self, name: str) -> str:
        """The name, with a number where another row has it too."""
        found, number = name, 1
        while found in self._names:
            number += 1
            found = f"{name} ({number})"
        self._names.add(found)
        return found

    def _inputs(self, row: Row) -> Iterator[tuple[str, Any]]:
        for key, value in row.items():
            if key in self._variables or (not self._variables and key not in self._judged):
                yield key, value
            elif key not in self._judged:
                self.notes.append(f"the messages do not use {key} of testData, so that it was left out")

    def _expectations(self, evaluator: Any, row: Row) -> Iterator[Expectation]:
        name = evaluator.get("name") if isinstance(evaluator, dict) else None
        name = repr(name) if name else "without a name"
        if not isinstance(evaluator, dict):
            self.notes.append("an evaluator that is no mapping was left out")
        elif isinstance(evaluator.get("string"), dict):
            yield from self._strings(name, evaluator["string"], row)
        elif isinstance(evaluator.get("llm"), dict):
            yield from self._llm(name, evaluator["llm"], row)
        elif evaluator.get("uses") in BUILT_IN:
            self.notes.append(f"the evaluator {name} became a rubric of our own words, passed or not instead of graded")
            yield {"llm-rubric": self._filled(name, BUILT_IN[evaluator["uses"]], row)}
        else:
            what = f"uses {evaluator['uses']}" if evaluator.get("uses") else "says nothing that can be judged"
            self.notes.append(f"the evaluator {name} {what}, so that it was left out")

    def _strings(self, name: str, string: Mapping[str, Any], row: Row) -> Iterator[Expectation]:
        """The first criterion that is not empty: there, the others do not count."""
        given = [key for key in _STRINGS if string.get(key) not in (None, "")]
        left = [key for key in string if key not in given[:1]]
        if left:
            self.notes.append(f"of the evaluator {name}, {', '.join(left)} does not count there and was left out")
        if not given:
            self.notes.append(f"the evaluator {name} compares with nothing and was left out")
            return
        text = self._filled(name, str(string[given[0]]), row)
        if not text:
            self.notes.append(f"the evaluator {name} compares with nothing in some cases and was left out there")
            return
        match given[0]:
            case "equals":
                yield {"equals": text}
            case "contains":
                yield {"icontains": text}
            case "startsWith":
                yield _edge("starts-with", text, f"(?i)\\A{escaped(text)}")
            case _:
                yield _edge("ends-with", text, f"(?i){escaped(text)}\\z")

    def _llm(self, name: str, llm: Mapping[str, Any], row: Row) -> Iterator[Expectation]:
        question = llm.get("prompt")
        if not isinstance(question, str) or not question.strip():
            self.notes.append(f"the evaluator {name} asks nothing and was left out")
            return
        own = OWN_QUESTION.fullmatch(question)
        if own is not None:
            yield {"llm-rubric": self._filled(name, own[1], row)}
            return
        choices = [each for each in llm.get("choices") or () if isinstance(each, dict)]
        good = [str(each.get("choice")) for each in choices if _above_zero(each.get("score"))]
        system = llm.get("systemPrompt")
        parts = [
            *([system.strip()] if isinstance(system, str) and system.strip() else ()),
            question.strip(),
            *([f"Satisfied where the verdict is {' or '.join(good)}."] if good else ()),
        ]
        self.notes.append(
            f"the evaluator {name} became a rubric: it is judged by the model of the settings, passed or not "
            "instead of graded"
        )
        yield {"llm-rubric": self._filled(name, "\n\n".join(parts), row)}

    def _filled(self, name: str, text: str, row: Row) -> str:
        def value(match: re.Match[str]) -> str:
            key = match[1].strip()
            if key == COMPLETION:
                return "the answer"
            if key not in row:
                self.notes.append(f"the evaluator {name} uses {{{{{key}}}}}, which a row of testData lacks")
                return match[0]
            return row[key] if isinstance(row[key], str) else json.dumps(row[key], ensure_ascii=False)

        return _PLACEHOLDER.sub(value, text)


def _edge(name: str, text: str, pattern: str) -> Expectation:
    """Where a text has no letters, case is nothing that could differ."""
    return {name: text} if text.lower() == text.upper() else {"regex": pattern}


def _above_zero(score: Any) -> bool:
    return isinstance(score, int | float) and score > 0
