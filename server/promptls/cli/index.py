"""Build or refresh the index that searches use; it is kept in the platform's cache folder."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.cli import chosen

if TYPE_CHECKING:
    from promptls.workspace import Workspace

SUMMARY = "build or refresh the index of the workspace's prompts"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("paths", nargs="*", metavar="PATH", type=Path, help="only these; default: all below .")
    parser.add_argument("--rebuild", action="store_true", help="forget what was known")
    parser.add_argument("--stats", action="store_true", help="only tell what is indexed")
    parser.add_argument("--jobs", metavar="N", type=int, help="processes to use; default: as many as pay")
    chosen.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Index, and tell on stdout what was done."""
    workspace = chosen.workspace(arguments)
    index = workspace.index
    if not arguments.stats:
        if arguments.rebuild:
            index.store.clear()
        seen, read, gone, judged = refresh(workspace, arguments)
        print(f"{_prompts(seen)} seen, {read} read, {judged} judged, {gone} gone")
    counts = index.store.counts()
    where = index.store.file or "memory"
    print(
        f"{_prompts(counts['prompts'])} indexed, {counts['judged']} judged, {counts['bytes'] / 1e6:.1f} MB in {where}"
    )
    if index.store.problem:
        print(f"promptls: {index.store.problem}", file=sys.stderr)
    return 0


def refresh(workspace: Workspace, arguments: argparse.Namespace) -> tuple[int, int, int, int]:
    """Bring the index up to the disk, with a bar on a terminal."""
    from promptls.cli.progress import bar

    paths = None
    if arguments.paths:
        found = workspace.discover(arguments.paths)
        paths = [each for each in found if isinstance(each, Path)]
    with bar("Indexing") as progress:
        jobs = arguments.jobs or os.cpu_count() or 1
        return workspace.index.refresh(paths, jobs=jobs, progress=progress)


def _prompts(count: int) -> str:
    return "1 prompt" if count == 1 else f"{count:,} prompts"
