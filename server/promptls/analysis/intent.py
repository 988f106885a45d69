"""What a prompt asks the model to do, in one word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from promptls.analysis.directives import order_of, phrase_pattern
from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.sections import Section, sections
from promptls.analysis.sentences import Sentence, sentences
from promptls.analysis.wordforms import word_forms
from promptls.language.prompt import Prompt, facet
from promptls.syntax.source import Range

IntentName = Literal["generate", "extract", "classify", "rewrite", "summarise", "answer", "code", "plan", "converse"]


@dataclass(frozen=True, slots=True)
class Intent:
    """The task of a prompt.

    `range` is the sentence that says it. `confidence` is from 0 to 1: the share of the evidence that speaks for `name`,
    less where there is little of it. `others` are the intents that something else speaks for, with their shares, the
    strongest first. Where nothing tells, `name` is None.
    """

    name: IntentName | None
    range: Range | None
    confidence: float
    others: tuple[tuple[IntentName, float], ...] = ()


class _Sign(NamedTuple):
    name: IntentName
    weight: float
    range: Range


_LEXICONS = (EN, ES)
_NAMES: tuple[IntentName, ...] = get_args(IntentName)
# Evidence below this sum is little.
_ENOUGH = 3.0
_SENTENCES = 60
"""Where a prompt has not said by then what it wants, the rest does not tell either."""
_EARLY = 12
"""Sentences in which the task may be told other than by an order."""
_FADING = 0.15
"""How much less each further sentence says about the task than the one before."""
_TASK_SECTION = re.compile(r"(?:your )?(?:task|goal|objective|job|tarea|objetivo|misión|tu tarea)\b", re.IGNORECASE)
# What comes before the verb of the task, where it is no imperative.
_TASK_PHRASE = re.compile(
    r"\b(?:(?:your|the) (?:task|job|goal|role|objective|mission) (?:here )?is(?: to)?|"
    r"you are (?:tasked|asked) (?:to|with)|you(?:'re| are) to|you(?: will| must| should| need to| can)?|i(?: want|"
    r" need|'d like| would like) you to|"
    r"(?:can|could|would|will) you(?: please)?|help(?:s|ing)? (?:me|users?|us|people)(?: to)?|who|and|"
    r"(?:tu|su) (?:tarea|trabajo|objetivo|misión) (?:es|consiste en)|debes?|tienes? que|deberás?|quiero que|"
    r"necesito que|puedes?|podrías?) (?P<rest>[^\W\d_][^.!?]{0,60})",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(
    r"[¿\s*\"]*(?:who|what|when|where|why|how|which|whose|is|are|does|do|did|was|were|"
    r"qué|quién|cuándo|dónde|por qué|cómo|cuál|cuánt[oa]s?)\b",
    re.IGNORECASE,
)
# What follows the object of a verb and is no longer it.
_AFTER_OBJECT = re.compile(
    r"[,:;(]| (?:for|on|that|which|whose|who|about|with|of|from|inside|to|by|para|sobre|que|de|del|con|por|a partir) "
)
# What these verbs work on tells nothing more, unless it is code.
_DECISIVE: frozenset[IntentName] = frozenset({"rewrite", "summarise", "classify", "extract"})
# Signs of a classification stand anywhere in its sentence ("decide for each review whether …").
_ANYWHERE: frozenset[IntentName] = frozenset({"classify"})
_TALKER = re.compile(
    r"\b(?:chat ?bot|assistant|companion|tutor|coach|agent|character|asistente|acompañante|interlocutor)\b",
    re.IGNORECASE,
)


def _by_word() -> Mapping[str, tuple[IntentName, ...]]:
    found: dict[str, tuple[IntentName, ...]] = {}
    for lexicon in _LEXICONS:
        for name in _NAMES:
            for verb in lexicon.intents[name]:
                found[verb] = tuple(dict.fromkeys((*found.get(verb, ()), name)))
    return found


_INTENTS_OF = _by_word()
_OBJECTS = {
    name: phrase_pattern(frozenset().union(*(lexicon.task_objects.get(name, frozenset()) for lexicon in _LEXICONS)))
    for name in _NAMES
    if any(lexicon.task_objects.get(name) for lexicon in _LEXICONS)
}


@facet
def intent(prompt: Prompt) -> Intent:
    """The task that the prompt's instructions order, by their verbs, their objects and where they stand."""
    signs = list(_signs(prompt))
    if not signs:
        return Intent(None, None, 0.0)
    totals: dict[IntentName, float] = {}
    for sign in signs:
        totals[sign.name] = totals.get(sign.name, 0.0) + sign.weight
    ranked = sorted(totals, key=lambda name: (-totals[name], _NAMES.index(name)))
    evidence = sum(totals.values())
    name = ranked[0]
    place = max((sign for sign in signs if sign.name == name), key=lambda sign: (sign.weight, -sign.range.start))
    confidence = totals[name] / evidence * min(1.0, evidence / _ENOUGH)
    others = tuple((other, round(totals[other] / evidence, 3)) for other in ranked[1:])
    return Intent(name, place.range, round(confidence, 3), others)


