"""What speaks for a prompt: the things that make models answer better, each with the words that show it.

The points are a scale of belief, not of length: what was measured weighs most (examples that obey the output contract,
97 % of decided pairs; the literal form of the output, 82 %; a closed list of labels, in all prompts that work), what
only vendors' guides say weighs less, and nothing is earned by saying more of the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from promptls.analysis.conflicts import conflicts
from promptls.analysis.contract import output_contract
from promptls.analysis.examples import examples
from promptls.analysis.prose import VALUE, prose
from promptls.analysis.prose_language import prose_language
from promptls.analysis.sections import sections
from promptls.language.messages import messages
from promptls.language.prompt import Prompt
from promptls.lint.rule import Dimension
from promptls.score.defects import is_faulted
from promptls.score.instructions import details, instructions, task
from promptls.score.reading import (
    is_direct,
    is_part,
    mentions_context,
    points_elsewhere,
    quoted,
    requirements,
    tells_how,
)
from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for a prompt: what it earns, in words, and where it stands."""

    points: int
    message: str
    range: Range


@dataclass(frozen=True, slots=True)
class Evidence:
    """A kind of sign. `most` is what all of its signs together can earn in its dimension."""

    id: str
    dimension: Dimension
    most: int
    find: Callable[[Prompt], Iterable[Sign]]


LANGUAGES = ("en", "es")
"""The languages of whose wording something is known."""


def _sound(prompt: Prompt, places: Iterable[Range]) -> Iterator[Range]:
    """The places that no rule about wording finds fault with, each wording once."""
    seen: set[str] = set()
    for place in places:
        words = " ".join(prompt.text[place.start : place.end].lower().split())
        if words not in seen and not is_faulted(prompt, place):
            seen.add(words)
            yield place


START: dict[Dimension, int] = {"clarity": 50, "specificity": 10, "structure": 30, "completeness": 5}
"""What a dimension has before any evidence. With all that there is evidence for, a dimension reaches 100."""


def _task(prompt: Prompt) -> Iterator[Sign]:
    if (sentence := task(prompt)) is not None:
        yield Sign(25, "says what to do", sentence.range)
    elif (unread := _unread(prompt)) is not None:
        yield Sign(25, "is in a language whose orders are not judged, which counts as one", unread)


def _direct(prompt: Prompt) -> Iterator[Sign]:
    sentence = task(prompt)
    if sentence is not None and is_direct(sentence):
        yield Sign(15, "says it directly, verb or question first", sentence.range)
    elif (unread := _unread(prompt)) is not None:
        yield Sign(15, "is in a language whose wording is not judged, which counts as direct", unread)


def _unread(prompt: Prompt) -> Range | None:
    """The first instruction of a prompt in a language that there are no word lists for; nobody loses by that."""
    spoken = instructions(prompt)
    return spoken[0].range if spoken and prose_language(prompt) not in (None, *LANGUAGES) else None


def _self_contained(prompt: Prompt) -> Iterator[Sign]:
    sentence = task(prompt)
    labels = output_contract(prompt).labels
    if sentence is not None and not points_elsewhere(sentence, labels.range if labels else None):
        yield Sign(10, "names what it works on instead of pointing at it", sentence.range)


def _detail(prompt: Prompt) -> Iterator[Sign]:
    sound = (each for each in details(prompt) if not is_faulted(prompt, each.range))
    for points, detail in zip(DETAIL_POINTS, sound, strict=False):
        yield Sign(points, f"names {detail.word}", detail.range)


DETAIL_POINTS = (*[4] * 8, *[1] * 8)
"""What each further particular word earns: a few say which task it is, and many soon say no more than some."""


def _requirements(prompt: Prompt) -> Iterator[Sign]:
    for points, place in zip((5, 4, 3, 3), _sound(prompt, requirements(prompt)), strict=False):
        yield Sign(points, "says what the answer has to have", place)


def _labels(prompt: Prompt) -> Iterator[Sign]:
    labels = output_contract(prompt).labels
    if labels is not None:
        yield Sign(15, f"lists the {len(labels.values)} answers that there are", labels.range)


def _skeleton(prompt: Prompt) -> Iterator[Sign]:
    contract = output_contract(prompt)
    if contract.skeletons:
        yield Sign(25, "shows the output literally", contract.skeletons[0].range)
    elif contract.schema is not None:
        yield Sign(20, "gives the output a schema", contract.schema.range)
    elif tag := next((tag for tag in contract.tags if tag.shown == "both"), None):
        yield Sign(12, "shows the opening and the closing tag of the output", tag.range)


def _bounds(prompt: Prompt) -> Iterator[Sign]:
    bounds = _sound(prompt, (bound.range for bound in output_contract(prompt).bounds))
    for points, place in zip((6, 4), bounds, strict=False):
        yield Sign(points, "says how much", place)


