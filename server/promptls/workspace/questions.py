"""What a prompt asked about the files around it, and what it was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from promptls.language.prompt import Project, Prompt

Answer = TypeVar("Answer")


class Asked(NamedTuple):
    """One question of a `Project` with its answer; `name` is None for questions that take none."""

    method: str
    asker: Prompt
    name: str | None
    answer: Any


class Questions:
    """The project of one prompt: hands every question on and remembers the answer."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._asked: dict[tuple[str, Path | None, str | None], Asked] = {}

    def __iter__(self) -> Iterator[Asked]:
        return iter(list(self._asked.values()))

    def partial(self, name: str, prompt: Prompt) -> Prompt | None:
        return self._remembered("partial", prompt, name, self._project.partial(name, prompt))

    def partial_path(self, name: str, prompt: Prompt) -> Path | None:
        return self._remembered("partial_path", prompt, name, self._project.partial_path(name, prompt))

    def partial_names(self, prompt: Prompt) -> Sequence[str]:
        return self._remembered("partial_names", prompt, None, self._project.partial_names(prompt))

    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        return self._remembered("has_dotprompt_sibling", prompt, None, self._project.has_dotprompt_sibling(prompt))

    def has_tests(self, prompt: Prompt) -> bool:
        return self._remembered("has_tests", prompt, None, self._project.has_tests(prompt))

    def is_included(self, prompt: Prompt) -> bool:
        return self._remembered("is_included", prompt, None, self._project.is_included(prompt))

    def alike(self, prompt: Prompt) -> Sequence[Path]:
        return self._remembered("alike", prompt, None, self._project.alike(prompt))

    def are_answered_alike(self) -> bool:
        """Whether everything would be answered again as it was."""
        for method, prompt, name, answer in self:
            now = ask(self._project, method, prompt, name)
            if now is not answer and (isinstance(now, Prompt) or now != answer):
                return False
        return True

    def _remembered(self, method: str, prompt: Prompt, name: str | None, answer: Answer) -> Answer:
        self._asked[method, prompt.path, name] = Asked(method, prompt, name, answer)
        return answer


def ask(project: Project, method: str, prompt: Prompt, name: str | None) -> Any:
    """Ask a project one question."""
    return getattr(project, method)(*((prompt,) if name is None else (name, prompt)))
