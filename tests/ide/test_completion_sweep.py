"""Completion and signature help at every offset of the samples and of damaged variants of them.

Run as `python tests/ide/test_completion_sweep.py --count 300` for more variants; it prints what it saw.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from promptls.ide.completion import complete, resolve_completion
from promptls.ide.signature import signature_help
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from tests.support import ROOT
from tests.support.damage import damaged
from tests.support.markers import show
from tests.support.project import InMemoryProject

SAMPLES = sorted((ROOT / "samples").rglob("*.prompt"))
FILES = {
    "_header.prompt": "---\ninput:\n  schema:\n    title: string\n    kind(enum): [a, b]\n---\n{{title}}",
    "_tone.prompt": "{{! How to write. }}{{audience}}{{#each rules}}{{this}}{{/each}}",
}
SETTINGS = Settings(helpers=["shout"], tools=["search"], roles=["critic"], schemas={"Recipe": {"title": "string"}})
SLOWEST = 0.1
"""Seconds that one answer may take; what a busy machine adds is given a second chance."""


def prompt_of(text: str) -> Prompt:
    return InMemoryProject(FILES, settings=SETTINGS).prompt("sweep.prompt", text)


def sweep(text: str, offsets: Iterable[int]) -> Iterator[float]:
    """The seconds that each answer took, after checking what must hold of every answer."""
    prompt = prompt_of(text)
    for offset in offsets:
        start = time.perf_counter()
        try:
            check(prompt, offset)
        except Exception as error:
            error.add_note(f"at {show(text[max(0, offset - 80) : offset + 40], cursors=[min(80, offset)])!r}")
            raise
        yield time.perf_counter() - start


def check(prompt: Prompt, offset: int) -> None:
    line = prompt.source.line_range(prompt.source.line_at(offset))
    found = complete(prompt, offset).items
    assert len({item.label for item in found}) == len(found)
    for item in found:
        insert, replace = item.edit.insert, item.edit.replace
        assert line.start <= insert.start == replace.start <= offset == insert.end <= replace.end <= line.end, item
    signature = signature_help(prompt, offset)
    if signature is not None:
        assert signature.active is None or 0 <= signature.active < len(signature.parameters)
        assert all(0 < each.range.start < each.range.end < len(signature.label) for each in signature.parameters)


def variants(seed: int) -> Iterator[tuple[str, str]]:
    for path in SAMPLES:
        text = path.read_text()
        yield path.name, text if seed == 0 else damaged(text, seed)


def near_tags(text: str) -> list[int]:
    """Every offset of the frontmatter and of what is near braces, and each 29th of the rest."""
    end = text.find("\n---", 4) + 5
    return [
        offset
        for offset in range(len(text) + 1)
        if offset <= end or offset % 29 == 0 or "{" in text[offset - 12 : offset] or "}}" in text[offset : offset + 3]
    ]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_offset_of_a_sample(path: Path) -> None:
    text = path.read_text()
    assert list(sweep(text, range(len(text) + 1)))


@pytest.mark.parametrize("seed", range(1, 4))
def test_damaged_samples(seed: int) -> None:
    for _, text in variants(seed):
        for _ in sweep(text, near_tags(text)):
            pass


def test_every_answer_is_quick() -> None:
    check(prompt_of("---\nmodel: gemini‸"), 17)
    text = (ROOT / "samples" / "rag" / "answer.prompt").read_text()
    for offset in near_tags(text)[::5]:
        seconds = min(next(sweep(text, [offset])) for _ in range(2))
        assert seconds < SLOWEST


def test_every_item_can_be_documented() -> None:
    """Also long after: for another text than the one that it was offered in."""
    other = prompt_of("Another text.")
    for _, text in variants(0):
        prompt = prompt_of(text)
        for offset in near_tags(text)[::40]:
            for item in complete(prompt, offset).items[::7]:
                if item.data is not None:
                    assert resolve_completion(prompt, item.data) != ""
                    resolve_completion(other, item.data)


@pytest.mark.parametrize(
    "data", [{}, {"kind": "x"}, {"kind": "name", "offset": -5}, {"kind": "model"}, {"kind": "key", "path": ""}]
)
def test_data_of_others_means_nothing(data: dict) -> None:
    assert resolve_completion(prompt_of("Hi {{name}}"), data) is None


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=300, help="damaged variants of each sample")
    count = arguments.parse_args().count
    seconds: list[float] = []
    failures = 0
    for seed in range(count + 1):
        for name, text in variants(seed):
            try:
                seconds.extend(sweep(text, near_tags(text)))
            except Exception as error:
                failures += 1
                print(f"{name}, seed {seed}: {error!r} {getattr(error, '__notes__', '')}")
    seconds.sort()
    median, late = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.95)]
    print(f"{len(seconds)} answers, {failures} failures, median {median * 1e3:.2f} ms, p95 {late * 1e3:.2f} ms,")
    print(f"slowest {seconds[-1] * 1e3:.1f} ms, {sum(each > SLOWEST for each in seconds)} over {SLOWEST * 1e3:.0f} ms")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
