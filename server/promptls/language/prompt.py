"""`Prompt`, the value that everything else asks questions of, and `@facet`, which makes it remember the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from promptls.syntax.frontmatter import Frontmatter, Layout, read_layout
from promptls.syntax.handlebars import Template, parse
from promptls.syntax.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from promptls.settings import Settings

Answer = TypeVar("Answer")


class Cancelled(Exception):
    """The question is no longer wanted: a newer version of the text has arrived."""


class Project(Protocol):
    """What a prompt may ask about the files around it; the workspace answers, from open buffers first and then disk."""

    def partial(self, name: str, prompt: Prompt) -> Prompt | None:
        """The partial that `{{> name}}` means in `prompt`, or None where there is none."""
        ...

    def partial_names(self, prompt: Prompt) -> Sequence[str]:
        """Every name that `{{> …}}` could take in `prompt`, sorted."""
        ...

    def partial_path(self, name: str, prompt: Prompt) -> Path | None:
        """Where the partial `name` would have to stand to be found from `prompt`; None for refused names."""
        ...

    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        """Whether another file of the same folder is plainly dotprompt, which is evidence for this one too."""
        ...

    def has_tests(self, prompt: Prompt) -> bool:
        """Whether test cases stand beside `prompt`: `<name>.test.yaml`."""
        ...

    def is_included(self, prompt: Prompt) -> bool:
        """Whether any prompt includes this one by name; also true where that cannot be known."""
        ...

    def alike(self, prompt: Prompt) -> Sequence[Path]:
        """The prompts that say much the same, the likest first; none where no index is kept."""
        ...


class NoProject:
    """The project of a text that stands alone."""

    def partial(self, name: str, prompt: Prompt) -> Prompt | None:
        return None

    def partial_names(self, prompt: Prompt) -> Sequence[str]:
        return ()

    def partial_path(self, name: str, prompt: Prompt) -> Path | None:
        return None

    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        return False

    def has_tests(self, prompt: Prompt) -> bool:
        return False

    def is_included(self, prompt: Prompt) -> bool:
        return True

    def alike(self, prompt: Prompt) -> Sequence[Path]:
        return ()


def _never_cancelled() -> None:
    """Accept every question."""


class Prompt:
    """One immutable text with its path, settings and surroundings.

    `check_cancelled` raises `Cancelled` when the answer is no longer wanted; it is called before every facet that is
    not known yet. Answers may be asked for from several threads; at worst one is computed twice.
    """

    __slots__ = ("_answers", "check_cancelled", "path", "project", "settings", "source")

    def __init__(
        self,
        source: Source | str,
        *,
        settings: Settings,
        path: Path | None = None,
        project: Project | None = None,
        check_cancelled: Callable[[], None] = _never_cancelled,
    ) -> None:
        self.source = source if isinstance(source, Source) else Source(source)
        self.settings = settings
        self.path = path
        self.project: Project = project if project is not None else NoProject()
        self.check_cancelled = check_cancelled
        self._answers: dict[object, Any] = {}

    @property
    def text(self) -> str:
        return self.source.text

    def forget(self) -> None:
        """Drop every answer; each can be had again."""
        self._answers = {}

    def elsewhere(self, settings: Settings, project: Project) -> Prompt:
        """The same text with other surroundings; what is known from the text alone is kept."""
        other = Prompt(
            self.source, settings=settings, path=self.path, project=project, check_cancelled=self.check_cancelled
        )
        answers = list(self._answers.items())
        other._answers = {each: answer for each, answer in answers if isinstance(each, Facet) and each.of_text}
        return other

    def with_text(self, text: str) -> Prompt:
        """The same prompt with another text; nothing that was known of the old one is kept."""
        return Prompt(text, settings=self.settings, path=self.path, project=self.project)


class Facet(Generic[Answer]):
    """A function of a `Prompt` whose answer is computed at first use and kept on that `Prompt`.

    `of_text` says that it asks nothing but the text.
    """

    def __init__(self, function: Callable[[Prompt], Answer], *, of_text: bool = False) -> None:
        self._function = function
        self.of_text = of_text
        update_wrapper(self, function)

    def __call__(self, prompt: Prompt) -> Answer:
        answers = prompt._answers
        if self in answers:
            return answers[self]  # type: ignore[no-any-return]
        prompt.check_cancelled()
        return answers.setdefault(self, self._function(prompt))  # type: ignore[no-any-return]

    def is_known(self, prompt: Prompt) -> bool:
        """Whether the answer is there already."""
        return self in prompt._answers


def facet(function: Callable[[Prompt], Answer]) -> Facet[Answer]:
    """Mark a function of a `Prompt` as a question worth remembering the answer of."""
    return Facet(function)


def text_facet(function: Callable[[Prompt], Answer]) -> Facet[Answer]:
    """Like `facet`, for a question that the text alone answers: the answer outlives a change of anything else."""
    return Facet(function, of_text=True)


@text_facet
def layout(prompt: Prompt) -> Layout:
    """Where the frontmatter ends and the template begins."""
    return read_layout(prompt.text)


@text_facet
def template(prompt: Prompt) -> Template:
    """The template's syntax tree; its ranges are offsets into the whole file."""
    start, end = layout(prompt).template_range
    return parse(prompt.text, start, end)


def frontmatter(prompt: Prompt) -> Frontmatter | None:
    """The frontmatter, or None where the file is all template."""
    return layout(prompt).frontmatter
