"""What an engine renders, from what and to what: the words shared by every engine and by those who show its work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from promptls.language.prompt import Prompt
from promptls.syntax.source import Range

RenderErrorKind = Literal[
    "syntax",
    "missing-partial",
    "partial-cycle",
    "unknown-helper",
    "host-helper",
    "bad-arguments",
    "bad-role",
    "values-added",
    "too-deep",
    "too-large",
    "engine",
]


@dataclass(frozen=True, slots=True)
class SourceRange:
    """A place in the prompt itself (`partial` is None) or in a partial, with the path of the file if it has one."""

    range: Range
    path: Path | None = None
    partial: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of output text.

    A `literal` one is the very text at `source`; another was printed by the tag there. An engine that does not know
    where its output comes from gives no source.
    """

    text: str
    source: SourceRange | None = None
    literal: bool = False


@dataclass(frozen=True, slots=True)
class TextPart:
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        return "".join(segment.text for segment in self.segments)

    def to_data(self) -> dict[str, object]:
        return {"text": self.text}


@dataclass(frozen=True, slots=True)
class MediaPart:
    url: str
    content_type: str | None = None
    source: SourceRange | None = None

    def to_data(self) -> dict[str, object]:
        media = {"url": self.url}
        return {"media": {**media, "contentType": self.content_type} if self.content_type else media}


@dataclass(frozen=True, slots=True)
class PendingPart:
    """A place that the host fills: what `{{section "purpose"}}` leaves."""

    purpose: str
    source: SourceRange | None = None

    def to_data(self) -> dict[str, object]:
        return {"metadata": {"purpose": self.purpose, "pending": True}}


@dataclass(frozen=True, slots=True)
class HostPart:
    """A part of the history that is no text and no medium, as the host gave it."""

    data: Mapping[str, object]

    def to_data(self) -> dict[str, object]:
        return dict(self.data)


Part = TextPart | MediaPart | PendingPart | HostPart


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """One message; `source` is the tag that began it, None for the first message and for history."""

    role: str
    parts: tuple[Part, ...]
    metadata: Mapping[str, object] | None = None
    source: SourceRange | None = None

    @property
    def text(self) -> str:
        """The text of all text parts."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    def to_data(self) -> dict[str, object]:
        """The message as dotprompt's runtimes return it."""
        data: dict[str, object] = {"role": self.role, "content": [part.to_data() for part in self.parts]}
        if self.metadata:
            data["metadata"] = dict(self.metadata)
        return data


@dataclass(frozen=True, slots=True)
class RenderError:
    """What went wrong at `source`; `throws` says that the runtime would have refused the whole prompt for it."""

    kind: RenderErrorKind
    message: str
    source: SourceRange
    throws: bool = True


@dataclass(frozen=True, slots=True)
class Rendering:
    """The messages, and the errors in the order in which they were met; after an error rendering goes on if it can."""

    messages: tuple[RenderedMessage, ...]
    errors: tuple[RenderError, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the runtime would have rendered it too."""
        return not any(error.throws for error in self.errors)


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """What a host gives to a prompt.

    `input` are the variables, `context` what `@name` reads, `history` and `documents` the conversation so far and
    retrieved documents in dotprompt's shape. `defaults` are the host's own `input.default`, over those of the
    frontmatter; `frontmatter_defaults=False` leaves those out, as the JavaScript library does where Genkit does not.
    """

    input: Mapping[str, object] = field(default_factory=dict)
    context: Mapping[str, object] = field(default_factory=dict)
    history: Sequence[Mapping[str, object]] = ()
    documents: Sequence[object] | None = None
    defaults: Mapping[str, object] = field(default_factory=dict)
    frontmatter_defaults: bool = True


class TemplateEngine(Protocol):
    """Something that renders prompts. Errors of the prompt are in the `Rendering`; none is raised but `Cancelled`."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    def render(self, prompt: Prompt, request: RenderRequest) -> Rendering:
        """Render the prompt's template with what the host gives."""
        ...
