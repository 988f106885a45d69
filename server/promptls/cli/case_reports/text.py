"""Test results for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import TextIO

from promptls.cli.case_reports import Report, SuiteResult, failures
from promptls.cli.reporters import Look
from promptls.cli.reporters.excerpt import visible
from promptls.cli.style import Style
from promptls.testcases.running import CaseResult

_MARKS = {"passed": ("✓", "green"), "failed": ("✗", "red"), "error": ("!", "yellow")}
_MOST_DIFF = 40
_ANSWER = 300


def report(report: Report, out: TextIO, look: Look) -> None:
    """Write every test file with its cases, then the counts."""
    text = _Text(Style(look.color), look.width)
    for suite in report.suites:
        for line in text.suite(suite, look.quiet):
            out.write(f"{line}\n")
    for line in text.summary(report):
        out.write(f"{line}\n")


class _Text:
    def __init__(self, style: Style, width: int) -> None:
        self._style = style
        self._width = width
        self._diff_above: tuple[str, ...] = ()

    def suite(self, suite: SuiteResult, quiet: bool) -> Iterator[str]:
        shown = [each for each in suite.results if not quiet or each.outcome != "passed"]
        if quiet and not shown and not suite.errors:
            return
        asked = f", answered by {suite.model}" if suite.model else ""
        self._diff_above = ()
        yield f"{self._style.bold(visible(suite.path))} {self._style.dim(f'({visible(suite.prompt)}{asked})')}"
        for problem in suite.problems:
            color = "red" if problem.severity == "error" else "yellow"
            severity = self._style.colored(problem.severity, color)
            yield from self._wrapped(f"  line {suite.line(problem.range)}: ", f"{severity}: {visible(problem.message)}")
        for result in shown:
            yield from self._case(result, suite)
        if suite.stale:
            yield self._style.dim(f"  snapshots without a case: {visible(', '.join(suite.stale))}")
        yield ""

    def _case(self, result: CaseResult, suite: SuiteResult) -> Iterator[str]:
        mark, color = _MARKS[result.outcome]
        detail = self._style.dim(_detail(result))
        yield f"  {self._style.colored(mark, color)} {visible(result.case.name)}  {detail}"
        if result.outcome == "passed":
            return
        for reason in failures(result):
            yield from self._wrapped("      ", visible(reason))
        if result.comparison is not None and result.failure is not None:
            yield from self._diff(result.comparison.diff)
            self._diff_above = result.comparison.diff
        if result.answer is not None:
            answer = visible(" ".join(result.answer.split()))
            cut = f"{answer[:_ANSWER]}…" if len(answer) > _ANSWER else answer
            yield from (self._style.dim(line) for line in self._wrapped("      answer: ", cut))
        yield self._style.dim(f"      {visible(suite.path)}:{suite.line(result.case.name_range)}")

    def _diff(self, lines: tuple[str, ...]) -> Iterator[str]:
        if lines and lines == self._diff_above:
            yield self._style.dim("      the same change as above")
            return
        for line in lines[:_MOST_DIFF]:
            color = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            yield f"      {self._style.colored(visible(line), color) if color else visible(line)}"
        if len(lines) > _MOST_DIFF:
            yield self._style.dim(f"      and {len(lines) - _MOST_DIFF} more lines")

    def _wrapped(self, head: str, text: str) -> Iterator[str]:
        rows = wrap(text, max(40, self._width - len(head)), break_on_hyphens=False) or [""]
        yield f"{head}{rows[0]}"
        yield from (f"{' ' * len(head)}{row}" for row in rows[1:])

    def summary(self, report: Report) -> Iterator[str]:
        totals = report.totals
        counts = [self._style.colored(f"{totals.passed} passed", "green")]
        if totals.failed:
            counts.append(self._style.colored(f"{totals.failed} failed", "red"))
        if totals.errors:
            counts.append(self._style.colored(f"{totals.errors} could not be run", "yellow"))
        if totals.problems:
            counts.append(self._style.colored(f"{_count(totals.problems, 'error')} in test files", "red"))
        how = "" if report.usage else "; rendered only, no model was asked"
        yield f"{_count(totals.cases, 'case')}: {', '.join(counts)} in {report.seconds:.1f} s{how}"
        if report.usage is not None:
            usage = report.usage
            cost = f", {usage.cost_usd:.4f} USD" if usage.cost_usd else ""
            cached = f", {usage.cache_hits} answers from the cache" if usage.cache_hits else ""
            yield (
                f"{_count(usage.calls, 'call')}, {usage.input_tokens:,} tokens in, "
                f"{usage.output_tokens:,} out{cost}{cached}"
            )
        yield from report.notes


def _detail(result: CaseResult) -> str:
    messages = _count(len(result.rendering.messages), "message")
    if result.answer is not None:
        met = sum(each.verdict.passed for each in result.judged)
        told = f"{met} of {_count(len(result.judged), 'expectation')} met, score {result.score:.2f}"
    else:
        told = messages
    kept = {"same": ", as its snapshot", "changed": "", "missing": ", no snapshot", None: ""}
    return told + kept[result.comparison.state if result.comparison else None]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
