"""What failures of an endpoint mean, in one sentence that says what to do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from promptls.optimize.llm.conversation import ModelError
from promptls.optimize.llm.endpoint import Endpoint

if TYPE_CHECKING:
    from promptls.settings import LlmSettings


def about_the_question() -> tuple[type[BaseException], ...]:
    """Failures that say something about the question, not about the endpoint, and so do not open the breaker."""
    import asyncio

    import openai

    return (
        ModelError,
        asyncio.CancelledError,
        openai.AuthenticationError,
        openai.PermissionDeniedError,
        openai.BadRequestError,
        openai.NotFoundError,
        openai.UnprocessableEntityError,
    )


def left_alone(error: Exception, pause: float) -> str | None:
    """Until when the endpoint is left alone, where that is why nothing was asked."""
    from purgatory.domain.model import OpenedState

    if not isinstance(error, OpenedState):
        return None
    return time.strftime("%H:%M:%S", time.localtime(error.opened_at + pause))


def explained(error: Exception, endpoint: Endpoint, settings: LlmSettings, until: str | None) -> ModelError:
    """The failure as a person should read it; nothing that was sent is repeated in it."""
    import openai

    host = endpoint.host
    if isinstance(error, ModelError):
        return error
    if until is not None:
        return ModelError(f"{host} failed several times in a row and is left alone until {until}")
    tries = f"{settings.max_retries + 1} times" if settings.max_retries else "once"
    match error:
        case openai.AuthenticationError():
            return ModelError(f"{host} does not accept the key (401): check the environment variable that holds it")
        case openai.PermissionDeniedError():
            return ModelError(f"{host} does not let this key use {endpoint.model} (403)")
        case openai.NotFoundError():
            return ModelError(
                f"{host} does not know the model {endpoint.model} (404): check llm.model and llm.base-url"
            )
        case openai.RateLimitError():
            return ModelError(f"{host} asks to slow down (429); it was asked {tries}")
        case openai.APITimeoutError():
            return ModelError(
                f"{host} did not answer within {settings.timeout_seconds:g} seconds; it was asked {tries}"
            )
        case openai.APIConnectionError():
            return ModelError(f"{host} cannot be reached; it was tried {tries}")
        case openai.InternalServerError():
            return ModelError(f"{host} failed ({error.status_code}); it was asked {tries}")
        case openai.APIStatusError():
            return ModelError(f"{host} refused the request ({error.status_code})")
        case _:
            return ModelError(f"{host} sent an answer that cannot be read ({type(error).__name__})")
