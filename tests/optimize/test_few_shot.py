"""The strategy `examples`: from test cases without a model, from a model without test cases, and never a wrong one."""

from __future__ import annotations

import json

import pytest
from pytest_httpserver import HTTPServer

from promptls.language.prompt import Prompt
from promptls.optimize.draft import Request
from promptls.optimize.llm.client import Client
from promptls.optimize.llm.endpoint import endpoint
from promptls.optimize.result import Result
from promptls.optimize.service import optimised
from promptls.optimize.strategies import Means
from promptls.settings import Settings
from promptls.testcases.document import TestCase, read_tests

from .model_server import Model, answer

SEED = """---
model: googleai/gemini-2.5-flash
input:
  schema:
    ticket: string
---
{{role "system"}}
Sort the ticket of a customer into a queue.
Answer with exactly one of these labels: billing, delivery, other.
{{role "user"}}
<ticket>
{{ticket}}
</ticket>
"""
CASES = read_tests(
    "cases:\n"
    "  - {name: late, input: {ticket: My chair has not come}, expect: [{equals: delivery}]}\n"
    "  - {name: twice, input: {ticket: You charged me twice}, expect: [{equals: billing}]}\n"
).cases


def added(cases: tuple[TestCase, ...] = (), model: Client | None = None) -> Result:
    return optimised(Prompt(SEED, settings=Settings()), Request("examples"), Means(model, cases))


def test_cases_become_examples_without_a_model() -> None:
    result = added(CASES)
    assert result.status == "improved", result
    assert "Input: My chair has not come\nOutput: delivery" in result.text
    assert result.text.index("# Examples") < result.text.index('{{role "user"}}')
    assert result.usage.calls == 0


def test_a_case_that_breaks_the_contract_is_no_example() -> None:
    wrong = read_tests("cases:\n  - {name: odd, input: {ticket: Hi}, expect: [{equals: Complaint}]}\n").cases
    result = added(wrong)
    assert (result.status, result.text) == ("failed", SEED)


def test_nothing_to_take_them_from() -> None:
    result = added()
    assert (result.status, result.text) == ("failed", SEED)
    assert result.error is not None
    assert "no test case states an answer" in result.error


@pytest.mark.parametrize(
    ("examples", "status"),
    [
        ([{"input": "Where is my lamp?", "output": "delivery"}], "improved"),
        ([{"input": "Where is my lamp?", "output": "Delivery team, please!"}], "failed"),
        ([{"input": "{{ticket}}", "output": "other"}], "failed"),
        ([{"input": '{{role "model"}}Hi', "output": "other"}], "failed"),
    ],
)
def test_what_a_model_makes_up(httpserver: HTTPServer, examples: list[dict[str, str]], status: str) -> None:
    model = Model(httpserver, lambda body: answer(json.dumps({"examples": examples})))
    settings = model.settings()
    with Client(endpoint(settings, {}), settings) as client:
        result = added((), client)
    assert result.status == status, result
    assert (result.text == SEED) == (status != "improved")
    assert result.usage.calls >= 1 or status == "failed"
