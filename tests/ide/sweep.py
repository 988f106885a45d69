"""Ask every feature everywhere: at every offset of every sample, and of many randomly damaged variants of them.

Run as `python tests/ide/sweep.py`. Looked for are exceptions, answers outside of the document that they are about, and
answers that took longer than 100 ms, twice in a row and from scratch. Prints what was covered, and exits 1 where an
exception or an answer outside was found. Where the time does not suffice for every offset of the damaged variants,
every n-th is taken, from a random start, and n is printed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from promptls.syntax.source import Source  # noqa: E402
from promptls.workspace import Workspace  # noqa: E402
from tests.ide.sweep_features import AT_CURSOR, OF_FILE, Answer  # noqa: E402
from tests.support.damage import damaged  # noqa: E402

SAMPLES = ROOT / "samples"
LIMIT_SECONDS = 0.1
_WIDEST_STRIDE = 40


@dataclass
class Tally:
    """What was covered and found. `slowest` holds the longest time per feature, with where it was."""

    texts: int = 0
    offsets: int = 0
    skipped_offsets: int = 0
    calls: int = 0
    slow: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, tuple[float, str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    unreached: int = 0
    strides: set[int] = field(default_factory=set)

    def add(self, other: Tally) -> None:
        self.texts += other.texts
        self.offsets += other.offsets
        self.skipped_offsets += other.skipped_offsets
        self.calls += other.calls
        self.slow.update(other.slow)
        for name, found in other.slowest.items():
            self.slowest[name] = max(found, self.slowest.get(name, (0.0, "")))
        self.failures += other.failures
        self.unreached += other.unreached
        self.strides |= other.strides


@dataclass(frozen=True, slots=True)
class Text:
    """A text to sweep in the place of a sample; `label` says how to make it again."""

    path: Path
    label: str
    text: str


def texts(variants: int, seed: int) -> tuple[list[Text], list[Text]]:
    """Every sample as it is, and so many damaged variants, each sample in turn."""
    paths = sorted(SAMPLES.rglob("*.prompt"))
    whole = [Text(path.relative_to(SAMPLES), path.stem, path.read_bytes().decode()) for path in paths]
    ruins = [
        Text(base.path, f"{base.label}, damaged with seed {seed + number}", damaged(base.text, seed + number))
        for number, base in ((number, whole[number % len(whole)]) for number in range(variants))
    ]
    return whole, ruins


class Sweep:
    """Asks about one text after another, each an open buffer among the samples on disk."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(SAMPLES, folder, dirs_exist_ok=True)
        self._folder = folder
        self._workspace = Workspace([folder])
        self.tally = Tally()

    def run(self, text: Text, offsets: Sequence[int], *, deadline: float = float("inf")) -> bool:
        """Every feature of a text, those at a cursor at some offsets; false where the time was over before."""
        path = self._folder / text.path
        self._open(path, text)
        for name in OF_FILE:
            self._ask(name, path, text, None)
        for done, offset in enumerate(offsets):
            if time.perf_counter() > deadline:
                self.tally.unreached += len(offsets) - done
                self._workspace.close(path)
                return False
            for name in AT_CURSOR:
                self._ask(name, path, text, offset)
        self.tally.texts += 1
        self.tally.offsets += len(offsets)
        self.tally.skipped_offsets += len(text.text) + 1 - len(offsets)
        self._workspace.close(path)
        return True

    def _open(self, path: Path, text: Text) -> None:
        self._workspace.open(path, Source(text.text))

    def _ask(self, name: str, path: Path, text: Text, offset: int | None) -> None:
        where = f"{name} at {offset} of {text.label}"
        self.tally.calls += 1
        try:
            seconds, answer = self._timed(name, path, offset)
            if seconds > LIMIT_SECONDS:
                # Once more from scratch: others use this machine too.
                self._open(path, text)
                seconds = min(seconds, self._timed(name, path, offset)[0])
            problem = self._outside(path, answer)
        except Exception:
            self.tally.failures.append(f"{where}: {traceback.format_exc(limit=-4)}")
            return
        if problem:
            self.tally.failures.append(f"{where}: {problem}")
        if seconds > LIMIT_SECONDS:
            self.tally.slow[name] += 1
        if seconds > self.tally.slowest.get(name, (0.0, ""))[0]:
            self.tally.slowest[name] = (seconds, where)

    def _timed(self, name: str, path: Path, offset: int | None) -> tuple[float, Answer]:
        started = time.perf_counter()
        with self._workspace.settled():
            prompt = self._workspace.prompt(path)
            if offset is None:
                answer = OF_FILE[name](self._workspace, prompt)
            else:
                answer = AT_CURSOR[name](self._workspace, prompt, offset)
        return time.perf_counter() - started, answer

    def _outside(self, path: Path, answer: Answer) -> str | None:
        """What is wrong with an answer's ranges and edits."""
        for place, range in answer.ranges:
            length = len(self._workspace.source(place or path).text)
            if not 0 <= range.start <= range.end <= length:
                return f"{range} lies outside of {place or path}, which has {length} characters"
        for place, edits in answer.edits:
            source = self._workspace.source(place or path)
            if any(not 0 <= edit.range.start <= edit.range.end <= len(source.text) for edit in edits):
                return f"an edit of {place or path} lies outside of it: {edits}"
            source.edited(edits)  # raises where two edits overlap
        return None


