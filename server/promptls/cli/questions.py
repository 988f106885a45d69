"""What a file's findings depend on outside of the file: the questions that were asked of its project.

Questions and answers are kept as text, for runs to come; an answer only as a digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from promptls.language.prompt import Project, Prompt
from promptls.settings import Settings
from promptls.workspace import Questions, ask


class Question(NamedTuple):
    """One question: the path of the prompt that asked, what it asked, and a digest of the answer."""

    asker: str
    method: str
    name: str | None
    answer: str


class Digests:
    """A few characters that differ when values do; settings, which many files share, are digested once."""

    def __init__(self) -> None:
        self._settings: dict[int, tuple[Settings, str]] = {}

    def settings(self, settings: Settings) -> str:
        """A digest of settings and of what their paths are relative to."""
        key = id(settings)
        if key not in self._settings:
            packs = _pack_files(settings)
            digest = text_digest(f"{settings.folder}\n{settings.model_dump_json()}\n{packs}")
            # Kept with the digest, so that no other settings can get its identity.
            self._settings[key] = (settings, digest)
        return self._settings[key][1]

    def answer(self, answer: object) -> str:
        """A digest of what a project answers."""
        if isinstance(answer, Prompt):
            return text_digest(f"{answer.path}\n{self.settings(answer.settings)}\n{answer.text}")
        return text_digest(repr(answer))


def _pack_files(settings: Settings) -> object:
    if not settings.packs:
        return ()
    from promptls.lint.packs import pack_files

    return pack_files(settings)


def text_digest(text: str) -> str:
    """A digest of a text."""
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def asked(prompt: Prompt, digests: Digests) -> tuple[Question, ...]:
    """Every question that a prompt asked, and those of the prompts that it was given, which come after it."""
    questions = []
    askers = [prompt]
    seen = {prompt.path}
    for asker in askers:
        for method, by, name, answer in asker.project if isinstance(asker.project, Questions) else ():
            questions.append(Question(str(by.path), method, name, digests.answer(answer)))
            if isinstance(answer, Prompt) and answer.path not in seen:
                seen.add(answer.path)
                askers.append(answer)
    return tuple(questions)


def still_answered(questions: Iterable[Question], prompt: Prompt, project: Project, digests: Digests) -> bool:
    """Whether the project answers all these questions of `prompt` as it did before."""
    askers = {str(prompt.path): prompt}
    for asker, method, name, answer in questions:
        if asker not in askers:
            return False
        now = ask(project, method, askers[asker], name)
        if digests.answer(now) != answer:
            return False
        if isinstance(now, Prompt):
            askers[str(now.path)] = now
    return True
