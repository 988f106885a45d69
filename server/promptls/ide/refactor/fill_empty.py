"""Begin an empty file with a template."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from promptls.ide.prompt_templates import PROMPT_TEMPLATES
from promptls.ide.refactor.offer import Offer, Place, own_edit
from promptls.language.files import is_partial
from promptls.syntax.source import Range, TextEdit


def offers(place: Place) -> Iterator[Offer]:
    """Every template, in a file that is empty and no partial."""
    if place.prompt.text.strip("\ufeff \t\r\n") or is_partial(place.prompt):
        return
    whole = Range(0, len(place.prompt.text))
    for template in PROMPT_TEMPLATES.values():
        make = partial(own_edit, place.prompt, TextEdit(whole, template.text))
        yield Offer(f"begin-{template.name}", f"Begin with a {template.title.lower()}", "refactor.rewrite", make)
