"""A model endpoint on loopback that speaks the OpenAI protocol, well or badly, as a test wants it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from promptls.settings import LlmSettings

PATH = "/v1/chat/completions"
Body = dict[str, Any]


def streamed(text: str, *, finish: str | None = "stop", refusal: str | None = None, piece: int = 40) -> Iterator[bytes]:
    """The events of one answer."""

    def event(delta: Body, finish: str | None = None, usage: Body | None = None) -> bytes:
        choices = [] if usage else [{"index": 0, "delta": delta, "finish_reason": finish}]
        chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
        return f"data: {json.dumps({**chunk, 'usage': usage})}\n\n".encode()

    if refusal is not None:
        yield event({"role": "assistant", "refusal": refusal})
    for start in range(0, len(text), piece):
        yield event({"role": "assistant", "content": text[start : start + piece]})
    if finish is not None:
        yield event({}, finish)
        yield event({}, usage={"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110})
        yield b"data: [DONE]\n\n"


def answer(text: str, **how: Any) -> Response:
    """A streamed answer."""
    return Response(streamed(text, **how), content_type="text/event-stream")


def failure(status: int, headers: dict[str, str] | None = None) -> Response:
    """An error as OpenAI words them."""
    body = json.dumps({"error": {"message": "no", "type": "error", "code": None}})
    return Response(body, status=status, content_type="application/json", headers=headers or {})


def hang(seconds: float) -> Callable[[Body], Response]:
    """Answers only after a while."""

    def handler(body: Body) -> Response:
        time.sleep(seconds)
        return answer("late")

    return handler


class Model:
    """Hears every request and answers by `reply`, which gets the request's JSON; keeps what it was asked."""

    def __init__(self, server: HTTPServer, reply: Callable[[Body], Response] | None = None) -> None:
        self.server = server
        self.asked: list[Body] = []
        self.keys: list[str | None] = []
        self.reply = reply or (lambda body: answer("fine"))
        self._lock = threading.Lock()
        server.expect_request(PATH, method="POST").respond_with_handler(self._handle)

    def _handle(self, request: Request) -> Response:
        body = json.loads(request.get_data())
        with self._lock:
            self.asked.append(body)
            self.keys.append(request.headers.get("Authorization"))
        return self.reply(body)

    def settings(self, **more: Any) -> LlmSettings:
        """Settings that lead here."""
        given = {
            "provider": "vllm",
            "base_url": self.server.url_for("/v1"),
            "model": "m",
            "max_retries": 0,
            "timeout_seconds": 2.0,
            "requests_per_minute": 6000,
            "tokens_per_minute": 10_000_000,
        }
        return LlmSettings(**{**given, **more})
