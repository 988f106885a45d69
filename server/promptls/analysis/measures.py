"""Figures about a prompt's prose: its complexity, ambiguity, readability, sentiment and technical terms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from promptls.analysis.directives import phrase_pattern
from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.lexicon.lexicon import Lexicon
from promptls.analysis.lexicon.technical import TECHNICAL
from promptls.analysis.prose import VALUE, prose
from promptls.analysis.prose_language import prose_language
from promptls.analysis.sentences import Sentence, sentences, words
from promptls.analysis.wordforms import word_forms
from promptls.language.prompt import Prompt, facet
from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True)
class TechnicalTerm:
    """A word of a trade: a name written like code, an acronym, or a word of computing."""

    text: str
    range: Range


@dataclass(frozen=True, slots=True)
class Readability:
    """What a readability formula says.

    "ari" is the Automated Readability Index of English (Senter and Smith 1967): about the years of school needed.
    "szigriszt-pazos" is the scale of perspicuity for Spanish (Szigriszt 1993), from 0, hard, to 100, easy; its bands
    are those of INFLESZ (Barrio-Cantalejo et al. 2008).
    """

    formula: Literal["ari", "szigriszt-pazos"]
    value: float
    level: Literal["easy", "medium", "hard"]


@dataclass(frozen=True, slots=True)
class Measures:
    """`complexity`, `ambiguity` and `technical_density` lie between 0 and 1, `sentiment` between -1 and 1.

    Code counts nowhere, and what examples and enclosed data say only among the words. `readability` is None in
    languages other than English and Spanish, and where there is too little text. Lengths are in words.
    """

    word_count: int
    distinct_words: int
    sentence_count: int
    mean_sentence_length: float
    technical_density: float
    complexity: float
    ambiguity: float
    readability: Readability | None
    sentiment: float


_LONG = 500
"""Words from which on a prompt's length adds nothing more to its complexity."""
_LONG_SENTENCE = 20
_FEWEST_FOR_READABILITY = 30
_CALM = 4
"""Words without feeling that every text is taken to have: one "problem" makes no text a gloomy one."""
_AMBIGUOUS_SHARE = 0.1
"""The share of open words at which a text counts as wholly ambiguous: every tenth word."""

_TERM = re.compile(
    r"`[^`\n]{2,60}`|(?<![A-Za-z0-9_])[A-Za-z\u00c0-\u024f](?:[A-Za-z0-9\u00c0-\u024f_+#']|[.-](?=[A-Za-z0-9]))*+"
)
_LIKE_CODE = re.compile(r"[a-z]{1,30}[A-Z]|\w{1,30}_\w|[A-Za-z]{1,12}\d{1,4}$")
_LONGEST_ACRONYM = 5
_SHOUTED = EN.stop_words | ES.stop_words | EN.imperatives | ES.imperatives | EN.emphasis | ES.emphasis | EN.negations
_ALTERNATIVES = frozenset({"and/or", "or another", "or similar", "or so", "y/o", "o similar", "u otro", "u otra"})
_VOWELS = re.compile(r"[aeiouáéíóúü]+", re.IGNORECASE)
_HIATUS = re.compile(r"[aeoáéó](?=[aeoáéóíú])|[íú](?=[aeoáéó])", re.IGNORECASE)


def _ambiguous(lexicon: Lexicon) -> re.Pattern[str]:
    return phrase_pattern(lexicon.vague | lexicon.hedges | lexicon.weak_modals | lexicon.subjective | _ALTERNATIVES)


_AMBIGUOUS = {"en": _ambiguous(EN), "es": _ambiguous(ES)}
_LEXICONS = {"en": EN, "es": ES}


@facet
def technical_terms(prompt: Prompt) -> tuple[TechnicalTerm, ...]:
    """Every technical term of the instructions, in the order of the text; each occurrence counts."""
    text = prose(prompt).text
    return tuple(
        TechnicalTerm(match.group().strip("`"), Range(match.start(), match.end()))
        for sentence in sentences(prompt)
        if sentence.kind not in ("code", "data")
        for match in _TERM.finditer(text, *sentence.range)
        if _is_technical(match.group())
    )


