"""What every report says, on results made by hand."""

import io
import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from promptls.cli.check import FORMATS
from promptls.cli.reporters import Look, reporter
from promptls.cli.reporters.excerpt import excerpt
from promptls.cli.results import FileResult
from promptls.lint.rule import Finding, Severity
from promptls.syntax.source import Range, Source
from tests.cli.results import CLEAN, TEXT, range_of, result
from tests.cli.sarif_schema import SARIF

PLAIN = Look()


def written(format: str, *results: FileResult, look: Look = PLAIN) -> str:
    out = io.StringIO()
    reporter(format)(results, out, look)
    return out.getvalue()


def parsed(format: str, *results: FileResult) -> Any:
    return json.loads(written(format, *results))


def test_text() -> None:
    assert written("text", result(), CLEAN) == (
        "prompts/a b,1.prompt:4:7: error: `usr` is not declared,␊but: 100% used [variables/undefined]\n"
        "4 |     日本 {{usr}} 👩 and {{name}}\n"
        "  |            ^^^\n"
        "  = see: prompts/a b,1.prompt:2:1: the schema is here\n"
        "2 | model: x\n"
        "  | ^^^^^\n"
        "  = see: parts/_other.prompt:2:1: it was included here\n"
        "2 | bcd\n"
        "  | ^^\n"
        "  = see: gone.prompt: somewhere\n"
        "  = help: Declare it in `input.schema`.\n"
        "  = fix: Declare `usr`\n"
        "\n"
        "prompts/a b,1.prompt:5:11: warning: an invisible character [security/invisible-unicode]\n"
        "5 | last ␛[31m<U+202E> end\n"
        "  |           ^^^^^^^^\n"
        "  = unsafe fix: Remove it\n"
        "\n"
        "prompts/a b,1.prompt:1:1: info: the whole file [made/up]\n"
        "1 | ---\n"
        "  | ^^^ … to line 5\n"
        "\n"
        "2 files checked: 1 error, 1 warning, 1 info; 1 can be mended with --fix; 1 more with --unsafe-fixes\n"
    )


def test_text_of_nothing() -> None:
    assert written("text", CLEAN) == "1 file checked: nothing found\n"
    assert written("text", CLEAN, look=Look(fixed=2)) == "2 findings mended; 1 file checked: nothing found\n"


def test_text_is_one_line_per_finding_when_quiet() -> None:
    lines = written("text", result(), CLEAN, look=Look(quiet=True)).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "prompts/a b,1.prompt:4:7",
        "prompts/a b,1.prompt:5:11",
        "prompts/a b,1.prompt:1:1",
    ]


