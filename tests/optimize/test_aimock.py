"""The strategy `quick` through a mock of model endpoints that others have written, as the README tells it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT

FOLDER = ROOT / "tests/optimize/aimock"
SAMPLE = ROOT / "samples/optimiser"


def missing() -> str | None:
    if shutil.which("node") is None:
        return "node is not installed"
    if not (FOLDER / "node_modules").is_dir():
        return "tests/optimize/aimock/node_modules is absent (npm ci --prefix tests/optimize/aimock)"
    return None


pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a running `llmock` with the sample's answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        chosen: int = free.getsockname()[1]
    program = FOLDER / "node_modules/.bin/llmock"
    given = ["--fixtures", str(SAMPLE / "model.json"), "--log-level", "warn", "--strict"]
    command = [str(program), "--port", str(chosen), *given]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", chosen), 0.2).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "llmock did not start"
                time.sleep(0.05)
        yield chosen
        process.terminate()


@pytest.fixture
def prompt(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample whose settings lead to the mock."""
    for name in ("reply.prompt", "promptls.toml"):
        shutil.copy(SAMPLE / name, tmp_path)
    settings = tmp_path / "promptls.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(":4010/", f":{port}/"), encoding="utf-8")
    for name in ("XDG_STATE_HOME", "PROMPTLS_CACHE_FOLDER"):
        monkeypatch.setenv(name, str(tmp_path / "kept"))
    return tmp_path / "reply.prompt"


def optimize(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "promptls", "optimize", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_quick_through_the_command_line(prompt: Path) -> None:
    seed = prompt.read_text(encoding="utf-8")
    done = optimize(prompt, "--strategy", "quick", "--format", "json")
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["prompts"]
    assert told["status"] == "improved", told
    assert told["usage"]["calls"] == 4
    assert "-Explain every detail at length." in told["diff"]
    assert told["after"]["score"] >= told["before"]["score"]
    assert prompt.read_text(encoding="utf-8") == seed, "nothing is written unless it is asked for"

    page = prompt.with_name("r.html")
    again = optimize(prompt, "--strategy", "quick", "--write", "--format", "json", "--report", page)
    (told,) = json.loads(again.stdout)["prompts"]
    assert (told["usage"]["calls"], told["usage"]["cache_hits"]) == (0, 4), "an identical run is answered by the cache"
    assert prompt.read_text(encoding="utf-8") == told["text"]
    assert "What changes" in page.read_text(encoding="utf-8")


def test_statically_without_any_endpoint(prompt: Path) -> None:
    done = optimize(prompt, "--format", "json")
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["prompts"]
    assert told["usage"]["calls"] == 0
    assert told["after"]["score"] >= told["before"]["score"]
