"""The words that a prompt sends whatever its input, at the places where they stand in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from promptls.language.formats import Format, recognised
from promptls.language.messages import messages
from promptls.language.prompt import Prompt, facet, template
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import ContentStatement, MustacheStatement, PartialStatement
from promptls.syntax.source import Range

VALUE = "\ufffc"
"""Stands for each character of a tag that renders a value: Unicode's own sign for "something else goes here"."""

_WRITTEN_IN_PROSE: frozenset[Format] = frozenset({"dotprompt", "text", "continue", "jinja", "go-template", "humanloop"})
_BLANKED = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c\x1c\x1d\x1e\x85]")
_FOREIGN_TAG = re.compile(r"\{%[^\n]*?%\}|\{\{[^{}\n]*\}\}")
# Helpers that set up a message and show nothing of themselves among its words.
_SILENT = frozenset({"role", "history", "section", "log", "media"})


class Turn(NamedTuple):
    """One message's stretch of the file; `role` is None where it is computed."""

    role: str | None
    range: Range


@dataclass(frozen=True, slots=True, eq=False)
class Prose:
    """The prompt's text with everything that is no prose blanked.

    `text` is exactly as long as the file, so that an offset into one is an offset into the other: frontmatter,
    comments, block tags and role tags are spaces (line ends stay), and a tag that renders a value is a run of `VALUE`.
    """

    text: str
    turns: tuple[Turn, ...]

    @property
    def is_blank(self) -> bool:
        """Whether there are no words at all."""
        return not self.text.strip(VALUE + " \t\r\n")

    def role_at(self, offset: int) -> str | None:
        """The role of the message that holds an offset; the user's outside every message, as runtimes have it."""
        return next((turn.role for turn in self.turns if turn.range.start <= offset < turn.range.end), "user")


def lower_case(text: str) -> str:
    """The text in lower case, exactly as long as before, so that an offset into one is an offset into the other.

    `re` finds lower-case words in it several times as fast as by disregarding case.
    """
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := each.lower()) == 1 else each for each in text)


@facet
def prose(prompt: Prompt) -> Prose:
    """The prose of a prompt; blank for formats in which text cannot be told from markup (JSON, YAML, XML)."""
    format = recognised(prompt).format
    text = prompt.text
    if format not in _WRITTEN_IN_PROSE:
        return Prose(_BLANKED.sub(" ", text), ())
    if format in ("jinja", "go-template", "humanloop", "continue"):
        masked = _FOREIGN_TAG.sub(lambda match: VALUE * len(match.group()), text)
        return Prose(masked, (Turn("user", Range(0, len(text))),))
    turns = tuple(Turn(message.role, message.content_range) for message in messages(prompt))
    return Prose(_dotprompt_prose(prompt), turns or (Turn("user", template(prompt).program.range),))


def _dotprompt_prose(prompt: Prompt) -> str:
    text, nodes = prompt.text, tree(prompt)
    pieces: list[tuple[Range, str]] = [
        (each.range, text[each.range.start : each.range.end]) for each in nodes.of(ContentStatement)
    ]
    for mustache in nodes.of(MustacheStatement):
        if called_name(mustache.tag.path) not in _SILENT:
            pieces.append((mustache.range, VALUE * (mustache.range.end - mustache.range.start)))
    pieces.extend((each.range, VALUE * (each.range.end - each.range.start)) for each in nodes.of(PartialStatement))
    shown, end = [], 0
    for range, piece in sorted(pieces):
        shown += [_BLANKED.sub(" ", text[end : range.start]), piece]
        end = range.end
    return "".join([*shown, _BLANKED.sub(" ", text[end:])])
