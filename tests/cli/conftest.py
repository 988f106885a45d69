"""The command line in a folder of its own, without the settings and the cache of whoever runs the tests."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from promptls.cli.main import run


@dataclass(frozen=True)
class Outcome:
    """What a command did: its exit code and what it wrote."""

    code: int
    out: str
    err: str


class Terminal:
    """Runs `promptls` in a folder: within this process, or as the real command."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files below the folder, with exactly these bytes."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def read(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def run(self, *arguments: str, stdin: str | bytes = b"") -> Outcome:
        """Run a command within this process."""
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        self._capsys.readouterr()
        try:
            code = run(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        written = self._capsys.readouterr()
        return Outcome(code, written.out, written.err)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the real command; what it writes can be read from pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "promptls", *arguments],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def execute(self, *arguments: str, stdin: str = "") -> Outcome:
        """Run the real command."""
        with self.start(*arguments) as process:
            out, err = process.communicate(stdin, timeout=60)
        return Outcome(process.returncode, out, err)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in an empty folder."""
    for name in list(os.environ):
        if name.startswith("PROMPTLS_") or name in ("GITHUB_ACTIONS", "NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Terminal(folder, monkeypatch, capsys)
