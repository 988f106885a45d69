"""Runs of test cases: agreed to where a model is asked, shown, cancellable, and kept for the lenses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from promptls.lsp.consent import agreed
from promptls.lsp.refresh import refresh_lenses
from promptls.lsp.schedule import Pool, Token, check_cancelled
from promptls.lsp.uris import to_path
from promptls.lsp.virtual_documents import show, show_page

if TYPE_CHECKING:
    from promptls.lsp.server import Server
    from promptls.lsp.session import Surroundings
    from promptls.optimize.llm.endpoint import Endpoint
    from promptls.settings import Settings
    from promptls.testcases.document import TestCase
    from promptls.testcases.running import CaseResult
    from promptls.workspace.suites import Suite

_ANSWER_SECONDS = 2.0
_MOST_SUITES = 200


@dataclass(frozen=True, slots=True)
class _Work:
    """What to run, with the settings of its folder; `endpoint` is None where cases are only rendered, `note` says why
    that is so although a model is named.
    """

    suite: Suite
    cases: tuple[TestCase, ...]
    settings: Settings
    endpoint: Endpoint | None
    note: str = ""


class Testing:
    """Every run of one session. To be used from the event loop; the work is done in threads of its own."""

    __test__ = False

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pool = Pool("testing", 2)
        self._running: dict[int | str, Token] = {}

    def cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """The user has had enough of a run."""
        token = self._running.get(params.token)
        if token is not None:
            token.cancel()

    async def run(self, uri: str, names: Sequence[str] = ()) -> dict[str, Any] | None:
        """Run the cases of a test file, or of the one beside a prompt: all, or those of some names.

        Without a model in the settings the prompt is rendered only. Gives what came of it, null where nothing did.
        """
        from promptls.language.prompt import Cancelled

        session = self._server.session
        path = _path(uri)
        token = Token()
        try:
            work = await session.ask_workspace(lambda each: _gathered(path, names, each), session.requests)
            if work.endpoint is not None and not await agreed(self._server, work.endpoint, "The prompt and its cases"):
                note = f"nobody agreed that prompts are sent to {work.endpoint.host}"
                work = _Work(work.suite, work.cases, work.settings, None, note)
            with self._progress(token) as report:
                results = await self._pool.run(lambda: _run(work, report, token), token)
        except Cancelled:
            self._say("The run was cancelled.", types.MessageType.Info)
            return None
        except OSError as error:
            raise JsonRpcException(f"Your consent could not be written down: {error}.", _FAILED) from None
        self._keep(work.suite, results)
        await refresh_lenses(self._server, session.client)
        said = _sentence(work, results)
        wrong = any(each.outcome != "passed" for each in results)
        self._say(said, types.MessageType.Warning if wrong else types.MessageType.Info)
        return _object(work, results)

    async def show(self, uri: str, names: Sequence[str] = ()) -> str:
        """The last results as Markdown, shown in the editor too where it can show documents."""
        path = _path(uri)
        session = self._server.session
        text = await session.ask_workspace(lambda each: _page(path, names, each), session.requests)
        await show_page(self._server, "tests", path.name.partition(".")[0], text)
        return text

    async def create(self, uri: str) -> str:
        """Write the first test case of a prompt, for editors that make no files for a server; gives its address."""
        path = _path(uri)
        session = self._server.session
        made = await session.ask_workspace(lambda each: _create(path, each), session.requests)
        session.changed_on_disk([made])
        self._server.publisher.recheck()
        await show(self._server, made.as_uri())
        return made.as_uri()

    def _keep(self, suite: Suite, results: list[CaseResult]) -> None:
        from promptls.ide.test_files import Ran, case_text

        runs = self._server.session.test_runs
        known = dict(runs.pop(suite.path, {}))
        known.update({each.case.name: Ran(each, case_text(suite, each.case), suite.prompt) for each in results})
        runs[suite.path] = known
        if len(runs) > _MOST_SUITES:
            del runs[next(iter(runs))]

    def _say(self, message: str, kind: types.MessageType) -> None:
        self._server.window_show_message(types.ShowMessageParams(kind, message))

    @contextmanager
    def _progress(self, token: Token) -> Iterator[Callable[[int, int], None]]:
        """Show how far it is, where the client can, with a button that cancels it; to be told from any thread."""
        identity = f"testing-{uuid4().hex[:8]}"
        loop = asyncio.get_running_loop()
        begun = ended = False

        async def begin() -> None:
            nonlocal begun
            if not self._server.session.client.shows_progress:
                return
            params = types.WorkDoneProgressCreateParams(identity)
            try:
                await asyncio.wait_for(self._server.window_work_done_progress_create_async(params), _ANSWER_SECONDS)
            except (TimeoutError, JsonRpcException):
                return
            if not ended:
                begun = True
                self._send(identity, types.WorkDoneProgressBegin("Running test cases", cancellable=True))

        def report(done: int, of: int) -> None:
            if begun and not ended:
                value = types.WorkDoneProgressReport(message=f"{done} of {of}", percentage=100 * done // of)
                self._send(identity, value)

        def report_soon(done: int, of: int) -> None:
            loop.call_soon_threadsafe(report, done, of)

        self._running[identity] = token
        self._server.spawn(begin())
        try:
            yield report_soon
        finally:
            ended = True
            del self._running[identity]
            if begun:
                self._send(identity, types.WorkDoneProgressEnd())

    def _send(self, identity: str, value: object) -> None:
        self._server.progress(types.ProgressParams(identity, value))


_FAILED = types.LSPErrorCodes.RequestFailed


def _path(uri: str) -> Path:
    path = to_path(uri)
    if path is None:
        raise JsonRpcInvalidParams(f"{uri} is not the address of a file")
    return path


def _suite(path: Path, surroundings: Surroundings) -> Suite:
    from promptls.testcases.document import is_test_file, test_path
    from promptls.workspace import FileProblem
    from promptls.workspace.suites import suite

    try:
        return suite(surroundings.workspace, path if is_test_file(path) else test_path(path))
    except FileProblem as problem:
        raise JsonRpcException(f"{problem.path.name} {problem.message}.", _FAILED) from None


def _gathered(path: Path, names: Sequence[str], surroundings: Surroundings) -> _Work:
    from promptls.optimize.llm.endpoint import EndpointError, endpoint

    suite = _suite(path, surroundings)
    if suite.prompt is None:
        raise JsonRpcException(f"The prompt {suite.prompt_path.name} {suite.missing}.", _FAILED)
    cases = tuple(case for case in suite.file.cases if not names or case.name in names)
    if not cases:
        which = f" called {names[0]!r}" if names else ""
        raise JsonRpcException(f"There is no case{which} in {suite.path.name}.", _FAILED)
    settings = surroundings.workspace.settings(suite.path)
    if settings.llm.model is None:
        return _Work(suite, cases, settings, None)
    llm = settings.llm.model_copy(update={"model": suite.file.model or settings.llm.model})
    settings = settings.model_copy(update={"llm": llm})
    try:
        return _Work(suite, cases, settings, endpoint(llm))
    except EndpointError as error:
        return _Work(suite, cases, settings, None, str(error))


def _run(work: _Work, report: Callable[[int, int], None], token: Token) -> list[CaseResult]:
    """Run them; in a worker thread. A cancelled `token` ends the questions that are under way, too."""
    from promptls.optimize.answering import judges
    from promptls.optimize.llm.consent import Consents
    from promptls.optimize.service import opened_model
    from promptls.store.location import cache_folder
    from promptls.testcases.running import Judges, NotAnswered, run_cases

    prompt = work.suite.prompt
    assert prompt is not None
    stop = Token(token)

    def gone(who: Judges | None) -> list[CaseResult]:
        found = []
        for result in run_cases([(prompt, case) for case in work.cases], who):
            check_cancelled()
            found.append(result)
            report(len(found), len(work.cases))
        return found

    if work.endpoint is None:
        return gone(None)

    def check_stopped() -> None:
        if stop.cancelled:
            raise NotAnswered("stopped")

    answers = cache_folder() / "answers.sqlite3"
    with opened_model(work.settings, Consents(), answers=answers, check_cancelled=check_stopped) as model:
        try:
            return gone(judges(model))
        finally:
            stop.cancel()


def _sentence(work: _Work, results: list[CaseResult]) -> str:
    from promptls.ide.test_files import reasons_of

    passed = sum(each.outcome == "passed" for each in results)
    how = "" if work.endpoint is not None else "; rendered only"
    why = f", since {work.note}" if work.note else ""
    first = next((each for each in results if each.outcome != "passed"), None)
    reason = f" {first.case.name}: {reasons_of(first)[0]}." if first is not None else ""
    wrong = sum(each.severity == "error" for each in work.suite.problems)
    errors = f" {work.suite.path.name} has {wrong} error{'' if wrong == 1 else 's'}." if wrong else ""
    return f"{passed} of {len(results)} cases passed{how}{why}.{reason}{errors}"


def _object(work: _Work, results: list[CaseResult]) -> dict[str, Any]:
    from promptls.ide.test_files import reasons_of

    return {
        "version": 1,
        "path": str(work.suite.path),
        "prompt": str(work.suite.prompt_path),
        "model": work.endpoint.model if work.endpoint is not None else None,
        "cases": [
            {
                "name": each.case.name,
                "outcome": each.outcome,
                "score": each.score if each.answer is not None else None,
                "answer": each.answer,
                "reasons": reasons_of(each),
            }
            for each in results
        ],
    }


def _page(path: Path, names: Sequence[str], surroundings: Surroundings) -> str:
    from promptls.ide.test_files import result_page

    suite = _suite(path, surroundings)
    return result_page(suite, surroundings.test_runs.get(suite.path, {}), names)


def _create(path: Path, surroundings: Surroundings) -> Path:
    from promptls.ide.edits import Refused
    from promptls.ide.new_tests import new_tests
    from promptls.testcases.document import test_path
    from promptls.workspace import FileProblem

    try:
        prompt = surroundings.workspace.prompt(path)
        ((made, text),) = new_tests(prompt, exists=surroundings.workspace.exists(test_path(path))).created.items()
        with made.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileProblem as problem:
        raise JsonRpcException(f"{problem}.", _FAILED) from None
    except Refused as refused:
        raise JsonRpcException(refused.reason, _FAILED) from None
    except OSError as error:
        raise JsonRpcException(f"The test cases cannot be written: {error.strerror}.", _FAILED) from None
    return made
