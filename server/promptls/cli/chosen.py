"""The workspace and the settings that the arguments of several commands choose."""

from __future__ import annotations

import argparse
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.cli.errors import CommandError

if TYPE_CHECKING:
    from promptls.settings import LoadedSettings, SettingsSources
    from promptls.workspace import FileProblem, Workspace

STDIN = "-"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare `--config` and `--isolated`."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--config", metavar="FILE", type=Path, help="settings file to use instead of the nearest one")
    which.add_argument("--isolated", action="store_true", help="use no settings file and no environment variables")
    parser.set_defaults(settings={})


def workspace(arguments: argparse.Namespace) -> Workspace:
    """The workspace of the current folder, with `arguments.settings` over all other settings."""
    from promptls.settings import project_file
    from promptls.workspace import Workspace

    config: Path | None = arguments.config.absolute() if arguments.config else None
    fixed = config is not None or arguments.isolated
    return Workspace(
        [Path.cwd()],
        _sources(arguments),
        find_settings=partial(_chosen_file, config) if fixed else project_file,
    )


def _chosen_file(config: Path | None, _: Path) -> Path | None:
    """The same settings file for every folder; a function of the module, so that other processes can have it."""
    return config


def settings(arguments: argparse.Namespace, folder: Path) -> LoadedSettings:
    """The settings of the files in `folder`."""
    return workspace(arguments).loaded_settings(folder / "any.prompt")


def _sources(arguments: argparse.Namespace) -> SettingsSources:
    from promptls.settings import SettingsSources

    if arguments.config is not None and not arguments.config.is_file():
        raise CommandError(f"{arguments.config}: there is no such settings file; see --config")
    if arguments.isolated:
        return SettingsSources(user=None, variables={}, command_line=arguments.settings)
    return SettingsSources(command_line=arguments.settings)


def said(problem: FileProblem) -> str:
    """A problem with a file as one sentence."""
    return f"{shown(problem.path)}: {problem.message}"


def shown(path: Path | None) -> str:
    """A path as reports write it: relative to the current folder where it lies below, with forward slashes."""
    if path is None:
        return STDIN
    try:
        return path.relative_to(os.getcwd()).as_posix()
    except ValueError:
        return path.as_posix()
