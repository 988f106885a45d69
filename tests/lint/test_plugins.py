"""Rules of other packages run in a process of their own, and whatever they do costs only their own findings."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

RULES = '''\
import re
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.syntax.source import Range, TextEdit


@rule("demo/hello", Severity.WARNING, certainty="certain", fixable="safe")
def hello(prompt):
    """The prompt says hello.

    ```prompt bad
    Hello.
    ```
    """
    print("plugins may print")
    at = prompt.text.find("Hello")
    if at >= 0:
        fix = Fix("Say good day", (TextEdit(Range(at, at + 5), "Good day"),), safe=True)
        yield Finding(Range(at, at + 5), f"hello, says {prompt.path.name}", fix=fix)


@rule("demo/raises", Severity.WARNING, certainty="certain")
def raises(prompt):
    """It raises after its first finding."""
    yield Finding(Range(0, 1), "lost")
    raise ZeroDivisionError("no")


@rule("demo/endless-pattern", Severity.WARNING, certainty="certain")
def endless_pattern(prompt):
    """Its pattern takes longer than the universe."""
    return [Finding(Range(0, 1), "never")] if re.search(r"(a+)+$", "a" * 200 + "b") else []


@rule("demo/exits", Severity.WARNING, certainty="certain")
def exits(prompt):
    """It ends the process."""
    import os
    os._exit(0)


@rule("demo/beyond-text", Severity.WARNING, certainty="certain")
def beyond_text(prompt):
    """It points where no text is."""
    yield Finding(Range(0, 10**6), "far out")


@rule("demo/no-finding", Severity.WARNING, certainty="certain")
def no_finding(prompt):
    """It yields what is no finding."""
    yield "oops"


BAD = [raises, endless_pattern, exits, beyond_text, no_finding]
'''
PROMPT = "---\nmodel: openai/gpt-4.1\n---\nHello.\n"
SECONDS = 60


class Site:
    """A folder of installed packages beside the real ones, and a project folder."""

    def __init__(self, folder: Path) -> None:
        self.packages, self.project = folder / "site", folder / "project"
        self.packages.mkdir()
        self.project.mkdir()
        (self.project / "a.prompt").write_text(PROMPT)

    def install(self, entry_points: str, **modules: str) -> None:
        about = self.packages / "demo-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[promptls.rules]\n{entry_points}\n")
        for name, text in modules.items():
            (self.packages / f"{name}.py").write_text(text)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        cache = {"XDG_CACHE_HOME": str(self.project.parent / "cache"), "HOME": str(self.project.parent)}
        return subprocess.run(
            [sys.executable, "-m", "promptls", *arguments],
            cwd=self.project,
            env={**os.environ, **cache, "PYTHONPATH": str(self.packages), "NO_COLOR": "1", **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_rules_of_plugins_are_rules(site: Site) -> None:
    site.install("demo = demo_rules:hello", demo_rules=RULES)
    checked = site.run("check", "-q", "--no-cache")
    assert checked.stdout == "a.prompt:4:1: warning: hello, says a.prompt [demo/hello]\n"
    assert "plugins may print" in checked.stderr
    assert site.run("check", "-q", "--no-cache", "--ignore", "demo").stdout == ""
    assert site.run("rule", "demo/hello").stdout.startswith("# demo/hello\n\nThe prompt says hello.")
    site.run("check", "--no-cache", "--fix")
    assert (site.project / "a.prompt").read_text() == PROMPT.replace("Hello", "Good day")


def test_bad_rules_cost_only_their_own_findings(site: Site) -> None:
    site.install("bad = demo_rules:BAD\ngood = demo_rules:hello", demo_rules=RULES)
    start = time.monotonic()
    done = site.run("check", "-q", "--no-cache")
    assert time.monotonic() - start < SECONDS / 2
    failed = [line for line in done.stdout.splitlines() if "[internal-error]" in line]
    told = {line.partition("the rule ")[2].partition(" on this file")[0]: line for line in failed}
    kinds = {
        "demo/raises": "ZeroDivisionError",
        "demo/endless-pattern": "TimeoutError",
        "demo/exits": "TimeoutError",
        "demo/beyond-text": "ValueError",
        "demo/no-finding": "TypeError",
    }
    assert len(failed) == len(kinds)
    for rule, kind in kinds.items():
        assert kind in told[f"{rule} failed"]
    assert "demo/hello" in done.stdout
    assert "lost" not in done.stdout


def test_endless_rules_are_asked_once_only(site: Site) -> None:
    site.install("bad = demo_rules:endless_pattern", demo_rules=RULES)
    for number in range(8):
        (site.project / f"{number}.prompt").write_text(PROMPT)
    start = time.monotonic()
    done = site.run("check", "-q", "--no-cache", "--jobs", "1")
    assert done.stdout.count("demo/endless-pattern failed") == 9
    assert time.monotonic() - start < SECONDS / 2


@pytest.mark.parametrize(
    ("module", "what"),
    [
        ("import nowhere_at_all", "ModuleNotFoundError"),
        ("this is no Python", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("hello = 5", "TypeError"),
        ("hello = [print]", "TypeError"),
    ],
)
def test_broken_plugins_are_named_and_left_out(site: Site, module: str, what: str) -> None:
    site.install("broken = demo_broken:hello\ngood = demo_rules:hello", demo_broken=module, demo_rules=RULES)
    done = site.run("check", "-q", "--no-cache")
    assert "promptls.rules: broken: demo_broken:hello cannot be loaded" in done.stderr
    assert what in done.stderr
    assert "demo/hello" in done.stdout


def test_plugins_may_not_hide_rules_of_promptls(site: Site) -> None:
    site.install("demo = demo_rules:hello", demo_rules=RULES.replace("demo/hello", "security/secret"))
    done = site.run("check", "-q", "--no-cache")
    assert "hello, says" not in done.stdout
    assert "security/secret: promptls itself has a rule of this id" in done.stderr


def test_changed_plugins_are_no_matter_for_the_cache(site: Site) -> None:
    site.install("demo = demo_rules:hello", demo_rules=RULES)
    assert "hello, says" in site.run("check", "-q").stdout
    (site.packages / "demo_rules.py").write_text(RULES.replace("hello, says", "good morning, says"))
    assert "good morning, says" in site.run("check", "-q").stdout


def test_several_processes_do_not_share_one(site: Site) -> None:
    site.install("demo = demo_rules:hello", demo_rules=RULES)
    for number in range(60):
        (site.project / f"{number}.prompt").write_text(PROMPT)
    done = site.run("check", "-q", "--no-cache", "--jobs", "2")
    assert done.stdout.count("[demo/hello]") == 61


def test_no_process_stays(site: Site) -> None:
    site.install("demo = demo_rules:hello", demo_rules=RULES)
    site.run("check", "-q", "--no-cache")
    processes = Path("/proc")
    if not processes.is_dir():
        pytest.skip("there is no /proc to look at")
    left = []
    for each in processes.glob("[0-9]*"):
        try:
            environment = (each / "environ").read_bytes()
        except OSError:
            continue
        if str(site.packages).encode() in environment:
            left.append((each / "cmdline").read_bytes())
    assert left == []
