"""`promptls test`: what it renders, compares, asks and reports."""

import json
import re
import signal
import time
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml
from pytest_httpserver import HTTPServer

from promptls.testcases.document import read_tests
from tests.cli.conftest import Terminal
from tests.optimize.model_server import Body, Model, answer, failure, hang
from tests.support import ROOT

PROMPT = """---
model: openai/gpt-4.1-mini
config: {temperature: 0.2, maxOutputTokens: 50}
input:
  schema:
    ticket: string
    tone?(enum): [warm, cool]
---
{{role "system"}}
Sort the ticket: billing, bug or other.{{#if tone}} Be {{tone}}.{{/if}}
{{role "user"}}
{{ticket}}
"""
CASES = """cases:
  - name: refund
    input: {ticket: I want my money back}
    expect: {equals: billing}
  - name: crash
    input: {ticket: It crashes, tone: warm}
    expect:
      - contains: bug
      - llm-rubric: The answer is one word.
"""


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PROMPTLS_CACHE_FOLDER", str(tmp_path / "answers"))


@pytest.fixture
def project(terminal: Terminal) -> Terminal:
    terminal.write({"a/ticket.prompt": PROMPT, "a/ticket.test.yaml": CASES})
    return terminal


def model_settings(endpoint: Model) -> str:
    settings = {"provider": "vllm", "base-url": endpoint.server.url_for("/v1"), "max-retries": 0, "model": "m"}
    return "[llm]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def dispatcher(body: Body) -> object:
    """Sorts tickets, and judges."""
    text = body["messages"][-1]["content"]
    if "<rubric>" in text:
        return answer(json.dumps({"reason": "It is one word.", "satisfied": "it is a bug" not in text}))
    return answer("billing" if "money" in text else "it is a bug")


# Without a model


def test_cases_are_rendered(project: Terminal) -> None:
    outcome = project.run("test")
    assert outcome.code == 0
    assert outcome.out.splitlines()[0] == "a/ticket.test.yaml (a/ticket.prompt)"
    assert "✓ refund  2 messages" in outcome.out
    assert "2 cases: 2 passed" in outcome.out
    assert "no model was asked" in outcome.out


@pytest.mark.parametrize("path", ["a", "a/ticket.prompt", "a/ticket.test.yaml"])
def test_prompts_test_files_and_folders_are_paths(project: Terminal, path: str) -> None:
    assert "2 cases: 2 passed" in project.run("test", path).out


def test_a_suite_that_is_meant_twice_runs_once(project: Terminal) -> None:
    assert "2 cases: 2 passed" in project.run("test", "a", "a/ticket.prompt", "a/ticket.test.yaml").out


def test_a_variant_has_the_cases_of_its_prompt(project: Terminal) -> None:
    project.write({"a/ticket.formal.prompt": PROMPT.replace("Sort the", "Kindly sort the")})
    assert project.run("test", "a/ticket.formal.prompt", "--update-snapshots").code == 0
    assert "Kindly sort" in project.read("a/ticket.formal.snap.yaml")
    assert not (project.folder / "a/ticket.snap.yaml").exists()
    assert "2 cases: 2 passed" in project.run("test", "a/ticket.formal.prompt").out


def test_what_does_not_render_fails(project: Terminal) -> None:
    project.write({"a/ticket.prompt": PROMPT.replace("{{ticket}}\n", "{{nothing ticket}}\n")})
    outcome = project.run("test")
    assert outcome.code == 1
    assert "✗ refund" in outcome.out
    assert "does not render" in outcome.out
    assert "nothing" in outcome.out
    assert "a/ticket.test.yaml:2" in outcome.out


def test_what_is_wrong_with_a_file_fails(project: Terminal) -> None:
    project.write({"a/ticket.test.yaml": CASES.replace("equals:", "equal:")})
    outcome = project.run("test")
    assert outcome.code == 1
    assert "line 4: error: unknown assertion `equal`; did you mean `equals`?" in outcome.out


