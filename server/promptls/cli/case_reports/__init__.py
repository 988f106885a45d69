"""One module per format of `promptls test`, each with one function `report`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from promptls.cli.reporters import Look
    from promptls.optimize.draft import Usage
    from promptls.syntax.source import Range, Source
    from promptls.testcases.document import TestProblem
    from promptls.testcases.running import CaseResult


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What became of a test file; the paths are as reports show them.

    `problems` are what is wrong with the file, `stale` the snapshots that no case has, `model` is who answered, if any.
    """

    path: str
    prompt: str
    source: Source
    results: tuple[CaseResult, ...]
    problems: tuple[TestProblem, ...] = ()
    stale: tuple[str, ...] = ()
    model: str | None = None

    @property
    def errors(self) -> tuple[TestProblem, ...]:
        """The problems that mean that something was not tested as written."""
        return tuple(each for each in self.problems if each.severity == "error")

    def line(self, range: Range) -> int:
        """The line of a place, from 1."""
        return self.source.line_at(range.start) + 1


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of cases by their outcome, and of errors in the test files themselves."""

    cases: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    problems: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run. `usage` is None where no model was asked; `notes` are sentences for people."""

    suites: tuple[SuiteResult, ...]
    seconds: float
    usage: Usage | None = None
    notes: Sequence[str] = field(default=())

    @property
    def totals(self) -> Totals:
        outcomes = [each.outcome for suite in self.suites for each in suite.results]
        return Totals(
            len(outcomes),
            outcomes.count("passed"),
            outcomes.count("failed"),
            outcomes.count("error"),
            sum(len(suite.errors) for suite in self.suites),
        )


class CaseReporter(Protocol):
    """Writes a run."""

    def __call__(self, report: Report, out: TextIO, look: Look) -> None: ...


def case_reporter(format: str) -> CaseReporter:
    """The reporter of a format, by its module's name."""
    report: CaseReporter = import_module(f"promptls.cli.case_reports.{format}").report
    return report


def failures(result: CaseResult) -> list[str]:
    """Why a case failed or could not be run, a sentence each; nothing of one that passed."""
    missed = (
        f"{each.assertion.shown}: {each.verdict.reason}"
        for each in result.judged
        if not each.verdict.passed and each.assertion.weight
    )
    return [*filter(None, (result.error, result.failure)), *missed]
