"""Diagnostics of all files of the workspace, open or not, for clients that pull them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types

from promptls.lsp.documents import Document
from promptls.lsp.session import Session, Snapshot, Surroundings

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt

_Report = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport
_PIECE = 20
_LONGEST_SILENCE_SECONDS = 60.0
_QUIET_SECONDS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    prompt: Prompt
    result_id: str
    items: Sequence[types.Diagnostic]


class WorkspaceDiagnostics:
    """Remembers under which id the client was told of which prompt. To be used from the event loop.

    A client asks again as soon as it was answered. Where nothing is new the answer waits for something to change, and
    then for a quiet moment.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[Path, _Known] = {}
        self._gone: dict[str, str] = {}
        self._ids = (f"w{uuid4().hex[:8]}-{number}" for number in count(1))
        self._news = asyncio.Event()

    def changed(self) -> None:
        """Tell that a file, a text or the settings have changed."""
        self._news.set()

    async def pull(
        self,
        params: types.WorkspaceDiagnosticParams,
        send: Callable[[types.WorkspaceDiagnosticReportPartialResult], None] | None,
        progress: Callable[[str, int | None], None],
    ) -> types.WorkspaceDiagnosticReport:
        """A report for every file; in pieces through `send` if there is one, the answer proper being empty then."""
        previous = {each.uri: each.value for each in params.previous_result_ids}
        while True:
            self._news.clear()
            reports = await self._reports(previous, send, progress)
            is_news = any(isinstance(each, types.WorkspaceFullDocumentDiagnosticReport) for each in reports)
            if is_news or not previous:
                return types.WorkspaceDiagnosticReport([] if send else reports)
            if not await self._news_within(_LONGEST_SILENCE_SECONDS):
                return types.WorkspaceDiagnosticReport([] if send else reports)
            # While keys arrive, nobody looks at the other files, and the processor is wanted elsewhere.
            while await self._news_within(_QUIET_SECONDS):
                pass

    async def _news_within(self, seconds: float) -> bool:
        """Wait for something to change; whether it did in time."""
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return False
        self._news.clear()
        return True

    async def _reports(
        self,
        previous: Mapping[str, str],
        send: Callable[[types.WorkspaceDiagnosticReportPartialResult], None] | None,
        progress: Callable[[str, int | None], None],
    ) -> list[_Report]:
        from promptls.language.prompt import Cancelled

        paths = await self._session.ask_workspace(_paths, self._session.background)
        reports: list[_Report] = []
        unsent: list[_Report] = []
        for number, path in enumerate(paths):
            known = self._known.get(path)

            def question(surroundings: Surroundings, path: Path = path, known: _Known | None = known) -> object:
                return self._report(path, surroundings, known, previous)

            with suppress(Cancelled):
                found = await self._session.ask_workspace(question, self._session.background)
                if isinstance(found, tuple):
                    self._known[path], report = found
                    reports.append(report)
                    unsent.append(report)
            if len(unsent) >= _PIECE and send is not None:
                send(types.WorkspaceDiagnosticReportPartialResult(unsent))
                unsent = []
                progress(f"{number + 1} of {len(paths)} files", (number + 1) * 100 // len(paths))
        for uri in previous.keys() - {each.uri for each in reports}:
            gone = types.WorkspaceFullDocumentDiagnosticReport(uri, [])
            reports.append(gone)
            unsent.append(gone)
        if unsent and send is not None:
            send(types.WorkspaceDiagnosticReportPartialResult(unsent))
        return reports

    def _report(
        self, path: Path, surroundings: Surroundings, known: _Known | None, previous: Mapping[str, str]
    ) -> tuple[_Known, _Report] | None:
        """Made in a worker thread; None for a file that cannot be read."""
        from promptls.lint.runner import findings
        from promptls.lsp.convert import Lines, diagnostic
        from promptls.workspace import FileProblem

        uri = surroundings.uri(path)
        opened = surroundings.documents.get(path)
        version = opened.version if opened is not None else None
        try:
            prompt = surroundings.workspace.prompt(path)
        except FileProblem:
            return None
        if known is None or known.prompt is not prompt:
            document = opened or Document(uri, "dotprompt", 0, prompt.source)
            lines = Lines(prompt.source, surroundings.client.encoding)
            snapshot = Snapshot(document, prompt, lines, surroundings.client, surroundings)
            items = [diagnostic(each, snapshot) for each in findings(prompt)]
            is_same = known is not None and known.items == items
            known = _Known(prompt, known.result_id if known is not None and is_same else next(self._ids), items)
        if previous.get(uri) == known.result_id:
            return known, types.WorkspaceUnchangedDocumentDiagnosticReport(uri, known.result_id, version)
        return known, types.WorkspaceFullDocumentDiagnosticReport(uri, known.items, version, result_id=known.result_id)


def _paths(surroundings: Surroundings) -> list[Path]:
    found = {each for each in surroundings.workspace.discover() if isinstance(each, Path)}
    return sorted(found | set(surroundings.documents))
