"""JUnit XML: a file is a test suite and a finding a failed test; a file without findings is one passed test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TextIO
from xml.etree import ElementTree

from promptls.cli.reporters import Look
from promptls.cli.results import FileResult, place
from promptls.lint.rule import Severity

# What XML 1.0 (section 2.2) does not allow, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report(results: Iterable[FileResult], out: TextIO, look: Look) -> None:
    """Write the whole run as one XML document."""
    suites = [_suite(result) for result in results]
    counts = {
        "tests": str(sum(len(suite) for suite in suites)),
        "failures": str(sum(int(suite.attrib["failures"]) for suite in suites)),
        "errors": "0",
    }
    root = ElementTree.Element("testsuites", {"name": "promptls", **counts})
    root.extend(suites)
    ElementTree.indent(root)
    out.write("<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(root, encoding="unicode") + "\n")


def _suite(result: FileResult) -> ElementTree.Element:
    path = _xml(result.path)
    counts = {"tests": str(len(result.findings) or 1), "failures": str(len(result.findings)), "errors": "0"}
    suite = ElementTree.Element("testsuite", {"name": path, **counts, "skipped": "0"})
    if not result.findings:
        ElementTree.SubElement(suite, "testcase", {"name": path, "classname": path})
    for finding in result.findings:
        at = place(result.source, finding.range)
        test = {
            "name": f"{finding.rule} ({at.line}:{at.column})",
            "classname": path,
            "file": path,
            "line": str(at.line),
        }
        case = ElementTree.SubElement(suite, "testcase", test)
        severity = (finding.severity or Severity.WARNING).label
        failure = ElementTree.SubElement(case, "failure", {"message": _xml(finding.message), "type": severity})
        lines = [f"{result.path}:{at.line}:{at.column}: {severity}: {finding.message} [{finding.rule}]"]
        failure.text = _xml("\n".join([*lines, *([finding.help] if finding.help else [])]))
    return suite


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
