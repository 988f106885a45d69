"""Test results as one JSON object."""

from __future__ import annotations

import json
from typing import Any, TextIO

from promptls.cli.case_reports import Report, SuiteResult
from promptls.cli.reporters import Look
from promptls.syntax.source import Range
from promptls.testcases.document import TestProblem
from promptls.testcases.running import CaseResult, Judged


def report(report: Report, out: TextIO, look: Look) -> None:
    """Write the whole run."""
    totals, usage = report.totals, report.usage
    data = {
        "version": 1,
        "summary": {
            "cases": totals.cases,
            "passed": totals.passed,
            "failed": totals.failed,
            "errors": totals.errors,
            "file_errors": totals.problems,
            "seconds": round(report.seconds, 3),
        },
        "usage": usage
        and {
            "calls": usage.calls,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cost_usd": usage.cost_usd,
            "cache_hits": usage.cache_hits,
        },
        "files": [_suite(suite) for suite in report.suites],
    }
    json.dump(data, out, ensure_ascii=False, indent=2)
    out.write("\n")


def _suite(suite: SuiteResult) -> dict[str, Any]:
    return {
        "path": suite.path,
        "prompt": suite.prompt,
        "model": suite.model,
        "problems": [_problem(each, suite) for each in suite.problems],
        "stale_snapshots": list(suite.stale),
        "cases": [_case(each, suite) for each in suite.results],
    }


def _case(result: CaseResult, suite: SuiteResult) -> dict[str, Any]:
    return {
        "name": result.case.name,
        "start": _position(suite, result.case.name_range),
        "outcome": result.outcome,
        "score": round(result.score, 4) if result.answer is not None else None,
        "seconds": round(result.seconds, 3),
        "failure": result.failure,
        "error": result.error,
        "snapshot": result.comparison.state if result.comparison else None,
        "diff": list(result.comparison.diff) if result.comparison else [],
        "messages": [message.to_data() for message in result.rendering.messages],
        "answer": result.answer,
        "assertions": [_judged(each, suite) for each in result.judged],
    }


def _judged(judged: Judged, suite: SuiteResult) -> dict[str, Any]:
    assertion, verdict = judged.assertion, judged.verdict
    return {
        "type": assertion.name,
        "value": assertion.value,
        "path": assertion.path,
        "weight": assertion.weight,
        "start": _position(suite, assertion.range) if assertion.range else None,
        "passed": verdict.passed,
        "score": round(verdict.score, 4),
        "reason": verdict.reason,
    }


def _problem(problem: TestProblem, suite: SuiteResult) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "message": problem.message,
        "start": _position(suite, problem.range),
    }


def _position(suite: SuiteResult, range: Range) -> dict[str, int]:
    line, column = suite.source.position(range.start)
    return {"line": line + 1, "column": column + 1, "offset": range.start}
