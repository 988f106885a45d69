"""Who makes a version."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path

_SECONDS = 2.0


def author(folder: Path) -> str:
    """The name that git would take for a commit in a folder, or else the login."""
    try:
        command = ["git", "-C", str(folder), "config", "--get", "user.name"]
        told = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired):
        told = ""
    if name := told.strip():
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a name
        return "unknown"
