"""Our test cases, and the prompt as far as it goes, as GitHub's `.prompt.yml`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptls.language.metadata import metadata
from promptls.language.parameters import parameters
from promptls.language.prompt import Prompt, template
from promptls.language.render.context import runtime_metadata
from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import render
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import CommentStatement, ContentStatement, MustacheStatement
from promptls.testcases.document import TestCase, TestFile
from promptls.testcases.github_format import (
    BUILT_IN,
    CHOICES,
    ENDS,
    JUDGE,
    QUESTION,
    STARTS,
    Exchanged,
    unescaped,
)
from promptls.testcases.text_assertions import listed
from promptls.testcases.verdict import Assertion, as_text

_ROLES = {"model": "assistant"}
_JUDGE_MODEL = "openai/gpt-4o"
_PARAMETERS = {"maxOutputTokens": "maxTokens", "temperature": "temperature", "topP": "topP"}

Text = tuple[str, str]
"""A kind of evaluator and the text that it takes."""


def export_github(file: TestFile, prompt: Prompt) -> Exchanged:
    """The cases of a test file, with the prompt's messages where GitHub's format can hold them."""
    exporter = _Exporter(file, prompt)
    data = exporter.data()
    return Exchanged(data, tuple(dict.fromkeys(exporter.notes)))


class _Exporter:
    def __init__(self, file: TestFile, prompt: Prompt) -> None:
        self._file = file
        self._prompt = prompt
        self.notes: list[str] = []

    def data(self) -> dict[str, Any]:
        found = metadata(self._prompt)
        name = self._prompt.path.name.removesuffix(".prompt") if self._prompt.path else "prompt"
        model = self._file.model or (found.model.value if found.model else None)
        rows = [dict(self._row(case)) for case in self._file.cases]
        evaluators = list(self._evaluators(rows, model))
        about = {
            "name": found.name.value if found.name else name,
            "description": found.description.value if found.description else None,
            "model": model,
            "modelParameters": dict(self._parameters()) or None,
            "messages": self._messages(),
        }
        cases = {"testData": rows, "evaluators": evaluators or None}
        return {key: value for key, value in {**about, **cases}.items() if value is not None}

    # The prompt

    def _parameters(self) -> Iterator[tuple[str, Any]]:
        config = runtime_metadata(self._prompt).get("config")
        for key, value in (config if isinstance(config, dict) else {}).items():
            if key in _PARAMETERS:
                yield _PARAMETERS[key], value
            else:
                self.notes.append(f"config.{key} has no place in modelParameters and was left out")

    def _messages(self) -> list[dict[str, str]] | None:
        """The messages with `{{name}}` for every input; None where the template does more than that."""
        names = {each.name for each in parameters(self._prompt)}
        for node in template(self._prompt).program.body:
            if isinstance(node, ContentStatement | CommentStatement):
                continue
            tag = node.tag if isinstance(node, MustacheStatement) else None
            called = called_name(tag.path) if tag is not None else None
            if tag is None or (called != "role" and (called not in names or tag.params)):
                self.notes.append(
                    "the template does more than insert values, which .prompt.yml cannot say: messages were left out"
                )
                return None
        rendering = render(self._prompt, RenderRequest(input={name: f"{{{{{name}}}}}" for name in names}))
        if not rendering.ok:
            self.notes.append("the prompt does not render: messages were left out")
            return None
        return [
            {"role": _ROLES.get(message.role, message.role), "content": message.text.strip("\n")}
            for message in rendering.messages
        ]

    # The cases

    def _row(self, case: TestCase) -> Iterator[tuple[str, Any]]:
        if "name" in case.input:
            self.notes.append("an input is called name, so that the names of the cases were left out")
        else:
            yield "name", case.name
        for key, value in case.input.items():
            if isinstance(value, dict | list):
                self.notes.append(f"the input {key} is no text: GitHub prints it in Go's notation")
            yield key, value
        for what in ("context", "history"):
            if getattr(case, what):
                self.notes.append(f"the {what} of case {case.name!r} has no place there and was left out")

    def _evaluators(self, rows: list[dict[str, Any]], model: str | None) -> Iterator[dict[str, Any]]:
        """An evaluator for every kind that all cases have; a text that differs goes into a column of its own."""
        slots = [dict(self._slots(case)) for case in self._file.cases]
        for slot in dict.fromkeys(key for each in slots for key in each):
            texts = [each.get(slot) for each in slots]
            if None in texts:
                self._only_some(slots, slot)
                continue
            if len(set(texts)) == 1:
                text = str(texts[0])
            else:
                column = self._column(slot[0], rows)
                for row, value in zip(rows, texts, strict=True):
                    row[column] = value
                text = f"{{{{{column}}}}}"
            yield _evaluator(*slot, text, model or _JUDGE_MODEL)

    def _slots(self, case: TestCase) -> Iterator[tuple[tuple[str, int], str]]:
        counts: Counter[str] = Counter()
        for assertion in case.assertions:
            found = list(self._texts(assertion))
            if not found:
                self.notes.append(f"case {case.name!r}: {assertion.shown} has no evaluator there and was left out")
            if found and (assertion.weight != 1 or assertion.threshold is not None):
                self.notes.append(f"case {case.name!r}: weight and threshold of {assertion.name} were left out")
            for kind, text in found:
                yield (kind, counts[kind]), text
                counts[kind] += 1

    def _texts(self, assertion: Assertion) -> Iterator[Text]:
        """What an assertion is there."""
        value = assertion.value
        if assertion.negated or (assertion.type == "equals" and isinstance(value, dict | list)):
            return
        if assertion.type in _CASELESS and (text := as_text(value)).lower() != text.upper():
            self.notes.append(f"{assertion.type} tells upper from lower case, and {_CASELESS[assertion.type]} does not")
        match assertion.type:
            case "equals" | "llm-rubric":
                yield assertion.type, as_text(value)
            case "contains" | "icontains":
                yield "contains", as_text(value)
            case "contains-all" | "icontains-all":
                yield from (("contains", each) for each in listed(value))
            case "starts-with" | "ends-with":
                yield _CASELESS[assertion.type], as_text(value)
            case "regex":
                for kind, pattern in (("startsWith", STARTS), ("endsWith", ENDS)):
                    match = pattern.fullmatch(str(value))
                    plain = unescaped(match[1]) if match else None
                    if plain is not None:
                        yield kind, plain

    def _only_some(self, slots: Sequence[Mapping[tuple[str, int], str]], slot: tuple[str, int]) -> None:
        for case, each in zip(self._file.cases, slots, strict=True):
            if slot in each:
                self.notes.append(
                    f"case {case.name!r}: {slot[0]} {each[slot]!r} was left out, for an evaluator there holds for all "
                    "cases, and some have no such thing"
                )

    def _column(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
        base = "rubric" if kind == "llm-rubric" else "expected"
        taken = {key for row in rows for key in row}
        names = (base, *(f"{base}_{number}" for number in range(2, len(taken) + 2)))
        return next(name for name in names if name not in taken)


_CASELESS = {"contains": "contains", "contains-all": "contains", "starts-with": "startsWith", "ends-with": "endsWith"}


def _evaluator(kind: str, number: int, text: str, model: str) -> dict[str, Any]:
    name = kind if number == 0 else f"{kind} {number + 1}"
    if kind != "llm-rubric":
        return {"name": name, "string": {kind: text}}
    own = next((uses for uses, rubric in BUILT_IN.items() if rubric == text), None)
    if own is not None and not own.endswith("similarity"):
        return {"name": name, "uses": own}
    question = QUESTION.format(rubric=text)
    choices = [dict(each) for each in CHOICES]
    return {"name": name, "llm": {"modelId": model, "prompt": question, "systemPrompt": JUDGE, "choices": choices}}
