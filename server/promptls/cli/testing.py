"""One run of `promptls test`: which cases there are, what becomes of them, and the exit code that follows."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from promptls.cli import chosen
from promptls.cli.case_reports import Report, SuiteResult, case_reporter
from promptls.cli.errors import CommandError, reason
from promptls.cli.progress import bar
from promptls.optimize.draft import Usage
from promptls.testcases.running import CaseResult, Judges, NotAnswered, run_cases
from promptls.testcases.snapshots import SnapshotError, Snapshots, messages_of, read_snapshots, write_snapshots
from promptls.workspace import FileProblem
from promptls.workspace.suites import Suite, find_suites

if TYPE_CHECKING:
    from promptls.optimize.llm.client import Client
    from promptls.testcases.document import TestCase

OK, FAILURES, ERROR = 0, 1, 2


def test(arguments: argparse.Namespace) -> int:
    """Run the chosen cases and report them; gives the exit code."""
    begun = time.monotonic()
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    if in_ci and arguments.update_snapshots:
        raise CommandError("--update-snapshots is for people: under CI (the variable CI is set) nothing is written")
    run = _Run(arguments, needs_snapshots=in_ci)
    suites, usage = run.results()
    notes = [run.written()] if arguments.update_snapshots else list(_notes(suites))
    report = Report(tuple(suites), time.monotonic() - begun, usage, tuple(notes))
    with _output(arguments.output_file) as out:
        from promptls.cli.reporters import Look
        from promptls.cli.style import wants_color, width_of

        look = Look(wants_color(arguments.color, out), width_of(out), arguments.quiet)
        case_reporter(arguments.format)(report, out, look)
    if run.failed or report.totals.errors:
        return ERROR
    return FAILURES if report.totals.failed or report.totals.problems else OK


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who answers and judges, and what that has cost so far."""

    judges: Judges | None
    client: Client | None

    @property
    def spent(self) -> Usage:
        return self.client.budget.spent if self.client is not None else Usage()


