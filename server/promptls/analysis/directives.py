"""Which sentences order, oblige or forbid."""

from __future__ import annotations

import re
from collections.abc import Iterable

from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.lexicon.lexicon import word_set
from promptls.analysis.wordforms import word_forms

_OPENERS = EN.openers | ES.openers
_IMPERATIVES = EN.imperatives | ES.imperatives
_LEAD = 80  # characters: an order stands at the beginning of its clause
_OPENERS_AT_MOST = 5
# "State the name" orders, "State of the art" and "Request and state are data" do not.
_ALSO_NOUNS = word_set(
    """
    answer call change check code cover cut design document end format group guess guide label limit link list
    load look mark match name need note number order outline output place plan point process program prompt
    query quote rank read reason record reference report request return review run score search set share show
    sort split stand start state step stop store structure study support tag talk test track turn use view
    wait work
    """
)
_AFTER_NOUNS = word_set("is are was were of and or will has have can must should may")
_LABEL = re.compile(r"[*_]{0,2}[^\W\d_][^:.!?,;\n]{0,30}:[*_]{0,2}(?=\s)")
_SUBORDINATE = re.compile(
    r"(?:if|when|whenever|once|after|before|for|given|while|unless|where|in|from|with|to|based|using|as|on|under|without|"
    r"si|cuando|una vez|después|antes|para|dado|dada|dados|dadas|mientras|en|a partir|con|según|sin)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:] ")


def phrase_pattern(phrases: frozenset[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """A pattern that finds any of the phrases as whole words in text with single spaces, the longest first.

    Phrases and text are lower case, unless `flags` say otherwise.
    """
    return re.compile(rf"(?<![\w'’-])(?:{alternatives(phrases)})(?![\w'’-])", flags)


def alternatives(phrases: Iterable[str]) -> str:
    """The inside of a regular expression's group that matches any of the phrases, the longest first.

    They are grouped by their first letter: `re` tries alternatives one after the other, and most places fit none.
    """
    by_first: dict[str, list[str]] = {}
    for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)):
        by_first.setdefault(phrase[0], []).append(re.escape(phrase[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in sorted(by_first.items()))


_OBLIGATION = phrase_pattern(EN.obligations | ES.obligations | EN.prohibitions | ES.prohibitions)


def is_directive(sentence: str) -> bool:
    """Whether a sentence (single spaces) is an imperative or says what must or must not be done."""
    return order_of(sentence) is not None or _OBLIGATION.search(sentence.lower()) is not None


def order_of(sentence: str) -> str | None:
    """The verb that orders, in lower case, of a sentence that is an imperative.

    Before it may stand a label ("Task: …"), "please" and the like, an adverb, or a subordinate clause ("If …, …").
    """
    label = _LABEL.match(sentence)
    if label is None:
        return _order_of_clauses(sentence)
    is_one_word = " " not in label.group().strip()
    return _order_of_clauses(sentence[label.end() :].lstrip()) or (None if is_one_word else _order_at(sentence))


def _order_of_clauses(sentence: str) -> str | None:
    if (order := _order_at(sentence)) is not None or not _SUBORDINATE.match(sentence):
        return order
    for clause in _CLAUSE.finditer(sentence, 0, 2 * _LEAD):
        if (order := _order_at(sentence[clause.end() :])) is not None:
            return order
    return None


def opens_with_order(sentence: str) -> bool:
    """Whether the first word that is no "please" or "then" is a verb that orders."""
    return _order_at(sentence) is not None


def _order_at(clause: str) -> str | None:
    lead = word_forms(clause[:_LEAD])[: _OPENERS_AT_MOST + 2]
    before = ""
    for word, after in zip(lead, [*lead[1:], ""], strict=False):
        if word in _IMPERATIVES:
            return None if word in _ALSO_NOUNS and after in _AFTER_NOUNS else word
        # Spanish forbids in the subjunctive: "no uses".
        if before == "no" and word.endswith("s") and word[:-1] in ES.imperatives:
            return word
        before = word
        if word not in _OPENERS and word != "no" and not (word.endswith(("ly", "mente")) and len(word) > 4):
            return None
    return None
