"""GitLab's code quality report (docs.gitlab.com, "Code Quality", a subset of the Code Climate format)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, TextIO

from promptls.cli.reporters import Look
from promptls.cli.results import FileResult, place
from promptls.lint.rule import Finding, Severity

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def report(results: Iterable[FileResult], out: TextIO, look: Look) -> None:
    """Write the whole run as one JSON list."""
    issues = [
        _issue(result, finding, fingerprint)
        for result in results
        for finding, fingerprint in zip(result.findings, result.fingerprints(), strict=True)
    ]
    json.dump(issues, out, ensure_ascii=False, indent=2)
    out.write("\n")


def _issue(result: FileResult, finding: Finding, fingerprint: str) -> dict[str, Any]:
    at = place(result.source, finding.range)
    unique = sha256(f"{result.path}\0{fingerprint}".encode("utf-8", "surrogatepass")).hexdigest()
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": finding.message,
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[finding.severity or Severity.WARNING],
        "fingerprint": unique,
        "location": {
            "path": result.path,
            "positions": {
                "begin": {"line": at.line, "column": at.column},
                "end": {"line": at.end_line, "column": at.end_column},
            },
            "lines": {"begin": at.line, "end": at.end_line},
        },
    }
