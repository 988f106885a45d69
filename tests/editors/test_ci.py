"""What CI services run: the GitHub action's steps, GitLab's job, pre-commit's hooks."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from promptls import __version__
from tests.editors.machine import Finished, Machine
from tests.editors.tools import from_package_index
from tests.support import ROOT

ACTION = ROOT / "editors/github-action/action.yml"
SYSTEM = (Path("/usr/bin"), Path("/bin"))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    return folder


def steps(machine: Machine, wheels: Path, **inputs: str) -> Iterator[Finished]:
    """Run the action's own steps as a runner does, up to the first that fails."""
    action = yaml.safe_load(ACTION.read_text())
    known = {f"inputs.{name}": inputs.get(name, about["default"]) for name, about in action["inputs"].items()}
    assert set(inputs) <= set(action["inputs"])
    known["steps.python.outputs.python-path"] = sys.executable
    runner = replace(machine, path=SYSTEM)
    for step in action["runs"]["steps"]:
        if "run" not in step:
            continue
        environment = {
            name: re.sub(r"\$\{\{ *(\S+?) *\}\}", lambda match: known[match[1]], value)
            for name, value in step["env"].items()
        }
        finished = runner.run(
            "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], seconds=300,
            GITHUB_ACTIONS="true", GITHUB_ACTION_PATH=str(ACTION.parent), RUNNER_TEMP=str(machine.home),
            PIP_FIND_LINKS=str(wheels), PIP_CACHE_DIR=str(machine.home.parent / "pip"), **environment,
        )  # fmt: skip
        yield finished
        if finished.code != 0:
            return


@pytest.mark.timeout(400)
def test_github_action(machine: Machine, wheels: Path) -> None:
    shutil.move(machine.samples / "chat", machine.samples / "with blanks")
    *_, last = steps(machine, wheels, version=__version__, paths="with blanks\n  rag  \n")
    assert (last.code, [line for line in last.output.splitlines() if line.startswith("::error")]) == (0, [])
    *_, last = steps(machine, wheels, version=__version__, paths="broken", args="--select template")
    assert last.code == 1
    expected = "::error file=broken/block-role.prompt,line=8,endLine=8,col=1,endColumn=19,title=template/block-role::"
    assert expected in last.output
    assert "variables/" not in last.output


@pytest.mark.timeout(400)
def test_github_action_says_what_cannot_be_installed(machine: Machine, wheels: Path) -> None:
    (only,) = steps(machine, wheels, version="999.0")
    assert only.code == 2
    assert "::error::promptls could not be installed from promptls==999.0" in only.output


def test_gitlab_job(machine: Machine) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "editors/gitlab.md").read_text(), re.DOTALL)
    job = yaml.safe_load(text)["promptls"]
    install, check = job["script"]
    assert install == "pip install promptls"
    assert machine.run("bash", "-c", check, seconds=60).code == 1
    path = machine.samples / job["artifacts"]["reports"]["codequality"]
    report: list[dict[str, Any]] = json.loads(path.read_text())
    (found,) = (each for each in report if each["location"]["path"] == "broken/undefined-variable.prompt")
    assert found["check_name"] == "variables/undefined"
    assert found["severity"] in {"info", "minor", "major", "critical", "blocker"}
    assert found["location"]["lines"]["begin"] > 1
    assert len({each["fingerprint"] for each in report}) == len(report)


@pytest.mark.timeout(600)
def test_pre_commit_hooks(machine: Machine, tmp_path: Path) -> None:
    program = from_package_index("pre-commit==4.7.0") / "bin/pre-commit"
    hooks = tmp_path / "hooks"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (hooks / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, hooks / name)
    prompts = machine.samples
    revision = repository(machine, hooks)
    repository(machine, prompts)
    configuration = {
        "repos": [{
            "repo": hooks.as_uri(), "rev": revision, "hooks": [{"id": "promptls-check"}, {"id": "promptls-format"}],
        }]
    }  # fmt: skip
    (prompts / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
    machine.run("git", "add", ".", seconds=20)

    files = ["broken/block-role.prompt", "chat/support.prompt", "README.md"]
    finished = machine.run(program, "run", "--files", *files, seconds=500)
    assert finished.code == 1, finished.output
    assert "template/block-role" in finished.output
    assert "broken/block-role.prompt:8:1" in finished.output
    assert "README.md" not in finished.output
    assert "support.prompt" not in finished.output

    untidy = prompts / "chat/support.prompt"
    tidy = untidy.read_text()
    untidy.write_text(tidy.replace('{{role "user"}}', '{{ role   "user" }}'))
    finished = machine.run(program, "run", "promptls-format", "--files", files[1], seconds=60)
    assert finished.code == 1, finished.output
    assert "files were modified by this hook" in finished.output
    assert untidy.read_text() == tidy
    assert machine.run(program, "run", "--files", files[1], seconds=60).code == 0


def repository(machine: Machine, folder: Path) -> str:
    """Make a folder a repository with one commit; gives the commit."""
    git = ("git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.invalid")
    machine.run("git", "init", "--quiet", folder, seconds=20)
    for command in (("add", "."), ("commit", "--quiet", "--message", "all")):
        finished = machine.run(*git, *command, seconds=60)
        assert finished.code == 0, finished.output
    return machine.run(*git, "rev-parse", "HEAD", seconds=20).output.strip()
