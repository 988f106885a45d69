"""Workflow commands that GitHub Actions turns into annotations.

Format: docs.github.com, "Workflow commands for GitHub Actions", and the escaping of the runner's own `@actions/core`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from promptls.cli.reporters import Look
from promptls.cli.results import FileResult, place
from promptls.lint.rule import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def report(results: Iterable[FileResult], out: TextIO, look: Look) -> None:
    """Write one workflow command a finding."""
    for result in results:
        for finding in result.findings:
            out.write(_command(result, finding) + "\n")
        out.flush()


def _command(result: FileResult, finding: Finding) -> str:
    at = place(result.source, finding.range)
    properties = {"file": result.path, "line": at.line, "endLine": at.end_line}
    # Columns of a range over several lines make the runner drop the annotation's place.
    if at.line == at.end_line:
        properties |= {"col": at.column, "endColumn": at.end_column}
    properties["title"] = finding.rule
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    message = finding.message + (f"\n{finding.help}" if finding.help else "")
    return f"::{_COMMANDS[finding.severity or Severity.WARNING]} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
