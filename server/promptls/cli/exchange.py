"""`promptls test --import` and `--export`: test cases from and for GitHub's `.prompt.yml`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from promptls.cli import chosen
from promptls.cli.errors import CommandError, reason
from promptls.testcases.github_format import Exchanged, ExchangeError
from promptls.workspace import FileProblem
from promptls.workspace.files import read_source


def import_cases(arguments: argparse.Namespace) -> int:
    """Write the cases of a `.prompt.yml` as a test file; gives 0, also where something was left out, which is told."""
    from promptls.testcases.github_import import import_github

    if arguments.paths:
        raise CommandError("--import takes one file and no paths; see --output-file")
    try:
        exchanged = import_github(read_source(arguments.imported.absolute()).text)
    except FileProblem as problem:
        raise CommandError(chosen.said(problem)) from None
    except ExchangeError as error:
        raise CommandError(f"{chosen.shown(arguments.imported)} {error}") from None
    return _write(exchanged, arguments.output_file)


def export_cases(arguments: argparse.Namespace) -> int:
    """Write the cases of one test file as a `.prompt.yml`; gives 0, also where something was left out."""
    from promptls.testcases.github_export import export_github
    from promptls.workspace.suites import find_suites

    if len(arguments.paths) != 1:
        raise CommandError("--export takes one prompt or test file")
    workspace = chosen.workspace(arguments)
    found = list(find_suites(workspace, [Path(arguments.paths[0])]))
    if len(found) != 1:
        raise CommandError(f"--export takes one test file; {arguments.paths[0]} has {len(found)}")
    suite = found[0]
    if isinstance(suite, FileProblem):
        raise CommandError(chosen.said(suite))
    if suite.prompt is None:
        raise CommandError(f"{chosen.shown(suite.path)}: its prompt {chosen.shown(suite.prompt_path)} {suite.missing}")
    wrong = next((each for each in suite.file.problems if each.severity == "error"), None)
    if wrong is not None:
        line = suite.source.line_at(wrong.range.start) + 1
        raise CommandError(f"{chosen.shown(suite.path)}:{line}: {wrong.message}")
    return _write(export_github(suite.file, suite.prompt), arguments.output_file)


def _write(exchanged: Exchanged, file: Path | None) -> int:
    text = yaml.dump(exchanged.data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    if file is None:
        sys.stdout.write(text)
    else:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {reason(error)}; see --output-file") from error
    for note in exchanged.notes:
        print(f"promptls: {note}", file=sys.stderr)
    return 0


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
