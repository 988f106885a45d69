"""Test files with the prompts that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from promptls.language.prompt import Prompt
from promptls.syntax.source import Source
from promptls.testcases.document import TestFile, TestProblem, is_test_file, prompt_path, read_tests, test_path
from promptls.testcases.fitting import misfits
from promptls.testcases.snapshots import snapshot_path
from promptls.workspace.files import FileProblem, absolute, is_prompt_file, prompt_name
from promptls.workspace.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Suite:
    """A test file and its prompt; without one, `missing` says why. `snapshots` is where its renderings are kept."""

    path: Path
    source: Source
    file: TestFile
    prompt_path: Path
    prompt: Prompt | None
    missing: str | None
    snapshots: Path

    @property
    def is_foreign(self) -> bool:
        """Whether the file has neither a prompt nor a key of ours, but merely such a name."""
        return self.prompt is None and not self.file.is_recognised

    @cached_property
    def problems(self) -> tuple[TestProblem, ...]:
        """What is wrong with the file, by itself and as cases of its prompt."""
        found = self.file.problems
        if self.prompt is not None:
            found += misfits(self.file, self.prompt)
        return tuple(sorted(found, key=lambda problem: problem.range))


def suite(workspace: Workspace, path: Path, prompt: Path | None = None) -> Suite:
    """The test file at a path, of its own prompt or of a variant that shares it; raises `FileProblem`."""
    return suite_of(workspace, path, workspace.source(path), prompt)


def suite_of(workspace: Workspace, path: Path, source: Source, prompt: Path | None = None) -> Suite:
    """The test file that has this text."""
    path = absolute(path)
    file = read_tests(source.text)
    about = absolute(prompt or prompt_path(path, file.prompt))
    kept = snapshot_path(path if prompt is None else test_path(prompt))
    try:
        return Suite(path, source, file, about, workspace.prompt(about), None, kept)
    except FileProblem as problem:
        return Suite(path, source, file, about, None, problem.message, kept)


def find_suites(workspace: Workspace, paths: Iterable[Path]) -> Iterator[Suite | FileProblem]:
    """The suites of prompts, test files, and all test files below folders, each once.

    What stands below a folder and is plainly another program's is passed over.
    """
    paths = [absolute(path) for path in paths]
    seen: set[Path] = set()
    for found in workspace.discover(paths, is_test_name):
        try:
            if isinstance(found, FileProblem):
                yield found
                continue
            made = _of_prompt(workspace, found) if is_prompt_file(found.name) else suite(workspace, found)
        except FileProblem as problem:
            yield problem
            continue
        if found not in paths and made.is_foreign:
            continue
        if made.snapshots not in seen:
            seen.add(made.snapshots)
            yield made


def is_test_name(name: str) -> bool:
    """Whether a file holds test cases by its name."""
    return is_test_file(Path(name))


def _of_prompt(workspace: Workspace, prompt: Path) -> Suite:
    """The cases beside a prompt, or those that it shares as a variant."""
    own = test_path(prompt)
    if workspace.exists(own):
        return suite(workspace, own)
    name = prompt_name(prompt)
    shared = prompt.with_name(f"{name.name}.prompt")
    if name.variant is not None and workspace.exists(test_path(shared)):
        return suite(workspace, test_path(shared), prompt)
    raise FileProblem(prompt, f"has no test cases: there is no {own.name} beside it")
