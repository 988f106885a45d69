"""Whether a rewrite still promises the same answers: whoever parses them must not notice it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from promptls.analysis.conflicts import breaches, conflicts
from promptls.analysis.contract import Contract, output_contract
from promptls.analysis.examples import examples
from promptls.language.prompt import Prompt

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORDS = {
    word: str(number)
    for number, words in enumerate(
        ("", "one uno una", "two dos", "three tres", "four cuatro", "five cinco", "six seis", "seven siete",
         "eight ocho", "nine nueve", "ten diez", "eleven once", "twelve doce")
    )
    for word in words.split()
}  # fmt: skip
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.I)


def broken_promise(before: Prompt, after: Prompt) -> str | None:
    """What `after` no longer says of the output, says otherwise, or breaks in an example of its own; or None."""
    return next(_broken(before, after), None)


def _broken(before: Prompt, after: Prompt) -> Iterator[str]:
    promised, now = output_contract(before), output_contract(after)
    if promised.format is not None and now.format != promised.format:
        yield f"it no longer asks for {promised.format}"
    yield from _differences("the output tag", _tags(promised), _tags(now))
    if promised.labels is not None:
        labels = now.labels.values if now.labels is not None else ()
        yield from _differences("the label", _folded(promised.labels.values), _folded(labels))
    fields = frozenset(each.name for each in promised.schema.fields) if promised.schema else frozenset()
    yield from _differences("the field", _keys(promised), _keys(now) - (fields - _keys(promised)))
    if promised.skeletons and not now.skeletons:
        yield "it no longer shows what the output looks like"
    bounds, now_bounds = _bounds(before, promised), _bounds(after, now)
    if not bounds <= now_bounds:
        yield f"it drops the bound of {', '.join(sorted(bounds - now_bounds))}"
    if bounds and not now_bounds <= bounds:
        yield f"it sets another bound, {', '.join(sorted(now_bounds - bounds))}"
    if promised.fallback and not now.fallback:
        yield "it no longer says what to do where there is no answer"
    if promised.only and not now.only:
        yield "it no longer forbids words around the output"
    yield from _broken_examples(before, after, promised)


def _broken_examples(before: Prompt, after: Prompt, promised: Contract) -> Iterator[str]:
    """Examples that break the contract; those that did so from the start are the author's."""
    already = {each.pair.output for each in conflicts(before)} | {pair.output for pair in examples(before)}
    for conflict in conflicts(after):
        if conflict.pair.output not in already:
            yield f"an example breaks the output contract ({conflict.reason})"
    for pair in examples(after):
        if pair.output not in already and not pair.is_filled_in:
            for breach in breaches(promised, pair.output):
                yield f"an example breaks the output contract ({breach.reason})"


def _differences(what: str, before: frozenset[str], after: frozenset[str]) -> Iterator[str]:
    for name in sorted(before - after):
        yield f"it drops {what} {name}"
    for name in sorted(after - before):
        yield f"it adds {what} {name}"


def _tags(contract: Contract) -> frozenset[str]:
    return frozenset(f"<{tag.name}>" for tag in contract.tags)


def _keys(contract: Contract) -> frozenset[str]:
    return frozenset(key for skeleton in contract.skeletons for key in skeleton.keys)


def _folded(labels: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(label.casefold().split()) for label in labels)


def _bounds(prompt: Prompt, contract: Contract) -> frozenset[str]:
    """The numbers in the stated bounds: a rewrite may say "no more than 80 words" for "at most 80 words"."""
    return frozenset(
        number
        for bound in contract.bounds
        for number in _NUMBER.findall(_in_digits(prompt.text[bound.range.start : bound.range.end]))
    )


def _in_digits(text: str) -> str:
    return _NUMBER_WORD.sub(lambda match: _WORDS[match[0].lower()], text)
