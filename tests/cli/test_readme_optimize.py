"""What the README says about optimising works to the letter, in an empty folder and without any endpoint."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT


def test_the_section_can_be_followed_without_an_endpoint(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text().partition("\n## Optimise\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.S | re.M)
    assert len(blocks) == 2
    own = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CACHE", "CONFIG", "STATE")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    folder = tmp_path / "project"
    folder.mkdir()
    outputs = []
    for block in blocks:
        done = subprocess.run(
            ["bash", "-e", "-c", block],
            cwd=folder,
            env={"PATH": path, "HOME": str(tmp_path), **own},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert "ticket.prompt: improved, score " in outputs[0]
    assert "Name the sections: Role, Task, Rules, Output, Input [structure/flat]" in outputs[0]
    assert '"version": 1' in outputs[0]
    assert "# Role" in (folder / "ticket.prompt").read_text()
    assert outputs[0].rstrip().splitlines()[-1].startswith("ticket.prompt: unchanged") or "unchanged" in outputs[0]
    assert outputs[1].count("<example>") == 3
    assert "Output: delivery" in outputs[1]
