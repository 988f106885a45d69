"""Prompts with partials by name, and renderings as the reference runtime writes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from promptls.language.prompt import Prompt
from promptls.language.render.engine import Rendering
from promptls.settings import Settings


class NamedPartials:
    """A project whose partials are registered by name, as a host program does it."""

    def __init__(self, partials: Mapping[str, str], settings: Settings) -> None:
        self._prompts = {
            name: Prompt(text, settings=settings, path=Path(f"_{name}.prompt"), project=self)
            for name, text in partials.items()
        }

    def partial(self, name: str, prompt: Prompt) -> Prompt | None:
        return self._prompts.get(name)

    def partial_names(self, prompt: Prompt) -> Sequence[str]:
        return sorted(self._prompts)

    def partial_path(self, name: str, prompt: Prompt) -> Path | None:
        return Path(f"_{name}.prompt")

    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        return False

    def has_tests(self, prompt: Prompt) -> bool:
        return False

    def is_included(self, prompt: Prompt) -> bool:
        return True

    def alike(self, prompt: Prompt) -> Sequence[Path]:
        return ()


def prompt_with(text: str, partials: Mapping[str, str] | None = None, settings: Settings | None = None) -> Prompt:
    """A prompt in a project with these partials."""
    settings = settings or Settings()
    return Prompt(text, settings=settings, path=Path("x.prompt"), project=NamedPartials(partials or {}, settings))


def messages_of(rendering: Rendering) -> list[dict[str, Any]]:
    return [message.to_data() for message in rendering.messages]
