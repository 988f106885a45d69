"""Running programs as a person with an empty home folder would."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Finished:
    """What a program printed and how it ended; `code` is None where it had to be killed."""

    code: int | None
    output: str


@dataclass(frozen=True, slots=True)
class Machine:
    """`path` lists the folders that programs are found in."""

    home: Path
    samples: Path
    path: tuple[Path, ...]

    def environment(self) -> dict[str, str]:
        """Nothing of the one who runs the tests."""
        return {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join(map(str, self.path)),
            "TERM": "xterm-256color",
        }

    def run(self, *command: str | Path, seconds: float, **environment: str) -> Finished:
        """Run a program in the folder of the samples; it is killed, with all that it started, when time is up."""
        with subprocess.Popen(
            list(map(str, command)),
            cwd=self.samples,
            env={**self.environment(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
                return Finished(None, output)
        return Finished(process.returncode, output)

    def processes(self) -> list[str]:
        """The command lines of the processes that still run with this machine's home folder. Linux only."""
        return [command for _, command in self._processes()]

    def processes_after(self, seconds: float) -> list[str]:
        """The processes that do not end by themselves in time."""
        end = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.1)
        return left

    def end_processes(self) -> None:
        """End whatever still runs with this machine's home folder."""
        for process, _ in self._processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _processes(self) -> Iterator[tuple[int, str]]:
        mark = f"HOME={self.home}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                    yield int(folder.name), command.decode(errors="replace").strip()
            except OSError:
                continue  # gone by now, or someone else's
