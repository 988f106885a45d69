"""Formatting, folding, selection, typing and tokens at every offset of samples, whole and damaged.

No question may fail or answer with a place outside the document. `questions` and `damaged` serve a full run too.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from promptls.ide.folding import folding
from promptls.ide.formatting import formatting
from promptls.ide.linked_editing import linked_editing
from promptls.ide.on_type import TRIGGERS, on_type
from promptls.ide.selection import selection
from promptls.ide.semantic_tokens import semantic_tokens, semantic_tokens_in
from promptls.language.prompt import Prompt
from promptls.syntax.source import Range
from tests.support import ROOT
from tests.support.project import InMemoryProject
from tests.syntax.templates import FRAGMENTS

Question = Callable[[Prompt, int], list[Range]]

AT_AN_OFFSET: Mapping[str, Question] = {
    "selection": lambda prompt, offset: list(selection(prompt, offset)),
    "linked editing": lambda prompt, offset: list(linked_editing(prompt, offset)),
    "tokens": lambda prompt, offset: [each.range for each in semantic_tokens_in(prompt, Range(offset, offset + 40))],
    "typing": lambda prompt, offset: [
        edit.range for character in TRIGGERS for edit in on_type(prompt, offset, character)
    ],
}
ON_THE_WHOLE: Mapping[str, Callable[[Prompt], list[Range]]] = {
    "folding": lambda prompt: [each.range for each in folding(prompt)],
    "tokens": lambda prompt: [each.range for each in semantic_tokens(prompt)],
    "formatting": lambda prompt: [edit.range for edit in formatting(prompt).edits],
}

SAMPLES = sorted((ROOT / "samples").rglob("*.prompt"))


def damaged(text: str, seed: int) -> str:
    """A text after one to five accidents: pieces cut out, doubled, swapped, or strange ones put in."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 5)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((1, 1, 3, 20, 200)))
        match chance.randrange(4):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:start] + text[start:end] + text[start:]
            case 2:
                text = (
                    text[:start] + chance.choice([*FRAGMENTS, "---\n", "\r", "\t", ": ", "- ", "|", "𝒳"]) + text[start:]
                )
            case _:
                text = text[end:] + text[:start]
    return text


def outside(prompt: Prompt, offsets: Iterator[int] | range) -> list[tuple[str, int, Range]]:
    """The answers that lie outside a text, with their question."""
    size = len(prompt.text)
    found = [(name, -1, each) for name, ask in ON_THE_WHOLE.items() for each in ask(prompt)]
    found += [
        (name, offset, each) for name, ask in AT_AN_OFFSET.items() for offset in offsets for each in ask(prompt, offset)
    ]
    return [each for each in found if not 0 <= each[2].start <= each[2].end <= size]


@pytest.mark.parametrize("path", SAMPLES[::4], ids=lambda path: path.name)
def test_every_offset_of_a_sample(path: Path) -> None:
    prompt = InMemoryProject(has_siblings=True).prompt(path.name, path.read_bytes().decode())
    assert outside(prompt, range(-1, len(prompt.text) + 2, 3)) == []


@pytest.mark.parametrize("seed", range(60))
def test_damaged_samples(seed: int) -> None:
    text = damaged(SAMPLES[seed % len(SAMPLES)].read_bytes().decode(), seed)
    prompt = InMemoryProject(has_siblings=True).prompt("x.prompt", text)
    assert outside(prompt, range(seed % 41, len(text) + 2, 41)) == []
