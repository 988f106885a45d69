"""Count the tokens of prompts, message by message, and what a call costs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from promptls.cli import prompts

if TYPE_CHECKING:
    from promptls.ide.token_counts import TokenCounts

SUMMARY = "count tokens, and what a call costs"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    prompts.configure(parser)
    parser.add_argument("--model", metavar="ID", help="count for this model, whatever the prompts name")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(arguments: argparse.Namespace) -> int:
    """Print the tokens of every prompt, rendered with the input file beside it or its defaults."""
    from promptls.ide.measures import token_object
    from promptls.ide.token_counts import token_counts
    from promptls.language.tokenizers import tokens_problem

    chosen = prompts.Prompts(arguments)
    counted = (
        (chosen.shown(prompt), token_counts(prompt, chosen.workspace, model=arguments.model, wait=True))
        for prompt in chosen
    )
    troubles: dict[str, None] = {}
    objects = []
    for path, counts in counted:
        problem = tokens_problem(counts.model_id)
        if problem is not None:
            troubles.setdefault(problem)
        if arguments.format == "json":
            objects.append(token_object(path, counts))
        else:
            print("\n".join(_lines(path, counts)))
    if arguments.format == "json":
        print(json.dumps({"version": 1, "prompts": objects}, ensure_ascii=False, indent=2))
    for problem in troubles:
        print(f"promptls: tokens are estimated: {problem}", file=sys.stderr)
    return 2 if chosen.failed else 0


def _lines(path: str, counts: TokenCounts) -> Iterator[str]:
    from promptls.cli.reporters.excerpt import visible

    tokens = counts.tokens
    about = "" if tokens.exact else "about "
    yield f"{visible(path)}: {about}{_count(tokens.rendered)}, {_method(counts)}"
    rows = [(visible(each.role or "(no role)"), each.tokens) for each in tokens.messages]
    rows += [(f"{{{{{visible(each.name)}}}}}", each.tokens) for each in tokens.variables]
    names = max((len(name) for name, _ in rows), default=0)
    figures = max((len(f"{number:,}") for _, number in rows), default=0)
    yield from (f"  {name:<{names}}  {number:>{figures},}" for name, number in rows)
    if counts.sections:
        yield "  sections: " + ", ".join(f"{visible(each.section.name)} {each.tokens:,}" for each in counts.sections)
    yield f"  template alone {tokens.static:,}, before the first variable {tokens.cacheable_prefix:,}"
    yield from (f"  {line}" for line in _money(counts))


def _method(counts: TokenCounts) -> str:
    """For which model, and how the tokens were counted."""
    from promptls.cli.reporters.excerpt import visible

    tokens = counts.tokens
    if tokens.encoding is None:
        how = "estimated"
    else:
        how = tokens.encoding if tokens.exact else f"estimated with {tokens.encoding}"
    return f"{visible(counts.model_id or 'no model named')} ({how})"


def _money(counts: TokenCounts) -> Iterator[str]:
    from promptls.ide.measures import dollars

    model, cost = counts.model, counts.cost
    if counts.model_id is None:
        return
    if model is None:
        yield "price and context window are not known; the setting models can tell them"
        return
    if cost.input_usd is None:
        yield "the price is not known"
    else:
        saved = ""
        if cost.saved_usd and cost.cached_usd is not None:
            saved = f", {dollars(cost.cached_usd)} with {cost.cached_tokens:,} tokens from the provider's cache"
        yield f"input of a call {dollars(cost.input_usd)}{saved}"
    if model.context_window:
        share = counts.tokens.rendered / model.context_window
        shown = f"{share:.1%}" if share >= 0.001 else "less than 0.1%"
        yield f"{shown} of the context window of {model.context_window:,}"


def _count(number: int) -> str:
    return f"{number:,} token{'' if number == 1 else 's'}"
