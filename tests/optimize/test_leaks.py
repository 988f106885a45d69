"""What must not get out: held-out cases into a prompt, keys and prompts into what is logged. Over real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from pytest_httpserver import HTTPServer
from werkzeug import Response

from promptls.language.prompt import Prompt
from promptls.optimize.draft import Request
from promptls.optimize.llm.budget import Budget
from promptls.optimize.llm.client import Client
from promptls.optimize.llm.endpoint import endpoint
from promptls.optimize.observers import Observers, Silent
from promptls.optimize.service import optimised
from promptls.optimize.strategies import Means
from promptls.optimize.wizard.strategy import split
from promptls.settings import Settings
from promptls.testcases.document import read_tests

from .model_server import Body, Model, answer
from .test_quick import BETTER, SEED, scripted

TASK = "Sort the review as good or bad. Answer with one of these labels: good, bad.\n\nReview: {{text}}\n"
TEXTS = [f"the {thing} broke on day {number} and nobody answered my letters" for number, thing in enumerate(
    ("kettle", "lamp", "chair", "table", "spoon", "clock", "radio", "phone")
)]  # fmt: skip
CASES = read_tests(
    "cases:\n"
    + "".join(
        f"  - {{name: c{number}, input: {{text: {text}}}, expect: [{{equals: bad}}]}}\n"
        for number, text in enumerate(TEXTS)
    )
).cases
SECRET = "sk-very-secret"


class Verdicts(Silent):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def candidate(self, text: str, score: float | None, verdict: str) -> None:
        self.heard.append(verdict)


def test_a_model_that_copies_test_cases_gets_none_of_them_in(httpserver: HTTPServer) -> None:
    _, held_out = split(list(CASES), 0)
    secret = " ".join(str(case.input["text"]) for case in held_out)

    def reply(body: Body) -> Response:
        if "response_format" not in body:
            return answer("bad" if secret[:40] in body["messages"][-1]["content"] else "good")
        name = body["response_format"]["json_schema"]["name"]
        if name == "critique":
            return answer(json.dumps({"critique": f"Mention: {secret}"}))
        if name in ("persona", "intent"):
            return answer(json.dumps({"sentence": f"Know this: {secret}"}))
        if name == "synthesise-examples":
            pairs = [{"input": str(case.input["text"]), "output": "bad"} for case in held_out]
            return answer(json.dumps({"examples": pairs}))
        return answer(json.dumps({"prompt": f"{TASK.rstrip()}\n\n{secret}\n"}))

    model, heard = Model(httpserver, reply), Verdicts()
    settings = model.settings()
    with Client(endpoint(settings, {}), settings, budget=Budget(60)) as client:
        means = Means(client, CASES, 60, observers=Observers([heard]))
        result = optimised(Prompt(TASK, settings=Settings()), Request("wizard"), means)
    assert "copied" in heard.heard
    for case in held_out:
        assert str(case.input["text"]) not in result.text
    assert len(model.asked) <= 60


def test_neither_key_nor_prompt_is_logged(httpserver: HTTPServer, tmp_path: Path) -> None:
    model = Model(httpserver, scripted(BETTER.replace("{{question}}", "")))
    (tmp_path / "promptls.toml").write_text(
        f'[llm]\nprovider = "vllm"\nbase-url = "{httpserver.url_for("/v1")}"\nmodel = "m"\napi-key-env = "A_KEY"\n',
        encoding="utf-8",
    )
    (tmp_path / "a.prompt").write_text(SEED, encoding="utf-8")
    kept = {name: str(tmp_path / "kept") for name in ("XDG_STATE_HOME", "PROMPTLS_CACHE_FOLDER")}
    done = subprocess.run(
        [sys.executable, "-m", "promptls", "optimize", "a.prompt", "--strategy", "quick", "--format", "json"],
        cwd=tmp_path, env={**os.environ, **kept, "A_KEY": SECRET}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    (told,) = json.loads(done.stdout)["prompts"]
    assert told["status"] == "failed"
    assert told["text"] == SEED
    assert set(model.keys) == {f"Bearer {SECRET}"}
    assert SECRET not in done.stdout + done.stderr
    assert "Explain every detail" not in done.stderr
    written = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in path.read_bytes() for path in written)
