"""What the names of inputs tell of what they hold."""

from __future__ import annotations

import re

from promptls.analysis.lexicon.lexicon import word_set

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\W]+")

QUESTIONS = word_set("question query pregunta consulta")
"""The last words of names of questions."""

LONG_DATA = word_set(
    "documents docs context passages chunks articles article sources transcript snippets excerpts knowledge manual "
    "document report documentos documento contexto pasajes fragmentos artículos artículo articulos fuentes "
    "transcripción transcripcion informe"
)
"""The last words of names of what is long: documents, passages, transcripts."""


def words_of_name(name: str) -> tuple[str, ...]:
    """`userQuestion` and `user_question` are "user" and "question"."""
    return tuple(word.lower() for word in _HUMP.split(name) if word)
