"""Which sentences order, oblige or forbid."""

from __future__ import annotations

import re

from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.wordforms import word_forms

_LEXICONS = (EN, ES)
_OPENERS = EN.openers | ES.openers
_IMPERATIVES = EN.imperatives | ES.imperatives
_LONGEST_LEAD = 6
_LABEL = re.compile(r"[*_]{0,2}[^\W\d_][^:.!?\n]{0,48}:[*_]{0,2}(?=\s)")


def phrase_pattern(phrases: frozenset[str]) -> re.Pattern[str]:
    """A pattern that finds any of the phrases as whole words, the longest first, with any white space between words."""
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(
        r"(?<![\w'’-])(?:"
        + "|".join(r"\s{1,80}".join(map(re.escape, each.split())) for each in longest_first)
        + r")(?![\w'’-])",
        re.IGNORECASE,
    )


_OBLIGATION = phrase_pattern(EN.obligations | ES.obligations | EN.prohibitions | ES.prohibitions)


def is_directive(sentence: str) -> bool:
    """Whether a sentence (single spaces) is an imperative or says what must or must not be done."""
    if _OBLIGATION.search(sentence):
        return True
    return opens_with_order(sentence) or (
        (label := _LABEL.match(sentence)) is not None and opens_with_order(sentence[label.end() :])
    )


def opens_with_order(sentence: str) -> bool:
    """Whether the first word that is no "please" or "then" is a verb that orders."""
    return order_of(sentence) is not None


def order_of(sentence: str) -> str | None:
    """The verb that orders, in lower case, where the sentence opens with one."""
    lead = word_forms(sentence[:120])[:_LONGEST_LEAD]
    for word in lead:
        if word in _IMPERATIVES:
            return word
        if word == "no" and len(lead) > 1:
            continue
        if word not in _OPENERS:
            return None
    return None
