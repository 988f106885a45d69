"""What checking one file gave: the value that every reporter takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from promptls.lint.rule import Finding, Severity
from promptls.syntax.source import Range, Source

LABELS = (Severity.ERROR, Severity.WARNING, Severity.INFO)
"""The severities that a report can hold, worst first; hints are for editors."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a range begins and ends: lines and columns from 1, in code points; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class FileResult:
    """One checked file: its path as reports show it, its text, what it was recognised as, and its findings in order.

    `others` are the texts of other files that findings point to, by the path that they are pointed to with. `tokens`
    and `score` are None unless they were asked for; `missed` are the gates that the prompt misses, as findings.
    """

    path: str
    source: Source
    format: str
    findings: tuple[Finding, ...]
    others: Mapping[str, Source] = field(default_factory=dict)
    tokens: int | None = None
    score: int | None = None
    missed: tuple[Finding, ...] = ()

    def with_missed(self) -> FileResult:
        """The result with the missed gates among its findings, as every report shows them."""
        return replace(self, findings=(*self.missed, *self.findings), missed=()) if self.missed else self

    def place(self, range: Range, path: str | None = None) -> Place | None:
        """The lines and columns of a range of this file, or of another one; None where the other's text is unknown."""
        source = self.source if path is None else self.others.get(path)
        return place(source, range) if source is not None else None

    def fingerprints(self) -> list[str]:
        """One per finding, unique in the file, and the same after lines above it were added or removed.

        Made of the rule, the text of the finding's first line and, for equals, their order.
        """
        from hashlib import sha256

        seen: dict[tuple[str, str], int] = {}
        prints = []
        for finding in self.findings:
            line = self.source.line_text(self.source.line_at(finding.range.start)).strip()
            occurrence = seen[finding.rule, line] = seen.get((finding.rule, line), -1) + 1
            text = f"{finding.rule}\0{line}\0{occurrence}"
            prints.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
        return prints


def place(source: Source, range: Range) -> Place:
    """The lines and columns of a range."""
    line, column = source.position(range.start)
    end_line, end_column = source.position(range.end)
    return Place(line + 1, column + 1, end_line + 1, end_column + 1)


@dataclass
class Summary:
    """Counts over all files of a run, filled while they pass."""

    files: int = 0
    errors: int = 0
    warnings: int = 0
    infos: int = 0
    fixable: int = 0
    unsafe: int = 0

    def add(self, result: FileResult) -> None:
        """Count one more file; `fixable` are the findings with a safe fix, `unsafe` those with another one."""
        self.files += 1
        for finding in result.findings:
            self.errors += finding.severity is Severity.ERROR
            self.warnings += finding.severity is Severity.WARNING
            self.infos += finding.severity is Severity.INFO
            self.fixable += finding.fix is not None and finding.fix.safe
            self.unsafe += finding.fix is not None and not finding.fix.safe

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst finding, or None where there is none."""
        counts = zip(LABELS, (self.errors, self.warnings, self.infos), strict=True)
        return next((severity for severity, count in counts if count), None)
