"""Reads `<name>.test.yaml`: cases with an input and what is expected of the answer, each thing with its place.

The layout is that of Google's promptly, the names of assertions are promptfoo's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import (
    TooLargeError,
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    read_yaml,
    resolve,
    to_data,
)
from promptls.testcases.assertions import ASSERTIONS, Kind, named, problem_of
from promptls.testcases.keys import CASE_KEYS, DETAIL_KEYS, FILE_KEYS, Key
from promptls.testcases.verdict import Assertion

SUFFIX = ".test.yaml"
_DETAILS = tuple(name for name in DETAIL_KEYS if name not in ("type", "value"))


@dataclass(frozen=True, slots=True)
class TestProblem:
    """What is wrong at a place of a test file; `suggestion` is what may have been meant there."""

    __test__ = False

    message: str
    range: Range
    severity: Literal["error", "warning"] = "error"
    suggestion: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TestCase:
    """One case: what the prompt gets, and what must hold of the answer."""

    __test__ = False

    name: str
    range: Range
    name_range: Range
    input: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Mapping[str, Any], ...] = ()
    assertions: tuple[Assertion, ...] = ()
    input_entries: tuple[YamlEntry, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class TestFile:
    """A read test file; `prompt` names another prompt than the one beside it.

    `is_recognised` says that it has a key of ours: other programs have files of such names, too.
    """

    __test__ = False

    cases: tuple[TestCase, ...]
    problems: tuple[TestProblem, ...]
    prompt: str | None = None
    prompt_range: Range | None = None
    model: str | None = None
    is_recognised: bool = False


def is_test_file(path: Path) -> bool:
    """Whether a file holds test cases, going by its name."""
    return path.name.endswith((SUFFIX, ".test.yml"))


def test_path(prompt: Path) -> Path:
    """Where the cases of a prompt stand: `ticket.prompt` has `ticket.test.yaml`."""
    return prompt.with_name(prompt.name.removesuffix(".prompt") + SUFFIX)


def prompt_path(tests: Path, named: str | None = None) -> Path:
    """The prompt that a test file is about: the one that it names, from its own folder, or the one beside it."""
    if named is not None:
        return tests.parent / named
    return tests.with_name(tests.name.removesuffix(".yaml").removesuffix(".yml").removesuffix(".test") + ".prompt")


test_path.__test__ = False  # type: ignore[attr-defined]


def read_tests(text: str) -> TestFile:
    """Read a test file; never raises, what is wrong is among the problems."""
    return _Reader(text).file()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._problems: list[TestProblem] = []

    def file(self) -> TestFile:
        document = read_yaml(self._text)
        if document.error is not None:
            self._problem(document.error.message, document.error.range)
        root = resolve(document.root) if document.root is not None else None
        if not isinstance(root, YamlMapping):
            if document.error is None:
                self._problem("expected a mapping with `cases`", Range(0, min(1, len(self._text))))
            return TestFile((), tuple(self._problems))
        self._known_keys(root, FILE_KEYS)
        prompt, model, cases = root.get("prompt"), root.get("model"), root.get("cases")
        read = tuple(self._cases(cases)) if cases else ()
        if cases is None and not self._problems:
            self._problem("there are no `cases`", Range(root.range.start, root.range.start))
        return TestFile(
            read,
            tuple(sorted(self._problems, key=lambda problem: problem.range)),
            self._text_of(prompt),
            resolve(prompt.value).range if prompt else None,
            self._text_of(model),
            prompt is not None or cases is not None,
        )

    def _problem(self, message: str, range: Range, suggestion: str | None = None) -> None:
        start = min(range.start, len(self._text))  # libyaml may point past the end
        end = min(max(start, range.end), len(self._text))
        self._problems.append(TestProblem(message, Range(start, end), "error", suggestion))

    def _known_keys(self, mapping: YamlMapping, known: Mapping[str, Key]) -> None:
        for entry in mapping.entries:
            if entry.name not in known:
                near = get_close_matches(entry.name or "", list(known), 1, 0.6)
                meant = f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(known)}"
                self._problem(f"unknown key `{entry.name}`{meant}", entry.key.range, near[0] if near else None)

    def _text_of(self, entry: YamlEntry | None) -> str | None:
        if entry is None:
            return None
        node = resolve(entry.value)
        if isinstance(node, YamlScalar) and isinstance(node.value, str) and node.value:
            return node.value
        self._problem(f"`{entry.name}` should be a text", entry.value.range)
        return None

    def _cases(self, entry: YamlEntry) -> Iterator[TestCase]:
        node = resolve(entry.value)
        if not isinstance(node, YamlSequence):
            self._problem("`cases` should be a list", entry.key.range)
            return
        names: dict[str, int] = {}
        for number, item in enumerate(node.items, 1):
            case = self._case(resolve(item), number)
            if case is None:
                continue
            if case.name in names:
                self._problem(f"two cases are called `{case.name}`", case.name_range)
            names[case.name] = number
            yield case

    def _case(self, node: YamlNode, number: int) -> TestCase | None:
        if not isinstance(node, YamlMapping):
            self._problem("a case should be a mapping with `input` and `expect`", node.range)
            return None
        self._known_keys(node, CASE_KEYS)
        name = node.get("name") or node.get("description")
        expect = node.get("expect")
        given = node.get("input")
        inputs = resolve(given.value) if given else None
        history = self._data(node.get("history"), list)
        return TestCase(
            name=self._text_of(name) or f"case {number}",
            range=node.range,
            name_range=name.value.range if name else _first_key(node),
            input=self._data(given, dict),
            context=self._data(node.get("context"), dict),
            history=tuple(each for each in history if isinstance(each, dict)),
            assertions=tuple(self._assertions(expect)) if expect else (),
            input_entries=inputs.entries if isinstance(inputs, YamlMapping) else (),
        )

    def _data(self, entry: YamlEntry | None, kind: type) -> Any:
        if entry is None:
            return kind()
        try:
            data = to_data(entry.value)
        except TooLargeError as error:
            self._problem(f"`{entry.name}` is too large: {error}", entry.key.range)
            return kind()
        if isinstance(data, kind):
            return data
        self._problem(f"`{entry.name}` should be a {'mapping' if kind is dict else 'list'}", entry.value.range)
        return kind()

    def _assertions(self, entry: YamlEntry) -> Iterator[Assertion]:
        node = resolve(entry.value)
        for item in node.items if isinstance(node, YamlSequence) else (node,):
            yield from self._assertion(resolve(item))

    def _assertion(self, node: YamlNode) -> Iterator[Assertion]:
        if isinstance(node, YamlScalar):
            yield from self._made(str(node.text), None, node.range, node.range)
        elif not isinstance(node, YamlMapping):
            self._problem("an expectation is a mapping such as `contains: word`", node.range)
        elif (kind := node.get("type")) is not None:
            self._known_keys(node, DETAIL_KEYS)
            value = node.get("value")
            details = {key: self._value(node.get(key)) for key in _DETAILS}
            name = resolve(kind.value)
            text = name.text if isinstance(name, YamlScalar) else ""
            yield from self._made(text, self._value(value), kind.value.range, node.range, details)
        else:
            for each in node.entries:
                yield from self._short(each)

    def _short(self, entry: YamlEntry) -> Iterator[Assertion]:
        """`contains: word`; a list is an expectation each, unless the assertion itself takes a list."""
        name, value = entry.name or "", self._value(entry)
        kind = ASSERTIONS.get(named(name)[0])
        if isinstance(value, list) and kind is not None and kind.takes not in ("list", "data"):
            for each in value:
                yield from self._shortly(name, each, entry, kind)
        else:
            yield from self._shortly(name, value, entry, kind)

    def _shortly(self, name: str, value: Any, entry: YamlEntry, kind: Kind | None) -> Iterator[Assertion]:
        takes = kind.takes if kind is not None else "data"
        details: Mapping[str, Any] = {}
        if isinstance(value, dict) and takes != "data" and value and value.keys() <= {"value", *_DETAILS}:
            value, details = value.get("value"), {key: value.get(key) for key in _DETAILS}
        elif value is False and takes == "schema":
            value, name = None, name.removeprefix("not-") if named(name)[1] else f"not-{name}"
        yield from self._made(name, value, entry.key.range, entry.range, details)

    def _value(self, entry: YamlEntry | None) -> Any:
        try:
            return to_data(entry.value) if entry else None
        except TooLargeError as error:
            assert entry is not None
            self._problem(f"`{entry.name}` is too large: {error}", entry.key.range)
            return None

    def _made(
        self, name: str, value: Any, name_range: Range, range: Range, details: Mapping[str, Any] | None = None
    ) -> Iterator[Assertion]:
        plain, negated = named(name)
        if plain not in ASSERTIONS:
            near = get_close_matches(plain, list(ASSERTIONS), 1, 0.6)
            meant = f"not-{near[0]}" if near and negated else near[0] if near else None
            said = f"; did you mean `{meant}`?" if meant else ""
            self._problem(f"unknown assertion `{name}`{said}", name_range, meant)
            return
        details = {key: given for key, given in (details or {}).items() if given is not None}
        made = Assertion(plain, value, negated, range=range, **details)
        wrong = problem_of(made)
        if wrong is not None:
            self._problem(f"`{name}` {wrong}", range)
            return
        yield made


def _first_key(node: YamlMapping) -> Range:
    return node.entries[0].key.range if node.entries else node.range
