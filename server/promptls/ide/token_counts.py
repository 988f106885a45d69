"""The tokens of a prompt as it is used: with the input file beside it over its own defaults, and nothing made up."""

from __future__ import annotations

from dataclasses import dataclass

from promptls.analysis.sections import Section, sections
from promptls.ide.preview_data import Files, PreviewData, preview_data
from promptls.language.costs import Cost, cost
from promptls.language.messages import Message, messages
from promptls.language.models import Model, model_catalogue
from promptls.language.origins import origins
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.tokenizers import counter
from promptls.language.tokens import MessageTokens, Tokens, model_id, range_tokens, static_tokens, tokens


@dataclass(frozen=True, slots=True)
class SectionTokens:
    """The text of a section of the template, those inside it included, variables left out."""

    section: Section
    tokens: int


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """What a prompt takes of which model: `model` is None where none is named, or none that the catalogue knows.

    `missing` are the inputs that have neither a default nor a value in the input file: they are not counted.
    """

    model_id: str | None
    model: Model | None
    tokens: Tokens
    cost: Cost
    sections: tuple[SectionTokens, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageCount:
    """What the part of a template that makes a message takes, however often it is rendered; or, where it is not
    `rendered` with the values there are, its text alone. `missing` are the inputs in it that are not counted.
    """

    message: Message
    tokens: int
    rendered: bool
    missing: tuple[str, ...]


def token_counts(
    prompt: Prompt, files: Files | None = None, *, model: str | None = None, wait: bool = False
) -> TokenCounts:
    """Count a prompt for its own model or another one; `wait` loads a vocabulary where that is needed.

    `files` reads the input file. Without a wait, the counts are estimates until the vocabulary is there.
    """
    name = model or model_id(prompt)
    known = model_catalogue(prompt).find(name) if name else None
    by = counter(name, wait=wait)
    data = preview_data(prompt, files)
    counted = tokens(prompt, by, _request(data))
    parts = tuple(SectionTokens(each, range_tokens(prompt, each.range, by)) for each in sections(prompt))
    missing = tuple(each.name for each in data.values if each.origin == "generated")
    return TokenCounts(
        name, known, counted, cost(known, counted.rendered, counted.cacheable_prefix), parts, missing
    )  # fmt: skip


def _request(data: PreviewData) -> RenderRequest | None:
    """The data to render with; None where they are the prompt's own defaults."""
    if not any(each.origin == "file" for each in data.values):
        return None
    given = {each.name: each.value for each in data.values if each.origin != "generated"}
    return RenderRequest(given, frontmatter_defaults=False)


def message_counts(prompt: Prompt, counts: TokenCounts) -> tuple[MessageCount, ...]:
    """The tokens of every message that the template itself begins, in source order; empty ones are left out."""
    found: list[MessageCount] = []
    static = static_tokens(prompt, counter(counts.model_id))
    for message, text in zip(messages(prompt), static, strict=True):
        if message.origin not in ("role", "implied") or message.is_empty:
            continue
        rendered = [each.tokens for each in counts.tokens.messages if _began(message, each)]
        names = dict.fromkeys(name for part in message.parts for name in origins(prompt).names(part.range))
        missing = tuple(name for name in names if name in counts.missing)
        found.append(MessageCount(message, sum(rendered) if rendered else text.tokens, bool(rendered), missing))
    return tuple(found)


def _began(message: Message, rendered: MessageTokens) -> bool:
    """Whether a rendered message is one that this part of the template makes."""
    if message.node is None:
        return rendered.source is None and rendered.role == message.role
    source = rendered.source
    return source is not None and source.partial is None and source.range.start == message.node.range.start
