"""Compare our parser with npm Handlebars' on random templates: what it accepts, and the trees.

Run as `python tests/syntax/fuzz_handlebars.py --count 20000 --seed 1`; prints every disagreement and exits 1 if any is
unexplained.
"""

import argparse
import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from promptls.syntax.handlebars import parse
from tests.support.oracle import Oracle, missing
from tests.syntax.reference import first_difference, normalized, ours
from tests.syntax.templates import TemplateGenerator

BATCH = 500


@dataclass(frozen=True)
class Comparison:
    """One template: whether Handlebars accepts it, and how we differ (None where we do not)."""

    template: str
    accepted: bool
    difference: str | None


def compare(oracle: Oracle, templates: Iterable[str]) -> Iterator[Comparison]:
    """Ask for a batch at a time; the tree only of what Handlebars accepts."""
    for batch in _batches(templates):
        for template, refusal in zip(batch, oracle.refusals(batch), strict=True):
            parsed = parse(template)
            difference = None
            if refusal is not None and not parsed.errors:
                difference = f"only Handlebars refuses: {refusal}"
            elif refusal is None and parsed.errors:
                difference = f"only we refuse: {parsed.errors[0]}"
            elif refusal is None:
                theirs, mine = normalized(oracle.parse(template), template), ours(parsed, template)
                difference = first_difference(theirs, mine)
            yield Comparison(template, refusal is None, difference)


def _batches(templates: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(templates)
    while batch := list(itertools.islice(iterator, BATCH)):
        yield batch


def generated(seed: int, count: int) -> Iterator[str]:
    generator = TemplateGenerator(seed)
    return (generator.template() for _ in range(count))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if reason := missing():
        print(reason, file=sys.stderr)
        return 2
    accepted = differences = total = 0
    with Oracle() as oracle:
        for comparison in compare(oracle, generated(arguments.seed, arguments.count)):
            total += 1
            accepted += comparison.accepted
            if comparison.difference is not None:
                differences += 1
                print(f"{comparison.template!r}\n  {comparison.difference}")
    print(f"seed {arguments.seed}: {total} templates, {accepted} accepted, {total - accepted} refused by Handlebars;")
    print(f"we agree on {total - differences}, tree included, and differ on {differences}.")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
