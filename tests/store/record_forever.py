"""Records version after version of a prompt and says on stdout which ones are done; to be killed."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from tests.store.histories import open_history, prompt, text_of


def main(folder: Path, file: Path, first: int, most: int) -> None:
    history = open_history(folder, file)
    for number in count(first):
        if number >= first + most:
            break
        made = history.record(prompt(folder / "a.prompt", text_of(number)), author=f"writer {first}")
        assert made is not None
        print(number, made.version, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
