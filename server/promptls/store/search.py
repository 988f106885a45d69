"""Searching: what a query finds, the files on disk and the open ones taken together, and how it is shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Protocol

from promptls.store.backend import Hit, Marked, Page, Row, Window
from promptls.store.query import Query, Term

_SNIPPET = 160
_BEFORE = 40
_BLANKS = re.compile(r"\s+")
_FEW = 5


class Searched(Protocol):
    """What can be searched: a `Store`, or the `Backend` that holds open buffers."""

    def find(self, query: Query, window: Window) -> Page: ...

    def mark(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]: ...

    def is_word(self, term: Term) -> bool: ...

    def words_like(self, word: str) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A prompt that was found. `matches` are spans of the snippet; `range` is the first match in the file, if any."""

    row: Row
    relevance: float
    snippet: str
    matches: tuple[tuple[int, int], ...]
    range: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what a query finds, `total` being all. `notes` are sentences for whoever asked.

    `suggestion` is the query with misspelt words mended, where words of it stand in no prompt.
    """

    found: tuple[Found, ...]
    total: int
    suggestion: str | None = None
    notes: tuple[str, ...] = ()


def search(
    store: Searched, query: Query, limit: int, offset: int, *, buffers: Searched, open_paths: Collection[str]
) -> Results:
    """What a query finds; the files at `open_paths` are searched in `buffers` instead.

    Where no prompt has all words, those that have any of them are found.
    """
    notes = query.notes
    window = Window(limit, offset, open_paths)
    hits, total = _page(store, buffers, query, window)
    if not total and len(query.terms) > 1:
        window = window._replace(every=False)
        hits, total = _page(store, buffers, query, window)
        if total:
            notes = (*notes, "No prompt has all of these words; these have some of them.")
    inside = set(open_paths)
    marked = {
        hit.row.path: hit
        for source, part in (
            (store, [each for each in hits if each.row.path not in inside]),
            (buffers, [each for each in hits if each.row.path in inside]),
        )
        for hit in (source.mark(query, part) if part else ())
    }
    found = tuple(_found(marked.get(hit.row.path, hit)) for hit in hits)
    suggestion = None
    if query.terms and (total < _FEW or not window.every):
        suggestion = _suggestion(query, (store, buffers))
    return Results(found, total, suggestion, notes)


def _page(store: Searched, buffers: Searched, query: Query, window: Window) -> tuple[Sequence[Hit], int]:
    limit, offset, open_paths, every = window
    own = buffers.find(query, Window(len(open_paths), every=every)) if open_paths else Page()
    if not own.hits:
        page = store.find(query, window)
        return page.hits, page.total
    # The buffers' hits may come anywhere, so that those before this page are needed too.
    page = store.find(query, window._replace(limit=limit + offset, offset=0))
    if query.sort == "relevance":
        # What a few buffers say of how rare a word is means nothing: with equal words, the open ones come first.
        best = page.hits[0].relevance if page.hits else 0.0
        mine = [replace(hit, relevance=best) for hit in own.hits]
        merged = [*mine, *page.hits] if query.terms else _sorted([*mine, *page.hits], "updated")
    else:
        merged = _sorted([*own.hits, *page.hits], query.sort)
    return merged[offset : offset + limit], own.total + page.total


def _sorted(hits: list[Hit], sort: str) -> list[Hit]:
    def key(hit: Hit) -> tuple[float, str]:
        value = getattr(hit.row, sort)
        return (-value if value is not None else 1.0), hit.row.path

    return sorted(hits, key=key)


def _found(hit: Hit) -> Found:
    if hit.prose.matches or not (hit.title.matches or hit.description.matches):
        words = hit.prose
        if not words.matches and hit.row.description:
            return Found(hit.row, hit.relevance, *_plain(Marked(hit.row.description, ())), None)
        span = _best_window(words)
        # Tags show as they are written, instead of the sign that stands for them in prose.
        text = hit.text[span[0] : span[1]] if hit.text else words.text[span[0] : span[1]]
        shown = [(start, min(end, span[1])) for start, end in words.matches if span[0] <= start < span[1]]
        inside = tuple((start - span[0], end - span[0]) for start, end in shown)
        snippet, matches = _plain(Marked(text, inside))
        return Found(hit.row, hit.relevance, snippet, matches, shown[0] if shown else None)
    told = hit.title if hit.title.matches and not hit.description.matches else hit.description
    return Found(hit.row, hit.relevance, *_plain(told), None)


def _best_window(words: Marked) -> tuple[int, int]:
    """The stretch of a text that holds most matches, the first of equal ones; without any, its beginning."""
    if not words.matches:
        start = len(words.text) - len(words.text.lstrip())
        return start, min(len(words.text), start + _SNIPPET)
    starts = [start for start, _ in words.matches]
    best, most, last = starts[0], 0, 0
    for number, start in enumerate(starts):
        while last < len(starts) and starts[last] < start + _SNIPPET - _BEFORE:
            last += 1
        if last - number > most:
            best, most = start, last - number
    begin = max(0, best - _BEFORE)
    # At the beginning of a word, unless that is far away.
    while begin > 0 and best - begin < 2 * _BEFORE and not words.text[begin - 1].isspace():
        begin -= 1
    return begin, min(len(words.text), begin + _SNIPPET + _BEFORE)


def _plain(words: Marked) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A text on one line, and where its matches are then."""
    pieces: list[str] = []
    places: list[int] = []
    length = 0
    cursor = 0
    for match in _BLANKS.finditer(words.text):
        for piece in (words.text[cursor : match.start()], " " if length or match.start() > cursor else ""):
            pieces.append(piece)
        places += range(length, length + match.start() - cursor)
        length += match.start() - cursor
        places += [length] * (match.end() - match.start())
        length += len(pieces[-1])
        cursor = match.end()
    pieces.append(words.text[cursor:])
    places += range(length, length + len(words.text) - cursor + 1)
    text = "".join(pieces).rstrip()
    spans = [(places[start], min(places[end], len(text))) for start, end in words.matches if start < len(words.text)]
    return text, tuple((start, end) for start, end in spans if start < end)


def _suggestion(query: Query, sources: Iterable[Searched]) -> str | None:
    """The query with the words that stand nowhere replaced by the nearest that do; None where nothing is to mend."""
    sources = tuple(sources)
    mended: list[str] = []
    changed = False
    for term in query.terms:
        words = []
        for word in term.words:
            alone = Term((word,), term.prefix and word == term.words[-1])
            if len(word) > 3 and not term.is_unspaced and not any(each.is_word(alone) for each in sources):
                better = _nearest(word, sources)
                if better is not None:
                    word, changed = better, True
            words.append(word)
        text = " ".join(words)
        mended.append(f'"{text}"' if len(words) > 1 else text)
    return " ".join(mended) if changed else None


def _nearest(word: str, sources: Iterable[Searched]) -> str | None:
    """The nearest word that prompts hold, as it is written there: the index itself knows stems only."""
    near = get_close_matches(word.casefold(), {each for source in sources for each in source.words_like(word)}, 1, 0.7)
    if not near:
        return None
    for source in sources:
        query = Query((Term((near[0],), prefix=True),))
        for hit in source.mark(query, source.find(query, Window(3)).hits):
            for part in (hit.title, hit.description, hit.prose):
                for start, end in part.matches:
                    if get_close_matches(word.casefold(), [part.text[start:end].casefold()], 1, 0.7):
                        return part.text[start:end].lower()
    return near[0]
