"""The texts that the editor has open, one immutable snapshot per version."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lsprotocol import types

from promptls.syntax.source import PositionEncoding, Range, Source, TextEdit

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One version of an open text. Two snapshots are the same version exactly when they are the same object.

    `in_sync` is false once a change has shown that the client's text and ours differ; the text is then a guess.
    """

    uri: str
    language_id: str
    version: int
    source: Source
    in_sync: bool = True


class Documents:
    """The open documents by URI. To be used from the event loop only; the snapshots may go anywhere."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """The newest snapshot of an open document, or None."""
        return self._open.get(uri)

    def is_current(self, document: Document) -> bool:
        """Whether no newer snapshot has taken the place of this one."""
        return self._open.get(document.uri) is document

    def open(self, uri: str, language_id: str, version: int, text: str) -> Document:
        """Start or restart a document."""
        if uri in self._open:
            logger.warning("%s was opened again without having been closed", uri)
        self._open[uri] = document = Document(uri, language_id, version, Source(text))
        return document

    def change(
        self,
        uri: str,
        version: int,
        changes: Sequence[types.TextDocumentContentChangeEvent],
        encoding: PositionEncoding,
    ) -> Document | None:
        """The next snapshot; None, with a line in the log, for a document that is not open or a version not newer.

        Versions may skip numbers, as the protocol allows.
        """
        document = self._open.get(uri)
        if document is None:
            logger.warning("ignored a change of %s, which is not open", uri)
            return None
        if version <= document.version:
            logger.warning("ignored a change of %s to version %d after %d", uri, version, document.version)
            return None
        source = document.source
        in_sync = document.in_sync
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangeWholeDocument):
                source = Source(change.text)
                in_sync = True
                continue
            edit, doubt = _edit(source, change, encoding)
            if doubt and in_sync:
                logger.error("lost track of the text of %s at version %d: %s", uri, version, doubt)
                in_sync = False
            source = source.edited((edit,))
        self._open[uri] = changed = replace(document, version=version, source=source, in_sync=in_sync)
        return changed

    def saved(self, uri: str, text: str) -> Document | None:
        """Compare with the text that the client saved; a new snapshot where ours was wrong, else None."""
        document = self._open.get(uri)
        if document is None or (document.source.text == text and document.in_sync):
            return None
        if document.source.text != text:
            logger.error("the saved text of %s differs from version %d here; took the saved one", uri, document.version)
        self._open[uri] = mended = replace(document, source=Source(text), in_sync=True)
        return mended

    def close(self, uri: str) -> Document | None:
        """Forget a document and return its last snapshot; None, with a line in the log, where it was not open."""
        if (document := self._open.pop(uri, None)) is None:
            logger.warning("ignored the closing of %s, which is not open", uri)
        return document


def _edit(
    source: Source, change: types.TextDocumentContentChangePartial, encoding: PositionEncoding
) -> tuple[TextEdit, str | None]:
    """The edit that a change means, its range clamped to the text, and why the client must see another text, if so."""
    start = source.offset((change.range.start.line, change.range.start.character), encoding)
    end = source.offset((change.range.end.line, change.range.end.character), encoding)
    doubt = None
    if change.range.end.line > source.line_count:
        doubt = f"a change reaches to line {change.range.end.line} of {source.line_count}"
    elif start > end:
        start, end = end, start
        doubt = "a change ends before it starts"
    elif change.range_length is not None and change.range_length not in _lengths(source.text[start:end]):
        doubt = f"a change replaces {change.range_length} units where {end - start} characters stand"
    return TextEdit(Range(start, end), change.text), doubt


def _lengths(text: str) -> set[int]:
    """The lengths that clients give to a text in the deprecated `rangeLength`: in any unit that there is."""
    if text.isascii():
        return {len(text)}
    return {len(text), len(text.encode("utf-16-le", "surrogatepass")) // 2, len(text.encode("utf-8", "surrogatepass"))}
