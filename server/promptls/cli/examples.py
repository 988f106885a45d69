"""Propose few-shot examples for a prompt, from its test cases or by a model; exits with 1 where there are none."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.cli import chosen
from promptls.cli.errors import CommandError, reason

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt
    from promptls.optimize.proposed_examples import Proposal
    from promptls.testcases.document import TestCase

SUMMARY = "propose few-shot examples for a prompt"
_MOST = 8  # more than that turned gains into losses, says `promptls rule examples/too-many`


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", metavar="PATH", type=Path, help="a prompt")
    parser.add_argument("--count", metavar="N", type=_count, default=3, help=f"how many, at most {_MOST}; default: 3")
    parser.add_argument("--tests", metavar="FILE", type=Path, help="test cases; default: NAME.test.yaml beside it")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="the same seed asks the model the same")
    parser.add_argument("--model", action="store_true", help="have the model of the settings make up what is missing")
    parser.add_argument("--yes", action="store_true", help="agree that the prompt is sent to that model's endpoint")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    chosen.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the examples, ready to be pasted."""
    from promptls.optimize.llm.conversation import ModelError
    from promptls.optimize.proposed_examples import propose

    prompt = _prompt(arguments)
    cases = _cases(arguments, prompt)
    with ExitStack() as stack:
        model = stack.enter_context(_opened(arguments, prompt)) if arguments.model else None
        try:
            proposal = propose(prompt, arguments.count, cases, model, arguments.seed)
        except ModelError as error:
            raise CommandError(str(error)) from error
    _print(arguments, prompt, proposal)
    return 0 if proposal.examples else 1


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"expected 1 to {_MOST}, not {text!r}")
    return int(text)


def _prompt(arguments: argparse.Namespace) -> Prompt:
    from promptls.language.prompt import template
    from promptls.workspace import FileProblem

    try:
        prompt = chosen.workspace(arguments).prompt(arguments.path.absolute())
    except FileProblem as problem:
        raise CommandError(chosen.said(problem)) from problem
    if template(prompt).errors:
        where = chosen.shown(prompt.path)
        raise CommandError(f"{where}: the template has a syntax error ({template(prompt).errors[0].message})")
    return prompt


def _cases(arguments: argparse.Namespace, prompt: Prompt) -> tuple[TestCase, ...]:
    from promptls.testcases.document import read_tests, test_path

    file: Path = arguments.tests or test_path(arguments.path)
    if arguments.tests is None and not file.is_file():
        return ()
    try:
        return read_tests(file.read_text(encoding="utf-8")).cases
    except OSError as error:
        raise CommandError(f"{chosen.shown(file)}: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{chosen.shown(file)}: is not UTF-8") from error


def _opened(arguments: argparse.Namespace, prompt: Prompt) -> Any:
    from promptls.cli.consent import consents
    from promptls.optimize.service import opened_model
    from promptls.store.location import cache_folder

    agreed = consents(prompt.settings.llm, "The prompt", yes=arguments.yes)
    return opened_model(prompt.settings, agreed, answers=cache_folder() / "answers.sqlite3")


def _print(arguments: argparse.Namespace, prompt: Prompt, proposal: Proposal) -> None:
    import sys
    from dataclasses import asdict

    if arguments.format == "json":
        told = {
            "version": 1,
            "path": chosen.shown(prompt.path),
            "examples": [asdict(each) for each in proposal.examples],
            "refused": list(proposal.refused),
            "usage": asdict(proposal.usage),
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for each in proposal.examples:
        print(f"<example>\nInput: {each.input}\nOutput: {each.output}\n</example>")
    for broken in proposal.refused:
        print(f"promptls: an example was left out: {broken}", file=sys.stderr)
    if len(proposal.examples) < arguments.count:
        print(f"promptls: {len(proposal.examples)} of {arguments.count} examples; {_how(arguments)}", file=sys.stderr)


def _how(arguments: argparse.Namespace) -> str:
    if arguments.model:
        return "the model made up no more that keep what the prompt says of its output"
    return "add test cases that state an answer with `equals`, or let a model make some up with --model"
