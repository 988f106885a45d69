"""The editors and tools under test: found, or installed outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
CAPTURES = Path(os.environ.get("PROMPTLS_CAPTURES") or Path(tempfile.gettempdir()) / "promptls-captures")
"""Where the pictures of screens are kept."""


def cache() -> Path:
    """Where editors are installed; shared by all checkouts."""
    if chosen := os.environ.get("PROMPTLS_EDITORS_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "promptls-editors"


def unavailable(reason: str) -> NoReturn:
    """Skip the test with a reason; in CI, where nothing may go untested, fail."""
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def from_package_index(requirement: str) -> Path:
    """A virtual environment that holds a package, made at first use."""
    folder = cache() / requirement.replace("==", "-")
    if not (folder / ".ready").exists():
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], [*pip, requirement]):
            result = _run(command)
            if result.returncode != 0:
                unavailable(f"{requirement} could not be installed: {_last_line(result.stderr)}")
        (folder / ".ready").touch()
    return folder


def from_debian(program: str, *packages: str) -> Path:
    """A program; in CI it is installed with apt where it is missing."""
    if (found := shutil.which(program)) is None and IN_CI:
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-qq", "-y", *packages]):
            result = _run(command, DEBIAN_FRONTEND="noninteractive")
            if result.returncode != 0:
                unavailable(f"{' '.join(command)} failed: {_last_line(result.stderr)}")
        found = shutil.which(program)
    if found is None:
        unavailable(f"{program} is not installed (Debian: {' '.join(packages)})")
    return Path(found)


def _run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=600, check=False
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