def test_inputs_are_held_to_the_prompt(project: Terminal) -> None:
    project.write({"a/ticket.test.yaml": "cases:\n  - name: x\n    input: {tickets: 5, tone: hot}\n"})
    outcome = project.run("test")
    assert outcome.code == 0
    assert "the prompt has no input `tickets`; did you mean `ticket`?" in outcome.out
    assert "lacks the required input `ticket`" in outcome.out
    assert "`tone`: `hot` is none of `warm`, `cool`" in outcome.out


def test_only_some_cases(project: Terminal) -> None:
    assert "1 case: 1 passed" in project.run("test", "--filter", "CRASH").out
    nothing = project.run("test", "--filter", "nope")
    assert (nothing.code, nothing.err) == (
        2, "promptls: there are no test cases with 'nope' in their names; see promptls test --help\n",
    )  # fmt: skip


def test_nothing_to_test_is_not_green(terminal: Terminal) -> None:
    terminal.write({"a.prompt": PROMPT})
    assert terminal.run("test").code == 2
    assert "a.prompt: has no test cases: there is no a.test.yaml beside it" in terminal.run("test", "a.prompt").err


def test_files_of_other_programs_are_passed_over(project: Terminal) -> None:
    project.write({"chart.test.yaml": "suite: deployment\ntests: [{it: works}]\n"})
    assert project.run("test").code == 0
    assert project.run("test", "chart.test.yaml").code == 2


# Bad input


@pytest.mark.parametrize(
    ("content", "said", "code"),
    [
        (b"cases: [\xff]", "is not UTF-8", 2),
        ("cases: [", "error", 1),
        ("a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
        ) + "cases: [{input: {ticket: *j}}]", "too large", 1),
        ("cases: " + "[" * 5000, "nested too deeply", 1),
        ("cases: &c [{input: {ticket: x}, expect: *c}]", "undefined alias", 1),
        ("cases: [{name: a, input: {ticket: x}}, {name: a, input: {ticket: y}}]", "two cases are called `a`", 1),
        ("prompt: gone.prompt\ncases: [{}]", "its prompt a/gone.prompt cannot be read", 2),
        ("cases:\n" + "".join(f"  - {{name: c{n}, input: {{ticket: x}}}}\n" for n in range(5000)), "5,000 cases", 0),
    ],
)  # fmt: skip
def test_bad_files(project: Terminal, content: str | bytes, said: str, code: int) -> None:
    project.write({"a/ticket.test.yaml": content})
    outcome = project.run("test")
    assert outcome.code == code
    assert said in outcome.out + outcome.err
    assert "Traceback" not in outcome.err


# Snapshots


def test_snapshots_are_written_on_demand_and_compared(project: Terminal) -> None:
    assert project.run("test").code == 0
    assert not (project.folder / "a/ticket.snap.yaml").exists()
    assert "2 snapshots written" in project.run("test", "--update-snapshots").out
    kept = yaml.safe_load(project.read("a/ticket.snap.yaml"))
    assert list(kept) == ["refund", "crash"]
    assert kept["refund"][1] == {"role": "user", "content": "\nI want my money back"}
    assert "✓ refund  2 messages, as its snapshot" in project.run("test").out
    assert "0 snapshots written" in project.run("test", "--update-snapshots").out

    project.write({"a/ticket.prompt": PROMPT.replace("Sort the ticket", "Sort this ticket")})
    changed = project.run("test")
    assert changed.code == 1
    assert "-Sort the ticket: billing" in changed.out
    assert "+Sort this ticket: billing" in changed.out
    assert "--update-snapshots keeps" in changed.out
    assert project.run("test", "--update-snapshots").code == 0
    assert project.run("test").code == 0


def test_a_filter_updates_only_what_it_lets_through(project: Terminal) -> None:
    project.run("test", "--update-snapshots")
    project.write({"a/ticket.prompt": PROMPT.replace("Sort the ticket", "Sort this ticket")})
    assert "1 snapshot written" in project.run("test", "--update-snapshots", "--filter", "crash").out
    assert "1 failed" in project.run("test").out


