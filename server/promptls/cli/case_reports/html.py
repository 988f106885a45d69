"""Test results as one HTML page that needs nothing else: no script, no font, no address."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import TextIO

from promptls.cli.case_reports import Report, SuiteResult
from promptls.cli.reporters import Look
from promptls.language.render.engine import RenderedMessage, TextPart
from promptls.testcases.running import CaseResult, Judged

_MARKS = {"passed": "✓", "failed": "✗", "error": "!"}
_WORDS = {"passed": "passed", "failed": "failed", "error": "not run"}
_SNAPSHOTS = {"same": "as its snapshot", "changed": "not as its snapshot", "missing": "no snapshot"}


def report(report: Report, out: TextIO, look: Look) -> None:
    """Write the whole run."""
    out.writelines(f"{line}\n" for line in _page(report))


def _page(report: Report) -> Iterator[str]:
    style = (files("promptls.cli.case_reports") / "report.css").read_text(encoding="utf-8")
    totals = report.totals
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{totals.passed} of {totals.cases} cases passed</title>\n<style>\n{style}</style>\n</head>\n<body>"
    yield from _summary(report)
    for suite in report.suites:
        yield from _suite(suite)
    yield "</body>\n</html>"


def _summary(report: Report) -> Iterator[str]:
    totals, usage = report.totals, report.usage
    counts = (("passed", totals.passed), ("failed", totals.failed), ("error", totals.errors))
    yield "<header>\n<h1>Test cases</h1>"
    yield '<p class="counts">' + " ".join(
        f'<span class="{kind}"><b>{count}</b> {_WORDS[kind]}</span>' for kind, count in counts if count
    )
    if totals.problems:
        yield f'<span class="failed"><b>{totals.problems}</b> wrong in test files</span>'
    yield "</p>"
    if totals.cases:
        bars = "".join(f'<i class="{kind}" style="flex-grow:{count}"></i>' for kind, count in counts if count)
        yield f'<div class="bar" role="img" aria-label="{totals.passed} of {totals.cases} cases passed">{bars}</div>'
    told = [f"{totals.cases} cases in {len(report.suites)} files", f"{report.seconds:.1f} s"]
    if usage is None:
        told.append("rendered only, no model was asked")
    else:
        told += [f"{usage.calls} calls", f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"]
        told += [f"{usage.cost_usd:.4f} USD"] if usage.cost_usd else []
        told += [f"{usage.cache_hits} answers from the cache"] if usage.cache_hits else []
    yield f'<p class="dim">{" · ".join(map(escape, told))}</p>\n</header>'


def _suite(suite: SuiteResult) -> Iterator[str]:
    asked = f" · answered by {escape(suite.model)}" if suite.model else ""
    passed = sum(each.outcome == "passed" for each in suite.results)
    yield f"<section>\n<h2>{escape(suite.path)}</h2>"
    yield f'<p class="dim">{escape(suite.prompt)} · {passed} of {len(suite.results)} passed{asked}</p>'
    if suite.problems:
        yield '<ul class="problems">'
        for problem in suite.problems:
            kind = "failed" if problem.severity == "error" else "error"
            where = f"line {suite.line(problem.range)}"
            yield f'<li><span class="{kind}">{problem.severity}</span> {where}: {_marked(problem.message)}</li>'
        yield "</ul>"
    for result in suite.results:
        yield from _case(result, suite)
    if suite.stale:
        yield f'<p class="dim">Snapshots without a case: {escape(", ".join(suite.stale))}</p>'
    yield "</section>"


def _case(result: CaseResult, suite: SuiteResult) -> Iterator[str]:
    is_open = "" if result.outcome == "passed" else " open"
    score = f"score {result.score:.2f}" if result.answer is not None else ""
    kept = _SNAPSHOTS[result.comparison.state] if result.comparison else ""
    told = " · ".join(filter(None, (score, kept, f"line {suite.line(result.case.name_range)}")))
    yield f'<details class="case {result.outcome}"{is_open}>'
    yield (
        f'<summary><span class="mark" title="{_WORDS[result.outcome]}">{_MARKS[result.outcome]}</span>'
        f'<span class="name">{escape(result.case.name)}</span><span class="dim">{told}</span></summary>'
    )
    told_above = filter(None, (result.error, result.failure))
    yield from (f'<p class="reason">{_marked(reason)}</p>' for reason in told_above)
    if result.comparison is not None and result.comparison.diff:
        yield _diff(result.comparison.diff)
    if result.judged:
        yield '<ul class="assertions">'
        yield from map(_judged, result.judged)
        yield "</ul>"
    if result.answer is not None:
        yield f'<h3>Answer</h3>\n<pre class="answer">{escape(result.answer)}</pre>'
    if result.rendering.messages:
        yield "<details><summary>Messages</summary>"
        yield from map(_message, result.rendering.messages)
        yield "</details>"
    yield "</details>"


def _judged(judged: Judged) -> str:
    verdict = judged.verdict
    kind = "passed" if verdict.passed else "failed" if judged.assertion.weight else "error"
    reason = f'<br><span class="dim">{_marked(verdict.reason)}</span>' if verdict.reason else ""
    mark = f'<span class="mark {kind}">{_MARKS["passed" if verdict.passed else "failed"]}</span>'
    return f"<li>{mark}<span>{_marked(judged.assertion.shown)}{reason}</span></li>"


def _diff(lines: tuple[str, ...]) -> str:
    shown = []
    for line in lines:
        kind = {"+": "ins", "-": "del"}.get(line[:1], "span")
        shown.append(f"<{kind}>{escape(line)}</{kind}>")
    return f'<pre class="diff">{"".join(shown)}</pre>'


def _message(message: RenderedMessage) -> str:
    parts = "".join(
        escape(part.text) if isinstance(part, TextPart) else f"<i>{escape(str(part.to_data()))}</i>"
        for part in message.parts
    )
    return f"<h4>{escape(message.role)}</h4>\n<pre>{parts.strip()}</pre>"


def _marked(text: str) -> str:
    """A sentence with what stands between backticks as code."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))
