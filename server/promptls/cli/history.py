"""Show the versions of a prompt, what changed from one to another, and bring one back.

Editors record a version at every save that changes something; each has a semantic version: major where programs that
use the prompt may break, minor where there is something new for them, and patch for everything else.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.cli import chosen
from promptls.cli.errors import CommandError, nearest

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt
    from promptls.store.history import History
    from promptls.store.versions import Version
    from promptls.workspace import Workspace

SUMMARY = "show, compare and restore the versions of a prompt"
NOW = "now"
_MOST_JUDGED = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", metavar="PATH", type=Path, help="a prompt")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--diff", nargs=2, metavar=("A", "B"), help=f"what changed from version A to B; {NOW} is the file as it is"
    )
    what.add_argument("--restore", metavar="VERSION", help="bring a version back, as a new version")
    what.add_argument("--changelog", action="store_true", help="print all changes as Markdown")
    what.add_argument("--record", action="store_true", help="record the file as a version if it has changed")
    what.add_argument("--from-git", action="store_true", help="record the versions that git has")
    parser.add_argument("-m", "--message", metavar="TEXT", default="", help="with --record: what the change is for")
    parser.add_argument("--force", action="store_true", help="with --restore: record unrecorded changes first")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    chosen.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for, or list the versions."""
    from promptls.store.git_import import GitProblem
    from promptls.store.history import HistoryProblem
    from promptls.workspace import FileProblem

    if arguments.message and not arguments.record:
        raise CommandError("--message goes with --record")
    if arguments.force and arguments.restore is None:
        raise CommandError("--force goes with --restore")
    try:
        return _Command(arguments).run()
    except FileProblem as problem:
        raise CommandError(chosen.said(problem)) from problem
    except (GitProblem, HistoryProblem) as problem:
        raise CommandError(str(problem)) from problem


