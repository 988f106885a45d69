"""What `check` does with the results of a run: report, mend, compare; and the exit code that follows."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from promptls.cli import chosen
from promptls.cli.errors import CommandError, nearest, reason
from promptls.cli.results import FileResult
from promptls.cli.run import Run
from promptls.lint.rule import Severity
from promptls.syntax.source import Source

OK, FINDINGS, ERROR = 0, 1, 2


def check(arguments: argparse.Namespace) -> int:
    """Check once; gives the exit code."""
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.CRITICAL, format="%(message)s")
    _require_known_rules(arguments)
    with Run(arguments) as run:
        if arguments.show_files:
            code = _show_files(run)
        elif arguments.diff:
            code = _diff(run)
        elif arguments.write_baseline:
            code = _write_baseline(run, arguments.write_baseline)
        else:
            code = _report(run)
    return ERROR if run.failed else code


def files_to_watch(arguments: argparse.Namespace) -> Iterator[Path]:
    """What a run depends on: its files and their partials, and what could be their settings."""
    from promptls.settings import user_file
    from promptls.settings.sources import FILE_NAME, PYPROJECT

    found = chosen.workspace(arguments).discover([*map(Path, arguments.paths or ["."]), Path()])
    files = [each for each in found if isinstance(each, Path)]
    yield from files
    folders = {folder for file in [*files, Path("any").absolute()] for folder in file.parents}
    yield from (folder / name for folder in folders for name in (FILE_NAME, PYPROJECT))
    yield from filter(None, (user_file(), arguments.config, arguments.baseline))


def _require_known_rules(arguments: argparse.Namespace) -> None:
    selectors = [*(arguments.select or ()), *(arguments.extend_select or ()), *(arguments.ignore or ())]
    if not selectors:
        return
    from promptls.lint.runner import registry

    known = registry(chosen.settings(arguments, Path.cwd()).settings)
    for selector in selectors:
        if selector != "default" and not known.knows(selector):
            near = nearest(selector, ["default", "all", *known.families, *known.by_id])
            raise CommandError(f"there is no rule or family {selector!r}{near}; promptls rule lists all")


def _show_files(run: Run) -> int:
    for path in run.paths:
        print(chosen.shown(path))
    return OK


def _diff(run: Run) -> int:
    """Print what fixes would change; gives 1 if that is anything."""
    from promptls.cli.diffs import diff
    from promptls.lint.runner import fixed

    mended = changed = 0
    with _output(run) as out:
        for path in _fixable(run):
            prompt = run.workspace.prompt(path)
            outcome = fixed(prompt, unsafe=run.arguments.unsafe_fixes)
            out.write(diff(chosen.shown(path), prompt.source, Source(outcome.text)))
            mended += len(outcome.applied)
            changed += outcome.text != prompt.text
    if not run.arguments.quiet:
        findings = "1 finding" if mended == 1 else f"{mended} findings"
        files = "1 file" if changed == 1 else f"{changed} files"
        print(f"promptls would mend {findings} in {files}", file=sys.stderr)
    return FINDINGS if changed and not run.arguments.exit_zero else OK


def _mend(run: Run) -> int:
    """Apply fixes where the texts are; gives the number of findings mended."""
    from promptls.lint.runner import fixed

    mended = 0
    for path in _fixable(run):
        outcome = fixed(run.workspace.prompt(path), unsafe=run.arguments.unsafe_fixes)
        if run.reads_stdin:
            run.workspace.open(path, outcome.prompt.source)
        elif outcome.applied:
            try:
                path.write_bytes(outcome.text.encode())
            except OSError as error:
                run.complain(f"{chosen.shown(path)}: cannot be written: {reason(error)}")
                continue
        mended += len(outcome.applied)
    if run.reads_stdin:
        sys.stdout.write(run.workspace.source(run.paths[0]).text)
    return mended


def _fixable(run: Run) -> list[Path]:
    """The files with a finding that the arguments allow to be fixed."""
    unsafe = run.arguments.unsafe_fixes
    return [
        path
        for path, result in run.checked()
        if any(each.fix is not None and (each.fix.safe or unsafe) for each in result.findings)
    ]


def _write_baseline(run: Run, file: Path) -> int:
    from promptls.cli.baseline import write_baseline

    count = write_baseline(file, (result for _, result in run.checked()))
    if not run.arguments.quiet:
        print(f"promptls wrote {count} findings to {file}", file=sys.stderr)
    return OK


def _report(run: Run) -> int:
    """Mend if asked to, then report; gives 1 where a finding is as bad as the file's `fail-on`."""
    arguments = run.arguments
    mends = arguments.fix or arguments.unsafe_fixes
    mended = _mend(run) if mends else 0
    failing = False

    def results() -> Iterator[FileResult]:
        nonlocal failing
        for path, result in _new(run):
            result = result.with_missed()
            limit = Severity.named(run.workspace.settings(path).fail_on)
            failing |= any((finding.severity or limit) >= limit for finding in result.findings)
            yield result

    with _output(run, to_stderr=mends and run.reads_stdin) as out:
        if arguments.statistics:
            from promptls.cli.statistics import report_statistics

            report_statistics(results(), out, arguments.format)
        else:
            from promptls.cli.reporters import Look, reporter
            from promptls.cli.style import wants_color, width_of

            look = Look(wants_color(arguments.color, out), width_of(out), arguments.quiet, mended)
            reporter(arguments.format)(results(), out, look)
    return FINDINGS if failing and not arguments.exit_zero else OK


def _new(run: Run) -> Iterator[tuple[Path, FileResult]]:
    """What was checked, without the findings of the baseline."""
    if run.arguments.baseline is None:
        yield from run.checked()
        return
    from promptls.cli.baseline import read_baseline

    baseline = read_baseline(run.arguments.baseline)
    for path, result in run.checked():
        yield path, baseline.without_known(result)


@contextmanager
def _output(run: Run, *, to_stderr: bool = False) -> Iterator[TextIO]:
    file: Path | None = run.arguments.output_file
    if file is None:
        yield sys.stderr if to_stderr else sys.stdout
        return
    try:
        with file.open("w", encoding="utf-8", errors="backslashreplace") as out:
            yield out
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {reason(error)}; see --output-file") from error
