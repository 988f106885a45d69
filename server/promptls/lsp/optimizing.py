"""Optimisations that take their time: shown, cancellable, agreed to, and of no effect once the text has moved on."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from promptls.lsp.features.optimizing import request_of, result_edit, sentence
from promptls.lsp.schedule import Pool, Token, check_cancelled

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt
    from promptls.lsp.documents import Document
    from promptls.lsp.server import Server
    from promptls.lsp.session import Snapshot
    from promptls.optimize.draft import Draft, Request, Usage
    from promptls.optimize.llm.endpoint import Endpoint
    from promptls.optimize.result import Result
    from promptls.syntax.source import Source
    from promptls.testcases.document import TestCase

logger = logging.getLogger(__name__)

METHOD = "promptls/optimize"
_ANSWER_SECONDS = 2.0
_LOAD_SECONDS = 0.5
_REPORT_SECONDS = 0.1
_AGREE, _DISAGREE = "Send", "Do not send"
_TITLES = {
    "static": "Optimising statically",
    "quick": "Optimising with a model",
    "wizard": "Optimising by test cases",
    "examples": "Adding examples",
}


class Refusal(Exception):
    """Why nothing was changed: one sentence for people."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked, of what, and with what; no `endpoint` where no model is needed."""

    request: Request
    snapshot: Snapshot
    cases: tuple[TestCase, ...]
    endpoint: Endpoint | None


