"""When findings go to the client: pushed as soon as they are known, or handed out when the client pulls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from promptls.lsp.documents import Document
from promptls.lsp.schedule import Token
from promptls.lsp.session import Session, Snapshot

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt

logger = logging.getLogger(__name__)

_LEAST_INTERVAL_SECONDS = 0.015
_QUIET_SECONDS = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """Diagnostics of one snapshot, and the prompt that they were made from; partials make it more than the text."""

    document: Document
    prompt: Prompt
    result_id: str
    diagnostics: Sequence[types.Diagnostic]


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

    A client that can pull is not pushed to. Nothing is published for a version that is not the newest, and no document
    more often than once in 15 ms; a newer version cancels the work on an older one. To be used from the event loop.
    """

    def __init__(
        self, session: Session, publish: Callable[[types.PublishDiagnosticsParams], None], refresh: Callable[[], None]
    ) -> None:
        self._session = session
        self._publish = publish
        self._refresh = refresh
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
        try:
            answer = await self._diagnose(document, feed)
        except Cancelled:
            raise JsonRpcException(
                "the text has changed since", types.LSPErrorCodes.ServerCancelled, {"retriggerRequest": True}
            ) from None
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
        from promptls.language.prompt import Cancelled

        while True:
            await feed.wanted.wait()
            feed.wanted.clear()
            document = self._session.documents.get(uri)
            if document is None:
                return
            try:
                answer = await self._diagnose(document, feed)
            except Cancelled:
                continue
            except Exception:
                logger.exception("could not diagnose %s", uri)
                continue
            if self._session.documents.is_current(document):
                self._publish(types.PublishDiagnosticsParams(uri, answer.diagnostics, document.version))
                await asyncio.sleep(_LEAST_INTERVAL_SECONDS)

    async def _diagnose(self, document: Document, feed: _Feed) -> _Answer:
        known = feed.last

        def work(snapshot: Snapshot) -> _Answer:
            if known is not None and known.document is document and known.prompt is snapshot.prompt:
                return known
            feed.look_at(snapshot.prompt)
            return _Answer(document, snapshot.prompt, next(self._ids), _diagnostics(snapshot))

        answer = await self._session.ask(document, work, self._session.analysis, Token(feed.token))
        feed.last = answer
        return answer

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
            prompt = await self._session.ask(last.document, lambda snapshot: snapshot.prompt, self._session.analysis)
            return prompt is not last.prompt
        return False


def _diagnostics(snapshot: Snapshot) -> list[types.Diagnostic]:
    from promptls.lint.runner import findings
    from promptls.lsp.convert import diagnostic

    return [diagnostic(finding, snapshot) for finding in findings(snapshot.prompt)]
