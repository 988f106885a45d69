"""`promptls index` and `promptls search`."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal

FILES = {
    "billing/invoice.prompt": """---
model: openai/gpt-4.1-mini
description: Reads invoices for the ledger.
input:
  schema:
    letter: string
tools: [lookUpVat]
metadata:
  tags: [billing, extraction]
  domain: general
---
{{role "system"}}
Copy the totals of an invoice into the ledger, one line for each item. {{> tone}}
{{role "user"}}
{{letter}}
""",
    "billing/_tone.prompt": "Write as accountants do.\n",
    "support/refund.prompt": """---
model: googleai/gemini-2.5-flash
title: Refund letters
---
{{role "system"}}
Write a letter about a refund, 😀 kindly and without jargon. Say when the money arrives and whom to ask.
{{role "user"}}
{{case}}
""",
}
COPY = FILES["support/refund.prompt"].replace("without jargon", "without any jargon")


def paths(outcome_text: str) -> list[str]:
    return [each["path"] for each in json.loads(outcome_text)["results"]]


def found(terminal: Terminal, *arguments: str) -> list[str]:
    outcome = terminal.run("search", *arguments, "--format", "json")
    assert outcome.code == 0, outcome.err
    return paths(outcome.out)


def test_json(terminal: Terminal) -> None:
    terminal.write(FILES)
    outcome = terminal.run("search", "refund", "--format", "json")
    assert (outcome.code, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert data["version"] == 1
    assert data["total"] == 1
    (result,) = data["results"]
    assert result["path"] == "support/refund.prompt"
    assert result["title"] == "Refund letters"
    assert result["model"] == "googleai/gemini-2.5-flash"
    assert result["tokens"] > 10
    assert 0 <= result["score"] <= 100
    assert result["created"] <= result["updated"]
    assert [result["snippet"][each["start"] : each["end"]] for each in result["matches"]] == ["refund"]
    text = FILES["support/refund.prompt"]
    assert text[result["range"]["start"] : result["range"]["end"]] == "refund"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag:billing", ["billing/invoice.prompt"]),
        ("tag:BILL*", ["billing/invoice.prompt"]),
        ("tag:bill", []),
        ("model:gemini", ["support/refund.prompt"]),
        ("tool:lookupvat", ["billing/invoice.prompt"]),
        ("variable:letter", ["billing/invoice.prompt"]),
        ("partial:tone", ["billing/invoice.prompt"]),
        ("rule:partials/unused", []),
        ("score:<0", []),
        ("tokens:>5 ledger", ["billing/invoice.prompt"]),
        ('"write a letter"', ["support/refund.prompt"]),
        ('"letter a write"', []),
        ("acc*", ["billing/_tone.prompt"]),
        ("letters money", ["support/refund.prompt"]),
        ("path:support", ["support/refund.prompt"]),
        ("totals tag:extraction domain:general", ["billing/invoice.prompt"]),
        ("name:refund", ["support/refund.prompt"]),
    ],
)
def test_queries(terminal: Terminal, query: str, expected: list[str]) -> None:
    terminal.write(FILES)
    assert found(terminal, query) == expected


def test_options_narrow_sort_and_page(terminal: Terminal) -> None:
    terminal.write(FILES)
    assert found(terminal, "--tag", "billing") == ["billing/invoice.prompt"]
    assert found(terminal, "--model", "gpt") == ["billing/invoice.prompt"]
    assert found(terminal, "--domain", "general", "totals") == ["billing/invoice.prompt"]
    assert found(terminal, "--min-score", "101") == []
    everything = found(terminal, "--sort", "score")
    assert sorted(everything) == sorted(FILES)
    assert found(terminal, "--sort", "score", "--limit", "1", "--offset", "1") == everything[1:2]


def test_text_and_typos(terminal: Terminal) -> None:
    terminal.write(FILES)
    outcome = terminal.run("search", "--color", "never", "ledger")
    assert outcome.out.splitlines()[0].startswith("billing/invoice.prompt  general, openai/gpt-4.1-mini, score ")
    assert "an invoice into the ledger" in outcome.out
    outcome = terminal.run("search", "legder")
    assert (outcome.code, outcome.out) == (0, "")
    assert "Did you mean: ledger" in outcome.err
    assert "did you mean tag:" in terminal.run("search", "tags:billing").err


def test_every_change_is_seen_by_the_next_search(terminal: Terminal) -> None:
    terminal.write(FILES)
    assert found(terminal, "accountants") == ["billing/_tone.prompt"]
    terminal.write({"billing/_tone.prompt": "Write as florists do.\n", "new.prompt": "Herd accountants.\n"})
    assert found(terminal, "accountants") == ["new.prompt"]
    assert found(terminal, "florists") == ["billing/_tone.prompt"]
    (terminal.folder / "new.prompt").unlink()
    assert found(terminal, "accountants") == []
    terminal.write({".gitignore": "support\n"})
    (terminal.folder / ".git").mkdir()
    assert found(terminal, "refund") == []


def test_similar(terminal: Terminal) -> None:
    terminal.write({**FILES, "copy.prompt": COPY})
    outcome = terminal.run("search", "--similar", "copy.prompt", "--format", "json")
    (result,) = json.loads(outcome.out)["results"]
    assert result["path"] == "support/refund.prompt"
    assert 0.5 < result["rank"] < 1
    assert "% alike" in terminal.run("search", "--similar", "copy.prompt").out
    missing = terminal.run("search", "--similar", "missing.prompt")
    assert missing.code == 2
    assert "missing.prompt" in missing.err


@pytest.mark.parametrize(
    "query", ["***", '"', "()", "AND OR NOT NEAR", "a" * 10_000, '"' * 10_000, "(" * 9_999, "^ - + :", "score:>"]
)
def test_no_query_does_harm(terminal: Terminal, query: str) -> None:
    terminal.write(FILES)
    outcome = terminal.run("search", query)
    assert outcome.code in (0, 2)
    assert "Traceback" not in outcome.err
    assert outcome.err.count("\n") < 5


def test_index(terminal: Terminal) -> None:
    terminal.write(FILES)
    for name in FILES:
        # What has only just been written is read once more, since it may change within the same tick of the clock.
        os.utime(terminal.folder / name, (1_000_000_000, 1_000_000_000))
    assert terminal.run("index").out.startswith("3 prompts seen, 3 read, 3 judged, 0 gone\n3 prompts indexed, 3 judged")
    assert terminal.run("index").out.startswith("3 prompts seen, 0 read, 0 judged, 0 gone\n")
    (terminal.folder / "support/refund.prompt").unlink()
    terminal.write({"billing/_tone.prompt": "Write plainly.\n"})
    os.utime(terminal.folder / "billing/_tone.prompt", (1_100_000_000, 1_100_000_000))
    # The changed partial is read anew, and what includes it is judged anew.
    assert terminal.run("index").out.startswith("2 prompts seen, 1 read, 2 judged, 1 gone\n2 prompts indexed")
    assert terminal.run("index", "--stats").out.startswith("2 prompts indexed, 2 judged")
    assert terminal.run("index", "--rebuild").out.startswith("2 prompts seen, 2 read")
    terminal.write({"promptls.toml": 'ignore = ["security"]\n'})
    assert terminal.run("index").out.startswith("2 prompts seen, 2 read, 2 judged")


def test_unusable_cache_is_told_of_once(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terminal.write(FILES)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("PROMPTLS_CACHE_FOLDER", str(tmp_path / "file"))
    outcome = terminal.run("search", "refund")
    assert outcome.code == 0
    assert outcome.out.startswith("support/refund.prompt")
    assert outcome.err.count("\n") == 1
    assert "goes on without keeping one" in outcome.err


def test_other_processes_can_do_the_work(terminal: Terminal) -> None:
    terminal.write({f"p{number}.prompt": f"Count sheep number{number}.\n" for number in range(310)})
    outcome = terminal.execute("index", "--jobs", "2")
    assert outcome.out.startswith("310 prompts seen, 310 read, 310 judged")
    assert found(terminal, "number307") == ["p307.prompt"]


def test_check_tells_of_near_duplicates_once_there_is_an_index(terminal: Terminal) -> None:
    more = "Thank them for their patience, name the amount, and leave out what they did not ask about.\n"
    terminal.write({"support/refund.prompt": FILES["support/refund.prompt"] + more, "copy.prompt": COPY + more})
    check = ("check", "--select", "workspace/near-duplicate", "--no-cache", "--format", "json")
    assert json.loads(terminal.run(*check).out)["summary"]["infos"] == 0
    terminal.run("index")
    findings = {each["path"]: each["findings"] for each in json.loads(terminal.run(*check).out)["files"]}
    assert "refund.prompt" in findings["copy.prompt"][0]["message"]
    assert "copy.prompt" in findings["support/refund.prompt"][0]["message"]
    (terminal.folder / "copy.prompt").unlink()
    assert json.loads(terminal.run(*check).out)["summary"]["infos"] == 0
