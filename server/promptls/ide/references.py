"""Every place that means the same as the name under a cursor, in this file and in others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from promptls.ide.locations import Location
from promptls.ide.names import Name, name_at, names
from promptls.ide.settings_places import settings_place
from promptls.ide.variable_groups import Entries, followed, group_of
from promptls.ide.variables import variables
from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt
from promptls.workspace import FileProblem, Workspace


class NamedPlace(NamedTuple):
    """A name in a prompt of the workspace."""

    prompt: Prompt
    name: Name


def references(workspace: Workspace, prompt: Prompt, offset: int, *, declarations: bool = True) -> tuple[Location, ...]:
    """The references to the name under a cursor, this file's first; with or without what declares it.

    Those to a variable include its uses in the partials that receive it, also under the name of an argument.
    """
    if not is_dotprompt(prompt):
        return ()
    with workspace.settled():
        found = _references(workspace, prompt, offset, declarations)
    return tuple(sorted(found, key=lambda each: (each.path != prompt.path, str(each.path), each.range)))


def _references(workspace: Workspace, prompt: Prompt, offset: int, declarations: bool) -> set[Location]:
    mention = variables(prompt).at(offset)
    found: set[Location] = set()
    if mention is not None and mention.slot is not None:
        group = group_of(mention, Entries(workspace, prompt))
        for member in (*group.members, *followed(group)):
            if declarations or member.mention.kind == "use":
                found.add(Location(member.mention.text.path, member.mention.range))
    elif mention is None and (name := name_at(prompt, offset)):
        for other, each in named_places(workspace, prompt, name):
            if declarations or not each.declares:
                found.add(Location(other.path, each.range))
        place = settings_place(workspace, prompt.path, name.kind, name.name) if declarations else None
        if place is not None and place.path is not None:
            found.add(Location(place.path, place.name))
    return found


def named_places(workspace: Workspace, prompt: Prompt, name: Name) -> Iterator[NamedPlace]:
    """Every place in the workspace's prompts that has the same meaning as a name of `prompt`."""
    if name.kind == "partial":
        yield from _inclusions(workspace, prompt, name)
        return
    own = settings_place(workspace, prompt.path, name.kind, name.name)
    for other in _mentioning(workspace, prompt, name):
        if other is not prompt:
            theirs = settings_place(workspace, other.path, name.kind, name.name)
            if (theirs and theirs.path) != (own and own.path):
                # Under other settings the name may mean something else.
                continue
        for each in names(other):
            if each.kind == name.kind and each.name == name.name:
                yield NamedPlace(other, each)


def _mentioning(workspace: Workspace, prompt: Prompt, name: Name) -> Iterator[Prompt]:
    """The prompts in which a name can mean the same: those that hold the word at all, found without parsing them."""
    yield prompt
    if prompt.path is None or name.kind in ("inline-partial", "data-variable"):
        return
    for path in workspace.mentioning(name.name):
        prompt.check_cancelled()
        if path != prompt.path:
            try:
                yield workspace.prompt(path)
            except FileProblem:
                continue


def _inclusions(workspace: Workspace, prompt: Prompt, name: Name) -> Iterator[NamedPlace]:
    path = prompt.project.partial_path(name.name, prompt)
    if path is None or prompt.path is None:
        yield from (NamedPlace(prompt, each) for each in names(prompt) if each[1:3] == name[1:3])
    else:
        yield from inclusions(workspace, path, prompt)


def inclusions(workspace: Workspace, partial: Path, prompt: Prompt | None = None) -> Iterator[NamedPlace]:
    """Every place that includes the partial at a path by name; `prompt` is used for its own path."""
    paths = set(workspace.includers().get(partial, ()))
    if prompt is not None and prompt.path is not None:
        paths.add(prompt.path)
    for path in sorted(paths):
        try:
            other = prompt if prompt is not None and path == prompt.path else workspace.prompt(path)
        except FileProblem:
            continue
        other.check_cancelled()
        for each in names(other):
            if each.kind == "partial" and other.project.partial_path(each.name, other) == partial:
                yield NamedPlace(other, each)
