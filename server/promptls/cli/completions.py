"""Print a completion script for a shell."""

from __future__ import annotations

import argparse

SUMMARY = "print a completion script for a shell"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish")


def run(arguments: argparse.Namespace) -> int:
    """Print the script, made of the same arguments that are parsed."""
    import shtab

    from promptls.cli.main import parsers

    whole, _ = parsers()
    print(shtab.complete(whole, shell=arguments.shell))
    return 0