def test_snapshots_of_cases_that_are_gone_are_told_and_dropped(project: Terminal) -> None:
    project.run("test", "--update-snapshots")
    project.write({"a/ticket.test.yaml": CASES.replace("name: crash", "name: bang")})
    outcome = project.run("test")
    assert outcome.code == 0
    assert "snapshots without a case: crash" in outcome.out
    project.run("test", "--update-snapshots")
    assert "crash:" not in project.read("a/ticket.snap.yaml")


def test_nothing_is_written_in_ci_and_what_is_missing_fails(project: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    project.run("test", "--update-snapshots", "--filter", "refund")
    monkeypatch.setenv("CI", "true")
    assert project.run("test", "--update-snapshots").code == 2
    outcome = project.run("test")
    assert outcome.code == 1
    assert "has no messages of this case, and under CI none are written" in outcome.out


@pytest.mark.parametrize("text", ["a: [", "- 1", "refund: 5", b"\xff\xfe"])
def test_a_spoilt_file_of_snapshots_is_told(project: Terminal, text: str | bytes) -> None:
    project.write({"a/ticket.snap.yaml": text})
    outcome = project.run("test")
    assert outcome.code == 2
    assert "a/ticket.snap.yaml" in outcome.err


# With a model


def test_answers_are_judged(project: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, dispatcher)  # type: ignore[arg-type]
    project.write({"promptls.toml": model_settings(model)})
    outcome = project.run("test", "--format", "json")
    assert (outcome.code, outcome.err) == (1, "")
    data = json.loads(outcome.out)
    assert data["summary"] | {"seconds": 0} == {
        "cases": 2, "passed": 1, "failed": 1, "errors": 0, "file_errors": 0, "seconds": 0,
    }  # fmt: skip
    refund, crash = data["files"][0]["cases"]
    assert (refund["outcome"], refund["answer"], refund["score"]) == ("passed", "billing", 1.0)
    assert [each["passed"] for each in crash["assertions"]] == [True, False]
    assert crash["score"] == 0.5
    assert data["usage"]["calls"] == 3
    task = next(body for body in model.asked if "money" in body["messages"][-1]["content"])
    assert (task["temperature"], task["max_tokens"], task["model"]) == (0.2, 50, "m")
    assert [message["role"] for message in task["messages"]] == ["system", "user"]


def test_the_option_and_the_file_name_models(project: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, dispatcher)  # type: ignore[arg-type]
    project.write({"promptls.toml": model_settings(model), "a/ticket.test.yaml": "model: own\n" + CASES})
    project.run("test")
    assert {body["model"] for body in model.asked} == {"own"}
    project.run("test", "--model", "other")
    assert model.asked[-1]["model"] == "other"
    count = len(model.asked)
    assert "no model was asked" in project.run("test", "--no-model").out
    assert "no model was asked" in project.run("test", "--update-snapshots").out
    assert len(model.asked) == count


def test_a_file_alone_makes_nobody_ask_a_model(project: Terminal) -> None:
    project.write({"a/ticket.test.yaml": "model: own\n" + CASES})
    assert "no model was asked" in project.run("test").out


def test_known_answers_cost_nothing(project: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, dispatcher)  # type: ignore[arg-type]
    project.write({"promptls.toml": model_settings(model)})
    project.run("test")
    count = len(model.asked)
    assert "0 calls, 0 tokens in, 0 out, 3 answers from the cache" in project.run("test").out
    assert len(model.asked) == count
    project.run("test", "--no-cache")
    assert len(model.asked) == 2 * count


def test_an_endpoint_that_is_down_is_no_failed_case(project: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, lambda body: failure(500))
    project.write({"promptls.toml": model_settings(model)})
    outcome = project.run("test")
    assert outcome.code == 2
    assert "2 could not be run" in outcome.out
    assert "! refund" in outcome.out


def test_the_budget_holds_to_the_call(project: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, dispatcher)  # type: ignore[arg-type]
    project.write({"promptls.toml": model_settings(model)})
    outcome = project.run("test", "--budget-calls", "1")
    assert outcome.code == 2
    assert "the budget of 1 calls is used up" in outcome.out
    assert len(model.asked) == 1
    assert project.run("test", "--budget-calls", "0", "--no-cache").code == 2
    assert len(model.asked) == 1


def test_nothing_is_sent_without_consent(project: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    outcome = project.run("test", "--model", "gpt-x")
    assert outcome.code == 2
    assert "prompts and test cases would be sent to api.openai.com (gpt-x)" in outcome.err
    assert "--yes" in outcome.err


def test_a_picture_is_not_left_out_in_silence(project: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, dispatcher)  # type: ignore[arg-type]
    project.write(
        {
            "promptls.toml": model_settings(model),
            "a/ticket.prompt": PROMPT + '{{media url="data:image/png;base64,AA=="}}\n',
        }
    )
    outcome = project.run("test")
    assert outcome.code == 2
    assert "only text is sent to a model" in outcome.out
    assert model.asked == []


def test_ctrl_c_ends_a_run_that_waits_for_a_model(project: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, hang(8.0))
    project.write({"promptls.toml": model_settings(model)})
    with project.start("test") as process:
        deadline = time.monotonic() + 20
        while not model.asked and time.monotonic() < deadline:
            time.sleep(0.05)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - begun < 5.0


def test_the_samples_pass(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    outcome = terminal.run("test", "samples")
    assert outcome.code == 0
    assert "warning" not in outcome.out


# Reports


def test_junit_is_as_the_schema_says(project: Terminal, httpserver: HTTPServer) -> None:
    model = Model(httpserver, dispatcher)  # type: ignore[arg-type]
    broken = CASES.replace("equals:", "equal:").replace("crash", "cr\x07ash <&>")
    project.write({"promptls.toml": model_settings(model), "a/ticket.test.yaml": CASES, "b.prompt": PROMPT})
    project.write({"b.test.yaml": broken})
    root = ElementTree.fromstring(project.run("test", "--format", "junit").out.encode())
    assert root.tag == "testsuites"
    suites = root.findall("testsuite")
    for suite in suites:
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("errors") == str(len(suite.findall("testcase/error")))
        assert all(case.get("name") and case.get("classname") and case.get("time") for case in cases)
        assert {child.tag for case in cases for child in case} <= {"failure", "error", "system-out"}
    for count in ("tests", "failures", "errors"):
        assert root.get(count) == str(sum(int(suite.get(count, "")) for suite in suites))
    assert root.get("failures") == "1"


class Page(HTMLParser):
    """Counts elements, and wants every one closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_runs_nothing(project: Terminal, httpserver: HTTPServer) -> None:
    evil = "<script>alert(1)</script>"
    model = Model(httpserver, lambda body: answer(f"{evil} billing"))
    named = CASES.replace("name: refund", f"name: '{evil}'").replace("I want my money back", f"'{evil}'")
    project.write({"promptls.toml": model_settings(model), "a/ticket.test.yaml": named})
    project.run("test", "--no-model", "--update-snapshots")
    project.write({"a/ticket.prompt": PROMPT.replace("Sort", evil)})
    outcome = project.run("test", "--format", "html", "--output-file", "out.html")
    assert (outcome.code, outcome.out) == (2, "")  # the judge speaks no JSON
    page = Page(project.read("out.html"))
    assert page.open == []
    assert not {"script", "link", "img", "iframe"} & set(page.seen)
    assert page.addresses == []
    assert page.seen.count("details") >= 2
    assert not re.search(r"https?:", project.read("out.html"))


# Schema, import and export


def test_the_schema_takes_good_files_and_refuses_bad_ones(terminal: Terminal) -> None:
    schema = json.loads(terminal.run("test", "--schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in [*ROOT.glob("samples/**/*.test.yaml")]:
        assert list(validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))) == [], path
    assert list(validator.iter_errors(yaml.safe_load(CASES))) == []
    for bad in (
        "case: []",
        "cases: [{expects: x}]",
        "cases: [{expect: {contain: x}}]",
        "cases: [{expect: {word-count: x}}]",
    ):
        assert list(validator.iter_errors(yaml.safe_load(bad))), bad


GITHUB = """name: Greets
model: openai/gpt-4o
messages:
  - {role: user, content: 'Respond to {{input}}'}
testData:
  - {input: hello, expected: greeting, word: Hi}
  - {input: bye, expected: farewell, word: Bye}
evaluators:
  - {name: says, string: {contains: '{{word}}'}}
  - {name: begins, string: {startsWith: 'Well (', endsWith: ignored}}
  - {name: alike, uses: github/similarity}
  - {name: nice, llm: {modelId: x, prompt: 'Is {{completion}} nice?', choices: [{choice: 'yes', score: 1}]}}
  - {name: odd, uses: github/unknown}
"""


def test_cases_are_imported_from_github(terminal: Terminal) -> None:
    terminal.write({"x.prompt.yml": GITHUB})
    outcome = terminal.run("test", "--import", "x.prompt.yml")
    assert outcome.code == 0
    read = read_tests(outcome.out)
    assert read.problems == ()
    first, second = read.cases
    assert (first.input, second.input) == ({"input": "hello"}, {"input": "bye"})
    assert [(each.type, each.value) for each in first.assertions] == [
        ("icontains", "Hi"),
        ("regex", r"(?i)\AWell \("),
        ("llm-rubric", "The answer says the same as this: greeting"),
        ("llm-rubric", "Is the answer nice?\n\nSatisfied where the verdict is yes."),
    ]
    assert "'odd' uses github/unknown, so that it was left out" in outcome.err
    assert "of the evaluator 'begins', endsWith does not count there" in outcome.err


OURS = r"""cases:
  - name: one
    input: {ticket: a}
    expect:
      - equals: billing
      - icontains: b
      - regex: '(?i)\Abill\.'
      - llm-rubric: The answer is one word.
      - regex: '\d'
  - name: two
    input: {ticket: b}
    expect:
      - equals: bug
      - icontains: b
      - regex: '(?i)\Abill\.'
      - llm-rubric: The answer is short.
"""


def test_what_can_be_expressed_survives_both_ways(terminal: Terminal) -> None:
    plain = (
        '---\nmodel: m\ninput: {schema: {ticket: string}}\n---\n{{role "system"}}\nSort.\n{{role "user"}}\n{{ticket}}\n'
    )
    terminal.write({"a.prompt": plain, "a.test.yaml": OURS})
    exported = terminal.run("test", "--export", "a.prompt")
    assert exported.code == 0
    data = yaml.safe_load(exported.out)
    assert data["messages"] == [{"role": "system", "content": "Sort."}, {"role": "user", "content": "{{ticket}}"}]
    assert {each["name"] for each in data["evaluators"]} == {"equals", "contains", "startsWith", "llm-rubric"}
    assert r"case 'one': regex `\d` has no evaluator there and was left out" in exported.err
    terminal.write({"a.prompt.yml": exported.out})
    imported = terminal.run("test", "--import", "a.prompt.yml")
    assert imported.err == ""
    before, after = read_tests(OURS), read_tests(imported.out)
    assert [case.name for case in after.cases] == ["one", "two"]
    assert [case.input for case in after.cases] == [case.input for case in before.cases]
    expected = [[(each.type, each.value) for each in case.assertions if each.value != r"\d"] for case in before.cases]
    assert [sorted((each.type, each.value) for each in case.assertions) for case in after.cases] == [
        sorted(each) for each in expected
    ]


@pytest.mark.parametrize("text", ["a: [", "[1]", "testData: 5", "testData: [{}]\nevaluators: 5", ""])
def test_what_is_no_prompt_yml_is_refused(terminal: Terminal, text: str) -> None:
    terminal.write({"x.prompt.yml": text})
    outcome = terminal.run("test", "--import", "x.prompt.yml")
    assert outcome.code == 2
    assert outcome.err.startswith("promptls: x.prompt.yml ")
