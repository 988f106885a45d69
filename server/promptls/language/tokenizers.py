"""Which tokenizer a model has, and counters of tokens: exact where the tokenizer is public, else estimates."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING

from promptls.language.token_estimate import estimate_tokens
from promptls.language.vocabulary import VOCABULARIES, VocabularyError, load_encoding

if TYPE_CHECKING:
    from tiktoken import Encoding

logger = logging.getLogger(__name__)

STAND_IN = "o200k_base"
"""The encoding that models without a public tokenizer are estimated by."""

# From about a million blanks in a row on, tiktoken's regular expression exhausts its stack (measured with 0.14).
_MOST_BLANKS = 400_000
_LONG_BLANKS = re.compile(rf"(?<!\s)\s{{{_MOST_BLANKS},}}")
_LARGEST_ESTIMATE = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class Counter:
    """Counts the tokens of texts.

    `exact` says that it counts as the model does; otherwise `encoding` is the one that stands in for the model's, or
    None where no vocabulary is there, and all is reckoned from the kinds of characters.
    """

    encoding: str | None
    exact: bool
    count: Callable[[str], int]


class LazyEncoding:
    """One of tiktoken's encodings, loaded once by whichever thread wants it first; a failure is remembered too."""

    def __init__(self, name: str, load: Callable[[str], Encoding] = load_encoding) -> None:
        self.name = name
        self.problem: str | None = None
        """Why it cannot be had, once that is known."""
        self._load = load
        self._loading = Lock()
        self._encoding: Encoding | None = None

    def loaded(self) -> Encoding | None:
        """The encoding if it is there already; never waits."""
        return self._encoding

    def load(self) -> Encoding | None:
        """The encoding, or None where it cannot be had; waits until that is known, for 0.3 seconds the first time."""
        with self._loading:
            if self._encoding is None and self.problem is None:
                try:
                    self._encoding = self._load(self.name)
                except VocabularyError as error:
                    self.problem = str(error)
                    logger.warning("tokens are estimated: %s", error)
        return self._encoding


ENCODINGS: Mapping[str, LazyEncoding] = MappingProxyType({name: LazyEncoding(name) for name in VOCABULARIES})
"""The encodings that need no network."""


def warm(*model_ids: str | None) -> None:
    """Load what counting for these models (or for any) needs, so that `counter` has it without a wait."""
    for name in {_encoding_name(model_id) or STAND_IN for model_id in model_ids or (None,)}:
        ENCODINGS[name].load()


def counter(model_id: str | None, *, wait: bool = False) -> Counter:
    """The best counter for a model that is there; with `wait` the best there is, loaded if need be.

    A model that has no public tokenizer, or is not known, is estimated by `STAND_IN`.
    """
    own = _encoding_name(model_id)
    lazy = ENCODINGS[own or STAND_IN]
    encoding = lazy.load() if wait else lazy.loaded()
    if encoding is None:
        return ESTIMATE
    return Counter(lazy.name, own is not None, _counting(encoding))


def tokens_problem(model_id: str | None) -> str | None:
    """Why the tokens of this model could not be counted and were estimated instead, if that was tried and failed."""
    return ENCODINGS[_encoding_name(model_id) or STAND_IN].problem


@lru_cache(maxsize=256)
def _encoding_name(model_id: str | None) -> str | None:
    """The encoding of a model, if it is public and its vocabulary is at hand; whoever serves the model."""
    from tiktoken.model import encoding_name_for_model

    try:
        name: str = encoding_name_for_model((model_id or "").rpartition("/")[2].lower())
    except KeyError:
        return None
    return name if name in VOCABULARIES else None


def _counting(encoding: Encoding) -> Callable[[str], int]:
    """A function that counts the tokens of a text; what looks like a special token in it is text."""

    def count(text: str) -> int:
        return sum(len(encoding.encode_ordinary(piece)) for piece in _digestible(text))

    return count


def _digestible(text: str) -> Iterator[str]:
    """The text in one piece, or in several where blanks run longer than tiktoken bears."""
    start = 0
    if len(text) >= _MOST_BLANKS:
        for run in _LONG_BLANKS.finditer(text):
            for cut in range(run.start() + _MOST_BLANKS, run.end(), _MOST_BLANKS):
                yield text[start:cut]
                start = cut
    yield text[start:]


def _estimate(text: str) -> int:
    """An estimate that takes a bounded time: of a long text a part is looked at, and the rest reckoned from it."""
    if len(text) <= _LARGEST_ESTIMATE:
        return estimate_tokens(text)
    return round(estimate_tokens(text[:_LARGEST_ESTIMATE]) / _LARGEST_ESTIMATE * len(text))


ESTIMATE = Counter(None, False, _estimate)
"""Counts without any vocabulary."""