def _is_technical(term: str) -> bool:
    if term.startswith("`"):
        return VALUE not in term
    if term.isalpha() and term.islower():
        return term in TECHNICAL
    if _LIKE_CODE.match(term):
        return True
    if term.isupper() and 1 < len(term) <= _LONGEST_ACRONYM:
        return term.lower() not in _SHOUTED
    return term.lower() in TECHNICAL


@facet
def measures(prompt: Prompt) -> Measures:
    """All figures of a prompt. Blank lines and the places of line ends move none of them.

    Complexity is .2 of the length (500 words and more are 1), .3 of the mean sentence length (20 words and more are 1),
    .3 of the share of distinct words, and .2 of the technical density.
    """
    spoken = [each for each in sentences(prompt) if each.kind in ("sentence", "item")]
    lengths = [length for each in spoken if (length := len(word_forms(each.text.replace(VALUE, " "))))]
    every = words(prompt)
    distinct = len(set(every))
    mean = sum(lengths) / len(lengths) if lengths else 0.0
    density = min(1.0, len(technical_terms(prompt)) / max(1, sum(lengths)))
    complexity = (
        0.2 * min(1.0, len(every) / _LONG)
        + 0.3 * min(1.0, mean / _LONG_SENTENCE)
        + 0.3 * (distinct / len(every) if every else 0.0)
        + 0.2 * density
    )
    language = prose_language(prompt)
    return Measures(
        word_count=len(every),
        distinct_words=distinct,
        sentence_count=len(lengths),
        mean_sentence_length=round(mean, 3),
        technical_density=round(density, 3),
        complexity=round(complexity, 3),
        ambiguity=_ambiguity(spoken, sum(lengths), language),
        readability=_readability(spoken, language),
        sentiment=_sentiment(every, language),
    )


def _ambiguity(spoken: Sequence[Sentence], count: int, language: str | None) -> float:
    pattern = _AMBIGUOUS.get(language or "en")
    if pattern is None or not count:
        return 0.0
    open_words = sum(len(pattern.findall(each.text.lower())) for each in spoken)
    return round(min(1.0, open_words / count / _AMBIGUOUS_SHARE), 3)


def _readability(spoken: Sequence[Sentence], language: str | None) -> Readability | None:
    if language not in ("en", "es"):
        return None
    forms = [form for each in spoken for form in word_forms(each.text.replace(VALUE, " "))]
    if len(forms) < _FEWEST_FOR_READABILITY:
        return None
    per_sentence = len(forms) / len(spoken)
    if language == "en":
        value = 4.71 * sum(map(len, forms)) / len(forms) + 0.5 * per_sentence - 21.43
        return Readability("ari", round(value, 1), "easy" if value <= 8 else "medium" if value <= 13 else "hard")
    value = 206.835 - 62.3 * sum(map(syllables, forms)) / len(forms) - per_sentence
    level: Literal["easy", "medium", "hard"] = "easy" if value > 65 else "medium" if value >= 40 else "hard"
    return Readability("szigriszt-pazos", round(value, 1), level)


def syllables(word: str) -> int:
    """The syllables of a Spanish word: its groups of vowels; two strong vowels or an accented weak one count apart."""
    return max(1, len(_VOWELS.findall(word)) + len(_HIATUS.findall(word)))


def _sentiment(every: Sequence[str], language: str | None) -> float:
    """The balance of good and bad words, a negation right before one turning it round."""
    lexicon = _LEXICONS.get(language or "en")
    if lexicon is None:
        return 0.0
    good = bad = 0
    before = ""
    for word in every:
        is_good, is_bad = word in lexicon.positive, word in lexicon.negative
        if is_good or is_bad:
            turned = before in lexicon.negations
            good += is_good != turned
            bad += is_good == turned
        before = word
    return round((good - bad) / (good + bad + _CALM), 3)
