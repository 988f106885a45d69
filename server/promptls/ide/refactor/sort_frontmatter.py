"""Put the keys of the frontmatter into dotprompt's own order; comments go with their keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.formatting_frontmatter import sorted_by_key
from promptls.ide.refactor.frontmatter_edits import frontmatter_data, readable_frontmatter
from promptls.ide.refactor.offer import Offer, Place, own_edit
from promptls.ide.refactor.unchanged import refuse_change
from promptls.language.keys import FRONTMATTER_KEYS
from promptls.language.prompt import Project, Prompt, frontmatter
from promptls.syntax.source import TextEdit
from promptls.syntax.yaml_nodes import YamlAlias, walk


def offers(place: Place) -> Iterator[Offer]:
    """Offered in a frontmatter whose keys are in another order."""
    head = frontmatter(place.prompt)
    if head is None or head.mapping is None or not head.range.encloses(place.range):
        return
    order = {name: index for index, name in enumerate(FRONTMATTER_KEYS)}
    ranks = [order.get(entry.name or "", len(order)) for entry in head.mapping.entries]
    if ranks != sorted(ranks):
        make = partial(sort_frontmatter, place.prompt, place.project)
        yield Offer("sort-frontmatter", "Sort the frontmatter's keys", "source.sortFrontmatter", make)


def sort_frontmatter(prompt: Prompt, project: Project) -> WorkspaceEdit:
    """Sort the top-level keys; raises `Refused` where their order says something."""
    head = readable_frontmatter(prompt)
    if head is None or head.mapping is None:
        raise Refused("there is no frontmatter.")
    if head.mapping.flow:
        raise Refused("the frontmatter is written between braces.")
    if any(isinstance(node, YamlAlias) for node in walk(head.mapping)):
        raise Refused("an alias must stand after its anchor, so the order of the keys matters.")
    names = [entry.name for entry in head.mapping.entries]
    if len(set(names)) < len(names):
        raise Refused("a key stands there twice, and the last one counts.")
    text = sorted_by_key(prompt.text, head)
    after = prompt.with_text(prompt.text[: head.yaml_range.start] + text + prompt.text[head.yaml_range.end :])
    if frontmatter_data(after.text) != frontmatter_data(prompt.text):
        raise Refused("the frontmatter is written in a way that does not let its keys be moved.")
    edit = own_edit(prompt, TextEdit(head.yaml_range, text))
    refuse_change(prompt, project, edit)
    return edit
