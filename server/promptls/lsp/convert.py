"""Between our values and the protocol's: the only place that knows of UTF-16."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from promptls.ide.hover import Hover
from promptls.ide.symbols import Symbol, SymbolKind
from promptls.lint.documentation import rule_url
from promptls.lint.rule import Finding, Fix, Severity
from promptls.lsp.client import Markup
from promptls.lsp.documents import Document
from promptls.lsp.uris import to_uri
from promptls.syntax.source import PositionEncoding, Range, Source, TextEdit, text_units

if TYPE_CHECKING:
    from promptls.lsp.session import Snapshot

SOURCE_NAME = "promptls"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
_TAGS = {"unnecessary": types.DiagnosticTag.Unnecessary, "deprecated": types.DiagnosticTag.Deprecated}
_SYMBOL_KINDS: dict[SymbolKind, types.SymbolKind] = {
    "frontmatter": types.SymbolKind.Module,
    "key": types.SymbolKind.Property,
    "message": types.SymbolKind.Event,
    "block": types.SymbolKind.Struct,
    "partial": types.SymbolKind.File,
    "case": types.SymbolKind.Method,
}


@dataclass(frozen=True, slots=True)
class Lines:
    """The positions of one text in the units that the client counts in."""

    source: Source
    encoding: PositionEncoding

    def position(self, offset: int) -> types.Position:
        """The position of an offset; inside a line end, where no position leads, that of the line's end."""
        if self._splits_line_end(offset):
            offset -= 1
        line, character = self.source.position(offset, self.encoding)
        return types.Position(line, character)

    def range(self, range: Range) -> types.Range:
        return types.Range(self.position(range.start), self.position(range.end))

    def edit(self, edit: TextEdit) -> types.TextEdit:
        """An edit; one that begins or ends inside a line end, where no position leads, takes in all of it."""
        (start, end), text = edit.range, edit.text
        if self._splits_line_end(start):
            start, text = start - 1, f"\r{text}"
        if self._splits_line_end(end):
            end, text = end + 1, f"{text}\n"
        return types.TextEdit(self.range(Range(start, end)), text)

    def _splits_line_end(self, offset: int) -> bool:
        return self.source.text[max(0, offset - 1) : offset + 1] == "\r\n"

    def units(self, start: int, end: int) -> int:
        """The length of a part of one line."""
        if self.encoding == "utf-32" or self.source.text.isascii():
            return end - start
        return text_units(self.source.text[start:end], self.encoding)

    def offset(self, position: types.Position) -> int:
        """The offset of a position, clamped to its line and to the text."""
        return self.source.offset((position.line, position.character), self.encoding)

    def offsets(self, range: types.Range) -> Range:
        start, end = self.offset(range.start), self.offset(range.end)
        return Range(min(start, end), max(start, end))


def prose(markdown: str, markup: Markup) -> types.MarkupContent:
    """A text that is written in Markdown, in the markup that the client prefers."""
    if markup == "markdown":
        return types.MarkupContent(types.MarkupKind.Markdown, markdown)
    plain = "\n".join(line for line in markdown.split("\n") if not line.startswith("```"))
    return types.MarkupContent(types.MarkupKind.PlainText, plain.replace("`", ""))


def workspace_edit(
    document: Document, edits: Iterable[TextEdit], lines: Lines, *, versioned: bool
) -> types.WorkspaceEdit:
    """Edits of one document; for a client that checks versions, only valid for the snapshot they were made for."""
    changes = [lines.edit(edit) for edit in edits]
    if not versioned:
        return types.WorkspaceEdit(changes={document.uri: changes})
    identifier = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, changes)])


def diagnostic(finding: Finding, snapshot: Snapshot) -> types.Diagnostic:
    """A finding with just as much detail as the client understands."""
    client = snapshot.client
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    tags = [_TAGS[tag] for tag in finding.tags if _TAGS[tag] in client.diagnostic_tags]
    page = types.CodeDescription(rule_url(finding.rule)) if client.code_description and "/" in finding.rule else None
    return types.Diagnostic(
        range=snapshot.lines.range(finding.range),
        message=message,
        severity=_SEVERITIES[finding.severity or Severity.WARNING],
        code=finding.rule or None,
        code_description=page,
        source=SOURCE_NAME,
        tags=tags or None,
        related_information=list(_related(finding, snapshot)) or None if client.related_information else None,
        data=_data(finding.fix, snapshot) if client.diagnostic_data and finding.fix else None,
    )


def _related(finding: Finding, snapshot: Snapshot) -> Iterator[types.DiagnosticRelatedInformation]:
    for each in finding.related:
        path = Path(each.path) if each.path is not None else None
        lines = snapshot.lines if path is None else snapshot.lines_of(path)
        if lines is not None:
            uri = snapshot.document.uri if path is None else to_uri(path)
            yield types.DiagnosticRelatedInformation(types.Location(uri, lines.range(each.range)), each.message)


def _data(fix: Fix, snapshot: Snapshot) -> dict[str, Any]:
    """The fix, for clients and tools that apply it by themselves; code actions do not rely on it."""
    edits = [_plain_edit(snapshot.lines.edit(edit)) for edit in fix.edits]
    return {"version": snapshot.document.version, "fix": {"title": fix.title, "safe": fix.safe, "edits": edits}}


def _plain_edit(edit: types.TextEdit) -> dict[str, Any]:
    return {
        "range": {
            "start": {"line": edit.range.start.line, "character": edit.range.start.character},
            "end": {"line": edit.range.end.line, "character": edit.range.end.character},
        },
        "newText": edit.new_text,
    }


def hover(hover: Hover, lines: Lines, markup: Markup) -> types.Hover:
    """A hover in the markup that the client prefers."""
    if markup == "markdown":
        code = f"```{hover.language}\n{hover.code}\n```"
        content = types.MarkupContent(types.MarkupKind.Markdown, "\n\n".join((code, *hover.paragraphs)))
    else:
        text = "\n\n".join((hover.code, *hover.paragraphs)).replace("`", "").replace("**", "")
        content = types.MarkupContent(types.MarkupKind.PlainText, text)
    return types.Hover(content, lines.range(hover.range))


def document_symbol(symbol: Symbol, lines: Lines) -> types.DocumentSymbol:
    """A symbol with its children."""
    return types.DocumentSymbol(
        name=symbol.name,
        detail=symbol.detail or None,
        kind=_SYMBOL_KINDS[symbol.kind],
        range=lines.range(symbol.range),
        selection_range=lines.range(symbol.selection),
        children=[document_symbol(child, lines) for child in symbol.children] or None,
    )


def flat_symbols(
    symbols: Iterable[Symbol], uri: str, lines: Lines, container: str | None = None
) -> list[types.SymbolInformation]:
    """The symbols one after the other, for clients without a tree."""
    found: list[types.SymbolInformation] = []
    for symbol in symbols:
        location = types.Location(uri, lines.range(symbol.range))
        found.append(
            types.SymbolInformation(
                location=location, name=symbol.name, kind=_SYMBOL_KINDS[symbol.kind], container_name=container
            )
        )
        found += flat_symbols(symbol.children, uri, lines, symbol.name)
    return found
