"""What the layout, the locks and the distributions promise."""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support import ROOT

TOP_LEVEL = {
    ".ci",
    ".gitignore",
    ".pre-commit-hooks.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "NOTICE",
    "README.md",
    "editors",
    "pyproject.toml",
    "requirements.lock",
    "rules",
    "samples",
    "server",
    "tests",
}

ADDRESS = re.compile(r"://|\b[\w-]+\.(?:com|dev|io|net|org)\b")


def test_imports_point_one_way() -> None:
    script = Path(sysconfig.get_path("scripts"), "lint-imports")
    result = subprocess.run([script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_top_level_holds_nothing_new() -> None:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name.split("/")[0] for name in tracked.split("\0") if name} <= TOP_LEVEL


@pytest.mark.parametrize("name", ["requirements.lock", "tests/oracle/package-lock.json"])
def test_locks_hold_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert ADDRESS.findall(text) == []
    assert len(re.findall(r"sha(?:256:[0-9a-f]{64}|512-[\w+/]{86}==)", text)) > 5


def test_lock_satisfies_the_declared_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    unmet = [
        str(requirement)
        for requirement in map(Requirement, declared)
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), "0"), prereleases=True)
    ]
    assert unmet == []


def test_oracle_lock_is_of_its_package() -> None:
    package, lock = (
        json.loads((ROOT / "tests/oracle" / name).read_text()) for name in ("package.json", "package-lock.json")
    )
    assert lock["packages"][""]["dependencies"] == package["dependencies"]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that the unpacked sdist builds."""
    folder = tmp_path_factory.mktemp("distributions")
    build(ROOT, "sdist", folder)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    build(next(path for path in folder.iterdir() if path.is_dir()), "wheel", folder)
    return folder


def build(source: Path, target: str, folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)],
        cwd=source,
        capture_output=True,
        check=True,
    )


def files(folder: str, prefix: str) -> Iterator[str]:
    for path in (ROOT / folder).rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{prefix}/{path.relative_to(ROOT / folder).as_posix()}"


def test_wheel_holds_the_package_and_the_rules_only(distributions: Path) -> None:
    with zipfile.ZipFile(next(distributions.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {*files("server/promptls", "promptls"), *files("rules", "promptls/rules_data")}


def test_sdist_can_be_tested(distributions: Path) -> None:
    (unpacked,) = (path for path in distributions.iterdir() if path.is_dir())
    assert {path.name for path in unpacked.iterdir()} >= {"Makefile", "requirements.lock", "server", "tests"}
    assert not (unpacked / "tests/oracle/node_modules").exists()