class _Command:
    """One file, its history, and what is to be done with them."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        from promptls.workspace.files import absolute
        from promptls.workspace.history import history_of

        self._arguments = arguments
        self._path = absolute(arguments.path)
        self._workspace: Workspace = chosen.workspace(arguments)
        self._history: History = history_of(self._workspace, self._path, _complain)
        self._versions = self._history.versions(self._path)

    def run(self) -> int:
        arguments = self._arguments
        if arguments.diff:
            self._diff(*arguments.diff)
        elif arguments.restore is not None:
            self._restore(arguments.restore)
        elif arguments.changelog:
            self._changelog()
        elif arguments.record:
            self._record()
        elif arguments.from_git:
            self._from_git()
        else:
            self._list()
        return 0

    # Listing

    def _list(self) -> None:
        versions = self._judged()
        if self._arguments.format == "json":
            objects = [version_object(each) for each in versions]
            self._print_json({"path": chosen.shown(self._path), "versions": objects})
            return
        if versions:
            self._print_versions(versions)
        else:
            self._prompt_of(None)  # complains where there is no such file
            print(
                f"promptls: {chosen.shown(self._path)} has no versions yet; see --record and --from-git",
                file=sys.stderr,
            )
        self._tell_unrecorded()

    def _print_versions(self, versions: Sequence[Version]) -> None:
        from promptls.cli.style import Style, wants_color

        style = Style(wants_color(self._arguments.color, sys.stdout))
        width = max(len(each.version) for each in versions)
        for version in reversed(versions):
            figures = [time_text(version.time), version.author]
            if version.score is not None:
                figures.append(f"score {version.score}")
            if version.tokens is not None:
                figures.append(f"{version.tokens:,} tokens")
            color = {"major": "red", "minor": "yellow"}.get(version.bump or "", "cyan")
            print(f"{style.colored(version.version.ljust(width), color)}  {style.dim(', '.join(figures))}")
            if version.message:
                print(f"    {style.bold(' '.join(version.message.split()))}")
            for reason in version.reasons:
                print(f"    {reason.bump}: {reason.message}")

    def _tell_unrecorded(self) -> None:
        if not self._path.exists():
            print(f"promptls: {chosen.shown(self._path)} is gone; --restore brings it back", file=sys.stderr)
        elif self._versions and (following := self._history.next(self._prompt_of(NOW))):
            print(
                f"promptls: unrecorded changes would make it {following.version} ({following.bump}); see --record",
                file=sys.stderr,
            )

    def _judged(self) -> tuple[Version, ...]:
        """The versions, the newest of them with their scores and tokens, which are worked out when first needed."""
        from promptls.cli.progress import bar
        from promptls.store.history import unjudged
        from promptls.store.reading import judge

        waiting = unjudged(self._versions)[-_MOST_JUDGED:]
        with bar("Scoring versions") as progress:
            for done, version in enumerate(waiting):
                progress(done, len(waiting))
                known = judge(self._prompt_of(version), str(self._path))
                self._history.judge(self._path, version, known.score, known.tokens)
        return self._history.versions(self._path) if waiting else self._versions

    # Comparing

    def _diff(self, first: str, second: str) -> None:
        from promptls.cli.diffs import diff
        from promptls.store.bump import differences
        from promptls.store.versions import greatest

        before, after = self._prompt_of(self._version(first)), self._prompt_of(self._version(second))
        found = differences(before, after)
        text = diff(chosen.shown(self._path), before.source, after.source)
        if self._arguments.format == "json":
            bump = greatest(found) if found else None
            reasons = [each._asdict() for each in found]
            self._print_json({"a": first, "b": second, "bump": bump, "reasons": reasons, "diff": text})
            return
        for each in found:
            print(f"{each.bump}: {each.message}")
        if found and text:
            print()
        print(text, end="")

    def _changelog(self) -> None:
        from promptls.store.changelog import changelog

        if not self._versions:
            raise CommandError(f"{chosen.shown(self._path)} has no versions yet; see --record and --from-git")
        print(changelog(self._path.name, self._versions), end="")

    # Changing

    def _record(self) -> None:
        from promptls.workspace.history import record

        version = record(self._workspace, self._path, self._arguments.message, _complain)
        if version is None:
            newest = self._history.versions(self._path)[-1]
            self._say(f"{chosen.shown(self._path)} is {newest.version}, unchanged", newest)
        else:
            bump = f" ({version.bump})" if version.bump else ""
            self._say(f"{chosen.shown(self._path)} is {version.version} now{bump}", version)

    def _from_git(self) -> None:
        from promptls.workspace.history import import_commits

        new, unread = import_commits(self._workspace, self._path)
        skipped = f"; {unread} could not be read as text" if unread else ""
        self._say(f"{new} {'version' if new == 1 else 'versions'} from git{skipped}", None)

    def _restore(self, named: str) -> None:
        from promptls.workspace.history import record, restore

        version = self._version(named)
        if version is None:
            raise CommandError(f"--restore takes a version, not {NOW}")
        if self._path.exists() and self._history.next(self._prompt_of(NOW)):
            if not self._arguments.force:
                raise CommandError(
                    f"{chosen.shown(self._path)} has changes that are not recorded and would be lost; "
                    "record them with --record, or with --force here"
                )
            record(self._workspace, self._path, f"Before {version.version} was restored", _complain)
        made = restore(self._workspace, self._history, self._path, version)
        if made is None:
            self._say(f"{chosen.shown(self._path)} is {version.version} already", version)
        else:
            self._say(f"{chosen.shown(self._path)} is as in {version.version} again, recorded as {made.version}", made)

    # Words

    def _version(self, named: str) -> Version | None:
        """The version that an argument names, or None for the file as it is."""
        from promptls.store.versions import read_version

        if named == NOW:
            return None
        wanted = str(read_version(named) or named)
        found = next((each for each in self._versions if each.version == wanted), None)
        if found is None:
            known = [each.version for each in self._versions]
            there = f"; there are {', '.join(known[-8:])}" if known else "; nothing is recorded"
            raise CommandError(f"{chosen.shown(self._path)} has no version {named!r}{nearest(wanted, known) or there}")
        return found

    def _prompt_of(self, version: Version | str | None) -> Prompt:
        from promptls.workspace.history import prompt_of

        return prompt_of(self._workspace, self._history, self._path, None if isinstance(version, str) else version)

    def _say(self, sentence: str, version: Version | None) -> None:
        if self._arguments.format == "json":
            self._print_json(
                {"path": chosen.shown(self._path), "recorded": version_object(version) if version else None}
            )
        else:
            print(sentence)

    def _print_json(self, data: dict[str, Any]) -> None:
        print(json.dumps({"version": 1, **data}, ensure_ascii=False, indent=2))


def _complain(sentence: str) -> None:
    print(f"promptls: {sentence}", file=sys.stderr)


def version_object(version: Version) -> dict[str, Any]:
    """A version as the JSON formats show it; `time` in UTC."""
    return {
        "version": version.version,
        "parent": version.parent,
        "checksum": version.checksum,
        "time": time_text(version.time),
        "author": version.author,
        "message": version.message,
        "bump": version.bump,
        "reasons": [each._asdict() for each in version.reasons],
        "score": version.score,
        "tokens": version.tokens,
    }


def time_text(seconds: float) -> str:
    """A time in UTC as ISO 8601 has it."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
