"""The tokens of a prompt as it is used: with the input file beside it over its own defaults, and nothing made up."""

from __future__ import annotations

from dataclasses import dataclass

from promptls.analysis.sections import Section, sections
from promptls.ide.preview_data import Files, preview_data
from promptls.language.costs import Cost, cost
from promptls.language.models import Model, model_catalogue
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.tokenizers import counter
from promptls.language.tokens import Tokens, model_id, range_tokens, tokens


@dataclass(frozen=True, slots=True)
class SectionTokens:
    """The text of a section of the template, those inside it included, variables left out."""

    section: Section
    tokens: int


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """What a prompt takes of which model: `model` is None where none is named, or none that the catalogue knows."""

    model_id: str | None
    model: Model | None
    tokens: Tokens
    cost: Cost
    sections: tuple[SectionTokens, ...]


def token_counts(
    prompt: Prompt, files: Files | None = None, *, model: str | None = None, wait: bool = False
) -> TokenCounts:
    """Count a prompt for its own model or another one; `wait` loads a vocabulary where that is needed.

    `files` reads the input file. Without a wait, the counts are estimates until the vocabulary is there.
    """
    name = model or model_id(prompt)
    known = model_catalogue(prompt).find(name) if name else None
    by = counter(name, wait=wait)
    counted = tokens(prompt, by, _request(prompt, files))
    parts = tuple(SectionTokens(each, range_tokens(prompt, each.range, by)) for each in sections(prompt))
    return TokenCounts(name, known, counted, cost(known, counted.rendered, counted.cacheable_prefix), parts)


def _request(prompt: Prompt, files: Files | None) -> RenderRequest | None:
    """The data to render with; None where they are the prompt's own defaults."""
    data = preview_data(prompt, files)
    if not any(each.origin == "file" for each in data.values):
        return None
    given = {each.name: each.value for each in data.values if each.origin != "generated"}
    return RenderRequest(given, frontmatter_defaults=False)
