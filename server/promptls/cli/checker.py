"""Checks files of one workspace, taking judgements from the cache where nothing has changed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.cli.chosen import said, shown
from promptls.cli.gates import NO_GATES, NOTHING_MEASURED, Gates, Measures
from promptls.cli.questions import Digests, Question, asked, still_answered, text_digest
from promptls.cli.results import FileResult
from promptls.lint.rule import Finding, Severity
from promptls.syntax.source import Source
from promptls.workspace import FileProblem

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from promptls.cli.cache import Cache
    from promptls.language.prompt import Prompt
    from promptls.workspace import Workspace

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say about a file, what they asked of the files around it, and what was measured."""

    format: str
    findings: tuple[Finding, ...]
    asked: tuple[Question, ...] = ()
    measures: Measures = NOTHING_MEASURED


class Checker:
    """Checks files of one workspace, one at a time.

    `program` is a digest of promptls itself; judgements that another one made are not taken from the cache. `gates` say
    what to measure.
    """

    def __init__(
        self, workspace: Workspace, gates: Gates = NO_GATES, cache: Cache | None = None, program: str = ""
    ) -> None:
        self.workspace = workspace
        self._gates = gates
        self._cache = cache
        self._program = program
        self._digests = Digests()

    def judge(self, path: Path) -> Judgement:
        """Run the rules on a file; raises `FileProblem`, also where promptls itself fails on it."""
        from promptls.language.formats import recognised
        from promptls.lint.runner import findings

        prompt = self.workspace.prompt(path)
        try:
            found = findings(prompt)
            measures = self._gates.measure(prompt, self.workspace) if self._gates else NOTHING_MEASURED
            return Judgement(recognised(prompt).format, found, asked(prompt, self._digests), measures)
        except Exception as error:
            logger.exception("checking %s failed", path)
            what = f"promptls failed on it ({type(error).__name__}: {error}); please report this with the file"
            raise FileProblem(path, what) from error

    def judged(self, path: Path) -> Judgement | str:
        """What the rules say about a file, or a sentence on why it cannot be checked."""
        try:
            return self.judge(path)
        except FileProblem as problem:
            return said(problem)

    def remembered(self, path: Path) -> Judgement | None:
        """What the rules said in an earlier run, if nothing that they read has changed; raises `FileProblem`."""
        if self._cache is None:
            return None
        prompt = self.workspace.prompt(path)
        kept = self._cache.get(str(path), self._key(prompt))
        if kept is None:
            return None
        try:
            judgement = self._stored.validate_json(kept)
        except ValueError:
            return None
        return judgement if still_answered(judgement.asked, prompt, self.workspace, self._digests) else None

    def remember(self, path: Path, judgement: Judgement) -> None:
        """Keep a judgement for later runs; not one whose tokens were estimated for want of a vocabulary."""
        if self._cache is not None and judgement.measures.counted:
            kept = self._stored.dump_json(judgement).decode()
            self._cache.put(str(path), self._key(self.workspace.prompt(path)), kept)

    def _key(self, prompt: Prompt) -> str:
        wanted = f"{self._gates.wants_tokens} {self._gates.wants_score}\n{self._input(prompt)}"
        return text_digest(f"{self._program}\n{self._digests.settings(prompt.settings)}\n{wanted}\n{prompt.text}")

    def _input(self, prompt: Prompt) -> str:
        """The input file that a prompt's tokens are counted with."""
        if not self._gates.wants_tokens or prompt.path is None:
            return ""
        from promptls.ide.input_files import input_file_paths

        found = next(filter(self.workspace.exists, input_file_paths(prompt.path)), None)
        try:
            return f"{found}\n{self.workspace.source(found).text}" if found is not None else ""
        except FileProblem as problem:
            return str(problem)

    @cached_property
    def _stored(self) -> TypeAdapter[Judgement]:
        from pydantic import TypeAdapter

        return TypeAdapter(Judgement)

    def result(self, path: Path, judgement: Judgement) -> FileResult:
        """A judgement as reports show it: without hints, and with paths as a person would write them."""
        kept = [each for each in judgement.findings if each.severity is not Severity.HINT]
        paths = {Path(related.path) for each in kept for related in each.related if related.path is not None}
        return FileResult(
            shown(path),
            self.workspace.source(path),
            judgement.format,
            tuple(_with_shown_paths(each) if each.related else each for each in kept),
            dict(self._texts(paths)),
            tokens=judgement.measures.tokens,
            score=judgement.measures.score,
            missed=tuple(self._gates.missed(judgement.measures)),
        )

    def _texts(self, paths: set[Path]) -> Iterator[tuple[str, Source]]:
        for path in paths:
            try:
                yield shown(path), self.workspace.source(path)
            except FileProblem:
                logger.info("a finding points to %s, which cannot be read", path)


def _with_shown_paths(finding: Finding) -> Finding:
    related = (
        replace(related, path=shown(Path(related.path))) if related.path is not None else related
        for related in finding.related
    )
    return replace(finding, related=tuple(related))
