"""Every refactoring at many places of every sample, whole and ruined: no exception, nothing outside the document."""

import random
import time
from pathlib import Path

import pytest

from promptls.ide.edits import Refused
from promptls.ide.refactor import refactorings, resolve
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.syntax.source import Range
from tests.ide.refactoring import messages
from tests.support import ROOT
from tests.support.project import InMemoryProject

SAMPLES = ROOT / "samples"
FILES = {path.relative_to(SAMPLES).as_posix(): path.read_text(encoding="utf-8") for path in SAMPLES.rglob("*.prompt")}
SELECTIONS = 12
DAMAGE = ["", "{{", "}}", "{{/if}}", "{{#if x}}", "---\n", "é😀", "{", "\n", '"', "~", "{{> ", "\\{{"]
KEEPING = {"extract-partial", "inline-partial", "sort-frontmatter", "add-input", "remove-input"}


def selections(text: str, chance: random.Random) -> list[Range]:
    found = []
    for number in range(SELECTIONS):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice([0, 0, 3, 20, 80, 300]))
        if number % 2:
            start = text.rfind("\n", 0, start) + 1
            end = text.find("\n", end) + 1 or len(text)
        found.append(Range(start, end))
    return found


def ruined(text: str, chance: random.Random) -> str:
    for _ in range(chance.randrange(1, 4)):
        start = chance.randrange(len(text) + 1)
        text = text[:start] + chance.choice(DAMAGE) + text[start + chance.choice([0, 1, 5, 30]) :]
    return text


def check(prompt: Prompt, range: Range, files: dict[str, str]) -> int:
    resolved = 0
    for offer in refactorings(prompt, prompt.project, range):
        try:
            edits = resolve(offer).edits
        except Refused:
            continue
        resolved += 1
        assert offer.refusal is None
        assert set(edits.edits) == {prompt.path}
        for edit in edits.edits[prompt.path]:
            assert 0 <= edit.range.start <= edit.range.end <= len(prompt.text)
        after = prompt.source.edited(edits.edits[prompt.path]).text
        if offer.id in KEEPING:
            path = str(prompt.path)
            new = {**files, path: after, **{str(made): text for made, text in edits.created.items()}}
            for data in ({}, {"text": "t", "message": "m", "items": ["a"]}):
                assert messages(new, path, data) == messages(files, path, data), offer.id
    return resolved


@pytest.mark.parametrize("path", [path for path in FILES if "cycle" not in path])
def test_sample(path: str) -> None:
    chance = random.Random(path)
    for text in (FILES[path], ruined(FILES[path], chance)):
        files = {**FILES, path: text}
        prompt = InMemoryProject(files).prompt(path)
        for range in selections(text, chance):
            check(prompt, range, files)


@pytest.mark.parametrize("path", [path for path in FILES if "cycle" in path])
def test_cycles_are_refused_or_left(path: str) -> None:
    prompt = InMemoryProject(FILES).prompt(path)
    for range in selections(prompt.text, random.Random(path))[:3]:
        check(prompt, range, FILES)


def test_most_good_selections_can_be_refactored() -> None:
    """A sweep in which everything is refused would say nothing."""
    chance = random.Random(1)
    resolved = 0
    for path in ("chat/support.prompt", "rag/answer.prompt", "languages/yoyaku.prompt"):
        prompt = InMemoryProject(FILES).prompt(path)
        resolved += sum(check(prompt, range, FILES) for range in selections(prompt.text, chance))
    assert resolved > 30


def test_offers_are_cheap() -> None:
    """Offering grows with the text, and no faster."""

    def seconds(lines: int) -> float:
        text = (
            "---\ninput:\n  schema:\n    xs(array): string\n---\n"
            + "Line {{a}} {{#each xs}}{{this}}{{/each}}\n" * lines
        )
        best = 9.0
        for _ in range(3):
            prompt = Prompt(text, settings=Settings(), path=Path("x.prompt"))
            refactorings(prompt, prompt.project, Range(0, 0))
            start = time.process_time()
            refactorings(prompt, prompt.project, Range(len(text) // 2, len(text) // 2 + 500))
            best = min(best, time.process_time() - start)
        return best

    assert seconds(2400) < 16 * max(seconds(300), 0.0005)
