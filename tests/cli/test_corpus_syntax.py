"""`promptls check` against the truth on real files: the fence expression, PyYAML and npm `handlebars`' own parser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.oracle import Oracle

FILE = re.compile(
    r"\A(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*---[ \t]*(?:\r\n|\r|\n)(?P<yaml>[\s\S]*?)"
    r"(?:(?<=\n)|(?<=\r))---[ \t]*(?:(?:\r\n|\r|\n)(?P<body>[\s\S]*))?\Z"
)
"""FORMAT.md's "file shape", as one expression of its own: not the one that promptls uses."""

SAYS_THE_SYNTAX_IS_WRONG = {
    "frontmatter/invalid-yaml",
    "frontmatter/unclosed",
    # Three mistakes that break the YAML and have a rule that explains them better.
    "schema/list-syntax",
    "schema/union-syntax",
    "schema/unquoted-colon",
    "template/syntax",
    "template/unclosed-block",
    "template/unexpected-close",
    "template/mismatched-close",
    # `{{.Field}}` is Go's, and refused by Handlebars.
    "template/foreign-syntax",
}


def truth(text: str, oracle: Oracle) -> str | None:
    """Why the references refuse a file, or None where they take it."""
    match = FILE.match(text)
    body = text
    if match:
        try:
            yaml.safe_load(match["yaml"])
        except yaml.YAMLError as error:
            return f"PyYAML: {error}"
        body = (match["body"] or "").strip()
    elif re.match(r"---[ \t]*[\r\n]+[a-zA-Z]+:", text):
        return "the fence is never closed"
    [refusal] = oracle.refusals([body])
    return f"Handlebars: {refusal}" if refusal else None


@pytest.fixture(scope="module")
def reports(shared: Path) -> dict[str, dict[str, Any]]:
    """What `promptls check --format json` says of every file of the corpus."""
    command = [sys.executable, "-m", "promptls", "check", "--no-cache", "--isolated", "--format", "json", "."]
    run = subprocess.run(command, cwd=shared / "corpus", capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode in (0, 1), run.stderr
    return {report["path"]: report for report in json.loads(run.stdout)["files"]}


def test_every_file_is_reported(reports: dict[str, dict[str, Any]], shared: Path) -> None:
    files = {path.relative_to(shared / "corpus").as_posix() for path in (shared / "corpus").rglob("*.prompt")}
    assert {path.replace("\\", "/") for path in reports} == files


def test_files_of_other_formats_are_the_ones_known(reports: dict[str, dict[str, Any]]) -> None:
    foreign = {path: report["format"] for path, report in reports.items() if report["format"] != "dotprompt"}
    print("not dotprompt:", foreign)
    # Read by eye: a guide in prose, without a frontmatter or a tag of Handlebars.
    assert foreign == {"genkit-ai+genkit/js/plugins/next/.guides/usage.prompt": "text"}


def test_a_syntax_error_exactly_where_the_references_refuse(
    reports: dict[str, dict[str, Any]], shared: Path, oracle: Oracle
) -> None:
    wrong = []
    refused = 0
    for path, report in sorted(reports.items()):
        if report["format"] != "dotprompt":
            continue
        text = (shared / "corpus" / path).read_bytes().decode()
        why = truth(text, oracle)
        refused += why is not None
        rules = {
            finding["rule"]
            for finding in report["findings"]
            if finding["severity"] == "error" and finding["rule"] in SAYS_THE_SYNTAX_IS_WRONG
        }
        if why is None:
            # `string[]` loads as YAML and parses; what refuses it is picoschema, later.
            rules -= {"schema/list-syntax", "schema/union-syntax"}
        if bool(rules) != (why is not None):
            wrong.append((path, why, rules))
    print(f"{len(reports)} files, {refused} refused by the references, {len(wrong)} judged otherwise")
    assert refused > 5
    assert wrong == []
