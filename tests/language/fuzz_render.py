"""Compare our renderings with npm handlebars' and npm dotprompt's on random templates, data and partials.

Run as `python tests/language/fuzz_render.py --count 5000 --seed 1`; prints every disagreement and exits 1 if there are
any.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import render
from promptls.language.render.values import WHITESPACE
from tests.language.render_cases import RenderCase, RenderCases
from tests.support.oracle import Oracle, Refused, missing
from tests.support.rendering import messages_of, prompt_with

HISTORY = [{"role": "user", "content": [{"text": "before"}]}, {"role": "model", "content": [{"text": "said"}]}]


def plain_difference(oracle: Oracle, case: RenderCase) -> str | None:
    """How the text differs from plain Handlebars', or None; text of white space only makes no message here."""
    try:
        theirs = oracle.handlebars(case.template, case.data, case.partials)
    except Refused as refusal:
        return _accepted(case, RenderRequest(input=case.data), refusal)
    rendering = render(prompt_with(case.template, case.partials), RenderRequest(input=case.data))
    if not rendering.ok:
        return f"only we refuse: {rendering.errors}"
    mine = "".join(message.text for message in rendering.messages)
    if mine != (theirs if theirs.strip(WHITESPACE) else ""):
        return f"theirs: {theirs!r}\n  ours:   {mine!r}"
    return None


def dotprompt_difference(oracle: Oracle, case: RenderCase) -> str | None:
    """How the messages differ from dotprompt's, or None."""
    context = {"state": {"x": 1}}
    request = RenderRequest(input=case.data, context=context, history=HISTORY)
    data: dict[str, Any] = {"input": case.data, "context": context, "messages": HISTORY}
    try:
        theirs = oracle.render(case.template, data, partials=case.partials)["messages"]
    except Refused as refusal:
        return _accepted(case, request, refusal)
    rendering = render(prompt_with(case.template, case.partials), request)
    if not rendering.ok:
        return f"only we refuse: {rendering.errors}"
    mine = messages_of(rendering)
    return None if mine == theirs else f"theirs: {theirs}\n  ours:   {mine}"


def _accepted(case: RenderCase, request: RenderRequest, refusal: Refused) -> str | None:
    if refusal.name == "RangeError" and any('inline "p"' in text for text in (case.template, *case.partials.values())):
        # Compiling a partial at its first use overwrites an inline partial of that name, which then calls itself.
        return None
    rendering = render(prompt_with(case.template, case.partials), request)
    return f"only they refuse: {refusal.name}: {refusal}" if rendering.ok else None


def differences(oracle: Oracle, seed: int, count: int) -> Iterator[tuple[RenderCase, str]]:
    """Half of the cases go to each reference."""
    for dotprompt, compare in ((False, plain_difference), (True, dotprompt_difference)):
        cases = RenderCases(seed, dotprompt=dotprompt)
        for _ in range(count // 2):
            case = cases.case()
            difference = compare(oracle, case)
            if difference is not None:
                yield case, difference


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if reason := missing():
        sys.exit(reason)
    found = 0
    with Oracle() as oracle:
        for case, difference in differences(oracle, arguments.seed, arguments.count):
            found += 1
            print(f"{case}\n  {difference}\n")
    print(f"{arguments.count} templates, {found} disagreements")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