def _sections(prompt: Prompt) -> Iterator[Sign]:
    shown = {tag.name for tag in output_contract(prompt).tags}
    parts = [each for each in sections(prompt) if is_part(each) and each.name not in shown]
    for earned, kinds in (((6, 4, 2), ("heading",)), ((5, 3), ("tag", "fence", "label"))):
        named = {each.name: each for each in reversed(parts) if each.kind in kinds}
        for points, section in zip(earned, sorted(named.values(), key=lambda each: each.range), strict=False):
            yield Sign(points, f"has a part called {section.name}", section.range)


def _fenced(prompt: Prompt) -> Iterator[Sign]:
    text = prose(prompt).text
    shown = {tag.name for tag in output_contract(prompt).tags}
    enclosing = [each for each in sections(prompt) if each.kind in ("tag", "fence") and each.name not in shown]
    holding = [each for each in enclosing if VALUE in text[each.content.start : each.content.end]]
    if holding:
        yield Sign(15, "marks off the input from the instructions", holding[0].range)
    elif enclosing:
        yield Sign(10, "marks off a part with tags or a fence", enclosing[0].range)
    elif (place := quoted(prompt)) is not None:
        yield Sign(6, "marks off with quotes what it works on", place)


def _obedient(prompt: Prompt) -> Iterator[Sign]:
    pairs = examples(prompt)
    if not pairs or conflicts(prompt) or output_contract(prompt).is_empty:
        return
    for points, pair in zip((17, 8), pairs, strict=False):
        yield Sign(points, "the example keeps to the described output", pair.output_range)


def _roles(prompt: Prompt) -> Iterator[Sign]:
    spoken = [message for message in messages(prompt) if not message.is_empty]
    system = next((message for message in spoken if message.role == "system"), None)
    if system is not None and any(message.role == "user" for message in spoken):
        yield Sign(10, "keeps the rules in the system message", (system.role_range or system.range))


def _output(prompt: Prompt) -> Iterator[Sign]:
    contract = output_contract(prompt)
    places = [*(each.range for each in contract.mentions), *(each.range for each in contract.tags), *contract.described]
    if places:
        yield Sign(20, "describes the output", min(places))


def _examples(prompt: Prompt) -> Iterator[Sign]:
    broken = {conflict.pair for conflict in conflicts(prompt)}
    sound = [pair for pair in examples(prompt) if pair not in broken]
    if len(sound) < len(broken):
        return
    for points, pair in zip((14, 4, 2), sound, strict=False):
        yield Sign(points, "gives an example", pair.range)


def _fallback(prompt: Prompt) -> Iterator[Sign]:
    if (place := next(_sound(prompt, output_contract(prompt).fallback), None)) is not None:
        yield Sign(10, "says what to do where there is no answer", place)


def _context(prompt: Prompt) -> Iterator[Sign]:
    if (place := mentions_context(prompt)) is not None:
        yield Sign(10, "says who speaks, for whom or why", place)


def _input(prompt: Prompt) -> Iterator[Sign]:
    text = prose(prompt).text
    at = text.find(VALUE)
    if at >= 0:
        end = at
        while end < len(text) and text[end] == VALUE:
            end += 1
        yield Sign(10, "takes an input", Range(at, end))


def _only(prompt: Prompt) -> Iterator[Sign]:
    if only := output_contract(prompt).only:
        yield Sign(5, "says that nothing else belongs in the answer", only[0])


def _how(prompt: Prompt) -> Iterator[Sign]:
    if (place := tells_how(prompt)) is not None:
        yield Sign(5, "says how to come to the answer", place)


EVIDENCE: tuple[Evidence, ...] = (
    Evidence("evidence/task", "clarity", 25, _task),
    Evidence("evidence/direct", "clarity", 15, _direct),
    Evidence("evidence/self-contained", "clarity", 10, _self_contained),
    Evidence("evidence/detail", "specificity", 40, _detail),
    Evidence("evidence/labels", "specificity", 15, _labels),
    Evidence("evidence/skeleton", "specificity", 25, _skeleton),
    Evidence("evidence/bounds", "specificity", 10, _bounds),
    Evidence("evidence/sections", "structure", 20, _sections),
    Evidence("evidence/fenced", "structure", 15, _fenced),
    Evidence("evidence/obedient-examples", "structure", 25, _obedient),
    Evidence("evidence/roles", "structure", 10, _roles),
    Evidence("evidence/requirements", "completeness", 15, _requirements),
    Evidence("evidence/output", "completeness", 20, _output),
    Evidence("evidence/examples", "completeness", 20, _examples),
    Evidence("evidence/fallback", "completeness", 10, _fallback),
    Evidence("evidence/context", "completeness", 10, _context),
    Evidence("evidence/input", "completeness", 10, _input),
    Evidence("evidence/only", "completeness", 5, _only),
    Evidence("evidence/how", "completeness", 5, _how),
)
"""Every kind of evidence, in the order in which it is told."""
