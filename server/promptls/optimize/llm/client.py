"""Asks a model, within its limits and a budget, cancelled within a moment, and never twice for the same."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillRunning
from typing import TYPE_CHECKING, Any, TypeVar

from promptls.language.token_estimate import estimate_tokens
from promptls.optimize.draft import Usage
from promptls.optimize.llm.budget import Budget
from promptls.optimize.llm.cache import AnswerCache
from promptls.optimize.llm.conversation import Answer, Ask, BudgetExceeded, ModelError
from promptls.optimize.llm.endpoint import Endpoint
from promptls.optimize.llm.failures import about_the_question, explained, left_alone
from promptls.optimize.llm.structured import StructureError, read_structure

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter
    from openai import AsyncOpenAI
    from purgatory import AsyncCircuitBreakerFactory

    from promptls.settings import LlmSettings

logger = logging.getLogger(__name__)

Got = TypeVar("Got")

_POLL = 0.05
_FAILURES, _PAUSE = 4, 30.0
_CHARACTERS_A_TOKEN = 12
_AT_ONCE = 8


def _no_progress(characters: int) -> None:
    """Tell nobody."""


def _never_cancelled() -> None:
    """Let everything go on."""


class Client:
    """A model behind an OpenAI-compatible endpoint. Use it as a context manager: it owns a thread and connections.

    Timeouts and repeated requests are the SDK's. After four failures in a row the endpoint is left alone for half a
    minute. Every answer is streamed, so that `progress` hears how many characters there are and a runaway answer is
    cut; an answer that is known already costs nothing.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        settings: LlmSettings,
        *,
        budget: Budget | None = None,
        cache: AnswerCache | None = None,
        progress: Callable[[int], None] = _no_progress,
        check_cancelled: Callable[[], None] = _never_cancelled,
        pause: float = _PAUSE,
    ) -> None:
        self.endpoint = endpoint
        self.budget = budget or Budget()
        self._settings = settings
        self._cache = cache or AnswerCache()
        self._progress = progress
        self._check_cancelled = check_cancelled
        self._pause = pause
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="promptls-model", daemon=True)
        self._sdk: AsyncOpenAI | None = None
        self._requests: AsyncLimiter | None = None
        self._tokens: AsyncLimiter | None = None
        self._breakers: AsyncCircuitBreakerFactory | None = None
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def __enter__(self) -> Client:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._sdk is not None:
            asyncio.run_coroutine_threadsafe(self._sdk.close(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self._loop.close()

    def ask(self, ask: Ask) -> Answer:
        """One answer; raises `ModelError`, or whatever `check_cancelled` raises, at most a moment after it would."""
        return self._run(self._answer(ask))

    def ask_all(self, asks: Sequence[Ask]) -> list[Answer | ModelError]:
        """The answers to several questions asked side by side, each or the reason why there is none."""

        async def gathered() -> list[Answer | ModelError]:
            return list(await asyncio.gather(*(self._answer_or_error(ask) for ask in asks)))

        return self._run(gathered())

    def rate(self, answer: Answer, quality: float) -> None:
        """An answer has proved this good, from 0 to 1: keep it for as long as that deserves."""
        self._cache.rate(answer.key, quality)

    def _run(self, work: Coroutine[Any, Any, Got]) -> Got:
        future: Future[Got] = asyncio.run_coroutine_threadsafe(work, self._loop)
        while True:
            try:
                return future.result(timeout=_POLL)
            except StillRunning:
                if future.done():
                    raise
            try:
                self._check_cancelled()
            except BaseException:
                future.cancel()
                raise

    async def _answer_or_error(self, ask: Ask) -> Answer | ModelError:
        try:
            return await self._answer(ask)
        except ModelError as error:
            return error

    async def _answer(self, ask: Ask) -> Answer:
        key = ask.key(self.endpoint.base_url, self.endpoint.model)
        known = self._cache.get(key)
        if known is not None:
            usage = Usage(cache_hits=1)
            self.budget.count(usage)
            return Answer(str(known["text"]), usage, key, known.get("data"))
        answer = await self._fresh_answer(ask, key)
        self._cache.put(key, {"text": answer.text, "data": answer.data}, 1.0 if ask.schema else 0.5)
        return answer

    async def _fresh_answer(self, ask: Ask, key: str) -> Answer:
        text, usage = await self._asked(ask, list(ask.messages))
        if ask.schema is None:
            return Answer(text, usage, key)
        try:
            return Answer(text, usage, key, read_structure(text, ask.schema))
        except StructureError as error:
            again = [
                *ask.messages,
                {"role": "assistant", "content": text[:8000]},
                {
                    "role": "user",
                    "content": f"That answer {error}. Give the whole answer again as JSON and nothing else.",
                },
            ]
        text, more = await self._asked(ask, again)
        try:
            return Answer(text, usage + more, key, read_structure(text, ask.schema))
        except StructureError as error:
            raise ModelError(f"{self.endpoint.model} was asked twice for JSON, and its answer {error}") from None

    async def _asked(self, ask: Ask, messages: list[Any]) -> tuple[str, Usage]:
        """The text of one request that the budget allows; a failed one has cost a call."""
        sent = sum(estimate_tokens(str(message["content"])) + 4 for message in messages)
        most = min(ask.most_tokens, self._settings.max_output_tokens)
        reserved = self.budget.reserve(sent, most)
        usage = Usage(calls=1)
        try:
            async with self._slots:
                text, usage = await self._limited(ask, messages, sent, most)
            return text, usage
        finally:
            self.budget.settle(reserved, usage)

    async def _limited(self, ask: Ask, messages: list[Any], sent: int, most: int) -> tuple[str, Usage]:
        requests, tokens = self._limiters()
        await requests.acquire()
        await tokens.acquire(min(sent + most, tokens.max_rate))
        breaker = await self._breaker()
        try:
            async with breaker:
                return await self._streamed(ask, messages, sent, most)
        except (asyncio.CancelledError, BudgetExceeded):
            raise
        except Exception as error:
            raise explained(error, self.endpoint, self._settings, left_alone(error, self._pause)) from None

    async def _streamed(self, ask: Ask, messages: list[Any], sent: int, most: int) -> tuple[str, Usage]:
        options: dict[str, Any] = {self.endpoint.length_option: most}
        if ask.temperature is not None:
            options["temperature"] = ask.temperature
        if ask.seed is not None:
            options["seed"] = ask.seed
        if ask.schema is not None:
            options["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": ask.name, "schema": ask.schema, "strict": True},
            }
        stream = await self._connection().chat.completions.create(
            model=self.endpoint.model,
            messages=messages,
            stream=True,
            stream_options={"include_usage": True},
            **options,
        )
        pieces: list[str] = []
        refusal: list[str] = []
        length, finish, counted = 0, None, None
        try:
            async for chunk in stream:
                counted = chunk.usage or counted
                for choice in chunk.choices[:1]:
                    finish = choice.finish_reason or finish
                    refusal.append(choice.delta.refusal or "")
                    pieces.append(choice.delta.content or "")
                    length += len(pieces[-1])
                self._progress(length)
                if length > most * _CHARACTERS_A_TOKEN:
                    raise ModelError(f"{self.endpoint.model} answered without end and was cut off")
        finally:
            await stream.close()
        text = "".join(pieces)
        logger.debug("%s: %s answered %d characters (%s)", ask.name, self.endpoint.model, length, finish)
        input_tokens = counted.prompt_tokens if counted else sent
        output_tokens = counted.completion_tokens if counted else estimate_tokens(text)
        cost = self.budget.price.of(input_tokens, output_tokens)
        usage = Usage(1, input_tokens, output_tokens, cost)
        if any(refusal) or finish == "content_filter":
            raise ModelError(f"{self.endpoint.model} refused to answer")
        if finish == "length":
            raise ModelError(f"the answer of {self.endpoint.model} was longer than the {most} tokens that it may have")
        if finish is None:
            raise ModelError(f"{self.endpoint.host} sent only half an answer")
        if not text.strip():
            raise ModelError(f"{self.endpoint.model} answered nothing")
        return text, usage

    def _connection(self) -> AsyncOpenAI:
        if self._sdk is None:
            from openai import AsyncOpenAI

            self._sdk = AsyncOpenAI(
                base_url=self.endpoint.base_url,
                api_key=self.endpoint.key.value,
                timeout=self._settings.timeout_seconds,
                max_retries=self._settings.max_retries,
            )
        return self._sdk

    def _limiters(self) -> tuple[AsyncLimiter, AsyncLimiter]:
        if self._requests is None or self._tokens is None:
            from aiolimiter import AsyncLimiter

            self._requests = AsyncLimiter(self._settings.requests_per_minute, 60)
            self._tokens = AsyncLimiter(self._settings.tokens_per_minute, 60)
        return self._requests, self._tokens

    async def _breaker(self) -> Any:
        if self._breakers is None:
            from purgatory import AsyncCircuitBreakerFactory

            self._breakers = AsyncCircuitBreakerFactory(_FAILURES, self._pause, exclude=list(about_the_question()))
        return await self._breakers.get_breaker(self.endpoint.base_url)
