"""When findings go to the client: pushed as soon as they are known, or handed out when the client pulls.

What is quick to find comes at once, the rest after a quiet moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from promptls.lsp.documents import Document
from promptls.lsp.features.test_files import diagnostics, suite_of
from promptls.lsp.schedule import Token
from promptls.lsp.session import Session, Snapshot
from promptls.lsp.uris import is_test_uri

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt
    from promptls.lint.rule import Finding

logger = logging.getLogger(__name__)

_LEAST_INTERVAL_SECONDS = 0.015
_QUIET_SECONDS = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """Diagnostics of one snapshot, and the prompt that they were made from; partials make it more than the text.

    One that is not `whole` holds what is quick to find; the rest is that of an earlier text.
    """

    document: Document
    prompt: Prompt | None
    result_id: str
    diagnostics: Sequence[types.Diagnostic]
    whole: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Judgement:
    """What is slow to find, and the text that it was found in."""

    text: str
    findings: Sequence[Finding]


@dataclass(eq=False)
class _Feed:
    """The way of one document's diagnostics to the client.

    `token` is cancelled when its text changes; `wanted` is set while its newest text has not been pushed; `prompt` is
    the one that was looked at last.
    """

    token: Token = field(default_factory=Token)
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    last: _Answer | None = None
    judgement: _Judgement | None = None
    prompt: Prompt | None = None

    def look_at(self, prompt: Prompt | None) -> None:
        """Turn to another prompt and free what is known of the one before.

        Answers refer back to their prompt, so that they would else wait for the cycle collector, which comes rarely.
        """
        before, self.prompt = self.prompt, prompt
        if before is not None and before is not prompt:
            before.forget()


class DiagnosticsPublisher:
    """Knows for every open document what the client was told last, and sees to it that it hears of changes.

    It hears of every version what is quick to find, and after a quiet moment all of it; until then what is slow to
    find is that of an earlier version. A client that can pull is not pushed to, but asked to pull again. Nothing is
    published for a version that is not the newest, and no document more often than once in 15 ms; a newer version
    cancels the work on an older one. To be used from the event loop.
    """

    def __init__(
        self,
        session: Session,
        publish: Callable[[types.PublishDiagnosticsParams], None],
        refresh: Callable[[], None],
        pull_again: Callable[[], None],
    ) -> None:
        """`refresh` asks the client for everything anew, `pull_again` for diagnostics."""
        self._session = session
        self._publish = publish
        self._refresh = refresh
        self._pull_again = pull_again
        self._feeds: dict[str, _Feed] = {}
        # Ids must not be mistaken for those of an earlier process, which the client may still hold.
        self._ids = (f"{uuid4().hex[:8]}-{number}" for number in count(1))
        self._recheck_timer: asyncio.TimerHandle | None = None
        self._recheck_task: asyncio.Task[None] | None = None

    def changed(self, document: Document) -> None:
        """Tell of a new snapshot, the first one included."""
        feed = self._feeds.setdefault(document.uri, _Feed())
        feed.token.cancel()
        feed.token = Token()
        self._push_soon(document.uri, feed)
        if len(self._feeds) > 1:
            self.recheck(after=_QUIET_SECONDS)

    def closed(self, document: Document) -> None:
        """Tell that a document is no longer open: what was pushed for it is taken back."""
        feed = self._feeds.pop(document.uri, None)
        if feed is not None:
            feed.token.cancel()
            feed.look_at(None)
            if feed.task is not None:
                feed.task.cancel()
        if not self._session.client.pulls_diagnostics:
            self._publish(types.PublishDiagnosticsParams(document.uri, []))
        self.recheck(after=_QUIET_SECONDS)

    def recheck(self, after: float = 0.0) -> None:
        """Renew, in `after` seconds, what has changed without its text: through settings, a partial or another file."""
        if self._recheck_timer is not None:
            self._recheck_timer.cancel()
        self._recheck_timer = asyncio.get_running_loop().call_later(after, self._start_recheck)

    async def pull(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """The diagnostics of a document, or that they are the same as those of `previous_result_id`."""
        from promptls.language.prompt import Cancelled

        document = self._session.document(params.text_document.uri)
        feed = self._feeds.setdefault(document.uri, _Feed())
        can_wait = feed.judgement is not None and self._session.client.refreshes_diagnostics
        try:
            answer = await self._diagnose(document, feed, whole=not can_wait)
        except Cancelled:
            raise JsonRpcException(
                "the text has changed since", types.LSPErrorCodes.ServerCancelled, {"retriggerRequest": True}
            ) from None
        if not answer.whole:
            self._judge_soon(document, feed)
        if answer.result_id == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(answer.result_id)
        return types.RelatedFullDocumentDiagnosticReport(answer.diagnostics, result_id=answer.result_id)

    def _push_soon(self, uri: str, feed: _Feed) -> None:
        if self._session.client.pulls_diagnostics:
            return
        feed.wanted.set()
        if feed.task is None:
            feed.task = asyncio.create_task(self._push(uri, feed), name=f"diagnostics of {uri}")

    async def _push(self, uri: str, feed: _Feed) -> None:
        """Push until the document is closed, always its newest version and no others."""
        while True:
            await feed.wanted.wait()
            feed.wanted.clear()
            known = feed.judgement
            answer = await self._push_once(uri, feed, whole=False)
            if answer is not None and not answer.whole and await self._is_quiet(feed, at_once=known is None):
                await self._push_once(uri, feed, whole=True)

    async def _is_quiet(self, feed: _Feed, *, at_once: bool) -> bool:
        """Whether nothing changes for a while; what was just opened need not wait for that."""
        if at_once:
            return not feed.wanted.is_set()
        try:
            await asyncio.wait_for(feed.wanted.wait(), _QUIET_SECONDS)
        except TimeoutError:
            return True
        return False

    async def _push_once(self, uri: str, feed: _Feed, *, whole: bool) -> _Answer | None:
        """Push what the client does not know yet; None where there is nothing to say of the newest version."""
        from promptls.language.prompt import Cancelled

        document, before = self._session.documents.get(uri), feed.last
        if document is None:
            return None
        try:
            answer = await self._diagnose(document, feed, whole=whole)
        except Cancelled:
            return None
        except Exception:
            logger.exception("could not diagnose %s", uri)
            return None
        if not self._session.documents.is_current(document):
            return None
        if not (whole and before is not None and before.result_id == answer.result_id):
            self._publish(types.PublishDiagnosticsParams(uri, answer.diagnostics, document.version))
            await asyncio.sleep(_LEAST_INTERVAL_SECONDS)
        return answer

    def _judge_soon(self, document: Document, feed: _Feed) -> None:
        """Find out, after a quiet moment, what a pulling client has not been told of yet."""
        if feed.task is not None:
            feed.task.cancel()
        feed.task = asyncio.create_task(self._judge(document, feed), name=f"judgement of {document.uri}")

    async def _judge(self, document: Document, feed: _Feed) -> None:
        from promptls.language.prompt import Cancelled

        await asyncio.sleep(_QUIET_SECONDS)
        before = feed.last
        with suppress(Cancelled):
            answer = await self._diagnose(document, feed, whole=True)
            if before is not None and answer.result_id != before.result_id:
                self._pull_again()

    async def _diagnose(self, document: Document, feed: _Feed, *, whole: bool) -> _Answer:
        known, judgement = feed.last, feed.judgement

        def work(snapshot: Snapshot) -> tuple[_Answer, _Judgement | None]:
            if is_test_uri(document.uri):
                return self._of_tests(snapshot, known), None
            prompt = snapshot.prompt
            same = known if known is not None and known.document is document and known.prompt is prompt else None
            if same is not None and same.whole >= whole:
                return same, judgement
            feed.look_at(prompt)
            found, judged = _found(prompt, judgement, whole=whole)
            diagnostics = _diagnostics(found, snapshot)
            known_so = same is not None and same.diagnostics == diagnostics
            result_id = same.result_id if same is not None and known_so else next(self._ids)
            return _Answer(document, prompt, result_id, diagnostics, whole), judged

        answer, feed.judgement = await self._session.ask(document, work, self._session.analysis, Token(feed.token))
        feed.last = answer
        return answer

    def _of_tests(self, snapshot: Snapshot, known: _Answer | None) -> _Answer:
        """The diagnostics of a test file, which change with its text and with the prompt that it is about."""
        suite = suite_of(snapshot)
        if known is not None and known.document is snapshot.document and known.prompt is suite.prompt:
            return known
        return _Answer(snapshot.document, suite.prompt, next(self._ids), diagnostics(suite, snapshot), whole=True)

    def _start_recheck(self) -> None:
        self._recheck_task = asyncio.create_task(self._recheck(), name="recheck")

    async def _recheck(self) -> None:
        found = False
        for uri, feed in tuple(self._feeds.items()):
            if await self._is_outdated(feed) and uri in self._feeds:
                found = True
                self._push_soon(uri, feed)
        if found:
            self._refresh()

    async def _is_outdated(self, feed: _Feed) -> bool:
        """Whether a document has the text that was diagnosed last, and yet would be diagnosed anew."""
        from promptls.language.prompt import Cancelled

        last = feed.last
        if last is None or not self._session.documents.is_current(last.document):
            return False
        with suppress(Cancelled):
            prompt = await self._session.ask(last.document, _subject, self._session.analysis)
            return prompt is not last.prompt
        return False


def _subject(snapshot: Snapshot) -> Prompt | None:
    """The prompt that diagnostics are about."""
    return suite_of(snapshot).prompt if is_test_uri(snapshot.document.uri) else snapshot.prompt


def _found(prompt: Prompt, judgement: _Judgement | None, *, whole: bool) -> tuple[Sequence[Finding], _Judgement | None]:
    """The findings to show, in source order, and the newest judgement."""
    from promptls.lint.runner import findings, urgent_findings
    from promptls.lsp.carried import carried

    urgent = urgent_findings(prompt)
    if whole:
        every = findings(prompt)
        known = set(map(id, urgent))
        return every, _Judgement(prompt.text, [each for each in every if id(each) not in known])
    old = carried(judgement.findings, judgement.text, prompt.text) if judgement is not None else ()
    return sorted((*urgent, *old), key=lambda each: (each.range, each.rule)), judgement


def _diagnostics(found: Iterable[Finding], snapshot: Snapshot) -> list[types.Diagnostic]:
    from promptls.lsp.convert import diagnostic

    return [diagnostic(each, snapshot) for each in found]
