"""The promise of a refactoring, kept: the prompt after it renders what it rendered before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.language.prompt import Project, Prompt
from promptls.language.render.engine import Rendering, RenderRequest
from promptls.language.render.evaluator import render
from promptls.language.render.sample_input import sample_inputs

_HISTORY = ({"role": "user", "content": [{"text": "earlier"}]},)


class _EditedProject:
    """A project with some files made or changed."""

    def __init__(self, project: Project, files: Mapping[Path, str]) -> None:
        self._project = project
        self._files = files
        self._prompts: dict[Path | int, Prompt] = {}

    def partial(self, name: str, prompt: Prompt) -> Prompt | None:
        path = self._project.partial_path(name, prompt)
        if path is not None and path in self._files:
            known = self._prompts.get(path)
            if known is None:
                known = Prompt(self._files[path], settings=prompt.settings, path=path, project=self)
                self._prompts[path] = known
            return known
        found = self._project.partial(name, prompt)
        if found is None:
            return None
        key = found.path or id(found)
        if key not in self._prompts:
            # It must ask this project in turn, not the one that it was made for.
            self._prompts[key] = Prompt(found.source, settings=found.settings, path=found.path, project=self)
        return self._prompts[key]

    def partial_names(self, prompt: Prompt) -> Sequence[str]:
        return self._project.partial_names(prompt)

    def partial_path(self, name: str, prompt: Prompt) -> Path | None:
        return self._project.partial_path(name, prompt)

    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        return self._project.has_dotprompt_sibling(prompt)

    def has_tests(self, prompt: Prompt) -> bool:
        return self._project.has_tests(prompt)

    def is_included(self, prompt: Prompt) -> bool:
        return self._project.is_included(prompt)

    def alike(self, prompt: Prompt) -> Sequence[Path]:
        return self._project.alike(prompt)


def edited(prompt: Prompt, project: Project, edit: WorkspaceEdit) -> Prompt:
    """The prompt after an edit of itself and the files that it makes."""
    return Prompt(
        prompt.source.edited(edit.edits.get(prompt.path, ())),
        settings=prompt.settings,
        path=prompt.path,
        project=_EditedProject(project, edit.created),
        check_cancelled=prompt.check_cancelled,
    )


def refuse_change(prompt: Prompt, project: Project, edit: WorkspaceEdit, *, trimmed: bool = False) -> None:
    """Raise `Refused` where the prompt would render other messages on some data made from its schema.

    `trimmed` lets white space go at the beginning and the end, which a new frontmatter cuts off.
    """
    after = edited(prompt, project, edit)
    for data in sample_inputs(prompt):
        request = RenderRequest(input=data, history=_HISTORY)
        if _said(render(prompt, request), trimmed) != _said(render(after, request), trimmed):
            raise Refused("it would change the rendered messages here.")


def _said(rendering: Rendering, trimmed: bool) -> tuple[object, ...]:
    messages = [message.to_data() for message in rendering.messages]
    if trimmed and messages:
        for index, cut in ((0, str.lstrip), (-1, str.rstrip)):
            parts = messages[index]["content"]
            if isinstance(parts, list) and parts and isinstance(parts[index].get("text"), str):
                parts[index] = {**parts[index], "text": cut(parts[index]["text"])}
    return messages, rendering.ok
