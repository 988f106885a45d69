"""Progress of requests that may take long, and answers in pieces, for clients that hand out tokens for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

_PIECE = 100
Report = Callable[[str, int | None], None]


@contextmanager
def work_done(server: LanguageServer, params: Any, title: str | None) -> Iterator[Report]:
    """Tell that a request is being worked on, from its begin to its end, where its parameters hold a token for that.

    What it yields takes a message and, if known, a percentage.
    """
    token = getattr(params, "work_done_token", None)
    if token is None or title is None:
        yield lambda _message, _percentage: None
        return

    def send(value: object) -> None:
        server.progress(types.ProgressParams(token, value))

    send(types.WorkDoneProgressBegin(title, cancellable=True))
    try:
        yield lambda message, percentage: send(types.WorkDoneProgressReport(message=message, percentage=percentage))
    finally:
        send(types.WorkDoneProgressEnd())


def in_pieces(server: LanguageServer, params: Any, answer: Any) -> Any:
    """Send a list in pieces where the parameters hold a token for that; the answer proper must be empty then."""
    token = getattr(params, "partial_result_token", None)
    if token is None or not isinstance(answer, Sequence) or len(answer) <= _PIECE:
        return answer
    for start in range(0, len(answer), _PIECE):
        server.progress(types.ProgressParams(token, list(answer[start : start + _PIECE])))
    return []