def _signs(prompt: Prompt) -> Iterator[_Sign]:
    spoken = [each for each in sentences(prompt) if each.kind in ("sentence", "item")]
    tasks = [each for each in sections(prompt) if each.kind != "fence" and _TASK_SECTION.match(each.name)]
    talks = False
    for number, sentence in enumerate(spoken[:_SENTENCES]):
        weight = 1.0 / (1.0 + _FADING * number) * (2.0 if _is_inside(sentence, tasks) else 1.0)
        if sentence.kind == "item":
            weight *= 0.5
        is_early = number < _EARLY or weight > 1.0
        yield from _signs_of(sentence, weight, is_early)
        talks = talks or (is_early and _TALKER.search(sentence.text) is not None)
    if talks:
        yield _Sign("converse", 0.4, spoken[0].range)


def _is_inside(sentence: Sentence, tasks: list[Section]) -> bool:
    return any(task.content.encloses(sentence.range) for task in tasks[:20])


def _signs_of(sentence: Sentence, weight: float, is_early: bool) -> Iterator[_Sign]:
    text = sentence.text[:400]
    verbs: list[tuple[str, float, str]] = []
    if (order := order_of(text)) is not None:
        verbs.append((order, 2.0, text[max(0, text.lower().find(order)) :]))
    for phrase in _TASK_PHRASE.finditer(text) if is_early else ():
        rest = phrase["rest"]
        lead = [word for word in word_forms(rest)[:3] if not word.endswith("ly")]
        if lead and (verb := _base_form(lead[0])):
            strength = 2.0 if " " in phrase.group()[: -len(rest)].strip() else 1.0
            verbs.append((verb, strength, rest))
    for verb, strength, said in verbs:
        names = _INTENTS_OF.get(verb, ())
        objects = [name for name in _objects_in(said) if name == "code" or not set(names) & _DECISIVE]
        for name in names:
            yield _Sign(
                name, weight * strength / len(names) * (0.4 if objects and name not in objects else 1.0), sentence.range
            )
        if names:
            for name in objects:
                yield _Sign(name, weight * strength, sentence.range)
    if not verbs and text.rstrip("\"' *").endswith("?") and _QUESTION_WORD.match(text):
        yield _Sign("answer", weight, sentence.range)


def _objects_in(said: str) -> Iterator[IntentName]:
    near = _AFTER_OBJECT.split(said[:120], maxsplit=1)[0]
    for name, pattern in _OBJECTS.items():
        if pattern.search((said[:200] if name in _ANYWHERE else near).lower()):
            yield name


def _base_form(word: str) -> str | None:
    """The form of a verb that the lexicons know: "translates" and "writing" are found as "translate" and "write"."""
    stems = [word]
    if word.endswith("s"):
        stems += [word[:-1], word[:-2]]
    elif word.endswith("ing"):
        stems += [word[:-3], word[:-3] + "e", word[:-4]]
    return next((stem for stem in stems if stem in _INTENTS_OF), None)
