"""Refactorings asked for in marked samples, carried out on files in memory, and held to the messages they rendered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from promptls.ide.edits import Refused
from promptls.ide.refactor import Offer, offered, refactorings, resolve
from promptls.language.picoschema import input_schema
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import render
from promptls.language.render.sample_input import generate_input
from promptls.settings import Settings
from promptls.syntax.source import Range, Source
from tests.support.markers import marked
from tests.support.project import InMemoryProject

Files = Mapping[str, str]
HISTORY = ({"role": "model", "content": [{"text": "before"}]},)
PATH = "main.prompt"
NO_FILES: Files = {}


@dataclass(frozen=True)
class Done:
    """The files before and after a refactoring."""

    before: Files
    after: Files
    notes: tuple[str, ...]
    path: str

    @property
    def text(self) -> str:
        """The prompt itself, afterwards."""
        return self.after[self.path]

    @property
    def created(self) -> Files:
        return {path: text for path, text in self.after.items() if path not in self.before}


def place(
    sample: str, files: Files = NO_FILES, path: str = PATH, settings: Settings | None = None
) -> tuple[Prompt, Range]:
    """The prompt of a marked sample, and the range or cursor in it."""
    text, cursors, ranges = marked(sample)
    project = InMemoryProject({path: text, **files}, settings=settings)
    return project.prompt(path), ranges[0] if ranges else Range(cursors[0], cursors[0])


def offers(sample: str, files: Files = NO_FILES, path: str = PATH) -> dict[str, Offer]:
    prompt, range = place(sample, files, path)
    return {offer.id: offer for offer in refactorings(prompt, prompt.project, range)}


def done(sample: str, id: str, files: Files = NO_FILES, path: str = PATH, settings: Settings | None = None) -> Done:
    """What is left after the refactoring of this id at the marks of a sample."""
    prompt, range = place(sample, files, path, settings)
    offer = offered(prompt, prompt.project, range, id)
    assert offer is not None, f"{id} is not offered, but {list(offers(sample, files, path))}"
    assert offer.refusal is None
    edits = resolve(offer).edits
    before = {path: prompt.text, **files}
    changed = {str(file): Source(before[str(file)]).edited(each).text for file, each in edits.edits.items()}
    created = {str(file): text for file, text in edits.created.items()}
    return Done(before, {**before, **changed, **created}, edits.notes, path)


def refusal(sample: str, id: str, files: Files = NO_FILES, path: str = PATH, settings: Settings | None = None) -> str:
    """Why a refactoring is refused; an offer that says so at once must mean it."""
    prompt, range = place(sample, files, path, settings)
    offer = offered(prompt, prompt.project, range, id)
    assert offer is not None, f"{id} is not offered"
    with pytest.raises(Refused) as refused:
        resolve(offer)
    assert offer.refusal is None or offer.refusal == refused.value.reason
    assert refused.value.reason.endswith(".") and "\n" not in refused.value.reason
    return refused.value.reason


def messages(files: Files, path: str, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages that the file at `path` renders."""
    prompt = InMemoryProject(files).prompt(path)
    return [message.to_data() for message in render(prompt, RenderRequest(input=data, history=HISTORY)).messages]


def assert_unchanged(result: Done, *data: Mapping[str, Any], path: str | None = None) -> None:
    """The messages are the same on the given data and on what the schema allows: optional fields there and not."""
    path = path or result.path
    variants: Sequence[Mapping[str, Any]] = [{}, *data, *_generated(result.before, path)]
    assert result.after != result.before
    for variant in variants:
        before = messages(result.before, path, variant)
        assert messages(result.after, path, variant) == before, variant
    assert any(messages(result.before, path, variant) for variant in variants), "nothing is rendered at all"


def _generated(files: Files, path: str) -> list[dict[str, Any]]:
    schema = input_schema(InMemoryProject(files).prompt(path))
    if schema is None:
        return []
    ways = ((True, 2), (False, 2), (False, 0), (True, 1))
    return [generate_input(schema.type, optional=optional, items=items) for optional, items in ways]
