"""A person's machine: an empty home folder, the samples to work on, and `promptls` installed."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.editors.machine import Machine
from tests.support import ROOT


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    home, samples = tmp_path / "home", tmp_path / "samples"
    home.mkdir()
    shutil.copytree(ROOT / "samples", samples)
    (samples / ".git").mkdir()  # what editors know a project by
    return Machine(home, samples, (Path(sys.executable).parent, Path("/usr/bin"), Path("/bin")))
