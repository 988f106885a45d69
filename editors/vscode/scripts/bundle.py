"""Put the server into `server/`: its wheel, the locked packages that it needs, and a description of both.

The requirements are those entries of `requirements.lock` that the server needs to run; the lock itself tells, by its
comments, which package is needed by which.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXTENSION = Path(__file__).resolve().parent.parent
PROJECT = EXTENSION.parent.parent
TARGET = EXTENSION / "server"
RUNTIME = "promptls (pyproject.toml)"


def main() -> int:
    """Build the wheel and write `server/`; gives the exit code of the build."""
    with tempfile.TemporaryDirectory() as folder:
        build = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        if build.returncode:
            print(build.stdout + build.stderr, file=sys.stderr)
            return build.returncode
        wheel = next(Path(folder).glob("*.whl"))
        shutil.rmtree(TARGET, ignore_errors=True)
        TARGET.mkdir()
        shutil.copy(wheel, TARGET)
    requirements = runtime_requirements((PROJECT / "requirements.lock").read_text(encoding="utf-8"))
    (TARGET / "requirements.txt").write_text(requirements, encoding="utf-8")
    digest = hashlib.sha256((TARGET / wheel.name).read_bytes() + requirements.encode()).hexdigest()
    bundle = {
        "version": wheel.name.split("-")[1],
        "wheel": wheel.name,
        "requirements": "requirements.txt",
        "digest": digest,
    }
    (TARGET / "bundle.json").write_text(json.dumps(bundle, indent=2) + "\n", encoding="utf-8")
    return 0


def runtime_requirements(lock: str) -> str:
    """The entries of a lock that are needed, directly or not, by the project without its groups."""
    written = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
    entries = {entry.split("==")[0]: entry for entry in written if "==" in entry}
    needed_by = {
        name: set(re.findall(r"^ +# +(?:via )?(\S.*?)$", text, re.MULTILINE)) for name, text in entries.items()
    }
    wanted = {name for name, users in needed_by.items() if RUNTIME in users}
    while more := {name for name, users in needed_by.items() if name not in wanted and users & wanted}:
        wanted |= more
    return "".join(entry for name, entry in entries.items() if name in wanted)


if __name__ == "__main__":
    sys.exit(main())
