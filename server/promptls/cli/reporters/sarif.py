"""SARIF 2.1.0 (OASIS standard, 27 March 2020), as code scanning services read it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from promptls import __version__
from promptls.cli.gates import SUMMARIES as GATES
from promptls.cli.reporters import Look
from promptls.cli.results import FileResult
from promptls.lint.documentation import rule_markdown, rule_url
from promptls.lint.rule import Finding, Fix, Related, Rule, Severity
from promptls.syntax.source import Range

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.HINT: "note"}
_PRECISIONS = {"certain": "very-high", "likely": "high", "suggestion": "medium"}


def report(results: Iterable[FileResult], out: TextIO, look: Look) -> None:
    """Write the whole run as one SARIF log."""
    rules: dict[str, int] = {}
    found = [
        _result(result, finding, fingerprint, rules.setdefault(finding.rule, len(rules)))
        for result in results
        for finding, fingerprint in zip(result.findings, result.fingerprints(), strict=True)
    ]
    driver = {"name": "promptls", "version": __version__, "semanticVersion": __version__, "rules": _rules(rules)}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": found}
    json.dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, out, ensure_ascii=False, indent=2)
    out.write("\n")


def _rules(ids: Iterable[str]) -> list[dict[str, Any]]:
    from promptls.lint.registry import built_in_rules

    known = built_in_rules().by_id
    return [_rule(known[id]) if id in known else _no_rule(id) for id in ids]


def _no_rule(id: str) -> dict[str, Any]:
    return {"id": id, "shortDescription": {"text": GATES[id]}} if id in GATES else {"id": id}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.documentation, "markdown": rule_markdown(rule)},
        "helpUri": rule_url(rule.id),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.family], "precision": _PRECISIONS[rule.certainty]},
    }


def _result(result: FileResult, finding: Finding, fingerprint: str, rule_index: int) -> dict[str, Any]:
    text = finding.message + (f"\n{finding.help}" if finding.help else "")
    written: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity or Severity.WARNING],
        "message": {"text": text},
        "locations": [_location(result, finding.range)],
        "partialFingerprints": {"promptls/v1": fingerprint},
    }
    if finding.related:
        written["relatedLocations"] = [_related(result, each) for each in finding.related]
    if finding.fix:
        written["fixes"] = [_fix(result, finding.fix)]
    return written


def _location(result: FileResult, range: Range) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(result.path), "region": _region(result, range)}}


def _related(result: FileResult, related: Related) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(related.path or result.path)}
    if region := _region(result, related.range, related.path):
        physical["region"] = region
    return {"message": {"text": related.message}, "physicalLocation": physical}


def _fix(result: FileResult, fix: Fix) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(result, edit.range), "insertedContent": {"text": edit.text}} for edit in fix.edits
    ]
    change = {"artifactLocation": _artifact(result.path), "replacements": replacements}
    return {"description": {"text": fix.title}, "artifactChanges": [change]}


def _artifact(path: str) -> dict[str, str]:
    if path.startswith("/"):
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(path, safe="/:+@,=~!$&'()*;", errors="surrogatepass")}


def _region(result: FileResult, range: Range, path: str | None = None) -> dict[str, int]:
    """A region by lines and columns and, in the file itself, by offset: the standard's two ways of saying it."""
    place = result.place(range, path)
    if place is None:
        return {}
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
        "charOffset": range.start,
        "charLength": range.end - range.start,
    }
