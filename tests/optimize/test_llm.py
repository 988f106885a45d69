"""The client against a real HTTP server, which answers well, badly, slowly or not at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from promptls.language.prompt import Cancelled
from promptls.optimize.llm.budget import Budget, Price
from promptls.optimize.llm.cache import AnswerCache, lifetime
from promptls.optimize.llm.client import Client
from promptls.optimize.llm.consent import ConsentNeeded, Consents
from promptls.optimize.llm.conversation import Answer, Ask, BudgetExceeded, ModelError
from promptls.optimize.llm.endpoint import EndpointError, endpoint
from promptls.settings import LlmSettings

from .model_server import Body, Model, answer, failure, hang

SECRET = "sk-very-secret"
ASK = Ask(({"role": "user", "content": "How much is the fish, privately?"},), "test")
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def client(model: Model, settings: LlmSettings | None = None, **how: Any) -> Client:
    settings = settings or model.settings()
    return Client(endpoint(settings, {"KEY": SECRET}), settings, **how)


def failing(model: Model, settings: LlmSettings | None = None, **how: Any) -> str:
    with client(model, settings, **how) as talk, pytest.raises(ModelError) as caught:
        talk.ask(ASK)
    return str(caught.value)


def test_an_answer_with_its_usage(httpserver: HTTPServer) -> None:
    model = Model(httpserver)
    heard: list[int] = []
    with client(model, model.settings(api_key_env="KEY"), progress=heard.append) as talk:
        got = talk.ask(ASK)
    assert (got.text, got.usage.calls, got.usage.input_tokens, got.usage.output_tokens) == ("fine", 1, 100, 10)
    assert model.keys == [f"Bearer {SECRET}"]
    assert heard[-1] == 4


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (lambda body: failure(401), "does not accept the key (401)"),
        (lambda body: failure(403), "(403)"),
        (lambda body: failure(404), "does not know the model m (404)"),
        (lambda body: failure(400), "refused the request (400)"),
        (lambda body: failure(429, {"Retry-After": "0"}), "slow down (429)"),
        (lambda body: failure(500), "failed (500)"),
        (lambda body: failure(503), "failed (503)"),
        (lambda body: answer("half", finish=None), "half an answer"),
        (lambda body: answer("", refusal="I will not"), "refused to answer"),
        (lambda body: answer("x", finish="content_filter"), "refused to answer"),
        (lambda body: answer("x", finish="length"), "longer than the"),
        (lambda body: answer(" "), "answered nothing"),
        (lambda body: answer("word " * 200_000, piece=5000), "without end"),
        (lambda body: Response(b"data: {nonsense\n\n", content_type="text/event-stream"), "cannot be read"),
        (lambda body: Response("<html>", content_type="text/html"), "half an answer"),
    ],
)
def test_every_failure_is_one_sentence(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, reply: Callable[[Body], Response], said: str
) -> None:
    caplog.set_level(logging.INFO)
    message = failing(Model(httpserver, reply))
    assert said in message
    assert "\n" not in message
    assert "fish" not in message + caplog.text
    assert SECRET not in message + caplog.text


def test_nobody_there() -> None:
    settings = LlmSettings(provider="vllm", base_url="http://127.0.0.1:9/v1", model="m", max_retries=0)
    with Client(endpoint(settings, {}), settings) as talk, pytest.raises(ModelError, match="cannot be reached"):
        talk.ask(ASK)


def test_a_hanging_endpoint_runs_into_the_timeout(httpserver: HTTPServer) -> None:
    model = Model(httpserver, hang(3))
    assert "did not answer within 0.3 seconds" in failing(model, model.settings(timeout_seconds=0.3))


def test_the_sdk_tries_again_and_waits_as_told(httpserver: HTTPServer) -> None:
    replies = iter([failure(429, {"Retry-After": "0.1"}), failure(500), answer("at last")])
    model = Model(httpserver, lambda body: next(replies))
    with client(model, model.settings(max_retries=2)) as talk:
        assert talk.ask(ASK).text == "at last"
    assert len(model.asked) == 3


def test_a_failing_endpoint_is_left_alone_and_then_tried_again(httpserver: HTTPServer) -> None:
    model = Model(httpserver, lambda body: failure(500))
    with client(model, pause=0.6) as talk:
        for _ in range(4):
            with pytest.raises(ModelError, match=r"\(500\)"):
                talk.ask(ASK)
        with pytest.raises(ModelError, match="left alone until"):
            talk.ask(ASK)
        assert len(model.asked) == 4
        model.reply = lambda body: answer("back")
        time.sleep(0.8)
        assert talk.ask(ASK).text == "back"


def test_a_wrong_key_does_not_open_the_breaker(httpserver: HTTPServer) -> None:
    model = Model(httpserver, lambda body: failure(401))
    with client(model) as talk:
        for _ in range(6):
            with pytest.raises(ModelError, match="key"):
                talk.ask(ASK)


def test_cancelled_within_a_second(httpserver: HTTPServer) -> None:
    model = Model(httpserver, hang(1.5))
    begun = time.monotonic()

    def cancelled() -> None:
        if time.monotonic() > begun + 0.2:
            raise Cancelled

    with client(model, check_cancelled=cancelled) as talk:
        with pytest.raises(Cancelled):
            talk.ask(ASK)
        taken = time.monotonic() - begun
    print(f"cancelled after {taken - 0.2:.3f} s")
    assert taken < 1.2


def test_structured_answers(httpserver: HTTPServer) -> None:
    texts = iter(["no json", '```json\n{"n": 3}\n```'])
    model = Model(httpserver, lambda body: answer(next(texts)))
    with client(model) as talk:
        got = talk.ask(Ask(ASK.messages, "count", SCHEMA))
    assert got.data == {"n": 3}
    assert got.usage.calls == 2
    assert model.asked[0]["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "not valid JSON" in model.asked[1]["messages"][-1]["content"]


@pytest.mark.parametrize("text", ["{", '{"n": "3"}', '{"m": 3}', "[1]", '{"n": true}', "[" * 100_000])
def test_two_bad_structures_are_an_error(httpserver: HTTPServer, text: str) -> None:
    model = Model(httpserver, lambda body: answer(text, piece=4000))
    with (
        client(model, model.settings(max_output_tokens=50_000)) as talk,
        pytest.raises(ModelError, match="asked twice"),
    ):
        talk.ask(Ask(ASK.messages, "count", SCHEMA, most_tokens=50_000))


def test_the_same_question_is_asked_once(httpserver: HTTPServer, tmp_path: Path) -> None:
    model = Model(httpserver)
    for _ in range(2):
        with client(model, cache=AnswerCache(tmp_path / "answers.db")) as talk:
            got = talk.ask(ASK)
    assert got.text == "fine"
    assert (got.usage.calls, got.usage.cache_hits) == (0, 1)
    assert len(model.asked) == 1


def test_the_budget_is_checked_before_each_call(httpserver: HTTPServer) -> None:
    model = Model(httpserver)
    asks = [Ask(({"role": "user", "content": str(number)},), "n") for number in range(5)]
    with client(model, budget=Budget(calls=3)) as talk:
        got = talk.ask_all(asks)
    assert sum(isinstance(each, Answer) for each in got) == 3
    assert all("budget of 3 calls" in str(each) for each in got if isinstance(each, ModelError))
    assert len(model.asked) == 3


def test_nothing_is_asked_with_a_budget_of_nothing(httpserver: HTTPServer) -> None:
    model = Model(httpserver)
    assert "budget of 0 calls" in failing(model, budget=Budget(calls=0))
    assert "0.0000 of 0.0000" in failing(model, budget=Budget(usd=0.0, price=Price(1.0, 1.0)))
    assert model.asked == []


def test_money_is_set_aside_and_comes_back() -> None:
    budget = Budget(usd=0.001, price=Price(1.0, 10.0))
    first = budget.reserve(100, 80)
    with pytest.raises(BudgetExceeded, match="may cost"):
        budget.reserve(100, 80)
    from promptls.optimize.draft import Usage

    budget.settle(first, Usage(1, 100, 1, budget.price.of(100, 1)))
    budget.reserve(100, 70)
    assert budget.spent.cost_usd == pytest.approx(0.00011)


def test_a_budget_in_dollars_needs_a_price() -> None:
    with pytest.raises(BudgetExceeded, match="not known"):
        Budget(usd=1.0).reserve(1, 1)


@pytest.mark.parametrize(("quality", "hours"), [(0.0, 1), (0.5, 1), (0.9, 1.8), (1.0, 2), (20, 24)])
def test_lifetimes(quality: float, hours: float) -> None:
    assert lifetime(quality) == pytest.approx(hours * 3600)


def test_answers_expire(tmp_path: Path) -> None:
    now = 0.0
    cache = AnswerCache(tmp_path / "answers.db", now=lambda: now)
    cache.put("k", {"text": "x"}, 0.5)
    now = 3599
    assert cache.get("k") == {"text": "x"}
    now = 3601
    assert cache.get("k") is None


def test_a_cache_file_of_noise_costs_nothing_but_the_cache(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    path.write_bytes(b"noise" * 1000)
    cache = AnswerCache(path)
    cache.put("k", {"text": "x"})
    assert cache.get("k") == {"text": "x"}
    AnswerCache(path).put("k", {"text": "y"})
    assert AnswerCache(path).get("k") == {"text": "y"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (LlmSettings(), "llm.model"),
        (LlmSettings(model="m"), "OPENAI_API_KEY"),
        (LlmSettings(model="m", provider="azure"), "llm.base-url"),
        (LlmSettings(model="m", base_url="file:///etc/passwd"), "http or https"),
        (LlmSettings(model="m", provider="ollama", api_key_env="MY_KEY"), "MY_KEY"),
    ],
)
def test_what_is_missing_is_said(settings: LlmSettings, said: str) -> None:
    with pytest.raises(EndpointError, match=said):
        endpoint(settings, {})


def test_a_key_does_not_show_itself() -> None:
    found = endpoint(LlmSettings(model="m"), {"OPENAI_API_KEY": SECRET})
    assert SECRET not in repr(found)
    assert found.key.value == SECRET


def test_nothing_leaves_without_consent(tmp_path: Path) -> None:
    far = endpoint(LlmSettings(model="m"), {"OPENAI_API_KEY": SECRET})
    near = endpoint(LlmSettings(model="m", provider="ollama"), {})
    consents = Consents(tmp_path / "state" / "consent.json")
    consents.require(near)
    with pytest.raises(ConsentNeeded, match=r"api\.openai\.com"):
        consents.require(far)
    consents.give(far)
    Consents(consents.path).require(far)
    other = endpoint(LlmSettings(model="m", base_url="https://evil.example/v1"), {"OPENAI_API_KEY": SECRET})
    with pytest.raises(ConsentNeeded, match=r"evil\.example"):
        consents.require(other)
