"""For people: every finding with its line of source, and a sentence at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from textwrap import wrap
from typing import TextIO

from promptls.cli.reporters import Look
from promptls.cli.reporters.excerpt import excerpt, visible
from promptls.cli.results import FileResult, Summary
from promptls.cli.style import Style
from promptls.lint.rule import Finding, Related, Severity
from promptls.syntax.source import Range, Source

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan", Severity.HINT: "cyan"}


def report(results: Iterable[FileResult], out: TextIO, look: Look) -> None:
    """Write the findings of every file as it comes, then how many there were; one line each when quiet."""
    summary = Summary()
    style = Style(look.color)
    for result in results:
        summary.add(result)
        result = replace(result, source=_without_secrets(result))
        for finding in result.findings:
            out.write(_headline(result, finding, style) + "\n")
            if not look.quiet:
                out.writelines(line + "\n" for line in _Details(result, finding, look.width, style).lines())
                out.write("\n")
        out.flush()
    if not look.quiet:
        out.write(_summary(summary, look.fixed, style) + "\n")


def _without_secrets(result: FileResult) -> Source:
    """The text with every secret that was found blotted out, for what is printed may be kept in a public log."""
    text = result.source.text
    for finding in result.findings:
        if finding.rule == "security/secret":
            start, end = finding.range
            text = text[:start] + re.sub(r"\S", "*", text[start:end]) + text[end:]
    return result.source if text is result.source.text else Source(text)


def _headline(result: FileResult, finding: Finding, style: Style) -> str:
    severity = finding.severity or Severity.WARNING
    label = style.colored(severity.label, _COLORS[severity])
    at = f"{style.bold(visible(result.path))}:{_at(result.source, finding.range)}"
    return f"{at}: {label}: {visible(finding.message)} {style.dim(f'[{finding.rule}]')}"


class _Details:
    """What follows a finding's first line: source, related places, help and fix, along a margin of line numbers."""

    def __init__(self, result: FileResult, finding: Finding, width: int, style: Style) -> None:
        self._result = result
        self._finding = finding
        self._width = width
        self._style = style
        self._margin = len(str(result.source.line_at(finding.range.end) + 1))

    def lines(self) -> Iterator[str]:
        finding = self._finding
        yield from self._excerpt(self._result.source, finding.range, _COLORS[finding.severity or Severity.WARNING])
        for related in finding.related:
            yield from self._related(related)
        if finding.help:
            yield from self._note("help", finding.help)
        if finding.fix:
            yield from self._note("fix" if finding.fix.safe else "unsafe fix", finding.fix.title)

    def _excerpt(self, source: Source, range: Range, color: str) -> Iterator[str]:
        if not source.text:
            return
        shown = excerpt(source, range, self._width - self._margin - 3)
        first, last = source.line_at(range.start), source.line_at(max(range.start, range.end - 1))
        more = f" … to line {last + 1}" if last > first else ""
        number = str(first + 1).rjust(self._margin)
        yield f"{self._style.dim(f'{number} |')} {shown.line}".rstrip()
        carets = self._style.colored("^" * shown.carets, color)
        yield self._style.dim(" " * self._margin + " |") + " " * (1 + shown.indent) + carets + self._style.dim(more)

    def _related(self, related: Related) -> Iterator[str]:
        result = self._result
        source = result.source if related.path is None else result.others.get(related.path)
        at = f"{related.path or result.path}:{_at(source, related.range)}" if source else str(related.path)
        yield from self._note("see", f"{at}: {related.message}")
        if source:
            yield from self._excerpt(source, related.range, "cyan")

    def _note(self, label: str, text: str) -> Iterator[str]:
        lead = " " * self._margin + " = "
        hanging = " " * (len(lead) + len(label) + 2)
        width = max(20, self._width - len(hanging))
        lines = [
            line
            for paragraph in text.splitlines()
            for line in wrap(visible(paragraph), width, break_long_words=False, break_on_hyphens=False)
        ]
        yield f"{self._style.dim(lead)}{self._style.bold(f'{label}:')} {lines[0] if lines else ''}"
        yield from (hanging + line for line in lines[1:])


def _at(source: Source, range: Range) -> str:
    line, column = source.position(range.start)
    return f"{line + 1}:{column + 1}"


def _summary(summary: Summary, fixed: int, style: Style) -> str:
    counts = [
        style.colored(_count(number, severity.label), _COLORS[severity])
        for number, severity in (
            (summary.errors, Severity.ERROR),
            (summary.warnings, Severity.WARNING),
            (summary.infos, Severity.INFO),
        )
        if number
    ]
    found = ", ".join(counts) if counts else style.colored("nothing found", "green")
    parts = [f"{_count(summary.files, 'file')} checked" + (f": {found}" if summary.files else "")]
    if fixed:
        parts.insert(0, f"{_count(fixed, 'finding')} mended")
    if summary.fixable:
        parts.append(f"{summary.fixable} can be mended with --fix")
    if summary.unsafe:
        parts.append(f"{summary.unsafe}{' more' if summary.fixable else ''} with --unsafe-fixes")
    return "; ".join(parts)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
