"""The label that a worked example gives."""

from __future__ import annotations

import re

_LONGEST_LABEL = 30
_LABEL_FIELD = re.compile(
    r"\"(?:label|category|class|sentiment|intent|verdict|classification|etiqueta|categoría|clase|sentimiento)\"\s*:\s*"
    r"(?:\"([^\"\n]{1,40})\"|(true|false))",
    re.IGNORECASE,
)
_TAGGED = re.compile(r"<([A-Za-z][\w.-]{0,40})>\s*([^<>\n]{1,40}?)\s*</\1>\s*\Z")


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