def test_text_in_colour_is_the_same_text() -> None:
    colored = written("text", result(), look=Look(color=True))
    plain = colored
    for code in ("0", "1", "2", "32", "36", "1;31", "1;33"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert colored.count("\x1b") > 20
    assert plain == written("text", result())


def test_long_help_is_wrapped() -> None:
    (finding, *_) = result().findings
    long = replace(result(), findings=(replace(finding, help="word " * 60, related=(), fix=None),))
    lines = written("text", long, look=Look(width=60)).splitlines()
    assert max(map(len, lines[1:-2])) <= 60
    assert sum("word" in line for line in lines) > 5


@pytest.mark.parametrize("width", [20, 40, 100])
@pytest.mark.parametrize("at", [0, 5, 50, 5000, 9999])
def test_excerpt_of_a_long_line_keeps_the_place_in_view(width: int, at: int) -> None:
    text = "x" * at + "é" + "x" * (10_000 - at)
    shown = excerpt(Source(text), Range(at, at + 1), width)
    assert len(shown.line) <= width
    assert shown.line[shown.indent] == "é"
    assert shown.carets == 1
    assert shown.line.startswith("…") == (at > width)
    assert shown.line.endswith("…") == (at < 9990)


@pytest.mark.parametrize("at", [0, 300, 700])
def test_excerpt_of_wide_characters_fills_the_width(at: int) -> None:
    text = "語" * at + "é" + "語" * (800 - at)
    shown = excerpt(Source(text), Range(at, at + 3), 50)
    columns = sum(1 if char in "é…" else 2 for char in shown.line)
    before = sum(1 if char in "…" else 2 for char in shown.line.partition("é")[0])
    assert 30 < columns <= 50
    assert shown.indent == before
    assert shown.carets == 5


def test_excerpt_past_the_end_of_a_line() -> None:
    shown = excerpt(Source("ab\ncd"), Range(2, 3), 40)
    assert (shown.line, shown.indent, shown.carets) == ("ab", 2, 1)


def test_json() -> None:
    data = parsed("json", result(), CLEAN)
    assert data["version"] == 1
    assert data["summary"] == {"files": 2, "errors": 1, "warnings": 1, "infos": 1, "fixable": 1}
    first, clean = data["files"]
    assert clean == {"path": "clean.prompt", "format": "text", "tokens": None, "score": None, "findings": []}
    finding = first["findings"][0]
    assert list(finding) == ["rule", "severity", "message", "help", "start", "end", "fix", "related", "url"]
    assert finding["severity"] == "error"
    at = TEXT.index("usr")
    assert finding["start"] == {"line": 4, "column": 7, "offset": at}
    assert finding["end"] == {"line": 4, "column": 10, "offset": at + 3}
    assert finding["fix"]["safe"] is True
    assert finding["fix"]["edits"][0] == {
        "start": {"line": 2, "column": 1, "offset": 4},
        "end": {"line": 2, "column": 9, "offset": 12},
        "text": "model: y",
    }
    assert finding["related"][1]["start"] == {"line": 2, "column": 1, "offset": 2}
    assert finding["related"][2]["start"] is None
    assert first["findings"][2]["fix"] is None


def test_jsonl_is_written_file_by_file() -> None:
    out = io.StringIO()

    def stream():
        yield result()
        assert out.getvalue().count("\n") == 1
        yield CLEAN

    reporter("jsonl")(stream(), out, Look())
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines == parsed("json", result(), CLEAN)["files"]


def test_github() -> None:
    lines = written("github", result(), CLEAN).splitlines()
    assert lines == [
        "::error file=prompts/a b%2C1.prompt,line=4,endLine=4,col=7,endColumn=10,title=variables/undefined::"
        "`usr` is not declared,%0Abut: 100%25 used%0ADeclare it in `input.schema`.",
        "::warning file=prompts/a b%2C1.prompt,line=5,endLine=5,col=11,endColumn=12,title=security/invisible-unicode::"
        "an invisible character",
        "::notice file=prompts/a b%2C1.prompt,line=1,endLine=5,title=made/up::the whole file",
    ]


def test_sarif() -> None:
    log = parsed("sarif", result(), CLEAN)
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    first, second, third = run["results"]
    assert [each["level"] for each in run["results"]] == ["error", "warning", "note"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    location = first["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "prompts/a%20b,1.prompt"
    assert location["region"] == {
        "startLine": 4,
        "startColumn": 7,
        "endLine": 4,
        "endColumn": 10,
        "charOffset": TEXT.index("usr"),
        "charLength": 3,
    }
    replacements = first["fixes"][0]["artifactChanges"][0]["replacements"]
    assert [each["insertedContent"]["text"] for each in replacements] == ["model: y", "#\n"]
    assert len(first["relatedLocations"]) == 3
    assert "fixes" not in third
    assert second["partialFingerprints"]


def test_junit() -> None:
    root = ElementTree.fromstring(written("junit", result(), CLEAN))
    assert root.tag == "testsuites"
    assert root.attrib["tests"] == "4"
    assert root.attrib["failures"] == "3"
    broken, clean = root
    assert [case[0].get("type") for case in broken] == ["error", "warning", "info"]
    assert broken[0].get("line") == "4"
    assert [len(case) for case in clean] == [0]


def test_junit_survives_characters_that_xml_has_not() -> None:
    finding = replace(result().findings[0], message="a\x00b\ud800c\ufffed")
    root = ElementTree.fromstring(written("junit", replace(result(), findings=(finding,))))
    assert root[0][0][0].get("message") == "a\ufffdb\ufffdc\ufffdd"


def test_gitlab() -> None:
    issues = parsed("gitlab", result(), replace(result(), path="other.prompt"))
    assert [issue["severity"] for issue in issues] == ["major", "minor", "info"] * 2
    assert len({issue["fingerprint"] for issue in issues}) == 6
    assert issues[0]["location"] == {
        "path": "prompts/a b,1.prompt",
        "positions": {"begin": {"line": 4, "column": 7}, "end": {"line": 4, "column": 10}},
        "lines": {"begin": 4, "end": 4},
    }
    assert issues[0]["check_name"] == "variables/undefined"


@pytest.mark.parametrize("format", FORMATS)
def test_reports_of_nothing_are_whole(format: str) -> None:
    text = written(format)
    if format == "junit":
        assert ElementTree.fromstring(text).attrib["tests"] == "0"
    elif format in ("json", "sarif", "gitlab"):
        json.loads(text)
    else:
        assert text == ("0 files checked\n" if format == "text" else "")


def test_fingerprints_stay_when_lines_move() -> None:
    here = result()
    moved_text = "# more\n" * 3 + TEXT
    findings = [replace(each, range=Range(each.range.start + 21, each.range.end + 21)) for each in here.findings]
    moved = replace(here, source=Source(moved_text), findings=tuple(findings))
    assert moved.fingerprints() == here.fingerprints()


def test_fingerprints_tell_equal_lines_apart() -> None:
    text = "{{a}}\n{{a}}\n"
    base = result().findings[0]
    twice = FileResult("x", Source(text), "text", tuple(replace(base, range=Range(at, at + 5)) for at in (0, 6)))
    assert len(set(twice.fingerprints())) == 2
    changed = replace(twice, source=Source("{{b}}\n{{a}}\n"))
    assert changed.fingerprints()[0] not in twice.fingerprints()


def test_a_severity_from_settings_counts() -> None:
    finding = replace(result().findings[0], severity=Severity.INFO)
    assert parsed("json", replace(result(), findings=(finding,)))["summary"]["infos"] == 1
    assert range_of(TEXT, "usr") == finding.range


@pytest.mark.parametrize("format", FORMATS)
def test_no_report_shows_a_secret(format: str) -> None:
    """Reports end up in logs that more people read than the file."""
    text = "Use the key Zb4wY7rNe1 and the key Zb4wY7rNe1 twice"
    found = [
        Finding(Range(at, at + 10), "a secret", severity=Severity.ERROR, rule="security/secret")
        for at in (text.index("Zb4w"), text.rindex("Zb4w"))
    ]
    beside = Finding(Range(0, 3), "something else", severity=Severity.ERROR, rule="made/up")
    report = written(format, FileResult("a.prompt", Source(text), "text", (beside, *found)))
    assert "made/up" in report
    assert "Zb4wY7rNe1" not in report
