"""The language of searches: words, "phrases", beginnings*, `field:value`, `score:>80`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, get_args

Sort = Literal["relevance", "score", "created", "updated"]
TextField = Literal["domain", "tag", "model", "variable", "tool", "partial", "rule", "name", "path"]
NumberField = Literal["score", "tokens"]
Comparison = Literal["<", "<=", "=", ">=", ">"]

SORTS: tuple[Sort, ...] = get_args(Sort)
TEXT_FIELDS: tuple[TextField, ...] = get_args(TextField)
NUMBER_FIELDS: tuple[NumberField, ...] = get_args(NumberField)
_COMPARISONS: dict[str, Comparison] = {each: each for each in get_args(Comparison)}

_LONGEST = 2_000
_MOST_TERMS = 32
_PIECE = re.compile(r'(?:(?P<field>[A-Za-z]{1,20}):)?(?:"(?P<quoted>[^"]*)(?P<end>"?)|(?P<bare>[^\s"]+))')
_NUMBER = re.compile(r"(<=|>=|<|>|=)?(\d{1,9})\Z")
_WORD = re.compile(r"\w+")
# Thai, Lao, Burmese, Khmer, Japanese and Chinese.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


class Term(NamedTuple):
    """Words that must stand beside each other; of a `prefix` the last one is only the beginning of a word."""

    words: tuple[str, ...]
    prefix: bool = False

    @property
    def is_unspaced(self) -> bool:
        """Whether it is of a script without blanks between words, in which it may stand anywhere in a sentence."""
        return any(_UNSPACED.search(word) for word in self.words)


class TextFilter(NamedTuple):
    """A value that a field must have; of a `prefix` it is only the beginning."""

    field: TextField
    value: str
    prefix: bool = False


class NumberFilter(NamedTuple):
    """What a number must be."""

    field: NumberField
    comparison: Comparison
    value: int


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for. `notes` are sentences about what was not understood and left out."""

    terms: tuple[Term, ...] = ()
    texts: tuple[TextFilter, ...] = ()
    numbers: tuple[NumberFilter, ...] = ()
    sort: Sort = "relevance"
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing in particular."""
        return not (self.terms or self.texts or self.numbers)


def parse_query(text: str, *, sort: Sort | None = None, typing: bool = False) -> Query:
    """Read a query; there is none that cannot be read.

    While somebody is still `typing`, the last word counts as the beginning of one.
    """
    terms: list[Term] = []
    texts: list[TextFilter] = []
    numbers: list[NumberFilter] = []
    notes: list[str] = []
    if len(text) > _LONGEST:
        text = text[:_LONGEST]
        notes.append(f"Only the first {_LONGEST:,} characters of the query were read.")
    written = ""
    for match in _PIECE.finditer(text):
        named, quoted = (match["field"] or "").lower(), match["quoted"] is not None
        value: str = match["quoted"] if quoted else match["bare"]
        if named in NUMBER_FIELDS:
            number = _NUMBER.match(value)
            if number is None:
                notes.append(f"{named}: takes a number, such as {named}:>80.")
                continue
            numbers.append(NumberFilter(named, _COMPARISONS[number[1] or "="], int(number[2])))
        elif named in TEXT_FIELDS:
            bare = value.rstrip("*") if not quoted else value
            if bare.strip():
                texts.append(TextFilter(named, bare.strip(), bare != value))
        elif named == "sort":
            written = value.lower()
        else:
            if named and not quoted:
                notes.append(_unknown_field(named))
            terms += _terms(f"{named} {value}" if named else value, quoted)
    if typing and terms and not text[-1:].isspace() and not text.endswith('"'):
        terms[-1] = terms[-1]._replace(prefix=True)
    if len(terms) > _MOST_TERMS:
        terms = terms[:_MOST_TERMS]
        notes.append(f"Only the first {_MOST_TERMS} words were searched for.")
    order = sort or (written if written in SORTS else "relevance")
    return Query(tuple(terms), tuple(texts), tuple(numbers), order, tuple(dict.fromkeys(notes)))


def narrowed(query: Query, texts: tuple[TextFilter, ...], numbers: tuple[NumberFilter, ...]) -> Query:
    """The query with more filters."""
    return replace(query, texts=(*query.texts, *texts), numbers=(*query.numbers, *numbers))


def _terms(value: str, quoted: bool) -> Iterator[Term]:
    words = tuple(_WORD.findall(value))
    if not words:
        return
    if quoted:
        yield Term(words)
    else:
        yield Term(words, prefix=value.endswith("*"))


def _unknown_field(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, (*TEXT_FIELDS, *NUMBER_FIELDS), 1, 0.6)
    meant = f"did you mean {near[0]}:?" if near else f"there are {', '.join((*TEXT_FIELDS, *NUMBER_FIELDS))}."
    return f"There is no field {name}: ({meant.rstrip('.')})."
