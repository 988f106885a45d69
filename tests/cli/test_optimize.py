"""`promptls optimize`: what it prints, writes and exits with; batches; models, consent and budgets."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from tests.optimize.model_server import Body, Model, answer, hang

from .conftest import Terminal

HEAD = "---\nmodel: googleai/gemini-2.5-flash\ninput:\n  schema:\n    ticket: string\n---\n"
FLAT = f"{HEAD}Classify the ticket as billing or other. If possible, answer with the label alone.\n\n{{{{ticket}}}}\n"
FINE = "---\nmodel: googleai/gemini-2.5-flash\n---\nSort the words by length.\n"
BROKEN = "{{#if x}}Hello\n"


def objects(text: str) -> list[dict[str, Any]]:
    read = json.loads(text)
    assert read["version"] == 1
    return list(read["prompts"])


def test_text_shows_steps_and_the_diff_and_writes_nothing(terminal: Terminal) -> None:
    terminal.write({"a.prompt": FLAT})
    done = terminal.run("optimize", "a.prompt")
    assert done.code == 0
    assert done.out.startswith("a.prompt: improved, score ")
    assert "[clarity/weak-rule]" in done.out
    assert "\n-Classify the ticket as billing or other. If possible, answer" in done.out
    assert "\n+<ticket>\n" in done.out
    assert terminal.read("a.prompt") == FLAT


def test_json_has_the_agreed_shape(terminal: Terminal) -> None:
    terminal.write({"a.prompt": FLAT})
    (one,) = objects(terminal.run("optimize", "a.prompt", "--format", "json").out)
    assert (one["path"], one["strategy"], one["status"], one["error"]) == ("a.prompt", "static", "improved", None)
    assert one["after"]["score"] > one["before"]["score"]
    assert set(one["before"]) == set(one["after"]) == {"score", "tokens"}
    assert {"stage", "rule", "title"} == set(one["steps"][0])
    usage = {"calls", "input_tokens", "output_tokens", "cost_usd", "cache_hits", "seconds"}
    assert set(one["usage"]) == usage
    assert one["usage"]["calls"] == 0
    assert one["text"].endswith("<ticket>\n{{ticket}}\n</ticket>\n")
    assert one["diff"].startswith("--- a.prompt\n+++ a.prompt\n")


def test_write_then_nothing_is_left(terminal: Terminal) -> None:
    terminal.write({"a.prompt": FLAT})
    assert terminal.run("optimize", "a.prompt", "--write").code == 0
    once = terminal.read("a.prompt")
    assert "<ticket>" in once
    assert terminal.run("optimize", "a.prompt", "--write").out.startswith("a.prompt: unchanged")
    assert terminal.read("a.prompt") == once
    assert [path.name for path in terminal.folder.iterdir()] == ["a.prompt"], "no temporary file is left"


def test_a_file_that_changed_meanwhile_is_not_written(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    from promptls.cli import optimizing
    from promptls.optimize import service

    terminal.write({"a.prompt": FLAT})
    original = service.optimised

    def slow(*given: Any) -> Any:
        terminal.write({"a.prompt": FLAT + "More.\n"})
        return original(*given)

    monkeypatch.setattr(optimizing, "optimised", slow)
    done = terminal.run("optimize", "a.prompt", "--write")
    assert done.code == 1
    assert "changed meanwhile" in done.out
    assert terminal.read("a.prompt") == FLAT + "More.\n"


def test_stdin(terminal: Terminal) -> None:
    done = terminal.run("optimize", "-", stdin=FLAT)
    assert done.out.startswith("-: improved")
    written = terminal.run("optimize", "-", "--write", stdin=FLAT)
    assert written.out.endswith("<ticket>\n{{ticket}}\n</ticket>\n")
    assert written.out.startswith("---\nmodel"), "only the text, to be piped"
    assert written.err.startswith("-: improved")


def test_what_cannot_be_read_exits_with_1(terminal: Terminal) -> None:
    terminal.write({"a.prompt": BROKEN, "b.prompt": FINE})
    done = terminal.run("optimize", ".", "--format", "json")
    assert done.code == 1
    assert [(one["path"], one["status"]) for one in objects(done.out)] == [
        ("a.prompt", "failed"),
        ("b.prompt", "unchanged"),
    ]
    assert "1 failed" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.prompt"], "nowhere.prompt"),
        (["a.prompt", "--strategy", "statik"], "did you mean static?"),
        (["a.prompt", "--steps", "clarity/week-rule"], "did you mean clarity/weak-rule?"),
        (["a.prompt", "--budget-usd", "-1"], "US dollars"),
        (["a.prompt", "--budget-calls", "many"], "whole number"),
        (["a.prompt", "--priority", "*=urgent"], "low, normal, high, critical"),
        (["a.prompt", "--write", "--diff"], "not allowed"),
        (["a.prompt", "b.prompt", "--tests", "x.yaml"], "one prompt"),
        (["a.prompt", "--strategy", "quick"], "llm.model"),
    ],
)
def test_wrong_usage_exits_with_2_in_one_line(terminal: Terminal, arguments: list[str], said: str) -> None:
    terminal.write({"a.prompt": FINE, "b.prompt": FINE})
    done = terminal.run("optimize", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1


def test_steps_take_rules_and_families(terminal: Terminal) -> None:
    terminal.write({"a.prompt": FLAT})
    (one,) = objects(terminal.run("optimize", "a.prompt", "--steps", "clarity", "--format", "json").out)
    assert [step["rule"] for step in one["steps"]] == ["clarity/weak-rule"]


def test_urgent_prompts_come_first(terminal: Terminal) -> None:
    terminal.write(
        {
            "a.prompt": FINE,
            "b.prompt": FINE,
            "c.prompt": FINE,
            "d.prompt": FINE,
            "promptls.toml": '[priorities]\n"c.prompt" = "critical"\n"a.prompt" = "low"\n',
        }
    )
    out = terminal.run("optimize", ".").out
    assert [line[0] for line in out.splitlines() if ": unchanged" in line] == ["c", "b", "d", "a"]
    out = terminal.run("optimize", ".", "--priority", "d*=critical", "--priority", "c*=high").out
    assert [line[0] for line in out.splitlines() if ": unchanged" in line] == ["d", "c", "b", "a"]


# A batch that was killed.


def test_a_batch_goes_on_where_it_was_killed(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    from promptls.cli import optimizing
    from promptls.optimize import service

    terminal.write({f"{name}.prompt": FLAT for name in "abcd"})
    original = service.optimised
    seen: list[str] = []

    def killed(prompt: Any, *given: Any) -> Any:
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(prompt.path.name)
        return original(prompt, *given)

    monkeypatch.setattr(optimizing, "optimised", killed)
    done = terminal.run("optimize", ".", "--write")
    assert done.code == 130
    assert "stopped after 2 of 4" in done.err
    assert ["<ticket>" in terminal.read(f"{name}.prompt") for name in "abcd"] == [True, True, False, False]

    def counted(prompt: Any, *given: Any) -> Any:
        seen.append(prompt.path.name)
        return original(prompt, *given)

    monkeypatch.setattr(optimizing, "optimised", counted)
    done = terminal.run("optimize", ".", "--write", "--format", "json")
    assert seen == ["a.prompt", "b.prompt", "c.prompt", "d.prompt"], "what was done is not done again"
    assert [one["status"] for one in objects(done.out)] == ["improved"] * 4, "and is in the report all the same"
    assert terminal.run("optimize", ".").out.count("unchanged") == 4
    assert len(seen) == 8, "a batch that has ended leaves no journal"


def test_a_torn_journal_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    from promptls.optimize.batch import Journal

    journal = Journal(tmp_path / "j.jsonl")
    journal.put(["a", "b"], {"x": 1})
    with (tmp_path / "j.jsonl").open("a") as file:
        file.write('\n{"keys": ["c"], "val')
    Journal(tmp_path / "j.jsonl").put(["d"], {"x": 2})
    again = Journal(tmp_path / "j.jsonl")
    assert [again.get(key) for key in "abcd"] == [{"x": 1}, {"x": 1}, None, {"x": 2}]


def test_jobs_are_bounded_and_all_done() -> None:
    import threading

    from promptls.optimize.batch import Job, Priority, run_jobs

    lock, running, most = threading.Lock(), 0, 0

    def do(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return number * 2

    jobs = [Job(number, Priority.NORMAL) for number in range(20)]
    assert dict(run_jobs(jobs, do, 3, threading.Event())) == {number: number * 2 for number in range(20)}
    assert 1 < most <= 3


# With a model.

ISSUE = {"quote": "answer with the label alone", "problem": "It is weak.", "suggestion": "Say it plainly."}


def helpful(body: Body) -> Response:
    name = body["response_format"]["json_schema"]["name"]
    if name == "rewrite":
        text = FLAT.partition("---\n")[2].partition("---\n")[2]
        return answer(json.dumps({"prompt": text.replace("If possible, answer", "Answer")}))
    return answer(json.dumps({"issues": [ISSUE] if name == "contradictions" else []}))


def settings_file(server: HTTPServer, **more: str) -> str:
    given = {"provider": "vllm", "base-url": server.url_for("/v1"), "model": "m", **more}
    return "[llm]\nmax-retries = 0\nrequests-per-minute = 6000\n" + "".join(
        f"{key} = {json.dumps(value)}\n" for key, value in given.items()
    )


def test_quick_asks_the_model_and_the_second_run_does_not(terminal: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, helpful)
    terminal.write({"a.prompt": FLAT, "promptls.toml": settings_file(httpserver)})
    (one,) = objects(terminal.run("optimize", "a.prompt", "--strategy", "quick", "--format", "json").out)
    assert (one["status"], one["error"]) == ("improved", None)
    assert one["usage"]["calls"] == 4 == len(model.asked)
    (again,) = objects(terminal.run("optimize", "a.prompt", "--strategy", "quick", "--format", "json").out)
    assert again["text"] == one["text"]
    assert (again["usage"]["calls"], again["usage"]["cache_hits"]) == (0, 4)
    assert len(model.asked) == 4


def test_what_was_spent_is_told_though_nothing_came_of_it(terminal: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, helpful)
    terminal.write({"a.prompt": FLAT.replace("billing", "refund"), "promptls.toml": settings_file(httpserver)})
    (one,) = objects(terminal.run("optimize", "a.prompt", "--strategy", "quick", "--format", "json").out)
    assert (one["status"], one["usage"]["calls"]) == ("failed", len(model.asked))
    assert "drops the label refund" in one["error"]


def test_nothing_is_sent_without_consent(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.write(
        {
            "a.prompt": FLAT,
            "promptls.toml": '[llm]\nprovider = "openai"\nmodel = "gpt-4.1"\nbase-url = "http://192.0.2.1/v1"\n',
        }
    )
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    done = terminal.run("optimize", "a.prompt", "--strategy", "quick")
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "192.0.2.1" in done.err
    assert "--yes" in done.err


def test_a_budget_of_zero_calls_asks_nothing(terminal: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, helpful)
    terminal.write({"a.prompt": FLAT, "promptls.toml": settings_file(httpserver)})
    done = terminal.run("optimize", "a.prompt", "--strategy", "quick", "--budget-calls", "0")
    assert done.code == 1
    assert "budget of 0 calls" in done.out
    assert model.asked == []


def test_the_budget_is_one_for_all_and_the_urgent_have_it_first(terminal: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, helpful)
    terminal.write(
        {"a.prompt": FLAT, "b.prompt": FLAT.replace("billing", "refund"), "promptls.toml": settings_file(httpserver)}
    )
    done = terminal.run(
        "optimize",
        ".",
        "--strategy",
        "quick",
        "--budget-calls",
        "4",
        "--jobs",
        "1",
        "--priority",
        "b*=high",
        "--format",
        "json",
    )
    assert len(model.asked) == 4
    assert [one["status"] for one in objects(done.out)] == ["failed", "improved"] or done.code == 1


def test_an_endpoint_that_is_down_leaves_the_file_alone(terminal: Terminal) -> None:
    terminal.write(
        {
            "a.prompt": FLAT,
            "promptls.toml": '[llm]\nprovider = "vllm"\nmodel = "m"\n'
            'base-url = "http://127.0.0.1:9/v1"\nmax-retries = 0\n',
        }
    )
    done = terminal.run("optimize", "a.prompt", "--strategy", "quick", "--write")
    assert done.code == 1
    assert "cannot be reached" in done.out
    assert terminal.read("a.prompt") == FLAT


CASES = "cases:\n" + "".join(
    f"  - name: case {number}\n    input: {{ticket: 'Ticket number {number} is about {word}'}}\n"
    f"    expect:\n      - equals: {word}\n"
    for number, word in enumerate(["billing", "other"] * 6)
)


def test_the_wizard_finds_the_cases_beside_the_prompt_and_keeps_a_run_log(
    terminal: Terminal, httpserver: HTTPServer
) -> None:
    def reply(body: Body) -> Response:
        text = body["messages"][-1]["content"]
        if "response_format" not in body:
            return answer("billing" if "billing'" in text else "other")
        return answer(json.dumps(made[body["response_format"]["json_schema"]["name"]]))

    made = {
        **{key: {"prompt": "Nothing of use."} for key in ("mutate", "refine")},
        **{key: {"sentence": "Be quick."} for key in ("persona", "intent")},
        "critique": {"critique": "It is vague."},
        "synthesise-examples": {"examples": [{"input": "a bill", "output": "billing"}]},
    }
    model = Model(httpserver, reply)
    terminal.write({"a.prompt": FLAT, "a.test.yaml": CASES, "promptls.toml": settings_file(httpserver)})
    arguments = ("optimize", "a.prompt", "--strategy", "wizard", "--budget-calls", "60", "--format", "json")
    (one,) = objects(terminal.run(*arguments).out)
    assert one["status"] in ("improved", "unchanged"), one["error"]
    assert 0 < len(model.asked) <= 60
    assert one["notes"]
    asked = len(model.asked)
    state = Path(os.environ["XDG_STATE_HOME"]) / "promptls" / "runs"
    assert len(list(state.glob("*.jsonl"))) == 1
    (again,) = objects(terminal.run(*arguments).out)
    assert len(model.asked) == asked, "the same run is not paid for twice"
    assert again["text"] == one["text"]


def test_the_wizard_says_what_it_lacks(terminal: Terminal, httpserver: HTTPServer) -> None:
    Model(httpserver, helpful)
    terminal.write({"a.prompt": FLAT, "promptls.toml": settings_file(httpserver)})
    done = terminal.run("optimize", "a.prompt", "--strategy", "wizard")
    assert done.code == 1
    assert "needs 4 test cases" in done.out


@pytest.mark.parametrize("count", [1, 5])
def test_ctrl_c_ends_it_within_a_second(terminal: Terminal, httpserver: HTTPServer, count: int) -> None:
    model = Model(httpserver, hang(5))
    terminal.write({"a.prompt": FLAT, "promptls.toml": settings_file(httpserver)})
    terminal.write({f"{number}.prompt": FLAT for number in range(count - 1)})
    with terminal.start("optimize", ".", "--strategy", "quick", "--write") as process:
        while not model.asked:
            time.sleep(0.05)
            assert process.poll() is None
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
        assert time.monotonic() - begun < 2
    assert process.returncode == 130
    assert terminal.read("a.prompt") == FLAT
