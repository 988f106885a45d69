"""The words by which prompts, in English and Spanish, speak of the output that they want."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

FormatName = Literal["json", "xml", "markdown", "csv", "list", "table", "plain", "yaml", "code", "html", "tags"]

_NAMES: Mapping[FormatName, str] = {
    "json": "json|json object|json array|objeto json",
    "xml": "xml",
    "markdown": "markdown",
    "csv": "csv|comma-separated",
    "list": "bulleted list|bullet list|bullet points|bullets|numbered list|list|lista|viñetas",
    "table": "table|tabla",
    "plain": "plain text|text|texto plano|text/plain",
    "yaml": "yaml",
    "code": "code block|sql|python|javascript|typescript|bash|regex|bloque de código",
    "html": "html",
}
FORMAT_NAMES: Mapping[str, FormatName] = MappingProxyType(
    {
        **{word: name for name, words in _NAMES.items() for word in words.split("|") if word != "text"},
        "application/json": "json",
    }
)
"""The format that a word names, lower-cased."""

# Searched for in lower-case text, which is several times as fast as disregarding case.
OUTPUT_WORD = re.compile(
    r"\b(?:outputs?|answer(?:s|ed|ing)?|respon(?:d|ds|se|ses|ding)|repl(?:y|ies)|return(?:s|ed)?|results?|format(?:ted|ting)?|"
    r"provide[ds]?|produce[ds]?|generate[ds]?|write|written|list|give|present(?:ed)?|enclos\w+|encapsulat\w+|wrap(?:ped)?|"
    r"classification|category|label|decision|verdict|summary|translation|explanation|report|"
    r"salida|respuestas?|responde[rn]?|devuelve|devolver|resultado|formato|escribe|genera|produce|etiqueta|categoría|"
    r"resumen|entrega|presenta|redacta)\b",
)

LABEL_CUE = re.compile(
    r"\b(?:one\s+of(?:\s+the)?|either|whether|categor(?:y|ies|ize[sd]?|ise[sd]?)|class(?:es|ify|ified|ification)?|labels?|"
    r"options?|choices?|sentiments?|groups?|domains?|sections?|topics?|statuse?s?|severit(?:y|ies)|priorit(?:y|ies)|verdicts?|"
    r"choose|pick|select(?:ing)?|determine\s+(?:if|whether)|decide\s+(?:if|whether)|belongs?\s+to|if\s+it(?:['’]s|\s+is)|"
    r"(?:is|are)\s+(?:it|the|this|these)\s+(?:\w+\s+)?(?=[^.!?]{1,80}\?)|"
    r"labell?ed\s+as|(?:answer|respond|reply)\s+(?:with\s+)?(?=yes|true|no\b|false)|"
    r"una?\s+de(?:\s+las|\s+los)?|categor[íi]as?|clas(?:e|es|ifica\w*)|etiquetas?|opci(?:ón|ones)|elige|escoge|selecciona)\b"
    r"|\b(?:answer|respond|reply|return|output|write)\s+(?:only\s+)?(?:with\s+)?(?:only\s+|exactly\s+|just\s+)?"
    r"(?=(?P<answer>[\"'`“a-z]))",
)

_COUNT = (
    r"(?:\d{1,6}(?:\s?[-–]\s?\d{1,6}|\s+(?:to|a|or|o|and|y)\s+\d{1,6})?|one|two|three|four|five|six|seven|eight|nine|ten|a\s+single|"
    r"single|uno?|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez)"
)
BOUND = re.compile(
    rf"(?:\b(?:at\s+(?:most|least)|up\s+to|no\s+more\s+than|no\s+longer\s+than|under|below|fewer\s+than|less\s+than|exactly|"
    rf"within|maximum(?:\s+of)?|max\.?|minimum(?:\s+of)?|limit(?:ed)?(?:\s+\w+){{0,4}}\s+to|"
    rf"como\s+máximo|máximo(?:\s+de)?|hasta|menos\s+de|no\s+más\s+de|entre|al\s+menos|exactamente)\s+)?"
    rf"\b{_COUNT}[\s-](?:\w+[\s-]){{0,2}}?"
    rf"(?:words?|sentences?|lines?|paragraphs?|characters?|chars|tokens|bullets?(?:\s+points?)?|items?|points|pages?|"
    rf"syllables|verses?|stanzas?|entries|options|"
    rf"palabras?|frases?|oraci(?:ón|ones)|líneas?|párrafos?|caracteres|viñetas|puntos|elementos|páginas?)\b",
)
COUNTED_ITEMS = re.compile(
    r"\b(?:list|name|give|generate|suggest|provide|write|identify|create|propose|return|find|choose|select|offer|come\s+up\s+with|"
    r"enumera|nombra|da|genera|sugiere|escribe|propón|lista)\s+(?:me\s+)?(?:the\s+|only\s+|exactly\s+|at\s+most\s+|up\s+to\s+|los\s+|las\s+)?"
    r"(?:top\s+)?(?:\d{1,4}(?:\s?[-–]\s?\d{1,4})?|two|three|four|five|six|seven|eight|nine|ten|dos|tres|cuatro|cinco|diez)\s+[^\W\d_]",
)
SCALE = re.compile(
    r"\b(?:from|between|scale\s+of|de|del|entre)\s+(?:-?\d{1,4}(?:\.\d+)?)\s*(?:to|and|a|al|y|[-–])\s*\d{1,4}(?:\.\d+)?\b",
)

FALLBACK = re.compile(
    r"\b(?:if|when|where|whenever|in\s+case|should|unless|si|cuando|en\s+caso\s+de)\b(?:[^.!?,]{0,120}?"
    r"\b(?:no|not|none|nothing|unknown|unsure|uncertain|cannot|can['’]?t|doesn['’]t|don['’]t|isn['’]t|aren['’]t|unable|"
    r"neither|disagree|outside|impossible|lacks?|fails?|without|ningún|ninguna?|nada|no)\b|[^.!?]{0,120}?"
    r"\b(?:missing|empty|unclear|insufficient|absent|ambiguous|invalid|unreadable|illegible|"
    r"faltan?|vací[oa]s?|desconocid[oa]s?|ambigu[oa]s?|ilegibles?)\b)"
    r"|\b(?:otherwise|or\s+else|fall\s?back|de\s+lo\s+contrario|en\s+otro\s+caso|si\s+no)\b"
    r"|\bn/a\b|\bor\s+null\b|\bnull\s+(?:if|when|for|where)\b",
)

ONLY = re.compile(
    r"\b(?:respond|return|output|answer|reply|provide|print|give|write)\s+(?:\w+\s+){0,3}?only\b|\bonly\s+(?:return|output|respond|"
    r"reply|answer|the|valid|with|one|a|json)\b|\bnothing\s+(?:else|more|but)\b|\b(?:no|without(?:\s+any)?)\s+(?:other|additional|"
    r"extra|further|explanations?|preamble|commentary|comments|prose|introduction|markdown|code\s+fences?|text\s+(?:before|outside))\b|"
    r"\bdo\s+not\s+(?:add|include|explain|write\s+anything|wrap|output\s+anything)\b|\bjust\s+the\b|\balone\b|\bsingle-word\b|"
    r"\b(?:solo|sólo|solamente|únicamente|nada\s+más|sin\s+(?:explicaci|comentarios|texto|preámbulo))",
)
