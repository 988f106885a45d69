"""Results made by hand, with everything in them that a report can trip over."""

from promptls.cli.results import FileResult
from promptls.lint.rule import Finding, Fix, Related, Severity
from promptls.syntax.source import Range, Source, TextEdit

TEXT = "---\nmodel: x\n---\n\t日本 {{usr}} 👩 and {{name}}\nlast \x1b[31m\u202e end"
UNDEFINED = "variables/undefined"


def range_of(text: str, part: str) -> Range:
    start = text.index(part)
    return Range(start, start + len(part))


def result() -> FileResult:
    """A file with one finding of each severity."""
    undefined = Finding(
        range=range_of(TEXT, "usr"),
        message="`usr` is not declared,\nbut: 100% used",
        help="Declare it in `input.schema`.",
        fix=Fix(
            "Declare `usr`", (TextEdit(range_of(TEXT, "model: x"), "model: y"), TextEdit(Range(0, 0), "#\n")), True
        ),
        related=(
            Related("the schema is here", range_of(TEXT, "model")),
            Related("it was included here", Range(2, 4), "parts/_other.prompt"),
            Related("somewhere", Range(0, 1), "gone.prompt"),
        ),
        severity=Severity.ERROR,
        rule=UNDEFINED,
    )
    invisible = Finding(
        range=range_of(TEXT, "\u202e"),
        message="an invisible character",
        fix=Fix("Remove it", (TextEdit(range_of(TEXT, "\u202e"), ""),), safe=False),
        severity=Severity.WARNING,
        rule="security/invisible-unicode",
    )
    long = Finding(range=Range(0, len(TEXT)), message="the whole file", severity=Severity.INFO, rule="made/up")
    return FileResult(
        "prompts/a b,1.prompt",
        Source(TEXT),
        "dotprompt",
        (undefined, invisible, long),
        {"parts/_other.prompt": Source("a\nbcd\n")},
    )


CLEAN = FileResult("clean.prompt", Source(""), "text", ())
