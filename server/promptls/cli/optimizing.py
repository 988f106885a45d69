"""One run of `promptls optimize`: which prompts, with what, in which order, and what becomes of them."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.cli import chosen
from promptls.cli.errors import CommandError, nearest, reason
from promptls.cli.optimize_progress import Progress
from promptls.cli.optimize_report import object_of, report_lines, summary, write_report
from promptls.cli.prompts import Prompts
from promptls.cli.questions import text_digest
from promptls.language.prompt import Cancelled, Prompt
from promptls.optimize.batch import Job, Journal, Priority, run_jobs
from promptls.optimize.draft import Request
from promptls.optimize.service import opened_model, optimised
from promptls.optimize.strategies import Means, Strategy
from promptls.workspace.files import replace_text

if TYPE_CHECKING:
    from promptls.optimize.asking import Model
    from promptls.optimize.llm.client import Client
    from promptls.optimize.result import Result
    from promptls.settings import Settings
    from promptls.testcases.document import TestCase

_WITH_A_MODEL = 4


class Optimizing:
    """The run; what it knows of its arguments, and what has become of each prompt."""

    def __init__(self, arguments: argparse.Namespace, strategy: Strategy) -> None:
        self._arguments = arguments
        self._strategy = strategy
        self._prompts = Prompts(arguments)
        self._stop = threading.Event()
        self._model: Model | None = None
        self._model_name = ""
        self._journal = Journal(None)
        self._progress = Progress()

    def code(self) -> int:
        """Do it; gives the exit code."""
        from promptls.optimize.plugins import plugins

        with self._prompts.workspace.settled():
            found = list(self._prompts)
        for problem in plugins().problems:
            print(f"promptls: {problem}", file=sys.stderr)
        if self._arguments.tests is not None and len(found) != 1:
            raise CommandError("--tests goes with one prompt")
        request = self._request(found)
        done: list[dict[str, Any]] = []
        with ExitStack() as stack:
            if self._strategy.needs_model and found:
                client = stack.enter_context(self._opened(found))
                self._model, self._progress.spent = client, lambda: client.budget.spent
            stack.enter_context(self._progress)
            try:
                done = self._all(found, request)
            except (KeyboardInterrupt, Cancelled):
                self._stop.set()
                raise KeyboardInterrupt from None
        if self._arguments.report is not None:
            write_report(self._arguments.report, done)
        if self._arguments.format == "json":
            print(json.dumps({"version": 1, "prompts": done}, ensure_ascii=False, indent=2))
        if len(done) > 1:
            print(summary(done, written=self._arguments.write), file=sys.stderr)
        self._count(found, done)
        if self._prompts.failed:
            return 2
        return 1 if any(each["status"] in ("rejected", "failed") for each in done) else 0

    def _count(self, found: Sequence[Prompt], done: Sequence[Mapping[str, Any]]) -> None:
        from promptls.workspace.usage import Used, count_uses

        if chosen.STDIN not in self._arguments.paths:
            paths = [each.path for each in found if each.path is not None]
            uses = [Used(path, "optimisations") for path in paths]
            for path, told in zip(paths, done, strict=True):
                if self._arguments.write and told["status"] == "improved":
                    uses.append(Used(path, "accepted"))
            count_uses(self._prompts.workspace, uses)

    def _all(self, found: Sequence[Prompt], request: Request) -> list[dict[str, Any]]:
        if len(found) > 1:
            self._journal = Journal(self._journal_file(found, request))
        order = {id(prompt): number for number, prompt in enumerate(found)}
        jobs = [Job(prompt, self._priority(prompt)) for prompt in found]
        default = _WITH_A_MODEL if self._strategy.needs_model else 1
        at_once = min(self._arguments.jobs or default, max(1, len(found)))
        results: dict[int, dict[str, Any]] = {}
        try:
            for prompt, told in run_jobs(jobs, lambda prompt: self._one(prompt, request), at_once, self._stop):
                results[order[id(prompt)]] = told
                self._progress.done(len(results), len(found))
                if self._arguments.format == "text":
                    self._progress.clear()
                    self._tell(told)
        except KeyboardInterrupt:
            self._progress.clear()
            print(f"promptls: stopped after {len(results)} of {len(found)}; {_GO_ON}", file=sys.stderr)
            raise
        self._journal.close()
        return [results[number] for number in sorted(results)]

    def _tell(self, told: dict[str, Any]) -> None:
        lines = "\n".join([*report_lines(told, self._arguments), ""])
        if chosen.STDIN in self._arguments.paths and self._arguments.write:
            sys.stderr.write(lines)
            sys.stdout.write(told["text"])
        else:
            sys.stdout.write(lines)
            sys.stdout.flush()

    def _one(self, prompt: Prompt, request: Request) -> dict[str, Any]:
        """Optimise a prompt, unless the run that this one goes on with has; write it where that was asked for."""
        if self._stop.is_set():
            raise Cancelled
        cases = self._cases(prompt) if self._strategy.needs_cases else ()
        key = self._key(prompt.text, prompt, request, cases)
        known = self._journal.get(key)
        if known is not None:
            return known
        guarded = Prompt(
            prompt.source,
            settings=prompt.settings,
            path=prompt.path,
            project=prompt.project,
            check_cancelled=self._check_stopped,
        )
        shown = self._prompts.shown(prompt)
        means = Means(
            self._model,
            cases,
            self._calls(prompt),
            self._run_log(key) if self._strategy.needs_cases else None,
            self._progress.observer(shown),
        )
        result = optimised(guarded, request, means)
        told = object_of(result, shown)
        if means.run_log is not None and result.search is not None:
            for ending in (".json", ".html"):
                write_report(means.run_log.with_suffix(ending), [told])
        if self._arguments.write and result.status == "improved":
            told = self._written(prompt, result, told)
        keys = [key]
        if told["status"] == "improved":
            # Once it is written, the file is found again by what came out.
            keys.append(self._key(result.text, prompt, request, cases))
        if told["status"] != "failed":
            self._journal.put(keys, told)
        return told

    def _written(self, prompt: Prompt, result: Result, told: dict[str, Any]) -> dict[str, Any]:
        assert prompt.path is not None
        if chosen.STDIN in self._arguments.paths:
            return told
        try:
            if prompt.path.read_bytes() != prompt.text.encode("utf-8"):
                return _not_written(told, "the file was changed meanwhile, so nothing was written; run it again")
            replace_text(prompt.path, result.text)
        except OSError as error:
            return _not_written(told, f"the file cannot be written: {reason(error)}")
        return told

    def _request(self, found: Sequence[Prompt]) -> Request:
        asked = self._arguments
        steps = self._steps(found) if asked.steps else None
        return Request(strategy=asked.strategy, steps=steps, seed=asked.seed, scaffold=asked.scaffold)

    def _steps(self, found: Sequence[Prompt]) -> frozenset[str]:
        """The rules that --steps names, by id or family."""
        from promptls.lint.runner import registry

        rules = registry(found[0].settings if found else None)
        for name in self._arguments.steps:
            if not rules.knows(name):
                known = [*rules.by_id, *rules.families]
                raise CommandError(f"--steps: there is no rule or family {name!r}{nearest(name, known)}")
        asked = set(self._arguments.steps)
        return frozenset(rule.id for rule in rules if {rule.id, rule.family, "all", *rule.aliases} & asked)

    def _cases(self, prompt: Prompt) -> tuple[TestCase, ...]:
        from promptls.testcases.document import read_tests, test_path

        file: Path | None = self._arguments.tests
        if file is None:
            if prompt.path is None or not test_path(prompt.path).is_file():
                return ()
            file = test_path(prompt.path)
        try:
            read = read_tests(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{chosen.shown(file)}: {reason(error)}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{chosen.shown(file)}: is not UTF-8") from error
        if any(problem.severity == "error" for problem in read.problems):
            raise CommandError(f"{chosen.shown(file)}: {read.problems[0].message}")
        return read.cases

    def _opened(self, found: Sequence[Prompt]) -> AbstractContextManager[Client]:
        from promptls.cli.consent import consents
        from promptls.store.location import cache_folder

        settings = self._settings(found)
        agreed = consents(settings.llm, "Prompts and test cases", yes=self._arguments.yes)
        self._model_name = f"{settings.llm.provider} {settings.llm.base_url} {settings.llm.model}"
        return opened_model(
            settings,
            agreed,
            calls=self._arguments.budget_calls,
            usd=self._arguments.budget_usd,
            answers=cache_folder() / "answers.sqlite3",
            progress=self._progress.characters,
            check_cancelled=self._check_stopped,
        )

    def _settings(self, found: Sequence[Prompt]) -> Settings:
        settings = found[0].settings
        if any(prompt.settings.llm != settings.llm for prompt in found):
            raise CommandError("the prompts have different llm settings: optimise them in runs of their own")
        return settings

    def _calls(self, prompt: Prompt) -> int | None:
        asked: int | None = self._arguments.budget_calls
        return prompt.settings.llm.budget_calls if asked is None else asked

    def _check_stopped(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    def _priority(self, prompt: Prompt) -> Priority:
        from pathspec import GitIgnoreSpec

        shown = self._prompts.shown(prompt)
        for pattern, level in reversed(self._arguments.priority):
            if GitIgnoreSpec.from_lines([pattern]).match_file(shown):
                return Priority.named(level)
        label = prompt.settings.priority_of(prompt.path) if prompt.path is not None else None
        return Priority.named(label) if label is not None else Priority.NORMAL

    def _key(self, text: str, prompt: Prompt, request: Request, cases: Sequence[TestCase]) -> str:
        """What a result is made from, as a digest."""
        from promptls import __version__

        asked = (self._arguments.budget_calls, self._arguments.budget_usd, self._model_name)
        settings = prompt.settings.model_dump_json()
        given = [(case.name, dict(case.input), [str(each) for each in case.assertions]) for case in cases]
        steps = sorted(request.steps) if request.steps is not None else None
        wanted = replace(request, steps=None)
        return text_digest(repr((__version__, str(prompt.path), text, settings, wanted, steps, asked, given)))

    def _journal_file(self, found: Sequence[Prompt], request: Request) -> Path:
        key = text_digest("\n".join([request.strategy, *sorted(str(prompt.path) for prompt in found)]))
        from promptls.store.state import state_folder

        file = state_folder() / "batches" / f"{key}.jsonl"
        if self._arguments.restart:
            file.unlink(missing_ok=True)
        return file

    def _run_log(self, key: str) -> Path:
        from promptls.store.state import state_folder

        file = state_folder() / "runs" / f"{key}.jsonl"
        if self._arguments.restart:
            file.unlink(missing_ok=True)
        return file


_GO_ON = "the same command goes on from there"


def _not_written(told: dict[str, Any], sentence: str) -> dict[str, Any]:
    return {**told, "status": "failed", "error": sentence, "written": False}
