"""Strategies, hooks and metrics of other packages: they run in a process of their own and cost only themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

GOOD = """\
from promptls.optimize.draft import Step
from promptls.optimize.extensions import Hook, Metric, OwnStrategy
from promptls.syntax.source import Range, TextEdit


def shout(draft):
    print("plugins may print")
    at = draft.prompt.text.index("Sort")
    step = Step("house", "Be polite", (TextEdit(Range(at, at), "Kindly: "),), "house/polite")
    return draft.after(step).noted("Done by the house.")


def comment(draft):
    end = len(draft.prompt.text)
    return draft.after(Step("hook", "Sign it", (TextEdit(Range(end, end), "{{! signed }}\\n"),)))


STRATEGY = OwnStrategy("house-style", "how we write", shout)
HOOKS = [Hook("signature", "after", comment), Metric("length", lambda prompt: len(prompt.text))]
"""
BAD = """\
import os
import re
from dataclasses import replace
from promptls.optimize.draft import Step
from promptls.optimize.extensions import Hook, Metric, OwnStrategy
from promptls.syntax.source import Range, TextEdit


def raises(draft):
    raise ZeroDivisionError("no")


def exits(draft):
    os._exit(3)


def nonsense(draft):
    return "better"


def beyond(draft):
    return replace(draft, steps=(Step("x", "y", (TextEdit(Range(0, 10**6), ""),)),))


def lies(draft):
    return replace(draft, prompt=draft.prompt.with_text("Something else."))


def breaks(draft):
    return draft.after(Step("x", "Drop it", (TextEdit(Range(0, len(draft.prompt.text)), "Sort nothing."),)))


def endless(draft):
    return draft if re.search(r"(a+)+$", "a" * 200 + "b") else draft


STRATEGIES = [OwnStrategy(each.__name__, "bad", each) for each in (raises, exits, nonsense, beyond, lies, breaks)]
HOOKS = [
    Hook("raising", "before", raises),
    Hook("silly", "before", nonsense),
    Hook("endless", "before", endless),
    Metric("text", lambda prompt: "long"),
    Metric("infinite", lambda prompt: float("inf")),
]
NO_EXTENSION = ["hello"]
"""
PROMPT = "---\nmodel: openai/gpt-4.1\n---\nSort {{words}} by length. Try to keep it short.\n"
SECONDS = 60


class Site:
    """A folder of installed packages beside the real ones, and a project folder with one prompt."""

    def __init__(self, folder: Path) -> None:
        self.packages, self.project = folder / "site", folder / "project"
        self.packages.mkdir()
        self.project.mkdir()
        (self.project / "a.prompt").write_text(PROMPT)

    def install(self, entry_points: str, **modules: str) -> None:
        about = self.packages / "demo-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[promptls.strategies]\n{entry_points}\n")
        for name, text in modules.items():
            (self.packages / f"{name}.py").write_text(text)

    def optimize(self, *arguments: str) -> tuple[int, dict[str, Any], str]:
        folder = self.project.parent
        own = {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}
        done = subprocess.run(
            [sys.executable, "-m", "promptls", "optimize", "a.prompt", "--format", "json", *arguments],
            cwd=self.project,
            env={**os.environ, **own, "PYTHONPATH": str(self.packages)},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        return done.returncode, json.loads(done.stdout)["prompts"][0] if done.stdout else {}, done.stderr


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_strategy_a_hook_and_a_metric(site: Site) -> None:
    site.install("style = demo_good:STRATEGY\nmore = demo_good:HOOKS", demo_good=GOOD)
    code, one, err = site.optimize("--strategy", "house-style")
    assert (code, one["error"]) == (0, None)
    assert [step["title"] for step in one["steps"]] == ["Be polite", "Sign it"]
    assert one["metrics"] == {"length": {"before": float(len(PROMPT)), "after": float(len(one["text"]))}}
    assert "Done by the house." in one["notes"]
    assert "plugins may print" in err


@pytest.mark.parametrize(
    ("strategy", "status", "reason"),
    [
        ("raises", "failed", "ZeroDivisionError: no"),
        ("exits", "failed", "or crashed"),
        ("nonsense", "failed", "must give a Draft, not str"),
        ("beyond", "failed", "does not lie in the text"),
        ("lies", "failed", "do not lead to the text"),
        ("breaks", "rejected", "drops {{words}}"),
    ],
)
def test_a_bad_strategy_leaves_the_prompt_alone(site: Site, strategy: str, status: str, reason: str) -> None:
    site.install("bad = demo_bad:STRATEGIES", demo_bad=BAD)
    code, one, _ = site.optimize("--strategy", strategy, "--write")
    assert (code, one["status"], one["text"]) == (1, status, PROMPT)
    assert reason in one["error"]
    assert (site.project / "a.prompt").read_text() == PROMPT


def test_bad_hooks_and_metrics_are_left_out(site: Site) -> None:
    site.install("bad = demo_bad:HOOKS\nnone = demo_bad:NO_EXTENSION\ngone = no_such_module:X", demo_bad=BAD)
    begun = time.monotonic()
    code, one, err = site.optimize()
    assert time.monotonic() - begun < SECONDS / 2, "an endless pattern is bounded"
    assert (code, one["status"], one["metrics"]) == (0, "improved", {})
    assert [step["rule"] for step in one["steps"]] == ["clarity/weak-rule"]
    told = "\n".join(one["notes"])
    assert "The hook raising was left out: ZeroDivisionError: no." in told
    assert "The hook silly was left out: TypeError: it must give a Draft, not str." in told
    assert "The hook endless was left out: it took more than 5 s, or crashed." in told
    assert "demo_bad:NO_EXTENSION cannot be loaded" in err
    assert "no_such_module:X cannot be loaded" in err
