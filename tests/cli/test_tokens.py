"""`promptls tokens`, and the gates of `promptls check`."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from promptls.language import tokenizers, vocabulary
from promptls.language.tokenizers import LazyEncoding, counter
from tests.cli.conftest import Terminal
from tests.cli.prompts import GOOD, UNCLOSED
from tests.cli.sarif_schema import SARIF

SYSTEM, USER = "\nSummarise the text in one sentence.\n", "\n<text></text>\n"
UNPRICED = GOOD.replace("openai/gpt-4.1", "acme/one")
COUNT = counter("openai/gpt-4.1", wait=True).count


def told(out: str) -> list[dict[str, Any]]:
    data = json.loads(out)
    assert data["version"] == 1
    found: list[dict[str, Any]] = data["prompts"]
    return found


class TestTokens:
    def test_json(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        outcome = terminal.run("tokens", "--format", "json")
        assert (outcome.code, outcome.err) == (0, "")
        system, user = COUNT(SYSTEM), COUNT(USER)
        assert told(outcome.out) == [
            {
                "path": "a.prompt",
                "model": "openai/gpt-4.1",
                "encoding": "o200k_base",
                "exact": True,
                "static": system + user,
                "rendered": system + user,
                "cacheable_prefix": system + COUNT("\n<text>"),
                "cached_tokens": 0,
                "context_window": 1_000_000,
                "cost_usd": pytest.approx((system + user) * 2e-6),
                "cached_cost_usd": pytest.approx((system + user) * 2e-6),
                "messages": [{"role": "system", "tokens": system}, {"role": "user", "tokens": user}],
                "variables": [],
                "sections": [{"kind": "tag", "name": "text", "level": 1, "tokens": COUNT("<text></text>")}],
            }
        ]

    def test_text(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD, "a.input.json": '{"text": "It rains."}'})
        outcome = terminal.run("tokens", "a.prompt")
        assert outcome.code == 0
        total = COUNT(SYSTEM) + COUNT("\n<text>It rains.</text>\n")
        first, *lines = outcome.out.splitlines()
        assert first == f"a.prompt: {total} tokens, openai/gpt-4.1 (o200k_base)"
        assert [line.split() for line in lines[:3]] == [
            ["system", str(COUNT(SYSTEM))],
            ["user", str(total - COUNT(SYSTEM))],
            ["{{text}}", "3"],
        ]
        assert f"sections: text {COUNT('<text></text>')}" in outcome.out
        assert "input of a call $0.0000" in outcome.out
        assert "less than 0.1% of the context window of 1,000,000" in outcome.out

    def test_the_input_file_goes_over_the_defaults(self, terminal: Terminal) -> None:
        text = "---\ninput:\n  default:\n    a: one two\n    b: three\n---\n{{a}} {{b}}"
        terminal.write({"a.prompt": text, "a.input.yaml": "a: one two three four\n"})
        (found,) = told(terminal.run("tokens", "--format", "json").out)
        assert found["variables"] == [{"name": "a", "tokens": 4}, {"name": "b", "tokens": 1}]

    def test_a_broken_input_file_leaves_the_defaults(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD, "a.input.json": "{"})
        assert told(terminal.run("tokens", "--format", "json").out)[0]["rendered"] == COUNT(SYSTEM) + COUNT(USER)

    def test_another_model(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        (found,) = told(terminal.run("tokens", "--model", "anthropic/claude-opus-4-5", "--format", "json").out)
        assert (found["model"], found["encoding"], found["exact"]) == ("anthropic/claude-opus-4-5", "o200k_base", False)
        assert found["context_window"] == 200_000
        assert "about" in terminal.run("tokens", "--model", "anthropic/claude-opus-4-5").out

    def test_an_unknown_model_says_so(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNPRICED, "b.prompt": "Hi"})
        first, second = told(terminal.run("tokens", "--format", "json").out)
        assert (first["model"], first["exact"], first["cost_usd"], first["context_window"]) == (
            "acme/one", False, None, None,
        )  # fmt: skip
        assert (second["model"], second["encoding"]) == (None, "o200k_base")
        text = terminal.run("tokens").out
        assert "price and context window are not known" in text
        assert "no model named" in text

    def test_settings_tell_of_models(self, terminal: Terminal) -> None:
        settings = '[models]\n"acme/one" = { context-window = 5000, input-mtok = 10, cached-mtok = 1 }\n'
        terminal.write({"a.prompt": UNPRICED + "Be kind. " * 2000 + "{{text}}", "promptls.toml": settings})
        (found,) = told(terminal.run("tokens", "--format", "json").out)
        assert found["context_window"] == 5000
        assert found["cost_usd"] == pytest.approx(found["rendered"] * 1e-5)

    def test_a_long_prefix_saves(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD.replace("Summarise", "Be kind. " * 2000 + "Summarise")})
        (found,) = told(terminal.run("tokens", "--format", "json").out)
        assert found["cached_tokens"] == found["cacheable_prefix"] // 128 * 128 > 0
        assert found["cached_cost_usd"] < found["cost_usd"]
        assert "tokens from the provider's cache" in terminal.run("tokens").out

    def test_stdin(self, terminal: Terminal) -> None:
        (found,) = told(terminal.run("tokens", "-", "--format", "json", stdin=GOOD).out)
        assert (found["path"], found["rendered"]) == ("-", COUNT(SYSTEM) + COUNT(USER))
        named = terminal.run("tokens", "-", "--stdin-filename", "x.prompt", "--format", "json", stdin=GOOD)
        assert told(named.out)[0]["path"] == "x.prompt"

    @pytest.mark.parametrize(
        ("arguments", "stdin", "message"),
        [
            (("gone.prompt",), b"", "gone.prompt"),
            (("-", "a.prompt"), b"", "- stands for stdin"),
            (("--stdin-filename", "x"), b"", "--stdin-filename goes with"),
            (("-",), b"\xff", "not UTF-8"),
            (("--model",), b"", "--model"),
        ],
    )
    def test_wrong_usage(self, terminal: Terminal, arguments: tuple[str, ...], stdin: bytes, message: str) -> None:
        terminal.write({"a.prompt": GOOD})
        outcome = terminal.run("tokens", *arguments, stdin=stdin)
        assert outcome.code == 2
        assert message in outcome.err

    def test_what_cannot_be_read_leaves_the_rest(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD, "b.prompt": b"\xff\xfe\xff"})
        outcome = terminal.run("tokens", "--format", "json")
        assert outcome.code == 2
        assert "b.prompt" in outcome.err
        assert [each["path"] for each in told(outcome.out)] == ["a.prompt"]

    def test_without_a_vocabulary(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(vocabulary, "files", lambda package: tmp_path / "nothing")
        monkeypatch.setattr(vocabulary, "cache_folder", lambda: tmp_path / "none")
        monkeypatch.setattr(tokenizers, "ENCODINGS", {"o200k_base": LazyEncoding("o200k_base")})
        terminal.write({"a.prompt": GOOD, "b.prompt": GOOD})
        outcome = terminal.run("tokens", "--format", "json")
        assert outcome.code == 0
        assert outcome.err.count("tokens are estimated: the vocabulary o200k_base") == 1
        for found in told(outcome.out):
            assert (found["encoding"], found["exact"]) == (None, False)
            assert abs(found["rendered"] - COUNT(SYSTEM) - COUNT(USER)) < 6
        assert "a.prompt: about" in terminal.run("tokens").out

    def test_nothing_is_left_behind(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        assert terminal.execute("tokens").code == 0
        kept = {path.name for path in (terminal.folder.parent / "cache/promptls/tiktoken").iterdir()}
        assert kept == {vocabulary.VOCABULARIES["o200k_base"].cached_as}
        assert os.listdir(terminal.folder) == ["a.prompt"]


TOTAL = COUNT(SYSTEM) + COUNT(USER)
GATES = ("--max-tokens", "5", "--max-cost", "0.000001")
IDS = ["gate/max-tokens", "gate/max-cost"]


def findings(out: str) -> list[Mapping[str, Any]]:
    return [each for file in json.loads(out)["files"] for each in file["findings"]]


class TestGates:
    def test_a_plain_check_measures_nothing(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        (file,) = json.loads(terminal.run("check", "--format", "json").out)["files"]
        assert (file["tokens"], file["score"]) == (None, None)

    def test_tokens_are_reported_when_asked_for(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        for asked in (("--with", "tokens"), ("--max-tokens", "1000"), ("--max-cost", "1")):
            outcome = terminal.run("check", "--format", "json", *asked)
            (file,) = json.loads(outcome.out)["files"]
            assert (outcome.code, file["tokens"], file["score"], file["findings"]) == (0, TOTAL, None, [])

    def test_a_missed_gate_fails(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        outcome = terminal.run("check", "-q", *GATES)
        assert outcome.code == 1
        assert outcome.out.splitlines() == [
            f"a.prompt:1:1: error: the prompt takes {TOTAL} tokens; --max-tokens is 5 [gate/max-tokens]",
            f"a.prompt:1:1: error: the input of a call costs ${TOTAL * 2e-6:.3g}; --max-cost is $1e-06 [gate/max-cost]",
        ]
        assert terminal.run("check", "--exit-zero", *GATES).code == 0

    def test_exactly_the_limit_is_allowed(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        assert terminal.run("check", "--max-tokens", str(TOTAL)).code == 0
        assert terminal.run("check", "--max-tokens", str(TOTAL - 1)).code == 1

    def test_a_price_that_is_not_known_is_told(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNPRICED, "b.prompt": "---\ninput:\n  schema:\n    x: string\n---\nHi {{x}}"})
        outcome = terminal.run("check", "--format", "json", "--max-cost", "1", "--ignore", "model")
        assert outcome.code == 0
        assert [(each["rule"], each["severity"]) for each in findings(outcome.out)] == [
            ("gate/max-cost", "warning")
        ] * 2
        assert "acme/one" in findings(outcome.out)[0]["message"]
        assert "without a model" in findings(outcome.out)[1]["message"]
        assert terminal.run("check", "--max-cost", "1", "--fail-on", "warning").code == 1

    def test_partials_pass(self, terminal: Terminal) -> None:
        terminal.write({"_a.prompt": "Be kind to everybody whom you meet, and to animals too."})
        outcome = terminal.run("check", "--format", "json", *GATES)
        assert (outcome.code, findings(outcome.out)) == (0, [])
        assert json.loads(outcome.out)["files"][0]["tokens"] > 5

    def test_no_comment_setting_or_baseline_opens_a_gate(self, terminal: Terminal) -> None:
        text = GOOD.replace("Summarise", "{{! promptls: ignore-file all }}Summarise")
        terminal.write({"a.prompt": text, "promptls.toml": 'ignore = ["all"]'})
        assert [each["rule"] for each in findings(terminal.run("check", "--format", "json", *GATES).out)] == IDS
        assert terminal.run("check", "--write-baseline", "known.json").code == 0
        assert terminal.run("check", "--baseline", "known.json", *GATES).code == 1

    def test_the_input_file_counts_and_so_does_its_change(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD, "a.input.json": '{"text": "It rains."}'})
        limit = ("check", "--max-tokens", str(TOTAL + 3))
        assert terminal.run(*limit).code == 0
        terminal.write({"a.input.json": '{"text": "It rains, and it will not stop."}'})
        assert terminal.run(*limit).code == 1

    def test_results_of_a_plain_check_are_not_taken_for_measured_ones(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        for asked, expected in (((), None), (("--with", "tokens"), TOTAL), ((), None), (("--with", "tokens"), TOTAL)):
            (file,) = json.loads(terminal.run("check", "--format", "json", *asked).out)["files"]
            assert file["tokens"] == expected

    def test_several_processes(self, terminal: Terminal) -> None:
        terminal.write({f"{number:03}.prompt": GOOD for number in range(60)})
        outcome = terminal.execute("check", "--format", "json", "--jobs", "2", "--no-cache", *GATES)
        assert outcome.code == 1
        assert {each["tokens"] for each in json.loads(outcome.out)["files"]} == {TOTAL}
        assert json.loads(outcome.out)["summary"]["errors"] == 120

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--max-tokens", "0"),
            ("--max-tokens", "many"),
            ("--max-cost", "-1"),
            ("--max-cost", "nan"),
            ("--max-cost", "cheap"),
            ("--min-score", "101"),
            ("--min-score", "x"),
            ("--with", "tokens,colour"),
            ("--max-tokens", "5", "--diff"),
            ("--min-score", "5", "--write-baseline", "x.json"),
        ],
    )
    def test_wrong_usage(self, terminal: Terminal, arguments: tuple[str, ...]) -> None:
        terminal.write({"a.prompt": GOOD})
        outcome = terminal.run("check", *arguments)
        assert (outcome.code, len(outcome.err.splitlines())) == (2, 1)

    def test_statistics(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        outcome = terminal.run("check", "--statistics", *GATES)
        assert (outcome.code, outcome.out.splitlines()) == (1, ["1  gate/max-cost", "1  gate/max-tokens"])


class TestReports:
    def test_json_and_jsonl(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED})
        whole = json.loads(terminal.run("check", "--format", "json", *GATES).out)
        assert [each["rule"] for each in whole["files"][0]["findings"]] == [*IDS, "template/unclosed-block"]
        assert [each["url"] is None for each in whole["files"][0]["findings"]] == [True, True, False]
        assert whole["summary"]["errors"] == 3
        assert json.loads(terminal.run("check", "--format", "jsonl", *GATES).out) == whole["files"][0]

    def test_sarif(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        log = json.loads(terminal.run("check", "--format", "sarif", *GATES).out)
        jsonschema.validate(log, SARIF)
        (run,) = log["runs"]
        assert [each["id"] for each in run["tool"]["driver"]["rules"]] == IDS
        assert "--max-tokens" in run["tool"]["driver"]["rules"][0]["shortDescription"]["text"]
        assert [each["level"] for each in run["results"]] == ["error", "error"]

    def test_junit(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD, "b.prompt": GOOD})
        root = ElementTree.fromstring(terminal.run("check", "--format", "junit", *GATES).out)
        assert (root.attrib["tests"], root.attrib["failures"]) == ("4", "4")
        assert "--max-tokens is 5" in next(root.iter("failure")).attrib["message"]

    def test_github(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        first, second = terminal.run("check", "--format", "github", *GATES).out.splitlines()
        assert first.startswith("::error file=a.prompt,line=1,")
        assert "title=gate/max-tokens::the prompt takes" in first
        assert "gate/max-cost" in second

    def test_gitlab(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        issues = json.loads(terminal.run("check", "--format", "gitlab", *GATES).out)
        assert [(each["check_name"], each["severity"]) for each in issues] == [(id, "major") for id in IDS]
        assert len({each["fingerprint"] for each in issues}) == 2


class TestScore:
    def test_it_is_reported_when_asked_for(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD, "_p.prompt": "Be kind.", "empty.prompt": ""})
        outcome = terminal.run("check", "--format", "json", "--with", "score")
        files = {each["path"]: each for each in json.loads(outcome.out)["files"]}
        explained = json.loads(terminal.run("score", "--format", "json").out)["prompts"]
        for each in explained:
            assert files[each["path"]]["score"] == each["overall"]
        assert 0 < files["a.prompt"]["score"] <= 100
        assert files["empty.prompt"]["score"] is None
        assert {each["tokens"] for each in files.values()} == {None}

    def test_the_gate(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD, "_p.prompt": "Be kind.", "empty.prompt": ""})
        files = json.loads(terminal.run("check", "--format", "json", "--with", "score").out)["files"]
        score = next(each["score"] for each in files if each["path"] == "a.prompt")
        assert terminal.run("check", "--min-score", str(score)).code == 0
        outcome = terminal.run("check", "-q", "--min-score", str(score + 1))
        message = f"the score is {score}; --min-score is {score + 1}"
        assert (outcome.code, outcome.out) == (1, f"a.prompt:1:1: error: {message} [gate/min-score]\n")
