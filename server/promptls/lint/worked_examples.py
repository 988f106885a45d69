"""The worked examples that rules hold against each other, and the label that each gives."""

from __future__ import annotations

import re

from promptls.analysis.examples import ExamplePair, examples
from promptls.analysis.sections import sections
from promptls.language.prompt import Prompt, facet

_LONGEST_LABEL = 30
_LABEL_FIELD = re.compile(
    r"\"(?:label|category|class|sentiment|intent|verdict|classification|etiqueta|categoría|clase|sentimiento)\"\s*:\s*"
    r"(?:\"([^\"\n]{1,40})\"|(true|false))",
    re.IGNORECASE,
)
_TAGGED = re.compile(r"<([A-Za-z][\w.-]{0,40})>\s*([^<>\n]{1,40}?)\s*</\1>\s*\Z")


_QUOTES = ('"', "'", "`", "“", "«", "‘")


@facet
def worked_examples(prompt: Prompt) -> tuple[ExamplePair, ...]:
    """The examples with an output of their own that are plainly meant as such.

    An arrow may also stand in code, or between a name and what it is for: with one, the input has to be quoted.
    """
    fences = [each.range for each in sections(prompt) if each.kind == "fence"]
    return tuple(
        pair
        for pair in examples(prompt)
        if not pair.is_filled_in
        and (
            pair.origin != "arrow"
            or (pair.input.startswith(_QUOTES) and not any(fence.encloses(pair.range) for fence in fences))
        )
    )


def label_of(output: str) -> str | None:
    """The label that an example's output gives, folded: a field's, a tag's, or a short output; None for other texts."""
    field = _LABEL_FIELD.search(output)
    tagged = _TAGGED.search(output)
    if field is not None:
        label = field[1] or field[2]
    elif tagged is not None:
        label = tagged[2]
    elif len(output) <= _LONGEST_LABEL and "\n" not in output and len(output.split()) <= 3:
        label = output
    else:
        return None
    return label.strip(" .\"'`*").casefold() or None
