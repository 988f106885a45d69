"""`promptls check`: what is found, mended and reported, and what it exits with."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.cli.prompts import BLOCK_ROLE, GOOD, INCLUDING, UNCLOSED, UNDEFINED, UNUSED
from tests.support import ROOT


def rules(report: str) -> list[tuple[str, str]]:
    """The path and the rule of every finding of a JSON report."""
    return [(file["path"], each["rule"]) for file in json.loads(report)["files"] for each in file["findings"]]


class TestExitCodes:
    def test_nothing_found(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        outcome = terminal.run("check")
        assert (outcome.code, outcome.out, outcome.err) == (0, "1 file checked: nothing found\n", "")

    def test_an_error(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED})
        outcome = terminal.run("check")
        assert outcome.code == 1
        assert "a.prompt:10:1: error:" in outcome.out
        assert outcome.err == ""

    def test_a_warning_is_below_the_default(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNUSED})
        assert terminal.run("check").code == 0
        assert terminal.run("check", "--fail-on", "error").code == 0
        assert terminal.run("check", "--fail-on", "warning").code == 1
        assert terminal.run("check", "--fail-on", "info").code == 1

    def test_the_setting_fail_on_counts_for_the_files_below_it(self, terminal: Terminal) -> None:
        terminal.write({"strict/promptls.toml": 'fail-on = "warning"', "strict/a.prompt": GOOD, "b.prompt": UNUSED})
        assert terminal.run("check").code == 0
        terminal.write({"strict/a.prompt": UNUSED})
        assert terminal.run("check").code == 1
        assert terminal.run("check", "--fail-on", "error").code == 0

    def test_exit_zero(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED})
        assert terminal.run("check", "--exit-zero").code == 0
        assert terminal.run("check", "--exit-zero", "gone.prompt").code == 2

    def test_a_missing_file_does_not_keep_others_from_being_checked(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED})
        outcome = terminal.run("check", "--format", "json", "gone.prompt", "a.prompt")
        assert outcome.code == 2
        assert outcome.err == "promptls: gone.prompt: there is no such file or folder\n"
        assert rules(outcome.out) == [("a.prompt", "template/unclosed-block")]

    def test_the_real_command(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED, "b.prompt": GOOD})
        assert terminal.execute("check", "b.prompt").code == 0
        assert terminal.execute("check").code == 1
        assert terminal.execute("check", "--format", "nonsense").code == 2


class TestSuggestions:
    FILE = "---\nmodel: openai/gpt-4.1\ntools: [getForecast]\n---\nPlan a trip.\n"
    FOUND = ("a.prompt", "tools/never-mentioned")

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ((), False),
            (("--suggestions",), True),
            (("--select", "all"), True),
            (("--extend-select", "tools"), True),
            (("--select", "tools/never-mentioned"), True),
        ],
    )
    def test_they_are_quiet_unless_asked_for(self, terminal: Terminal, asked: tuple[str, ...], found: bool) -> None:
        terminal.write({"a.prompt": self.FILE})
        assert (self.FOUND in rules(terminal.run("check", "--format", "json", *asked).out)) is found

    def test_a_setting_asks_for_them(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": self.FILE, "promptls.toml": 'suggestions = "always"'})
        assert self.FOUND in rules(terminal.run("check", "--format", "json").out)
        terminal.write({"promptls.toml": 'suggestions = "never"'})
        assert self.FOUND not in rules(terminal.run("check", "--format", "json").out)
        assert self.FOUND in rules(terminal.run("check", "--format", "json", "--suggestions").out)


class TestSelection:
    def test_select_ignore_extend(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNUSED.replace("Summarise", "{{#if text}}{{/if}} Summarise {{reader}}")})
        everything = {rule for _, rule in rules(terminal.run("check", "--format", "json").out)}
        assert everything > {"variables/unused", "variables/undefined"}
        selected = terminal.run("check", "--format", "json", "--select", "variables/unused,variables/undefined").out
        assert {rule for _, rule in rules(selected)} == {"variables/unused", "variables/undefined"}
        ignored = terminal.run("check", "--format", "json", "--ignore", "variables").out
        assert {rule for _, rule in rules(ignored)} == {each for each in everything if "variables" not in each}
        both = terminal.run("check", "--format", "json", "--select", "variables", "--ignore", "variables/unused").out
        assert {rule for _, rule in rules(both)} == {"variables/undefined"}
        extended = ("--select", "template", "--extend-select", "variables/unused")
        found = {rule for _, rule in rules(terminal.run("check", "--format", "json", *extended).out)}
        assert "variables/unused" in found
        assert "variables/undefined" not in found

    def test_select_goes_over_what_settings_ignore(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNUSED, "promptls.toml": 'ignore = ["variables/unused"]'})
        assert rules(terminal.run("check", "--format", "json").out) == []
        assert len(rules(terminal.run("check", "--format", "json", "--select", "variables/unused").out)) == 1

    def test_an_unknown_rule(self, terminal: Terminal) -> None:
        outcome = terminal.run("check", "--select", "variables/unusd")
        assert outcome.code == 2
        assert outcome.err.count("\n") == 1
        assert "variables/unusd" in outcome.err
        assert "did you mean variables/unused?" in outcome.err

    def test_hints_are_for_editors(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNUSED, "promptls.toml": 'severity = { "variables/unused" = "hint" }'})
        assert rules(terminal.run("check", "--format", "json").out) == []


class TestSettings:
    def test_a_wrong_setting_is_named_and_the_rest_counts(self, terminal: Terminal) -> None:
        settings = 'ignore = ["variables/unused"]\nfail_onn = "info"\n'
        terminal.write({"a.prompt": UNUSED, "promptls.toml": settings})
        outcome = terminal.run("check")
        assert outcome.code == 2
        assert outcome.err.count("\n") == 1
        assert "promptls.toml:2" in outcome.err
        assert "fail_onn" in outcome.err
        assert outcome.out == "1 file checked: nothing found\n"

    def test_settings_that_are_not_toml(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED, "promptls.toml": "fail-on = \nx"})
        outcome = terminal.run("check")
        assert outcome.code == 2
        assert "promptls.toml:1" in outcome.err
        assert outcome.err.count("\n") == 1
        assert "1 error" in outcome.out

    def test_an_unknown_rule_in_settings(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD, "promptls.toml": 'select = ["all"]\nignore = [\n"variables/no-such"]'})
        outcome = terminal.run("check")
        assert outcome.code == 2
        assert "promptls.toml:3" in outcome.err
        assert "variables/no-such" in outcome.err

    def test_config_and_isolated(self, terminal: Terminal) -> None:
        other = {"other.toml": 'ignore = ["template"]', "promptls.toml": 'ignore = ["variables"]'}
        terminal.write({"a.prompt": UNUSED, "b.prompt": UNCLOSED, **other})
        assert [path for path, _ in rules(terminal.run("check", "--format", "json").out)] == ["b.prompt"]
        chosen = terminal.run("check", "--format", "json", "--config", "other.toml")
        assert [path for path, _ in rules(chosen.out)] == ["a.prompt"]
        isolated = terminal.run("check", "--format", "json", "--isolated")
        assert [path for path, _ in rules(isolated.out)] == ["a.prompt", "b.prompt"]
        missing = terminal.run("check", "--config", "gone.toml")
        assert (missing.code, missing.err.count("\n")) == (2, 1)
        assert "gone.toml" in missing.err

    def test_exclude_and_gitignore(self, terminal: Terminal) -> None:
        terminal.write(dict.fromkeys(("a.prompt", "skip/b.prompt", "c.prompt"), GOOD))
        assert terminal.run("check", "--show-files").out.split() == ["a.prompt", "c.prompt", "skip/b.prompt"]
        assert terminal.run("check", "--show-files", "--exclude", "skip").out.split() == ["a.prompt", "c.prompt"]
        terminal.write({".gitignore": "c.prompt\n"})
        (terminal.folder / ".git").mkdir()
        assert terminal.run("check", "--show-files").out.split() == ["a.prompt", "skip/b.prompt"]
        assert terminal.run("check", "--show-files", "c.prompt").out.split() == ["c.prompt"]


class TestFormats:
    def test_json_is_the_contract(self, terminal: Terminal) -> None:
        terminal.write({"dir/a.prompt": BLOCK_ROLE, "plain.prompt": "Just text.\n"})
        data = json.loads(terminal.execute("check", "--format", "json").out)
        assert data["summary"] == {"files": 2, "errors": 1, "warnings": 0, "infos": 0, "fixable": 1}
        first, second = data["files"]
        assert (first["path"], first["format"], first["tokens"], first["score"]) == (
            "dir/a.prompt",
            "dotprompt",
            None,
            None,
        )
        assert second["findings"] == []
        (finding,) = first["findings"]
        assert set(finding) >= {"rule", "severity", "message", "help", "start", "end", "fix", "url"}
        start, end = finding["start"]["offset"], finding["end"]["offset"]
        assert BLOCK_ROLE[start:end] == '{{#role "system"}}'
        assert finding["start"] == {"line": 7, "column": 1, "offset": start}
        assert finding["fix"]["safe"] is True
        assert finding["url"].endswith("template-block-role") or "template" in finding["url"]

    def test_github_by_itself(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal.write({"a.prompt": UNCLOSED})
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        assert terminal.run("check").out.startswith("::error file=a.prompt,line=10,")
        assert terminal.run("check", "--format", "text").out.startswith("a.prompt:10:1: error:")
        monkeypatch.setenv("GITHUB_ACTIONS", "false")
        assert terminal.run("check").out.startswith("a.prompt:10:1: error:")

    def test_jsonl_is_in_path_order_whatever_the_jobs(self, terminal: Terminal) -> None:
        terminal.write({f"{index:03}.prompt": UNUSED if index % 3 else UNCLOSED for index in range(60)})
        one = terminal.run("check", "--format", "jsonl", "--no-cache", "--jobs", "1")
        two = terminal.run("check", "--format", "jsonl", "--no-cache", "--jobs", "2")
        assert one == two
        assert [json.loads(line)["path"] for line in one.out.splitlines()] == [f"{i:03}.prompt" for i in range(60)]

    def test_output_file(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED})
        plain = terminal.run("check", "--format", "sarif").out
        outcome = terminal.run("check", "--format", "sarif", "--output-file", "out.sarif")
        assert (outcome.code, outcome.out) == (1, "")
        assert terminal.read("out.sarif") == plain
        refused = terminal.run("check", "--output-file", "no/such/folder.txt")
        assert (refused.code, refused.err.count("\n")) == (2, 1)

    def test_statistics(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNUSED, "b.prompt": UNUSED, "c.prompt": UNCLOSED})
        outcome = terminal.run("check", "--statistics")
        assert outcome.code == 1
        assert outcome.out.splitlines() == [
            "2  variables/unused",
            "1  template/unclosed-block (1 can be mended with --fix)",
        ]
        data = json.loads(terminal.run("check", "--statistics", "--format", "json").out)
        assert data["statistics"][0] == {"rule": "variables/unused", "count": 2, "fixable": 0}
        assert terminal.run("check", "--statistics", "--format", "junit").code == 2

    def test_quiet(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED, "b.prompt": GOOD})
        assert terminal.run("check", "-q").out.count("\n") == 1
        assert terminal.run("check", "-q", "b.prompt").out == ""

    def test_colour(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal.write({"a.prompt": UNCLOSED})
        assert "\x1b" not in terminal.run("check").out
        assert "\x1b[1;31merror\x1b[0m" in terminal.run("check", "--color", "always").out
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert "\x1b" in terminal.run("check").out
        monkeypatch.setenv("NO_COLOR", "1")
        assert "\x1b" not in terminal.run("check").out


class TestFixes:
    def test_safe_fixes_are_applied_and_the_text_then_passes(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED, "b.prompt": BLOCK_ROLE, "c.prompt": UNUSED})
        outcome = terminal.run("check", "--fix")
        assert outcome.code == 0
        assert "2 findings mended; 3 files checked: 1 warning; 1 with --unsafe-fixes" in outcome.out
        assert terminal.read("a.prompt") != UNCLOSED
        assert terminal.read("b.prompt") == GOOD
        assert terminal.read("c.prompt") == UNUSED
        assert terminal.run("check", "a.prompt", "b.prompt").out == "2 files checked: nothing found\n"

    def test_unsafe_fixes(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNUSED})
        assert (
            terminal.run("check", "--fix", "--unsafe-fixes").out == "1 finding mended; 1 file checked: nothing found\n"
        )
        assert terminal.read("a.prompt") == GOOD

    def test_line_ends_and_mark_are_kept(self, terminal: Terminal) -> None:
        text = UNCLOSED.replace("\n", "\r\n")
        terminal.write({"a.prompt": text})
        terminal.run("check", "--fix")
        fixed = terminal.read("a.prompt")
        assert fixed != text
        assert fixed.count("\n") == fixed.count("\r\n") >= text.count("\n")

    def test_nothing_to_fix_writes_nothing(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD, "b.prompt": UNUSED})
        before = [(terminal.folder / name).stat().st_mtime_ns for name in ("a.prompt", "b.prompt")]
        terminal.run("check", "--fix")
        assert [(terminal.folder / name).stat().st_mtime_ns for name in ("a.prompt", "b.prompt")] == before

    def test_a_file_that_cannot_be_written(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal.write({"a.prompt": UNCLOSED, "b.prompt": BLOCK_ROLE})
        write = Path.write_bytes

        def refusing(path: Path, data: bytes) -> int:
            if path.name == "a.prompt":
                raise PermissionError(13, "Permission denied", str(path))
            return write(path, data)

        monkeypatch.setattr(Path, "write_bytes", refusing)
        outcome = terminal.run("check", "--fix")
        assert outcome.code == 2
        assert outcome.err == "promptls: a.prompt: cannot be written: Permission denied\n"
        assert terminal.read("b.prompt") == GOOD

    def test_diff_writes_nothing(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNCLOSED.rstrip("\n"), "b.prompt": BLOCK_ROLE, "c.prompt": GOOD})
        outcome = terminal.run("check", "--diff")
        assert outcome.code == 1
        assert outcome.err == "promptls would mend 2 findings in 2 files\n"
        assert terminal.read("b.prompt") == BLOCK_ROLE
        patched = subprocess.run(
            ["patch", "-p0"], input=outcome.out, cwd=terminal.folder, capture_output=True, text=True, check=False
        )
        assert patched.returncode == 0, patched.stdout + patched.stderr
        assert terminal.read("b.prompt") == GOOD
        again = terminal.run("check", "--diff")
        assert (again.code, again.out) == (0, "")

    def test_diff_of_unsafe_fixes(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNUSED})
        assert terminal.run("check", "--diff").out == ""
        assert "-    tone: string" in terminal.run("check", "--diff", "--unsafe-fixes").out

    def test_a_mended_partial_mends_those_that_include_it(self, terminal: Terminal) -> None:
        terminal.write({"_tone.prompt": '{{#role "system"}}Calm.{{/role}}', "a.prompt": INCLUDING})
        outcome = terminal.run("check", "--fix")
        assert outcome.code == 0, outcome.out
        assert terminal.read("_tone.prompt").startswith('{{role "system"}}')


class TestStdin:
    def test_findings(self, terminal: Terminal) -> None:
        outcome = terminal.run("check", "-", stdin=UNCLOSED)
        assert outcome.code == 1
        assert outcome.out.startswith("-:10:1: error:")

    def test_with_a_name(self, terminal: Terminal) -> None:
        terminal.write({"dir/_tone.prompt": "Calm.", "dir/a.prompt": UNCLOSED})
        arguments = ("check", "-", "--stdin-filename", "dir/a.prompt", "--format", "json")
        assert rules(terminal.run(*arguments, stdin=INCLUDING).out) == []
        assert rules(terminal.run(*arguments, stdin=INCLUDING.replace("tone", "gone")).out) == [
            ("dir/a.prompt", "partials/missing")
        ]

    def test_fix_writes_the_text_to_stdout(self, terminal: Terminal) -> None:
        outcome = terminal.run("check", "-", "--fix", stdin=BLOCK_ROLE)
        assert (outcome.code, outcome.out) == (0, GOOD)
        assert outcome.err == "1 finding mended; 1 file checked: nothing found\n"

    def test_diff(self, terminal: Terminal) -> None:
        assert "-{{#role" in terminal.run("check", "-", "--diff", stdin=BLOCK_ROLE).out

    def test_not_utf8(self, terminal: Terminal) -> None:
        outcome = terminal.run("check", "-", stdin=b"a\n\xff")
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err == "promptls: stdin is not UTF-8: byte 0xff on line 2\n"


class TestBaseline:
    def test_only_what_is_new_is_reported(self, terminal: Terminal) -> None:
        terminal.write({"dir/a.prompt": UNCLOSED, "b.prompt": UNDEFINED})
        written = terminal.run("check", "--write-baseline", "base/known.json")
        assert written.code == 2
        (terminal.folder / "base").mkdir()
        written = terminal.run("check", "--write-baseline", "base/known.json")
        assert (written.code, written.out) == (0, "")
        assert written.err == "promptls wrote 2 findings to base/known.json\n"
        known = ("check", "--baseline", "base/known.json", "--fail-on", "info")
        assert terminal.run(*known).code == 0
        terminal.write({"dir/a.prompt": UNCLOSED.replace("Summarise", "\n\n# Task\nSummarise")})
        assert terminal.run(*known).code == 0
        terminal.write({"dir/a.prompt": UNCLOSED.replace("Summarise", "Summarise {{reader}}")})
        outcome = terminal.run(*known, "--format", "json")
        assert (outcome.code, rules(outcome.out)) == (1, [("dir/a.prompt", "variables/undefined")])

    def test_from_another_folder(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal.write({"dir/a.prompt": UNCLOSED})
        terminal.run("check", "--write-baseline", "known.json")
        monkeypatch.chdir(terminal.folder / "dir")
        assert terminal.run("check", "a.prompt").code == 1
        assert terminal.run("check", "a.prompt", "--baseline", "../known.json").code == 0

    def test_a_second_finding_of_the_kind_is_new(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": UNDEFINED})
        terminal.run("check", "--write-baseline", "known.json")
        line = "Summarise the text for {{reader}} in one sentence.\n"
        terminal.write({"a.prompt": UNDEFINED.replace(line, line * 2)})
        known = terminal.run("check", "--baseline", "known.json", "--format", "json")
        assert len(rules(known.out)) == 1

    @pytest.mark.parametrize("content", [None, "not json", "[]", '{"files": {"a": [1]}}', '{"files": 3}'])
    def test_something_else(self, terminal: Terminal, content: str | None) -> None:
        terminal.write({"a.prompt": GOOD, **({"known.json": content} if content else {})})
        outcome = terminal.run("check", "--baseline", "known.json")
        assert (outcome.code, outcome.err.count("\n")) == (2, 1)
        assert "known.json" in outcome.err


class TestProcess:
    def test_a_closed_pipe_is_quiet(self, terminal: Terminal) -> None:
        terminal.write({f"{index}.prompt": UNUSED for index in range(400)})
        with terminal.start("check", "--jobs", "1") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == ""

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for others")
    def test_watch_checks_again_and_ends_with_ctrl_c(self, terminal: Terminal) -> None:
        terminal.write({"a.prompt": GOOD})
        with terminal.start("check", "--watch") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline() == "1 file checked: nothing found\n"
            time.sleep(0.2)
            terminal.write({"a.prompt": UNCLOSED})
            assert process.stdout.readline().startswith("a.prompt:10:1: error:")
            while not process.stdout.readline().startswith("1 file checked: 1 error"):
                pass
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=10) == 130
            assert process.stderr.read() == ""


def test_every_safe_fix_of_the_samples_ends(terminal: Terminal) -> None:
    broken = ROOT / "samples" / "broken"
    terminal.write({path.name: path.read_bytes() for path in broken.glob("*.prompt")})
    terminal.run("check", "--fix", "--unsafe-fixes")
    outcome = terminal.run("check", "--diff", "--unsafe-fixes")
    assert (outcome.code, outcome.out) == (0, "")


def test_good_samples_pass(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = ROOT / "samples"
    files = [str(path) for path in sorted(samples.rglob("*.prompt")) if "broken" not in Path(path).parts]
    monkeypatch.chdir(ROOT)
    outcome = terminal.run("check", "--fail-on", "warning", *files)
    assert outcome.code == 0, outcome.out