class Optimizing:
    """Every optimisation of one session. To be used from the event loop; the work is done in threads of its own."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pool = Pool("optimizing", 4)
        self._running: dict[int | str, Token] = {}
        self._consenting = asyncio.Lock()
        self._planned: Source | None = None

    async def load(self) -> None:
        """Import what is slow, once the first diagnostics are out: the first light bulb should not wait for it."""
        await asyncio.sleep(_LOAD_SECONDS)
        await self._pool.run(_import)

    def cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """The user has had enough of one of them."""
        token = self._running.get(params.token)
        if token is not None:
            token.cancel()

    async def plan_ahead(self, prompt: Prompt) -> None:
        """Find out what `static` would do, so that the next question for actions can list its steps."""
        from promptls.ide.optimizing import plan
        from promptls.language.prompt import Cancelled

        if self._planned is not prompt.source:
            self._planned = prompt.source
            with suppress(Cancelled):
                await self._pool.run(lambda: plan(prompt))

    async def command(self, uri: str, asked: Any = None) -> dict[str, Any] | None:
        """Optimise an open document and change it, if the user lets that happen; tells what came of it.

        Gives the result as `promptls optimize --format json` shows it, or null where there is none.
        """
        try:
            result, snapshot = await self._outcome(uri, asked if asked is not None else {"strategy": "static"}, None)
            if result.status == "improved":
                await self._apply(result, snapshot)
        except Refusal as refusal:
            self._say(str(refusal), types.MessageType.Warning)
            return None
        wrong = result.status in ("failed", "rejected")
        self._say(sentence(result), types.MessageType.Warning if wrong else types.MessageType.Info)
        return _object(result, snapshot)

    async def request(self, params: Any) -> dict[str, Any]:
        """What `promptls optimize --format json` shows of an open document, with the version that it is about; nothing
        is changed.
        """
        match params:
            case {"textDocument": {"uri": str(uri)}}:
                given = params.get("workDoneToken")
            case _:
                raise JsonRpcInvalidParams(f"{METHOD} needs textDocument.uri")
        try:
            result, snapshot = await self._outcome(uri, {"strategy": "static", **params}, given)
        except Refusal as refusal:
            raise JsonRpcException(str(refusal), types.LSPErrorCodes.RequestFailed) from None
        return _object(result, snapshot)

    async def _outcome(self, uri: str, asked: Any, given: int | str | None) -> tuple[Result, Snapshot]:
        from promptls.language.prompt import Cancelled

        request = request_of(asked)
        session = self._server.session
        document = session.document(uri)
        if asked.get("version") not in (None, document.version):
            raise Refusal(_CHANGED)
        token = Token()
        try:
            known = await session.ask(document, lambda snapshot: _gathered(request, snapshot), self._pool, token)
            if known.endpoint is not None:
                await self._agreed(known)
            self._check_current(document)
            with self._progress(request, given, token) as progress:
                result = await self._pool.run(lambda: self._work(known, progress), token)
        except Cancelled:
            if token.cancelled:
                raise Refusal("Optimising was cancelled, and the prompt stays as it is.") from None
            self._check_current(document)
            raise Refusal(_CHANGED) from None
        self._check_current(document)
        return result, known.snapshot

    def _work(self, asked: _Asked, progress: _Progress) -> Result:
        """Do it; in a worker thread."""
        from promptls.ide.optimizing import optimise
        from promptls.language.prompt import Cancelled, Prompt
        from promptls.optimize.llm.consent import Consents
        from promptls.optimize.service import opened_model, optimised
        from promptls.optimize.strategies import Means
        from promptls.store.location import cache_folder

        seed, document = asked.snapshot.prompt, asked.snapshot.document
        if asked.endpoint is None and asked.request.strategy == "static":
            with asked.snapshot.surroundings.workspace.settled():
                return optimise(seed, asked.request)

        def check() -> None:
            check_cancelled()
            if not self._server.session.documents.is_current(document):
                raise Cancelled

        prompt = Prompt(
            seed.source, settings=seed.settings, path=seed.path, project=seed.project, check_cancelled=check
        )
        with ExitStack() as stack:
            model = None
            if asked.endpoint is not None:
                model = stack.enter_context(
                    opened_model(
                        seed.settings,
                        Consents(),
                        answers=cache_folder() / "answers.sqlite3",
                        progress=progress.characters,
                        check_cancelled=check,
                    )
                )
            run_log = _run_log(asked) if asked.request.strategy == "wizard" else None
            means = Means(model, asked.cases, seed.settings.llm.budget_calls, run_log, progress.observer())
            result = optimised(prompt, asked.request, means)
        if run_log is not None and result.search is not None:
            _keep_report(run_log, _object(result, asked.snapshot))
        return result

    async def _agreed(self, asked: _Asked) -> None:
        """Ask once for each endpoint whether prompts may be sent there; raises `Refusal` where they may not."""
        from promptls.optimize.llm.consent import Consents

        assert asked.endpoint is not None
        consents, host = Consents(), asked.endpoint.host
        async with self._consenting:
            if consents.given(asked.endpoint):
                return
            what = "This prompt and its test cases" if asked.cases else "This prompt"
            params = types.ShowMessageRequestParams(
                types.MessageType.Info,
                f"{what} will be sent to {host} ({asked.endpoint.model}). Do you agree, now and from now on?",
                [types.MessageActionItem(_AGREE), types.MessageActionItem(_DISAGREE)],
            )
            try:
                answer = await self._server.window_show_message_request_async(params)
            except JsonRpcException:
                answer = None
            if answer is None or answer.title != _AGREE:
                raise Refusal(f"Nobody agreed that prompts are sent to {host}, so nothing was sent.")
            try:
                consents.give(asked.endpoint)
            except OSError as error:
                raise Refusal(f"Your consent could not be written down, so nothing was sent: {error}.") from None

    def _check_current(self, document: Document) -> None:
        documents = self._server.session.documents
        if documents.get(document.uri) is None:
            raise Refusal("The prompt was closed meanwhile, so nothing was changed.")
        if not documents.is_current(document) or not document.in_sync:
            raise Refusal(_CHANGED)

    async def _apply(self, result: Result, snapshot: Snapshot) -> None:
        if not snapshot.client.applies_edits:
            raise Refusal("This editor takes no edits from a server, so nothing was changed.")
        edit = result_edit(result, snapshot)
        # Without a time limit: the user may look at the changes for as long as that takes.
        answer = await self._server.workspace_apply_edit_async(
            types.ApplyWorkspaceEditParams(edit, f"Optimise ({result.strategy})")
        )
        if not answer.applied:
            reason = f": {answer.failure_reason.rstrip('.')}" if answer.failure_reason else ""
            raise Refusal(f"The editor did not take the changes, so the prompt stays as it is{reason}.")

    def _say(self, message: str, kind: types.MessageType) -> None:
        self._server.window_show_message(types.ShowMessageParams(kind, message))

    @contextmanager
    def _progress(self, request: Request, given: int | str | None, token: Token) -> Iterator[_Progress]:
        """Show how far it is, where the client can, with a button that cancels it."""
        identity = given if given is not None else f"optimizing-{uuid4().hex[:8]}"
        title = _TITLES.get(request.strategy, f"Optimising: {request.strategy}")
        progress = _Progress(self._server, identity, title, is_given=given is not None)
        self._running[identity] = token
        self._server.spawn(progress.begin())
        try:
            yield progress
        finally:
            del self._running[identity]
            progress.end()


_CHANGED = "The prompt was changed meanwhile, so nothing was changed: run it again."


def _import() -> None:
    import promptls.ide.optimizing  # noqa: F401


def _gathered(request: Request, snapshot: Snapshot) -> _Asked:
    """What it takes to do it; raises `Refusal`."""
    from promptls.optimize.few_shot import has_examples
    from promptls.optimize.llm.endpoint import EndpointError, endpoint
    from promptls.optimize.service import UnknownStrategy, strategy

    prompt = snapshot.prompt
    if request.within is not None and request.within.end > len(prompt.text):
        raise JsonRpcInvalidParams("within lies outside of the text")
    try:
        chosen = strategy(request.strategy)
        cases = _cases(snapshot) if chosen.needs_cases else ()
        needs_model = chosen.needs_model and not (request.strategy == "examples" and has_examples(cases))
        return _Asked(request, snapshot, cases, endpoint(prompt.settings.llm) if needs_model else None)
    except UnknownStrategy as error:
        raise JsonRpcInvalidParams(f"{error}; there are {', '.join(error.known)}") from None
    except EndpointError as error:
        raise Refusal(f"There is no model to ask: {error}.") from None


def _cases(snapshot: Snapshot) -> tuple[TestCase, ...]:
    from promptls.testcases.document import read_tests, test_path
    from promptls.workspace import FileProblem

    path = snapshot.prompt.path
    workspace = snapshot.surroundings.workspace
    if path is None or not workspace.exists(test_path(path)):
        return ()
    try:
        read = read_tests(workspace.source(test_path(path)).text)
    except FileProblem as problem:
        raise Refusal(f"{problem}.") from None
    wrong = next((each for each in read.problems if each.severity == "error"), None)
    if wrong is not None:
        raise Refusal(f"{test_path(path).name} cannot be used: {wrong.message}.")
    return read.cases


def _run_log(asked: _Asked) -> Path:
    """Where the answers of a search are kept, so that the same search goes on where it was ended."""
    from hashlib import sha256

    from promptls.store.state import state_folder

    assert asked.endpoint is not None
    given = [(case.name, dict(case.input), [str(each) for each in case.assertions]) for case in asked.cases]
    what = (asked.snapshot.prompt.text, asked.request, given, asked.endpoint.base_url, asked.endpoint.model)
    digest = sha256(repr(what).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return state_folder() / "runs" / f"{digest}.jsonl"


def _keep_report(run_log: Path, told: dict[str, Any]) -> None:
    """Write beside the log what came of the search."""
    try:
        run_log.with_suffix(".json").write_text(json.dumps({"version": 1, "prompts": [told]}), encoding="utf-8")
    except OSError as error:
        logger.warning("the report could not be written: %s", error)


def _object(result: Result, snapshot: Snapshot) -> dict[str, Any]:
    from promptls.ide.optimizing import result_object

    path = snapshot.prompt.path
    shown = result_object(str(path) if path is not None else snapshot.document.uri, result)
    return {**shown, "version": snapshot.document.version}


class _Progress:
    """How far one optimisation is; what it hears comes from any thread."""

    def __init__(self, server: Server, token: int | str, title: str, *, is_given: bool) -> None:
        self._server = server
        self._token = token
        self._title = title
        self._is_given = is_given
        self._loop = asyncio.get_running_loop()
        self._shown = self._ended = False
        self._last = 0.0
        self._stage = ""
        self._candidates = 0
        self._calls = 0
        self._cost = 0.0

    async def begin(self) -> None:
        """Show it."""
        if not self._is_given:
            if not self._server.session.client.shows_progress:
                return
            params = types.WorkDoneProgressCreateParams(self._token)
            try:
                await asyncio.wait_for(self._server.window_work_done_progress_create_async(params), _ANSWER_SECONDS)
            except (TimeoutError, JsonRpcException):
                return
        if not self._ended:
            self._shown = True
            self._send(types.WorkDoneProgressBegin(self._title, cancellable=True))

    def end(self) -> None:
        """Take it away."""
        if self._shown:
            self._send(types.WorkDoneProgressEnd())
        self._shown, self._ended = False, True

    def characters(self, count: int) -> None:
        """An answer has come so far."""
        self._report(f"{count:,} characters")

    def observer(self) -> Any:
        """What hears of the work."""
        from promptls.optimize.observers import Silent

        progress = self

        class Heard(Silent):
            def stage(self, name: str, draft: Draft) -> None:
                progress._stage = name
                progress._report()

            def candidate(self, text: str, score: float | None, verdict: str) -> None:
                progress._candidates += 1
                progress._report()

            def spent(self, usage: Usage) -> None:
                progress._calls += usage.calls
                progress._cost += usage.cost_usd
                progress._report()

        return Heard()

    def _report(self, more: str = "") -> None:
        if time.monotonic() - self._last < _REPORT_SECONDS:
            return
        self._last = time.monotonic()
        told = [self._stage]
        if self._candidates:
            told.append(f"{self._candidates} candidates")
        if self._calls:
            told.append(f"{self._calls} calls, ${self._cost:.4f}")
        message = ", ".join(part for part in (*told, more) if part)
        self._later(lambda: self._tell(message))

    def _later(self, work: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(work)

    def _tell(self, message: str) -> None:
        if self._shown:
            self._send(types.WorkDoneProgressReport(message=message))

    def _send(self, value: Any) -> None:
        self._server.progress(types.ProgressParams(self._token, value))
