"""What `editors/emacs.md` shows, in Emacs. What a feature should do is told in Lisp, in `features/`."""

import re
from pathlib import Path

import pytest

from tests.editors.machine import Machine
from tests.editors.tools import from_debian, unavailable
from tests.support import ROOT

HERE = Path(__file__).parent
FEATURES = sorted(path.stem for path in (HERE / "features").glob("*.el"))


@pytest.fixture(scope="session")
def emacs() -> Path:
    return from_debian("emacs", "emacs-nox", "elpa-eglot")


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """The first piece of Lisp of the page, as a file."""
    blocks = re.findall(r"```elisp\n(.*?)```", (ROOT / "editors/emacs.md").read_text(), re.DOTALL)
    path = tmp_path / "init.el"
    path.write_text(blocks[0])
    return path


@pytest.fixture(autouse=True)
def eglot(emacs: Path, machine: Machine) -> None:
    found = machine.run(emacs, "--batch", "--eval", "(progn (package-initialize) (require 'eglot))", seconds=30)
    if found.code != 0:
        unavailable("Emacs has no eglot (Debian: elpa-eglot)")


@pytest.mark.parametrize("feature", FEATURES)
def test_feature(feature: str, emacs: Path, machine: Machine, configuration: Path) -> None:
    finished = machine.run(
        emacs, "--batch", "--load", HERE / "support.el", "--load", HERE / f"features/{feature}.el", seconds=60,
        CONFIGURATION=str(configuration), SAMPLES=str(machine.samples),
    )  # fmt: skip
    assert finished.code == 0, finished.output
