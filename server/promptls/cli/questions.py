"""What a file's findings depend on outside of the file: the questions that were asked of its project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from promptls.language.prompt import Project, Prompt
from promptls.settings import Settings


class Question(NamedTuple):
    """One question: who asked what, and a digest of the answer."""

    asker: str
    method: str
    name: str
    answer: str


class Digests:
    """A few characters that differ when values do; settings, which many files share, are digested once."""

    def __init__(self) -> None:
        self._settings: dict[int, tuple[Settings, str]] = {}

    def settings(self, settings: Settings) -> str:
        """A digest of settings and of what their paths are relative to."""
        key = id(settings)
        if key not in self._settings:
            digest = text_digest(f"{settings.folder}\n{settings.model_dump_json()}")
            # Kept with the digest, so that no other settings can get its identity.
            self._settings[key] = (settings, digest)
        return self._settings[key][1]

    def answer(self, answer: object) -> str:
        """A digest of what a project answers; of a partial it begins with a line that is its path."""
        if isinstance(answer, Prompt):
            return f"{answer.path}\n{text_digest(answer.text)}\n{self.settings(answer.settings)}"
        return "" if answer is None else text_digest(repr(answer))


def text_digest(text: str) -> str:
    """A digest of a text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Recorder:
    """A project that hands every question on and remembers it.

    Partials that it gives know it as their project, so that what they ask counts for whoever includes them.
    """

    def __init__(self, project: Project, digests: Digests) -> None:
        self._project = project
        self._digests = digests
        self._partials: dict[Path, Prompt] = {}
        self._asked: dict[str, dict[tuple[str, str], str]] = {}

    def recording(self, prompt: Prompt) -> Prompt:
        """The same prompt, with its questions recorded."""
        known = self._partials.get(prompt.path) if prompt.path else None
        return known or Prompt(prompt.source, settings=prompt.settings, path=prompt.path, project=self)

    def partial(self, name: str, prompt: Prompt) -> Prompt | None:
        answer = self._project.partial(name, prompt)
        self._remember(prompt, "partial", name, answer)
        if answer is None or answer.path is None:
            return answer
        if answer.path not in self._partials:
            self._partials[answer.path] = self.recording(answer)
        return self._partials[answer.path]

    def partial_names(self, prompt: Prompt) -> Sequence[str]:
        answer = self._project.partial_names(prompt)
        self._remember(prompt, "partial_names", "", answer)
        return answer

    def partial_path(self, name: str, prompt: Prompt) -> Path | None:
        answer = self._project.partial_path(name, prompt)
        self._remember(prompt, "partial_path", name, answer)
        return answer

    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        answer = self._project.has_dotprompt_sibling(prompt)
        self._remember(prompt, "has_dotprompt_sibling", "", answer)
        return answer

    def asked(self, prompt: Prompt) -> list[Question]:
        """Every question asked for this prompt, by itself or by what it includes, which comes after it."""
        questions = []
        askers = [str(prompt.path)]
        for asker in askers:
            for (method, name), answer in self._asked.get(asker, {}).items():
                questions.append(Question(asker, method, name, answer))
                path = answer.partition("\n")[0]
                if method == "partial" and path and path not in askers:
                    askers.append(path)
        return questions

    def _remember(self, prompt: Prompt, method: str, name: str, answer: object) -> None:
        self._asked.setdefault(str(prompt.path), {})[method, name] = self._digests.answer(answer)


def still_answered(questions: Iterable[Question], prompt: Prompt, project: Project, digests: Digests) -> bool:
    """Whether the project answers all these questions of `prompt` as it did before."""
    askers = {str(prompt.path): prompt}
    for asker, method, name, answer in questions:
        if asker not in askers:
            return False
        now = _ask(project, method, name, askers[asker])
        if digests.answer(now) != answer:
            return False
        if isinstance(now, Prompt):
            askers[str(now.path)] = now
    return True


def _ask(project: Project, method: str, name: str, prompt: Prompt) -> object:
    if method in ("partial", "partial_path"):
        return getattr(project, method)(name, prompt)
    return getattr(project, method)(prompt)