def sweep(whole: Sequence[Text], ruins: Sequence[Text], seconds: float, seed: int) -> Tally:
    """The samples at every offset, then the ruins at as many as there is time for, all of them being looked into."""
    started = time.perf_counter()
    deadline = started + seconds
    with tempfile.TemporaryDirectory() as folder:
        runner = Sweep(Path(folder).resolve())
        for text in whole:
            runner.run(text, range(len(text.text) + 1), deadline=deadline)
        rate = max(1, runner.tally.offsets) / (time.perf_counter() - started)
        for done, text in enumerate(ruins):
            left = sum(len(each.text) + 1 for each in ruins[done:])
            affordable = max(1.0, rate * 0.9 * (deadline - time.perf_counter()))
            stride = min(_WIDEST_STRIDE, max(1, -int(-left // affordable)))
            runner.tally.strides.add(stride)
            begun, offset_count = time.perf_counter(), runner.tally.offsets
            start = random.Random(f"{seed} {text.label}").randrange(stride)
            runner.run(text, range(min(start, len(text.text)), len(text.text) + 1, stride))
            asked = runner.tally.offsets - offset_count
            if asked:
                rate = 0.8 * rate + 0.2 * asked / (time.perf_counter() - begun)
        return runner.tally


def _part(arguments: tuple[list[Text], list[Text], float, int]) -> Tally:
    return sweep(*arguments)


def report(tally: Tally, whole: int, ruins: int) -> None:
    """Print what was covered and what was found."""
    features = len(AT_CURSOR) + len(OF_FILE)
    print(f"{features} features, {whole} samples and {ruins} damaged variants: {tally.texts} texts done,")
    print(f"  {tally.offsets} offsets asked at, {tally.skipped_offsets} left out by thinning the damaged variants")
    print(f"  (every n-th offset, n from {min(tally.strides, default=1)} to {max(tally.strides, default=1)}),")
    print(f"  {tally.unreached} offsets not reached in time; {tally.calls} questions.")
    print(f"Over {LIMIT_SECONDS * 1e3:.0f} ms, twice: {sum(tally.slow.values())} {dict(tally.slow) or ''}")
    print("Slowest answers:")
    for seconds, where in sorted(tally.slowest.values(), reverse=True)[:12]:
        print(f"  {seconds * 1e3:7.1f} ms  {where}")
    for failure in tally.failures[:20]:
        print(failure)
    print(f"{len(tally.failures)} exceptions or answers outside of their documents.")


def _dealt(texts: Iterable[Text], hands: int) -> list[list[Text]]:
    """Shared out so that every hand gets about as much to read."""
    piles: list[list[Text]] = [[] for _ in range(hands)]
    for text in sorted(texts, key=lambda each: len(each.text), reverse=True):
        min(piles, key=lambda pile: sum(len(each.text) for each in pile)).append(text)
    return piles


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=480.0, help="how long to look, about")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    whole, ruins = texts(arguments.variants, arguments.seed)
    parts = [
        (mine, broken, arguments.seconds, arguments.seed)
        for mine, broken in zip(_dealt(whole, arguments.jobs), _dealt(ruins, arguments.jobs), strict=True)
    ]
    tally = Tally()
    with multiprocessing.get_context("spawn").Pool(arguments.jobs) as pool:
        for each in pool.imap_unordered(_part, parts):
            tally.add(each)
    report(tally, len(whole), len(ruins))
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
