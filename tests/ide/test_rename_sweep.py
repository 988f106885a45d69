"""Every name of real prompts is renamed so that they render as before, or refused."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from promptls.ide.edits import Refused
from promptls.ide.names import names
from promptls.ide.rename import prepare_rename, rename
from promptls.ide.variables import variables
from promptls.language.files import is_partial
from promptls.language.formats import is_dotprompt
from promptls.language.inputs import Declaration
from promptls.language.prompt import Prompt
from promptls.language.schema import Field, SchemaType
from promptls.language.scope import scope
from tests.ide.projects import Project, example_data, messages, renamed_keys
from tests.support import ROOT

SAMPLES = ROOT / "samples"


@pytest.mark.parametrize("seed", range(3))
def test_samples(tmp_path: Path, seed: int) -> None:
    paths = [path for path in SAMPLES.rglob("*.prompt") if "broken" not in path.parts]
    files = {path.relative_to(SAMPLES).as_posix(): path.read_text("utf-8") for path in paths}
    assert renamed(tmp_path, files, random.Random(seed), 6) > 20


def test_corpus(tmp_path: Path, shared: Path) -> None:
    total = 0
    for index, folder in enumerate(sorted({path.parent for path in (shared / "corpus").rglob("*.prompt")})):
        files = {path.name: path.read_bytes().decode("utf-8", "replace") for path in folder.glob("*.prompt")}
        total += renamed(tmp_path / str(index), files, random.Random(index), 4)
    assert total > 60


def renamed(top: Path, files: Mapping[str, str], chance: random.Random, most: int) -> int:
    """Rename up to `most` names of every file, one after the other; gives how many were not refused."""
    project = Project.of(top / "before", files)
    data = example_data(project)
    count = 0
    for path in files:
        prompt = project.workspace.prompt(project.top / path)
        if not is_dotprompt(prompt):
            continue
        places = [each.range.start for each in names(prompt)]
        places += [each.range.end for each in variables(prompt).mentions if each.text is prompt]
        for offset in chance.sample(places, min(most, len(places))):
            try:
                prepared = prepare_rename(project.workspace, prompt, offset)
                edit = rename(project.workspace, prompt, offset, "newName")
            except Refused:
                continue
            count += 1
            after = project.after(edit)
            assert len(after) == len(files)
            changed = {each for each in data if after[each] != files[each]}
            given = {each: data[each] for each in changed}
            for key in data_keys(prompt, prepared.range.start):
                given |= renamed_keys({path: given[path]}, key, "newName")
            before = messages(top / "old", files, {each: data[each] for each in changed})
            assert messages(top / f"new{count}", after, given) == before, f"{path} at {offset}: {prepared.name}"
    return count


def data_keys(prompt: Prompt, offset: int) -> list[str]:
    """The paths of a variable in the data, told by the rule and not by the renaming."""
    occurrence = scope(prompt).at(offset)
    if is_partial(prompt):
        return []
    if occurrence is None:
        undeclared = (step.segment for use in scope(prompt).uses for step in use.steps if step.target is None)
        return [each.name for each in undeclared if each.range.start == offset]
    target = occurrence.target
    found: list[str] = []

    def search(type: SchemaType | None, path: str) -> None:
        if type is None:
            return
        for each in type.fields:
            if each is target:
                found.append(path + each.name)
            search(each.type, f"{path}{each.name}.")
        search(type.items, path + "*.")

    if isinstance(target, Declaration):
        return [target.name]
    if isinstance(target, Field):
        for each in scope(prompt).declarations:
            search(each.type, each.name + ".")
    return found
