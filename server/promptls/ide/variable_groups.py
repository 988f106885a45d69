"""What hangs together: the variables of several prompts that share a name because they share a partial."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from promptls.ide.variables import Mention, Place, Slot, variables
from promptls.language.files import identity, is_partial
from promptls.language.prompt import Prompt
from promptls.workspace import FileProblem, Workspace
from promptls.workspace.partials import reachable


class Member(NamedTuple):
    """A mention as the prompt `entry` sees it: the one that holds it, or one that includes that one."""

    entry: Prompt
    mention: Mention


@dataclass(slots=True, eq=False)
class Group:
    """All mentions that must change their name together.

    `doubtful` are those of them that another prompt sees too, without knowing what they mean there.
    """

    members: list[Member] = field(default_factory=list)
    doubtful: list[Member] = field(default_factory=list)


class Entries:
    """The prompts from which a text is run: itself, and those that include it, found out at first need."""

    def __init__(self, workspace: Workspace, prompt: Prompt) -> None:
        self._workspace = workspace
        self._prompt = prompt
        self._includers: dict[Path, set[Path]] | None = None
        self._known: dict[object, Sequence[Prompt]] = {}

    def of(self, text: Prompt) -> Sequence[Prompt]:
        """The text itself first, then its includers in order of their paths; unreadable ones are left out."""
        key = identity(text)
        if key not in self._known:
            self._known[key] = (text, *self._including(text))
        return self._known[key]

    def _including(self, text: Prompt) -> Sequence[Prompt]:
        if text.path is None or not is_partial(text):
            return ()
        if self._includers is None:
            self._includers = self._workspace.includers()
        found = []
        for path in sorted(reachable(text.path, self._includers) - {text.path}):
            self._prompt.check_cancelled()
            if path == self._prompt.path:
                found.append(self._prompt)
                continue
            try:
                found.append(self._workspace.prompt(path))
            except FileProblem:
                continue
        return found


def group_of(mention: Mention, entries: Entries) -> Group:
    """Everything that a mention's name is bound to: its declaration, its uses, and the same through partials.

    A use inside a partial means something in every prompt that includes the partial; what it means there belongs to the
    group too.
    """
    group = Group()
    pending = [mention]
    places: set[Place] = set()
    slots: set[tuple[object, Slot]] = set()
    while pending:
        current = pending.pop()
        if current.place in places:
            continue
        places.add(current.place)
        for entry in entries.of(current.text):
            known = variables(entry)
            for seen in known.seen(current):
                if seen.slot is None:
                    group.doubtful.append(Member(entry, seen))
                elif (identity(entry), seen.slot) not in slots:
                    slots.add((identity(entry), seen.slot))
                    members = known.by_slot[seen.slot]
                    group.members += [Member(entry, each) for each in members]
                    pending += members
                    pending += _across_calls(entry, seen.slot, entries)
    return group


def _across_calls(entry: Prompt, slot: Slot, entries: Entries) -> Iterator[Mention]:
    """From an argument to the declared input of the partial that it is given to, and back."""
    if slot.kind == "argument" and (partial := variables(entry).receivers.get(slot)):
        yield from variables(partial).by_slot.get(Slot("input", slot.name), ())
    elif slot.kind == "input" and is_partial(entry):
        for caller in entries.of(entry)[1:]:
            yield from variables(caller).given.get((identity(entry), slot.name), ())


def followed(group: Group) -> list[Member]:
    """The uses of partials' arguments to which the variables of a group are handed on, under whichever name."""
    found: list[Member] = []
    seen: set[tuple[object, Slot]] = set()
    pending = [(each.entry, each.mention.slot) for each in group.members]
    for entry, slot in pending:
        if slot is None or (identity(entry), slot) in seen:
            continue
        seen.add((identity(entry), slot))
        known = variables(entry)
        for argument in known.fed.get(slot, ()):
            found += [Member(entry, each) for each in known.by_slot[argument] if each.kind == "use"]
            pending.append((entry, argument))
    return found
