"""Where the index is kept, as its users see it: SQLite on one machine, perhaps a server for a whole team one day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from promptls.store.query import Query, Term
from promptls.store.records import FileState, Judgement, Known, Record
from promptls.store.similar import Sketch


class Damaged(Exception):
    """The index cannot be read; it has to be made anew."""


class Unavailable(Exception):
    """The index cannot be used for now, for the reason that the message gives: it is locked, its disk full."""


@dataclass(frozen=True, slots=True)
class Row:
    """One prompt of the index as results show it; what is not known yet is None."""

    path: str
    name: str
    variant: str | None
    title: str | None
    description: str | None
    domain: str | None
    model: str | None
    tags: tuple[str, ...]
    tokens: int | None
    score: int | None
    dimensions: Mapping[str, int]
    findings: Mapping[str, int]
    created: float
    updated: float


class Marked(NamedTuple):
    """A text in which `matches` are the spans that a query matches, in code points."""

    text: str
    matches: tuple[tuple[int, int], ...]


NOTHING = Marked("", ())


@dataclass(frozen=True, slots=True)
class Hit:
    """A prompt that a query finds: the better the greater its `relevance`, which compares within one answer only.

    `prose` has its offsets in the file; `text` is the file itself.
    """

    row: Row
    relevance: float
    prose: Marked = NOTHING
    title: Marked = NOTHING
    description: Marked = NOTHING
    text: str = ""


class Window(NamedTuple):
    """Which part of what a query finds is wanted: not the prompts at some paths, those with `every` term or any."""

    limit: int
    offset: int = 0
    without: Collection[str] = ()
    every: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the prompts that a query finds, in its order, and how many it finds in all."""

    hits: tuple[Hit, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be written together: whole records, new states of files whose texts are the same, what is gone, and
    what has to be judged anew.
    """

    records: Sequence[Record] = ()
    touched: Mapping[str, FileState] = field(default_factory=dict)
    judgements: Sequence[Judgement] = ()
    gone: Collection[str] = ()
    outdated: Collection[str] = ()


class Backend(Protocol):
    """The tables of one index. Any thread may call; every method may raise `Damaged` or `Unavailable`."""

    def known(self, paths: Collection[str] | None = None) -> dict[str, Known]:
        """What was last seen of every file, or of some, by path."""
        ...

    def write(self, changes: Changes) -> None:
        """Write all of it or, where that fails, nothing."""
        ...

    def find(self, query: Query, window: Window) -> Page:
        """What a query finds, without the texts."""
        ...

    def mark(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """The same hits with their texts and what in them matches."""
        ...

    def is_word(self, term: Term) -> bool:
        """Whether any prompt has a term."""
        ...

    def words_like(self, word: str) -> Iterable[str]:
        """Words of prompts that begin and are about as long as a word."""
        ...

    def row(self, path: str) -> Row | None:
        """One prompt."""
        ...

    def sketches(self, keys: Sequence[int]) -> Iterator[tuple[str, Sketch]]:
        """The paths and sketches that have one of these hashes among their least."""
        ...

    def partials(self) -> Iterator[tuple[str, FileState, tuple[str, ...]]]:
        """Every file, its state, and the names of the partials that it includes."""
        ...

    def names(self) -> Iterator[tuple[str, FileState, tuple[str, ...]]]:
        """Every file, its state, and what it is known by: its own names, its title, its inputs."""
        ...

    def holding(self, word: str) -> set[str]:
        """The files whose text holds a string; of very long ones the beginning counts."""
        ...

    def counts(self) -> Mapping[str, int]:
        """How many prompts there are, how many of them are judged, and how many bytes it takes."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
