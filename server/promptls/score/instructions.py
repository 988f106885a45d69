"""The part of a prompt that instructs: without its examples, its data and its code."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from promptls.analysis.examples import examples
from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.lexicon.lexicon import word_set
from promptls.analysis.prose import prose
from promptls.analysis.sentences import Sentence, sentences
from promptls.language.prompt import Prompt, facet
from promptls.syntax.source import Range


class Detail(NamedTuple):
    """A word that narrows down what is wanted, and where it stands first."""

    word: str
    range: Range


@facet
def instructions(prompt: Prompt) -> tuple[Sentence, ...]:
    """The sentences and list items that instruct, in order."""
    pairs = examples(prompt)
    starts = [pair.range.start for pair in pairs]

    def is_shown(place: Range) -> bool:
        """Whether it belongs to an example; the last one that begins before its end is the one to look at."""
        at = bisect_left(starts, place.end) - 1
        return at >= 0 and place.start < pairs[at].range.end

    return tuple(each for each in sentences(prompt) if each.kind in ("sentence", "item") and not is_shown(each.range))


@facet
def task(prompt: Prompt) -> Sentence | None:
    """The sentence that says what is to be done: the first that orders, asks or names a task."""
    spoken = instructions(prompt)
    for each in spoken:
        if each.directive or _ASKED.search(each.text):
            return each
    return next((each for each in spoken if _LIKE_AN_ORDER.match(each.text)), None)


_ASKED = re.compile(
    r"\?\s*$|\b(?:your|the|our|my)\s+(?:task|job|role|goal|mission|objective|duty)\b|\btasked\s+with\b|"
    r"\b(?:i|we)\s+(?:need|want|would\s+like)\s|\byou\s+(?:will|should|must|need\s+to|are\s+to|are\s+required|are\s+asked)\b|"
    r"\btu\s+(?:tarea|objetivo|misión)\b",
    re.IGNORECASE,
)
# "Modify the recipe": a verb that no list has.
_LIKE_AN_ORDER = re.compile(
    r"(?!(?:in|on|at|for|with|from|to|by|as|of|and|but|or|if|when|is|are|was|be|what|this|that|the)\b)[A-Z][a-z]+(?<!ing)(?<!ly)(?<!s)"
    r"(?:\s+and\s+[a-z]+)?\s+(?:the|an?|this|these|each|all|any|your|its|\d+)\s",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_][\w'’-]*")


@facet
def details(prompt: Prompt) -> tuple[Detail, ...]:
    """The different words of the instructions that say something particular, each where it stands first.

    Function words, verbs that any order may use, names for input and output as such, hedges, filler and words that are
    vague do not count.
    """
    seen: set[str] = set()
    return tuple(detail for detail in _details(prompt, seen))


def _details(prompt: Prompt, seen: set[str]) -> Iterator[Detail]:
    text = prose(prompt).text
    met: set[str] = set()
    for each in instructions(prompt):
        if each.text.isupper():
            continue  # shouting
        for match in _WORD.finditer(text, *each.range):
            word = match[0].lower()
            if word in met:
                continue
            met.add(word)
            stem = _stem(word)
            if stem in seen or len(word) < 3 or word in _COMMON or stem in _COMMON:
                continue
            seen.add(stem)
            yield Detail(match[0], Range(*match.span()))


def _stem(word: str) -> str:
    """The word without an ending of the plural, so that it counts once."""
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 4 else word


_GENERIC = word_set(
    """
    answer question query text input output response result task content information following given provided below
    above topic concept statement sentence thing item example please make sure ensure also then like need want would
    could should might may must always never very more most less least way use using used one two based here there
    important anything something everything nothing else fine simple simpler other another needless basically helpful
    pregunta respuesta texto entrada salida siguiente tarea favor
    """
)
_COMMON = (
    EN.stop_words | ES.stop_words | EN.imperatives | ES.imperatives | EN.vague | ES.vague | EN.emphasis | ES.emphasis
    | EN.negations | ES.negations | EN.weak_modals | ES.weak_modals | _GENERIC
)  # fmt: skip
