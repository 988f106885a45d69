"""Every refactoring there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from promptls.ide.refactor import (
    convert,
    extract_partial,
    extract_variable,
    fill_empty,
    inline_partial,
    schema_fields,
    schema_forms,
    sort_frontmatter,
    wrap,
)
from promptls.ide.refactor.offer import Offer, Place, Refactoring
from promptls.language.formats import recognised
from promptls.language.prompt import Project, Prompt
from promptls.syntax.source import Range

_Provider = Callable[[Place], Iterator[Offer]]
_OF_TEMPLATES: tuple[_Provider, ...] = (
    extract_partial.offers,
    extract_variable.offers,
    inline_partial.offers,
    schema_fields.offers,
    schema_forms.offers,
    sort_frontmatter.offers,
    wrap.offers,
    fill_empty.offers,
)


def refactorings(prompt: Prompt, project: Project, range: Range) -> tuple[Offer, ...]:
    """What can be done at a range or cursor of a prompt, in the order to show it in; nothing is worked out yet."""
    # A plain text has no tags yet, but may get some; another format's braces mean something else.
    providers = _OF_TEMPLATES if recognised(prompt).format in ("dotprompt", "text") else ()
    place = Place(prompt, project, range)
    return tuple(offer for provider in (*providers, convert.offers) for offer in provider(place))


def offered(prompt: Prompt, project: Project, range: Range, id: str) -> Offer | None:
    """The offer of this id, for a front end that remembers no more of it."""
    return next((offer for offer in refactorings(prompt, project, range) if offer.id == id), None)


def resolve(offer: Offer) -> Refactoring:
    """Work an offer out; raises `Refused` with the reason where it cannot be done safely."""
    return Refactoring(offer.title, offer.kind, offer.make())
