"""The preview of a prompt: its messages as a model would get them, where each piece came from, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptls.ide.preview_data import Files, PreviewData, preview_data
from promptls.language.prompt import Prompt, frontmatter
from promptls.language.render.context import runtime_metadata
from promptls.language.render.engine import (
    MediaPart,
    PendingPart,
    RenderedMessage,
    Rendering,
    RenderRequest,
    SourceRange,
    TextPart,
)
from promptls.language.render.evaluator import render
from promptls.language.tokenizers import counter
from promptls.language.tokens import model_id
from promptls.syntax.source import Position, Range
from promptls.workspace import FileProblem


@dataclass(frozen=True, slots=True)
class PreviewError:
    """What is wrong in the prompt, in a partial or in the file of data; `path` is None for a prompt that is no file.

    `throws` says that the runtime would have refused the prompt for it. Positions count code points.
    """

    kind: str
    message: str
    path: Path | None
    range: Range
    start: Position
    end: Position
    throws: bool = True


@dataclass(frozen=True, slots=True)
class MapEntry:
    """A piece of a message's text, as offsets into it, and the piece of template that it came from.

    A `literal` piece is the very text at `source`, another was printed by the tag there. An empty piece marks where a
    message begins, or where a medium stands.
    """

    message: int
    start: int
    end: int
    source: SourceRange
    literal: bool


@dataclass(frozen=True, slots=True)
class RenderedRange:
    """A range of the text of one message."""

    message: int
    range: Range


@dataclass(frozen=True, slots=True)
class PreviewMessage:
    """A message and its tokens, media not counted."""

    rendered: RenderedMessage
    tokens: int

    @property
    def role(self) -> str:
        return self.rendered.role

    @property
    def text(self) -> str:
        return self.rendered.text


@dataclass(frozen=True, slots=True)
class Preview:
    """What a prompt becomes; `metadata` is dotprompt's.

    `exact` says whether the tokens are counted as the model does, or estimated by `encoding`, or without any.
    """

    prompt: Prompt
    messages: tuple[PreviewMessage, ...]
    data: PreviewData
    errors: tuple[PreviewError, ...]
    map: tuple[MapEntry, ...]
    metadata: Mapping[str, Any]
    exact: bool = False
    encoding: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the runtime would render it too."""
        return not any(error.throws for error in self.errors)

    @property
    def tokens(self) -> int:
        return sum(message.tokens for message in self.messages)

    def source_at(self, message: int, offset: int) -> SourceRange | None:
        """Where the character at an offset of a message's text came from: an empty range within literal text, or else
        the tag that printed it. The end of the text belongs to its last piece.
        """
        best: MapEntry | None = None
        for entry in self.map:
            if entry.message == message and entry.start <= offset <= entry.end and entry.start < entry.end:
                best = entry
                if offset < entry.end:
                    break
        if best is None or not best.literal:
            return best.source if best else None
        at = best.source.range.start + offset - best.start
        return SourceRange(Range(at, at), best.source.path, best.source.partial)

    def rendered_at(self, path: Path | None, offset: int) -> tuple[RenderedRange, ...]:
        """What a place of the prompt (its path, or None) or of a partial was rendered as, once for every time."""
        return tuple(
            RenderedRange(entry.message, _rendered(entry, offset))
            for entry in self.map
            if entry.source.path == path and entry.source.range.start <= offset < entry.source.range.end
        )


def _rendered(entry: MapEntry, offset: int) -> Range:
    if not entry.literal:
        return Range(entry.start, entry.end)
    at = entry.start + offset - entry.source.range.start
    return Range(at, at + 1)


def preview(
    prompt: Prompt, workspace: Files | None = None, data: RenderRequest | None = None, *, complete: bool = True
) -> Preview:
    """Render a prompt with data, which are completed from the file beside it and by examples; see `preview_data`.

    `workspace` reads that file and the positions of errors in partials. Tokens are counted exactly where the model's
    vocabulary is loaded already. Raises nothing but `Cancelled`.
    """
    found = preview_data(prompt, workspace, data, complete=complete)
    given = found.request
    # The data hold the defaults already, those of the frontmatter under those of the host.
    request = RenderRequest(found.input, given.context, given.history, given.documents, frontmatter_defaults=False)
    rendering = render(prompt, request)
    tokens = counter(model_id(prompt))
    return Preview(
        prompt=prompt,
        messages=tuple(PreviewMessage(message, tokens.count(message.text)) for message in rendering.messages),
        data=found,
        errors=tuple(_errors(prompt, workspace, rendering, found)),
        map=tuple(_map(rendering)),
        metadata=runtime_metadata(prompt),
        exact=tokens.exact,
        encoding=tokens.encoding,
    )


def _errors(prompt: Prompt, workspace: Files | None, rendering: Rendering, data: PreviewData) -> Iterator[PreviewError]:
    for problem in data.problems:
        start, end = (problem.source.position(offset) for offset in problem.range)
        yield PreviewError("data", problem.message, problem.path, problem.range, start, end, throws=False)
    head = frontmatter(prompt)
    if head is not None and head.error is not None:
        start, end = (prompt.source.position(offset) for offset in head.error.range)
        yield PreviewError("frontmatter", head.error.message, prompt.path, head.error.range, start, end)
    for error in rendering.errors:
        path, range = error.source.path, error.source.range
        source = prompt.source
        if path != prompt.path and path is not None and workspace is not None:
            try:
                source = workspace.source(path)
            except FileProblem:
                # It was there a moment ago; without its text the place cannot be told any better.
                path, range = prompt.path, Range(0, 0)
        yield PreviewError(
            error.kind, error.message, path, range, source.position(range.start), source.position(range.end),
            error.throws,
        )  # fmt: skip


def _map(rendering: Rendering) -> Iterator[MapEntry]:
    for index, message in enumerate(rendering.messages):
        start = 0
        if message.source is not None:
            yield MapEntry(index, 0, 0, message.source, literal=False)
        for part in message.parts:
            if isinstance(part, TextPart):
                for segment in part.segments:
                    end = start + len(segment.text)
                    if segment.source is not None:
                        yield MapEntry(index, start, end, segment.source, segment.literal)
                    start = end
            elif isinstance(part, MediaPart | PendingPart) and part.source is not None:
                yield MapEntry(index, start, start, part.source, literal=False)
