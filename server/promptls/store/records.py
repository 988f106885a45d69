"""What the index keeps of one prompt: what its text says, and, dearer to find out, how it is judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Literal, NamedTuple

from promptls.store.similar import Sketch

LONGEST_TEXT = 200_000
"""How many code points of a file are searched; what a person writes is shorter."""

LabelKind = Literal["tag", "tool", "variable", "partial", "schema"]


class FileState(NamedTuple):
    """What changes when a file does: time of modification in nanoseconds, size in bytes, and inode."""

    modified: int
    size: int
    inode: int


class Known(NamedTuple):
    """What the index last saw of a file; `judged` says whether its judgement is of that text under those settings."""

    state: FileState
    hash: str
    settings: str
    judged: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One prompt as its text describes it.

    `place` is its path from the workspace's folder. `prose` are the words that it sends, each at its place in `text`,
    and `text` is the whole file; both end at a bound. `settings` is a digest of the settings that it was read under.
    Times are seconds since the epoch.
    """

    path: str
    place: str
    state: FileState
    hash: str
    settings: str
    name: str
    variant: str | None
    title: str | None
    description: str | None
    domain: str | None
    model: str | None
    tags: tuple[str, ...]
    tools: tuple[str, ...]
    variables: tuple[str, ...]
    partials: tuple[str, ...]
    schemas: tuple[str, ...]
    prose: str
    text: str
    sketch: Sketch
    created: float
    updated: float

    def labels(self) -> Iterator[tuple[LabelKind, str]]:
        """What can be asked for by name, each once."""
        kinds: tuple[tuple[LabelKind, tuple[str, ...]], ...] = (
            ("tag", self.tags),
            ("tool", self.tools),
            ("variable", self.variables),
            ("partial", self.partials),
            ("schema", self.schemas),
        )
        for kind, values in kinds:
            for value in filter(None, dict.fromkeys(values)):
                yield kind, value


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a prompt is judged; what is not known is None. `findings` counts them by rule; `hash` is its text's."""

    path: str
    hash: str
    tokens: int | None = None
    score: int | None = None
    dimensions: Mapping[str, int] = field(default_factory=dict)
    domain: str | None = None
    findings: Mapping[str, int] = field(default_factory=dict)


def text_hash(text: str) -> str:
    """A digest of a text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Written(NamedTuple):
    """What is known of a file besides its text: its place below the workspace's folder, what its name says, the names
    of the partials that it includes, a digest of its settings, and when it was made and changed.
    """

    path: Path
    place: PurePath
    state: FileState
    name: str
    variant: str | None
    partials: Iterable[str]
    settings: str
    created: float
    updated: float