class _Run:
    """The chosen suites. `failed` says that something could not be done, which was told on stderr.

    `needs_snapshots` says that a file of snapshots must have one for every case, as it is in CI.
    """

    def __init__(self, arguments: argparse.Namespace, *, needs_snapshots: bool) -> None:
        self.failed = False
        self._arguments = arguments
        self._needs_snapshots = needs_snapshots
        self._workspace = chosen.workspace(arguments)
        self._suites = {suite: self._snapshots(suite) for suite in self._found()}
        self._results: dict[Suite, list[CaseResult]] = {suite: [] for suite in self._suites}
        for wrong in self._workspace.settings_problems:
            self._complain(str(wrong))

    def results(self) -> tuple[list[SuiteResult], Usage | None]:
        """What became of every suite, and what it cost where a model was asked; raises `CommandError`."""
        by_model: dict[str | None, list[Suite]] = {}
        for suite in self._suites:
            by_model.setdefault(self._model(suite), []).append(suite)
        count = sum(len(self._cases(suite)) for suite in self._suites)
        if not count and not self.failed and not any(suite.problems for suite in self._suites):
            named = self._arguments.filter
            which = f" with {named!r} in their names" if named else ""
            raise CommandError(f"there are no test cases{which}; see promptls test --help")
        usage = Usage()
        done = 0
        with bar("Running cases") as show:
            for model, suites in by_model.items():
                work = [(suite, case) for suite in suites for case in self._cases(suite)]
                with self._asking(model, suites, usage) as asked:
                    prompts = [(suite.prompt, case) for suite, case in work if suite.prompt is not None]
                    for (suite, _), result in zip(work, run_cases(prompts, asked.judges), strict=True):
                        self._results[suite].append(self._compared(suite, result))
                        done += 1
                        show(done, count)
                    usage = usage + asked.spent
        found = [self._result(suite, model) for model, suites in by_model.items() for suite in suites]
        order = list(self._suites)
        found.sort(key=lambda each: order.index(each[0]))
        return [each for _, each in found], usage if set(by_model) - {None} else None

    def _result(self, suite: Suite, model: str | None) -> tuple[Suite, SuiteResult]:
        kept = self._suites[suite]
        names = {case.name for case in suite.file.cases}
        return suite, SuiteResult(
            path=chosen.shown(suite.path),
            prompt=chosen.shown(suite.prompt_path),
            source=suite.source,
            results=tuple(self._results[suite]),
            problems=suite.problems,
            stale=tuple(name for name in kept.messages if name not in names) if kept else (),
            model=model,
        )

    # Which cases

    def _found(self) -> Iterator[Suite]:
        for found in find_suites(self._workspace, [Path(path) for path in self._arguments.paths or ["."]]):
            if isinstance(found, FileProblem):
                self._complain(chosen.said(found))
            elif found.missing is not None:
                named = chosen.shown(found.prompt_path)
                self._complain(f"{chosen.shown(found.path)}: its prompt {named} {found.missing}")
            else:
                yield found

    def _cases(self, suite: Suite) -> Sequence[TestCase]:
        wanted = (self._arguments.filter or "").casefold()
        return [case for case in suite.file.cases if wanted in case.name.casefold()]

    def _complain(self, sentence: str) -> None:
        self.failed = True
        print(f"promptls: {sentence}", file=sys.stderr)

    # Models

    def _model(self, suite: Suite) -> str | None:
        """Who answers the cases of a suite; None where they are only rendered."""
        if self._arguments.no_model or self._arguments.update_snapshots:
            return None
        own = self._workspace.settings(suite.path).llm.model
        named: str | None = self._arguments.model or (own and suite.file.model) or own
        return named

    @contextmanager
    def _asking(self, model: str | None, suites: Sequence[Suite], spent: Usage) -> Iterator[_Asked]:
        """Who answers; what was spent on others before is off the budget."""
        if model is None:
            yield _Asked(None, None)
            return
        from promptls.cli.consent import consents
        from promptls.optimize.answering import judges
        from promptls.optimize.service import opened_model
        from promptls.store.location import cache_folder

        settings = self._workspace.settings(suites[0].path)
        llm = settings.llm.model_copy(update={"model": model})
        agreed = consents(llm, "Prompts and test cases", yes=self._arguments.yes)
        calls = llm.budget_calls if self._arguments.budget_calls is None else self._arguments.budget_calls
        usd = llm.budget_usd if self._arguments.budget_usd is None else self._arguments.budget_usd
        stop = threading.Event()

        def check_cancelled() -> None:
            if stop.is_set():
                raise NotAnswered("stopped")

        with opened_model(
            settings.model_copy(update={"llm": llm}),
            agreed,
            calls=None if calls is None else max(0, calls - spent.calls),
            usd=None if usd is None else max(0.0, usd - spent.cost_usd),
            answers=None if self._arguments.no_cache else cache_folder() / "answers.sqlite3",
            check_cancelled=check_cancelled,
        ) as client:
            try:
                yield _Asked(judges(client), client)
            finally:
                stop.set()

    # Snapshots

    def _snapshots(self, suite: Suite) -> Snapshots | None:
        """What is kept of a suite; None where nothing is."""
        try:
            return read_snapshots(self._workspace.source(suite.snapshots).text)
        except FileProblem as problem:
            if suite.snapshots.exists():
                self._complain(chosen.said(problem))
        except SnapshotError as error:
            self._complain(f"{chosen.shown(suite.snapshots)} {error}; --update-snapshots writes it anew")
        return None

    def _compared(self, suite: Suite, result: CaseResult) -> CaseResult:
        kept = self._suites[suite]
        if kept is None or result.failure is not None:
            return result
        comparison = kept.compare(result.case.name, result.rendering)
        failure = None
        if self._arguments.update_snapshots:
            pass
        elif comparison.state == "changed":
            failure = f"the messages are not those of {chosen.shown(suite.snapshots)}"
        elif comparison.state == "missing" and self._needs_snapshots:
            failure = f"{chosen.shown(suite.snapshots)} has no messages of this case, and under CI none are written"
        return replace(result, comparison=comparison, failure=failure)

    def written(self) -> str:
        """Write what the cases render to; gives a sentence on it."""
        count = 0
        for suite, results in self._results.items():
            kept = self._suites[suite]
            now = {each.case.name: messages_of(each.rendering) for each in results if each.rendering.ok}
            names = [case.name for case in suite.file.cases]
            before: Mapping[str, object] = kept.messages if kept is not None else {}
            merged = {**(kept.messages if kept is not None else {}), **now}
            ordered = {name: merged[name] for name in names if name in merged}
            if ordered == before and list(ordered) == list(before):
                continue
            count += sum(before.get(name) != messages for name, messages in now.items())
            try:
                suite.snapshots.write_text(write_snapshots(Snapshots(ordered), suite.path.name), encoding="utf-8")
            except OSError as error:
                self._complain(f"{chosen.shown(suite.snapshots)} cannot be written: {reason(error)}")
        return f"{count} snapshots written" if count != 1 else "1 snapshot written"


def _notes(suites: Sequence[SuiteResult]) -> Iterator[str]:
    """What a person may want to do next."""
    missing = sum(
        each.comparison is not None and each.comparison.state == "missing" for suite in suites for each in suite.results
    )
    changed = sum(
        each.comparison is not None and each.comparison.state == "changed" for suite in suites for each in suite.results
    )
    if changed:
        yield "If the prompt was changed on purpose, --update-snapshots keeps the new messages."
    elif missing:
        yield "--update-snapshots keeps the messages of cases that have no snapshot yet."


@contextmanager
def _output(file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        return
    try:
        with file.open("w", encoding="utf-8", errors="backslashreplace") as out:
            yield out
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {reason(error)}; see --output-file") from error
