"""What an editor shows in a test file: what things are, where they lead, the outline, and how its cases went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from promptls.ide.hover import Hover
from promptls.ide.locations import LocationLink
from promptls.ide.symbols import Symbol
from promptls.language.inputs import Declaration, inputs
from promptls.language.parameters import parameters
from promptls.language.prompt import Prompt
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml
from promptls.testcases.assertions import ASSERTIONS, named
from promptls.testcases.document import TestCase, TestProblem
from promptls.testcases.keys import CASE_KEYS, DETAIL_KEYS, FILE_KEYS, Key
from promptls.testcases.running import CaseResult
from promptls.workspace.suites import Suite

_LONGEST = 60

ITEM = "-"


class Place(NamedTuple):
    """Where a cursor is: the keys down to it, `-` for items, the node it touches, and whether that is a key."""

    path: tuple[str, ...]
    node: YamlNode
    is_key: bool


def problems(suite: Suite) -> tuple[TestProblem, ...]:
    """What is wrong with a test file, a missing prompt included."""
    if suite.is_foreign:
        return ()
    if suite.missing is None:
        return suite.problems
    first = suite.source.first_line(Range(0, len(suite.source.text)))
    where = suite.file.prompt_range or first
    message = f"the prompt {suite.prompt_path.name} {suite.missing}"
    return (TestProblem(message, where), *suite.problems)


def place_at(suite: Suite, offset: int) -> Place | None:
    """What a cursor touches; None in white space and comments."""
    root = read_yaml(suite.source.text).root
    path: list[str] = []
    node = root
    while node is not None:
        if isinstance(node, YamlMapping):
            entry = next((each for each in node.entries if each.range.start <= offset <= each.range.end), None)
            if entry is None:
                return None
            path.append(entry.name or "")
            if offset <= entry.key.range.end:
                return Place(tuple(path), entry.key, True)
            node = entry.value
        elif isinstance(node, YamlSequence):
            item = next((each for each in node.items if each.range.start <= offset <= each.range.end), None)
            path.append(ITEM)
            node = item
        else:
            touches = node.range.start <= offset <= node.range.end
            return Place(tuple(path), node, False) if touches else None
    return None


def hover(suite: Suite, offset: int) -> Hover | None:
    """What the key, the assertion or the input under a cursor is."""
    place = place_at(suite, offset)
    if place is None:
        return None
    match place.path:
        case ("cases", "-", "input", name) if place.is_key:
            return _input_hover(suite, name, place.node.range)
        case ("cases", "-", "expect", *rest) if not place.is_key and rest in ([], [ITEM], [ITEM, "type"]):
            text = place.node.text if isinstance(place.node, YamlScalar) else ""
            return assertion_hover(text, place.node.range)
        case ("cases", "-", "expect", *rest) if place.is_key:
            return _expectation_hover([each for each in rest if each != ITEM], place.node.range)
        case ("cases", "-", name) if place.is_key:
            return _key_hover(CASE_KEYS.get(name), place.node.range)
        case (name,) if place.is_key:
            return _key_hover(FILE_KEYS.get(name), place.node.range)
    return None


def _expectation_hover(names: Sequence[str], range: Range) -> Hover | None:
    if len(names) == 1 and names[0] not in DETAIL_KEYS:
        return assertion_hover(names[0], range)
    return _key_hover(DETAIL_KEYS.get(names[-1]), range) if names else _key_hover(CASE_KEYS["expect"], range)


def assertion_hover(name: str, range: Range) -> Hover | None:
    """What an assertion says of an answer."""
    plain, is_negated = named(name)
    kind = ASSERTIONS.get(plain)
    if kind is None:
        return None
    turned = ("The contrary must hold.",) if is_negated else (f"`not-{plain}` turns it round.",)
    return Hover(range, f"not-{kind.example}" if is_negated else kind.example, "yaml", (kind.summary, *turned))


def _key_hover(key: Key | None, range: Range) -> Hover | None:
    return Hover(range, f"{key.name}:", "yaml", (key.summary,)) if key is not None else None


def _input_hover(suite: Suite, name: str, range: Range) -> Hover | None:
    if suite.prompt is None:
        return None
    parameter = next((each for each in parameters(suite.prompt) if each.name == name), None)
    if parameter is None:
        return None
    code = f"{name}{'?' if parameter.optional else ''}: {parameter.type}"
    where = _declaration(suite, name)
    if where is not None:
        line = suite.prompt.source.line_at(where.range.start) + 1
        told = f"Declared in `{suite.prompt_path.name}` on line {line}."
    else:
        told = f"Used by `{suite.prompt_path.name}`, which does not declare it."
    return Hover(range, code, "yaml", tuple(filter(None, (parameter.description, told))))


def _declaration(suite: Suite, name: str) -> Declaration | None:
    return inputs(suite.prompt).declarations.get(name) if suite.prompt is not None else None


def definition(suite: Suite, offset: int) -> tuple[LocationLink, ...]:
    """Where an input is declared, or the prompt that the file names."""
    place = place_at(suite, offset)
    if place is None or suite.prompt is None:
        return ()
    path = suite.prompt_path
    match place.path:
        case ("cases", "-", "input", name, *_) if place.is_key and (found := _declaration(suite, name)) is not None:
            range = found.field.range if found.field is not None else found.range
            return (LocationLink(place.node.range, path, range, found.range),)
        case ("prompt",) if not place.is_key:
            top = Range(0, 0)
            return (LocationLink(place.node.range, path, top, top),)
    return ()


def symbols(suite: Suite) -> tuple[Symbol, ...]:
    """The cases, each with what it expects."""
    return tuple(_symbol(case, suite) for case in suite.file.cases)


def _symbol(case: TestCase, suite: Suite) -> Symbol:
    expected = tuple(
        Symbol(_shortened(each.shown), "", "key", each.range, suite.source.first_line(each.range))
        for each in case.assertions
        if each.range is not None and case.range.encloses(each.range)
    )
    return Symbol(_shortened(case.name), "", "case", case.range, case.name_range, expected)


def _shortened(text: str) -> str:
    line = " ".join(text.split()) or "(unnamed)"
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


# Runs


@dataclass(frozen=True, slots=True, eq=False)
class Ran:
    """How a case went, and the text and the prompt that it had then."""

    result: CaseResult
    text: str
    prompt: Prompt | None


Runs = Mapping[str, Ran]
"""The last run of every case of a test file, by name."""


@dataclass(frozen=True, slots=True)
class TestLens:
    """A line above a case, or for `case` None above the whole file: it runs, or it shows the last result."""

    __test__ = False

    title: str
    range: Range
    action: Literal["run", "show"]
    case: str | None = None


def lenses(suite: Suite, runs: Runs) -> Iterator[TestLens]:
    """What to run, and how it went last time."""
    if not suite.file.cases:
        return
    top = suite.source.first_line(Range(0, len(suite.source.text)))
    yield TestLens("▶ Run all cases", top, "run")
    ran = [runs[case.name] for case in suite.file.cases if case.name in runs]
    if ran:
        yield TestLens(_total(ran), top, "show")
    for case in suite.file.cases:
        yield TestLens("▶ Run", case.name_range, "run", case.name)
        if case.name in runs:
            yield TestLens(_last(runs[case.name], suite, case), case.name_range, "show", case.name)


def case_text(suite: Suite, case: TestCase) -> str:
    """A case as it is written."""
    return suite.source.text[case.range.start : case.range.end]


def _total(ran: Sequence[Ran]) -> str:
    passed = sum(each.result.outcome == "passed" for each in ran)
    return f"{'✓' if passed == len(ran) else '✗'} {passed} of {len(ran)} passed"


def _last(ran: Ran, suite: Suite, case: TestCase) -> str:
    result = ran.result
    title = {"passed": "✓ ", "failed": "✗ ", "error": "! "}[result.outcome] + _outcome(result)
    return (
        title if ran.prompt is suite.prompt and ran.text == case_text(suite, case) else f"{title} (before the change)"
    )


def _outcome(result: CaseResult) -> str:
    if result.outcome == "passed":
        return f"passed, score {result.score:.2f}" if result.answer is not None else "renders"
    reasons = reasons_of(result)
    more = f" and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    return _shortened(reasons[0]) + more if reasons else "failed"


def reasons_of(result: CaseResult) -> list[str]:
    """Why a case failed or could not be run, a sentence each."""
    missed = (
        f"{each.assertion.shown}: {each.verdict.reason}"
        for each in result.judged
        if not each.verdict.passed and each.assertion.weight
    )
    return [*filter(None, (result.error, result.failure)), *missed]


def result_page(suite: Suite, runs: Runs, names: Sequence[str] = ()) -> str:
    """The last results of some cases, or of all, as Markdown."""
    lines = [f"# {suite.path.name}"]
    for case in suite.file.cases:
        ran = runs.get(case.name)
        if ran is not None and (not names or case.name in names):
            lines += _case_page(ran.result)
    return "\n\n".join(lines if len(lines) > 1 else [*lines, "Nothing has been run yet."]) + "\n"


def _case_page(result: CaseResult) -> Iterator[str]:
    mark = {"passed": "✓", "failed": "✗", "error": "!"}[result.outcome]
    yield f"## {mark} {result.case.name}"
    if result.error or result.failure:
        yield "\n".join(f"- {each}" for each in (result.error, result.failure) if each)
    if result.comparison is not None and result.comparison.diff:
        yield _fenced("\n".join(result.comparison.diff), "diff")
    if result.judged:
        yield "\n".join(
            f"- {'✓' if each.verdict.passed else '✗'} {each.assertion.shown}"
            f"{f' ({each.verdict.reason})' if each.verdict.reason else ''}"
            for each in result.judged
        )
    if result.answer is not None:
        yield "### Answer"
        yield _fenced(result.answer)
    yield "### Messages"
    for message in result.rendering.messages:
        yield f"**{message.role}**"
        yield _fenced(message.text)


def _fenced(text: str, language: str = "") -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


# Actions


@dataclass(frozen=True, slots=True)
class TestFix:
    """Edits of a test file that do something about a problem."""

    __test__ = False

    title: str
    edits: tuple[TextEdit, ...]
    problem: TestProblem


def fixes(suite: Suite, range: Range) -> Iterator[TestFix]:
    """What can be done about the problems that a range touches: write what was meant."""
    for problem in suite.problems:
        if problem.suggestion is not None and problem.range.start <= range.end and range.start <= problem.range.end:
            edit = TextEdit(problem.range, problem.suggestion)
            yield TestFix(f"Change to {problem.suggestion}", (edit,), problem)
