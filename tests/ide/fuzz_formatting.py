"""Format random prompt files and compare what other libraries make of them before and after.

Run as `python tests/ide/fuzz_formatting.py --count 10000 --seed 1`; prints every violation and exits 1 if there is one.
"""

import argparse
import logging
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from promptls.ide.formatting import formatting
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import render
from promptls.settings import FormatSettings, Settings
from tests.ide.layout_oracle import formatted, problem, trimmed
from tests.ide.prompt_files import PromptFiles
from tests.language.render_cases import RenderCase, RenderCases
from tests.support.oracle import Oracle, missing
from tests.support.project import InMemoryProject
from tests.support.rendering import messages_of, prompt_with

OPTIONS = (
    FormatSettings(),
    FormatSettings(sort_keys=True, tag_spacing="spaced"),
    FormatSettings(tag_spacing="keep", trim_trailing_blanks=False),
)


class Fallbacks(logging.Handler):
    """Counts the times that the formatter had to give something up."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def violations(oracle: Oracle | None, seed: int, count: int) -> Iterator[tuple[str, str | None]]:
    """Every file with what is wrong about formatting it, or None; an answer that had to be cut down is wrong too."""
    files, chooser = PromptFiles(seed), random.Random(seed)
    project = InMemoryProject(has_siblings=True)
    logger = logging.getLogger("promptls.ide.formatting")
    for _ in range(count):
        text = files.file()
        prompt = project.prompt("_p.prompt" if chooser.random() < 0.1 else "x.prompt", text)
        fallbacks = Fallbacks()
        logger.addHandler(fallbacks)
        logger.propagate = False
        found = problem(oracle, prompt, chooser.choice(OPTIONS))
        logger.removeHandler(fallbacks)
        yield text, found or next(iter(fallbacks.messages), None)


def rendering_violations(seed: int, count: int) -> Iterator[tuple[str, str | None]]:
    """The same for what is rendered with random data, the partials being formatted too."""
    cases, files = RenderCases(seed, dotprompt=True), PromptFiles(seed)
    for _ in range(count):
        case = cases.case()
        text = files.around(case.template)
        partials = {name: _formatted_partial(name, partial) for name, partial in case.partials.items()}
        before = _rendered(text, case, case.partials)
        after = _rendered(formatted(_prompt(text)), case, partials)
        yield text, None if before == after else f"rendered before: {before}\nrendered after:  {after}"


def _prompt(text: str) -> Prompt:
    return InMemoryProject(has_siblings=True).prompt("x.prompt", text)


def _formatted_partial(name: str, text: str) -> str:
    return formatted(InMemoryProject().prompt(f"_{name}.prompt", text))


def _rendered(text: str, case: RenderCase, partials: dict[str, str]) -> object:
    rendering = render(prompt_with(text, partials, Settings()), RenderRequest(input=case.data))
    if not rendering.ok:
        return [error.kind for error in rendering.errors]
    messages = messages_of(rendering)
    for message in messages:
        for part in message["content"]:
            if "text" in part:
                # An empty value between two blanks may end a line with two, which no layout can foresee.
                part["text"] = [line for line, _ in trimmed(part["text"])]
    return messages


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    reason = missing()
    if reason:
        print(f"trees are not compared: {reason}")
    tally: Counter[str] = Counter()
    oracle = None if reason else Oracle()
    for kind, found in (
        ("formatted", violations(oracle, arguments.seed, arguments.count)),
        ("rendered", rendering_violations(arguments.seed, arguments.count // 5)),
    ):
        for text, violation in found:
            tally[kind] += 1
            prompt = _prompt(text)
            tally["refused"] += formatting(prompt).refusal is not None
            if violation is not None:
                tally["wrong"] += 1
                print(f"{text!r}\n  {violation}")
    if oracle is not None:
        oracle.close()
    print(
        f"seed {arguments.seed}: {tally['formatted']} files formatted, {tally['rendered']} rendered before and after;"
    )
    print(f"{tally['refused']} of them have errors and were left alone; {tally['wrong']} violations.")
    return 1 if tally["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
