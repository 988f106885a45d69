"""Test results as JUnit XML: a test file is a suite and a case a test; what is wrong with a file is an error in it."""

from __future__ import annotations

import re
from typing import TextIO
from xml.etree import ElementTree

from promptls.cli.case_reports import Report, SuiteResult, failures
from promptls.cli.reporters import Look
from promptls.testcases.running import CaseResult

# What XML 1.0 (section 2.2) does not allow, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report(report: Report, out: TextIO, look: Look) -> None:
    """Write the whole run as one XML document."""
    totals = report.totals
    root = ElementTree.Element(
        "testsuites",
        {
            "name": "promptls",
            "tests": str(totals.cases + totals.problems),
            "failures": str(totals.failed),
            "errors": str(totals.errors + totals.problems),
            "time": f"{report.seconds:.3f}",
        },
    )
    root.extend(_suite(suite) for suite in report.suites)
    ElementTree.indent(root)
    out.write("<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(root, encoding="unicode") + "\n")


def _suite(suite: SuiteResult) -> ElementTree.Element:
    outcomes = [each.outcome for each in suite.results]
    element = ElementTree.Element(
        "testsuite",
        {
            "name": _xml(suite.path),
            "tests": str(len(outcomes) + len(suite.errors)),
            "failures": str(outcomes.count("failed")),
            "errors": str(outcomes.count("error") + len(suite.errors)),
            "skipped": "0",
            "time": f"{sum(each.seconds for each in suite.results):.3f}",
        },
    )
    for problem in suite.errors:
        test = _test(element, suite, f"line {suite.line(problem.range)}", suite.line(problem.range), 0.0)
        ElementTree.SubElement(test, "error", {"message": _xml(problem.message), "type": "test-file"})
    for result in suite.results:
        _case(element, suite, result)
    return element


def _case(element: ElementTree.Element, suite: SuiteResult, result: CaseResult) -> None:
    test = _test(element, suite, result.case.name, suite.line(result.case.name_range), result.seconds)
    reasons = failures(result)
    if reasons:
        kind = "error" if result.outcome == "error" else "failure"
        told = {"message": _xml(reasons[0]), "type": _type(result)}
        found = ElementTree.SubElement(test, kind, told)
        diff = result.comparison.diff if result.comparison and result.failure else ()
        found.text = _xml("\n".join([*reasons, *diff]))
    if result.answer is not None:
        ElementTree.SubElement(test, "system-out").text = _xml(result.answer)


def _type(result: CaseResult) -> str:
    if result.error is not None:
        return "model"
    if result.failure is None:
        return "assertion"
    return "render" if result.comparison is None else "snapshot"


def _test(
    element: ElementTree.Element, suite: SuiteResult, name: str, line: int, seconds: float
) -> ElementTree.Element:
    attributes = {
        "name": _xml(name),
        "classname": _xml(suite.path),
        "time": f"{seconds:.3f}",
        "file": _xml(suite.path),
        "line": str(line),
    }
    return ElementTree.SubElement(element, "testcase", attributes)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
