"""One JSON object for the whole run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from promptls.cli.gates import SUMMARIES as GATES
from promptls.cli.reporters import Look
from promptls.cli.results import FileResult, Summary
from promptls.lint.documentation import rule_url
from promptls.lint.rule import Finding, Fix, Related, Severity
from promptls.syntax.source import Range, Source


def report(results: Iterable[FileResult], out: TextIO, look: Look) -> None:
    """Write the whole run as one JSON object."""
    summary = Summary()
    files = []
    for result in results:
        summary.add(result)
        files.append(file_object(result))
    counts = {name: getattr(summary, name) for name in ("files", "errors", "warnings", "infos", "fixable")}
    json.dump({"version": 1, "summary": counts, "files": files}, out, ensure_ascii=False, indent=2)
    out.write("\n")


def file_object(result: FileResult) -> dict[str, Any]:
    """One file as `check --format json` and `jsonl` show it; a plain check counts no tokens and gives no score."""
    return {
        "path": result.path,
        "format": result.format,
        "tokens": result.tokens,
        "score": result.score,
        "findings": [_finding(finding, result) for finding in result.findings],
    }


def _finding(finding: Finding, result: FileResult) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": (finding.severity or Severity.WARNING).label,
        "message": finding.message,
        "help": finding.help,
        **_span(result.source, finding.range),
        "fix": _fix(finding.fix, result.source) if finding.fix else None,
        "related": [_related(related, result) for related in finding.related],
        "url": rule_url(finding.rule) if finding.rule not in GATES else None,
    }


def _related(related: Related, result: FileResult) -> dict[str, Any]:
    source = result.source if related.path is None else result.others.get(related.path)
    span = _span(source, related.range) if source is not None else {"start": None, "end": None}
    return {"message": related.message, "path": related.path or result.path, **span}


def _fix(fix: Fix, source: Source) -> dict[str, Any]:
    edits = [{**_span(source, edit.range), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _span(source: Source, range: Range) -> dict[str, dict[str, int]]:
    return {"start": _position(source, range.start), "end": _position(source, range.end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line + 1, "column": column + 1, "offset": offset}
