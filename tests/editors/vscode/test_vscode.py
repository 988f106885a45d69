"""The extension: its grammar, its parts in Node, and the built .vsix in VS Code's window. The tests are TypeScript."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.editors.machine import Finished, Machine
from tests.editors.tools import CAPTURES, unavailable
from tests.editors.vscode.code_server import CodeServer, code_server
from tests.support import ROOT

HERE = Path(__file__).parent
EXTENSION = ROOT / "editors/vscode"
LARGEST = 5_000_000
"""Bytes that the .vsix may have."""
WINDOWS = sorted(path.name for path in (HERE / "window").glob("*.test.ts"))


@pytest.fixture(scope="session")
def packages() -> None:
    """The packages that build the extension and that test it."""
    if shutil.which("npm") is None:
        unavailable("npm is not installed")
    for folder in (EXTENSION, HERE):
        ready, lock = folder / "node_modules/.ready", folder / "package-lock.json"
        if not ready.exists() or ready.stat().st_mtime < lock.stat().st_mtime:
            run("npm", "ci", "--prefix", folder, "--no-audit", "--no-fund")
            ready.touch()


@pytest.fixture(scope="session")
def extension(packages: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The .vsix, made as `make vsix` makes it, of the Python that runs the tests."""
    run("make", "vsix", f"BIN={Path(sys.executable).parent}", "READY=", cwd=ROOT)
    built = EXTENSION / "promptls.vsix"
    assert built.stat().st_size < LARGEST, f"{built.stat().st_size} bytes"
    return Path(shutil.copy(built, tmp_path_factory.mktemp("vsix")))


@pytest.fixture(scope="session")
def vscode() -> CodeServer:
    return code_server()


def run(*command: str | Path, cwd: Path = HERE, seconds: float = 300, **environment: str) -> str:
    """Run a program to its end; what it printed is the message where it fails."""
    result = subprocess.run(
        list(map(str, command)), cwd=cwd, env={**os.environ, **environment}, timeout=seconds, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    if result.returncode != 0:
        pytest.fail(f"{command[0]} ended with {result.returncode}:\n{result.stdout[-8000:]}", pytrace=False)
    return result.stdout


def test_generated_files_are_current() -> None:
    """What the extension takes from the server: settings, templates, snippets."""
    run(sys.executable, EXTENSION / "scripts/generate.py", "--check")


@pytest.mark.timeout(300)
def test_bundle(extension: Path) -> None:
    """The .vsix carries all of the server: its code, its data and its rules."""
    with zipfile.ZipFile(extension) as vsix:
        (wheel,) = (name for name in vsix.namelist() if name.endswith(".whl"))
        with zipfile.ZipFile(BytesIO(vsix.read(wheel))) as server:
            carried = set(server.namelist())
    package, rules = ROOT / "server", ROOT / "rules"
    expected = {
        str(path.relative_to(package))
        for path in (package / "promptls").rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    } | {f"promptls/rules_data/{path.name}" for path in rules.glob("*.yaml")}
    assert expected <= carried, sorted(expected - carried)


@pytest.mark.timeout(300)
def test_grammar(packages: None) -> None:
    """Assertions stand under the lines that they are about. The embedded grammars are real ones: YAML and Markdown."""
    embedded = [HERE / f"node_modules/tm-grammars/grammars/{name}.json" for name in ("yaml", "markdown")]
    grammars = [*embedded, EXTENSION / "syntaxes/dotprompt.tmLanguage.json"]
    options = [word for grammar in grammars for word in ("--grammar", grammar)]
    run(HERE / "node_modules/.bin/vscode-tmgrammar-test", *options, "grammar/*.prompt", seconds=60)


@pytest.mark.timeout(300)
def test_parts(packages: None, tmp_path: Path) -> None:
    """Finding, installing, starting and restarting the server, without an editor."""
    bundle: list[str | Path] = [
        EXTENSION / "node_modules/.bin/esbuild",
        "--bundle",
        "--platform=node",
        "--packages=external",
    ]
    tests = sorted((HERE / "parts").glob("*.test.ts"))
    run(*bundle, "--log-level=warning", f"--outdir={tmp_path}", "--out-extension:.js=.cjs", "--format=cjs", *tests)
    # What fails may leave something running, which the tests' processes would wait for.
    run("node", "--test", "--test-timeout=60000", *sorted(tmp_path.glob("*.cjs")), PYTHON=sys.executable)


# What is said when the browser, not the extension, has given up.
BROWSER_DIED = re.compile(r"browser has been closed|Target crashed|Page crashed|browserType\.launch|Protocol error")


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("window", WINDOWS)
def test_window(
    window: str, extension: Path, vscode: CodeServer, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    for attempts_left in (1, 0):
        finished = in_window(window, extension, vscode, machine)
        left = machine.processes_after(seconds=30)
        machine.end_processes()
        if finished.code == 0 or not (attempts_left and BROWSER_DIED.search(finished.output)):
            break
    with capsys.disabled():
        for figure in re.findall(r"^(?:# )?figure: (.*)", finished.output, re.MULTILINE):
            print(f"\n{window}: {figure}", end="")
    if finished.code != 0:
        how = "did not end in time" if finished.code is None else f"ended with {finished.code}"
        pytest.fail(f"{window} {how}:\n{finished.output[-8000:]}", pytrace=False)
    assert left == []


def in_window(window: str, extension: Path, vscode: CodeServer, machine: Machine) -> Finished:
    """Run the tests of a file, which start the editor and a browser themselves."""
    return machine.run(
        vscode.node / "node", "--disable-warning=ExperimentalWarning", "--test", HERE / "window" / window, seconds=600,
        PATH=os.pathsep.join(map(str, (vscode.node, Path("/usr/bin"), Path("/bin")))),
        CODE_SERVER=str(vscode.program), CHROMIUM=str(vscode.browser), VSIX=str(extension),
        SAMPLES=str(machine.samples), SERVER=str(Path(sys.executable).parent / "promptls"),
        PYTHON=sys.executable, SCREENSHOTS=str(CAPTURES / "vscode"),
    )  # fmt: skip
