"""One JSON object a file and line, written as soon as the file is checked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from promptls.cli.reporters import Look
from promptls.cli.reporters.json import file_object
from promptls.cli.results import FileResult


def report(results: Iterable[FileResult], out: TextIO, look: Look) -> None:
    """Write every file as it comes."""
    for result in results:
        json.dump(file_object(result), out, ensure_ascii=False)
        out.write("\n")
        out.flush()
