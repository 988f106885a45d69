"""Score prompts from 0 to 100 in four dimensions; every point has a reason and a place."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.cli import prompts
from promptls.cli.chosen import STDIN
from promptls.cli.errors import CommandError, nearest

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt

SUMMARY = "score prompts, with the reasons"
_WORTH_A_PROCESS = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    prompts.configure(parser)
    parser.add_argument("--domain", metavar="NAME", help="judge as this domain, whatever the prompts are about")
    parser.add_argument("--format", choices=("text", "json", "jsonl"), default="text", help="default: text")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")


def run(arguments: argparse.Namespace) -> int:
    """Print the score of every prompt."""
    if arguments.domain is not None:
        arguments.settings = {**arguments.settings, "domain": arguments.domain}
    chosen = prompts.Prompts(arguments)
    if arguments.domain is not None:
        require_domain(arguments.domain, chosen)
    if arguments.format == "json":
        # One prompt a line: putting a thousand of them into shape would take as long as scoring them.
        print('{"version": 1, "prompts": [', ",\n".join(_told(chosen, arguments)), "]}", sep="\n")
    else:
        for each in _told(chosen, arguments):
            print(each, end="\n" if arguments.format == "jsonl" else "\n\n", flush=True)
    return 2 if chosen.failed else 0


def _told(chosen: prompts.Prompts, arguments: argparse.Namespace) -> Iterator[str]:
    """The scores of all prompts in order, each as it is printed; with many files several processes share the work."""
    tell = _teller(arguments)
    if STDIN in arguments.paths:
        yield from (tell(prompt, chosen.shown(prompt)) for prompt in chosen)
        return
    paths = list(chosen.paths())
    jobs = min(os.cpu_count() or 1, len(paths) // _WORTH_A_PROCESS)
    if jobs > 1:
        from promptls.cli.parallel import in_processes

        found: Iterable[tuple[str, bool]] = in_processes(_of_paths, paths, arguments, jobs)
    else:
        found = _of_paths(paths, arguments)
    for told, is_told in found:
        if is_told:
            yield told
        else:
            chosen.complain(told)
    for wrong in chosen.workspace.settings_problems:
        chosen.complain(str(wrong))


def _of_paths(paths: Sequence[Path], arguments: argparse.Namespace) -> list[tuple[str, bool]]:
    """What is printed of each prompt; or, with False, why it cannot be scored."""
    from promptls.cli import chosen
    from promptls.workspace import FileProblem

    workspace, tell = chosen.workspace(arguments), _teller(arguments)
    found = []
    with workspace.settled():
        for path in paths:
            try:
                found.append((tell(workspace.prompt(path), chosen.shown(path)), True))
            except FileProblem as problem:
                found.append((chosen.said(problem), False))
    return found


def _teller(arguments: argparse.Namespace) -> Callable[[Prompt, str], str]:
    """What shows a prompt's score: as JSON, or as text for this terminal."""
    if arguments.format != "text":
        from promptls.ide.measures import score_object

        return lambda prompt, path: json.dumps(score_object(path, prompt), ensure_ascii=False)
    from promptls.cli.score_report import ScoreText
    from promptls.cli.style import Style, wants_color, width_of
    from promptls.language.formats import recognised
    from promptls.score.score import earnings, score

    style, width = Style(wants_color(arguments.color, sys.stdout)), width_of(sys.stdout)

    def tell(prompt: Prompt, path: str) -> str:
        text = ScoreText(path, prompt.source, style, width)
        return "\n".join(text.lines(score(prompt), earnings(prompt), recognised(prompt).label))

    return tell


def require_domain(name: str, chosen: prompts.Prompts) -> None:
    """Raise `CommandError` for a domain that there is not."""
    from promptls.lint.packs import packs_of

    known = packs_of(chosen.workspace.loaded_settings(Path.cwd() / "any.prompt").settings).by_name
    if name not in known:
        raise CommandError(f"there is no domain {name!r}{nearest(name, list(known))}; there are {', '.join(known)}")
