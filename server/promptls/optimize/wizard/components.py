"""The pieces of a prompt that the search changes one at a time: the contents of its messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from promptls.language.messages import messages
from promptls.language.prompt import Prompt, layout, template
from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True)
class Components:
    """Named stretches of a prompt's text. What stands between them, role tags above all, never changes."""

    prompt: Prompt
    ranges: Mapping[str, Range]

    @classmethod
    def of(cls, prompt: Prompt) -> Components:
        """A piece for each message, or one for the whole template where messages begin inside blocks."""
        root = template(prompt).program
        found = [message for message in messages(prompt) if not message.is_empty]
        if any(message.body is not root for message in found) or not found:
            return cls(prompt, {"template": layout(prompt).template_range})
        ranges: dict[str, Range] = {}
        for message in found:
            role = message.role or "message"
            number = sum(name.split()[0] == role for name in ranges)
            ranges[f"{role} {number + 1}" if number else role] = _trimmed(prompt.text, message.content_range)
        return cls(prompt, ranges)

    @property
    def texts(self) -> dict[str, str]:
        """The pieces by name."""
        return {name: self.prompt.text[slice(*range)] for name, range in self.ranges.items()}

    def with_texts(self, texts: Mapping[str, str]) -> str:
        """The prompt's text with other pieces."""
        text = self.prompt.text
        for name, range in sorted(self.ranges.items(), key=lambda item: item[1], reverse=True):
            text = text[: range.start] + texts.get(name, text[range.start : range.end]) + text[range.end :]
        return text


def _trimmed(text: str, range: Range) -> Range:
    piece = text[range.start : range.end]
    start = range.start + len(piece) - len(piece.lstrip())
    return Range(start, max(start, range.start + len(piece.rstrip())))
