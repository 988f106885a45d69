"""Output to messages: where one ends and the next begins, which parts it has, where the history goes.

The rules, and what happens to markers that are malformed, are those of dotprompt 1.1.2 (`parse.ts`). There markers are
text, found again in the rendered string; here they are values in a list, so that data cannot forge them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from promptls.language.render.engine import (
    HostPart,
    MediaPart,
    Part,
    PendingPart,
    RenderedMessage,
    Segment,
    SourceRange,
    TextPart,
)
from promptls.language.render.values import WHITESPACE, MarkerKind

ROLE_PREFIX = "<<<dotprompt:role:"
HISTORY = "<<<dotprompt:history>>>"
MEDIA_PREFIX = "<<<dotprompt:media:url "
SECTION_PREFIX = "<<<dotprompt:section "
MARKER_END = ">>>"

_VALID_ROLE = re.compile(r"[a-z]+\Z")
_LINE_END = re.compile("[\n\r\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Marker:
    """A place in the output where a helper stood; `text` is what the runtime would find there."""

    kind: MarkerKind
    text: str
    source: SourceRange | None = None

    @property
    def is_valid(self) -> bool:
        """Whether the runtime recognises it. A role has small letters only, the others no line ends."""
        if self.kind == "role":
            return _VALID_ROLE.match(self.text[len(ROLE_PREFIX) : -len(MARKER_END)]) is not None
        return _LINE_END.search(self.text) is None

    @property
    def divides_messages(self) -> bool:
        return self.kind in ("role", "history") and self.is_valid

    @property
    def divides_parts(self) -> bool:
        return self.kind in ("media", "section") and self.is_valid


Piece = Segment | Marker


@dataclass(slots=True)
class _Draft:
    """A message being filled, or one of the history, which is complete."""

    role: str
    source: SourceRange | None = None
    pieces: list[Piece] = field(default_factory=list)
    complete: RenderedMessage | None = None


def assemble(pieces: Sequence[Piece], history: Sequence[Mapping[str, object]] = ()) -> tuple[RenderedMessage, ...]:
    """The messages that a template's output makes, with the history at its place."""
    current = _Draft("user")
    drafts = [current]
    for run in _runs(pieces, messages=True):
        first = run[0]
        if isinstance(first, Marker) and first.kind == "history":
            drafts += [_Draft("", complete=_past_message(message, marked=True)) for message in history]
            current = _Draft("model", first.source)
            drafts.append(current)
        elif isinstance(first, Marker) and first.kind == "role":
            # The runtime takes whatever stands after a malformed marker for the name.
            text = _text(run)
            role = text[len(ROLE_PREFIX) : -len(MARKER_END)] if first.is_valid else text[len(ROLE_PREFIX) :]
            if current.pieces:
                current = _Draft(role)
                drafts.append(current)
            current.role, current.source = role, first.source
        else:
            current.pieces += run
    messages = [draft.complete or _finished(draft) for draft in drafts if draft.complete or draft.pieces]
    return tuple(_with_history(messages, history))


def _runs(pieces: Sequence[Piece], *, messages: bool) -> Iterator[list[Piece]]:
    """Each dividing marker by itself, and what stands between two, unless that is white space only."""
    run: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Marker) and (piece.divides_messages if messages else piece.divides_parts):
            if _has_text(run):
                yield run
            yield [piece]
            run = []
        else:
            run.append(piece)
    if _has_text(run):
        yield run


def _text(run: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in run)


def _has_text(run: Sequence[Piece]) -> bool:
    return any(piece.text.strip(WHITESPACE) for piece in run)


def _finished(draft: _Draft) -> RenderedMessage:
    parts = tuple(_part(run) for run in _runs(draft.pieces, messages=False))
    return RenderedMessage(draft.role, parts, source=draft.source)


def _part(run: Sequence[Piece]) -> Part:
    first = run[0]
    if not isinstance(first, Marker) or first.kind not in ("media", "section"):
        return TextPart(tuple(p if isinstance(p, Segment) else Segment(p.text, p.source) for p in run))
    text = _text(run)
    words = (text.removesuffix(MARKER_END) if first.is_valid else text).split(" ")[1:]
    if first.kind == "section":
        return PendingPart(words[0], first.source)
    return MediaPart(words[0], words[1] if len(words) > 1 and words[1] else None, first.source)


def _with_history(messages: list[RenderedMessage], history: Sequence[Mapping[str, object]]) -> list[RenderedMessage]:
    """Without `{{history}}` the history goes before the last message if that is the user's, or else to the end."""
    if any((message.metadata or {}).get("purpose") == "history" for message in messages):
        return messages
    past = [_past_message(message, marked=False) for message in history]
    if messages and messages[-1].role == "user":
        return [*messages[:-1], *past, messages[-1]]
    return [*messages, *past]


def _past_message(message: Mapping[str, object], *, marked: bool) -> RenderedMessage:
    content = message.get("content")
    parts = tuple(_past_part(part) for part in content) if isinstance(content, list | tuple) else ()
    metadata = message.get("metadata")
    known = dict(metadata) if isinstance(metadata, Mapping) else {}
    if marked:
        known["purpose"] = "history"
    return RenderedMessage(str(message.get("role", "")), parts, known or None)


def _past_part(part: object) -> Part:
    match part:
        case {"text": str(text), **others} if not others:
            return TextPart((Segment(text),))
        case {"media": {"url": str(url), **rest}, **others} if not others and not rest:
            return MediaPart(url)
        case {"media": {"url": str(url), "contentType": str(kind), **rest}, **others} if not others and not rest:
            return MediaPart(url, kind)
        case Mapping():
            return HostPart(part)
        case _:
            return HostPart({"text": part})
