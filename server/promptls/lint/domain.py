"""Which domain a prompt belongs to: as its frontmatter or the settings say, or as its words do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from promptls.analysis.domain import GENERAL, THRESHOLD, Evidence, detect
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, facet
from promptls.lint.pack_model import Weights
from promptls.lint.pack_text import told
from promptls.lint.packs import packs_of
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlScalar, resolve

KEY = "promptls.domain"
"""The frontmatter's key for it: dotprompt leaves keys with a dot to whoever owns the namespace."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A prompt's domain and what says so. `confidence` is 1 where somebody said it; `evidence` are the terms found.

    For prompts that no domain was recognised in it is the confidence in that.
    """

    name: str
    confidence: float
    source: Literal["frontmatter", "settings", "detected"]
    evidence: tuple[Evidence, ...] = ()


@facet
def domain(prompt: Prompt) -> Domain:
    """The domain of a prompt, by the first of these that says so: the setting `domain`, the frontmatter's
    `promptls.domain`, the setting `domains`, its words.

    A name that no pack has counts as none.
    """
    packs, settings = packs_of(prompt.settings), prompt.settings
    named = declared(prompt)
    sources: tuple[tuple[str | None, Literal["frontmatter", "settings"]], ...] = (
        (settings.domain, "settings"),
        (named[0] if named is not None else None, "frontmatter"),
        (settings.domain_of(prompt.path) if prompt.path is not None else None, "settings"),
    )
    for name, source in sources:
        if name is not None and name in packs.by_name:
            return Domain(name, 1.0, source)
    guesses = detect(told(prompt), packs.profiles)
    if guesses and guesses[0].confidence > THRESHOLD:
        return Domain(guesses[0].name, guesses[0].confidence, "detected", guesses[0].evidence)
    return Domain(GENERAL, 1 - guesses[0].confidence if guesses else 1.0, "detected")


def declared(prompt: Prompt) -> tuple[str, Range] | None:
    """What the frontmatter says under `promptls.domain`, whether or not there is such a domain, and where."""
    for extension in metadata(prompt).extensions:
        if f"{extension.namespace}.{extension.name}" == KEY:
            node = resolve(extension.entry.value)
            if isinstance(node, YamlScalar) and isinstance(node.value, str):
                return node.value, extension.entry.value.range
    return None


def weights(prompt: Prompt) -> Weights:
    """The share of each dimension in the score of this prompt."""
    by_name = packs_of(prompt.settings).by_name
    for name in (domain(prompt).name, GENERAL):
        pack = by_name.get(name)
        if pack is not None and pack.weights is not None:
            return pack.weights
    return Weights(clarity=0.25, specificity=0.25, structure=0.25, completeness=0.25)
