"""`promptls examples`: from test cases, from a model, and never against the output contract."""

from __future__ import annotations

import json

from pytest_httpserver import HTTPServer
from werkzeug import Response

from tests.optimize.model_server import Body, Model, answer

from .conftest import Terminal

PROMPT = (
    "---\nmodel: googleai/gemini-2.5-flash\n---\n"
    "Classify the message as positive, negative or neutral. Answer with the label only.\n\n"
    "<message>\n{{message}}\n</message>\n"
)
CASES = """cases:
  - {name: one, input: {message: I love it}, expect: [{equals: positive}]}
  - {name: two, input: {message: Great stuff}, expect: [{equals: positive}]}
  - {name: three, input: {message: It broke}, expect: [{equals: negative}]}
  - {name: four, input: {message: It is blue}, expect: [{equals: blue}]}
  - {name: five, input: {message: It came}, expect: [{contains: neutral}]}
"""


def test_cases_that_state_an_answer_come_first_and_keep_the_contract(terminal: Terminal) -> None:
    terminal.write({"a.prompt": PROMPT, "a.test.yaml": CASES})
    done = terminal.run("examples", "a.prompt", "--count", "2")
    assert done.code == 0
    assert done.out == (
        "<example>\nInput: I love it\nOutput: positive\n</example>\n"
        "<example>\nInput: It broke\nOutput: negative\n</example>\n"
    )
    assert "blue" in done.err, "what breaks the contract is left out and told of"


def test_json(terminal: Terminal) -> None:
    terminal.write({"a.prompt": PROMPT, "a.test.yaml": CASES})
    told = json.loads(terminal.run("examples", "a.prompt", "--format", "json").out)
    assert [each["output"] for each in told["examples"]] == ["positive", "negative", "positive"]
    assert {each["origin"] for each in told["examples"]} == {"cases"}
    assert (told["version"], told["path"], told["usage"]["calls"]) == (1, "a.prompt", 0)


def test_without_cases_and_model_it_says_how(terminal: Terminal) -> None:
    terminal.write({"a.prompt": PROMPT})
    done = terminal.run("examples", "a.prompt")
    assert (done.code, done.out) == (1, "")
    assert "--model" in done.err


def test_a_model_makes_up_the_rest(terminal: Terminal, httpserver: HTTPServer) -> None:
    made = [
        {"input": "It arrived", "output": "neutral"},
        {"input": "Bad", "output": "terrible"},
        {"input": "{{message}}", "output": "neutral"},
    ]

    def reply(body: Body) -> Response:
        return answer(json.dumps({"examples": made}))

    model = Model(httpserver, reply)
    settings = f'[llm]\nprovider = "vllm"\nmodel = "m"\nbase-url = "{httpserver.url_for("/v1")}"\n'
    terminal.write({"a.prompt": PROMPT, "a.test.yaml": CASES, "promptls.toml": settings})
    done = terminal.run("examples", "a.prompt", "--count", "5", "--model", "--format", "json")
    told = json.loads(done.out)
    assert done.code == 0
    assert [each["origin"] for each in told["examples"]] == ["cases", "cases", "cases", "model"]
    assert told["examples"][-1] == {"input": "It arrived", "output": "neutral", "origin": "model"}
    assert 1 <= told["usage"]["calls"] == len(model.asked) <= 2


def test_wrong_usage(terminal: Terminal) -> None:
    terminal.write({"a.prompt": PROMPT, "b.prompt": "{{#if x}}"})
    for arguments, said in (
        (["nowhere.prompt"], "nowhere.prompt"),
        (["a.prompt", "--count", "9"], "1 to 8"),
        (["b.prompt"], "syntax error"),
        (["a.prompt", "--tests", "no.yaml"], "no.yaml"),
        (["a.prompt", "--model"], "llm.model"),
    ):
        done = terminal.run("examples", *arguments)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert said in done.err
