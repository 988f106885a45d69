"""Which values of a template are somebody's free text, told from their types, names and descriptions.

A name says more than a type here: `question` and `tone` are both strings, but users write the one and programs choose
the other.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from promptls.language.inputs import Declaration
from promptls.language.prompt import Prompt, facet
from promptls.language.resolution import Use
from promptls.language.schema import Field, SchemaType
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import MustacheStatement
from promptls.syntax.source import Range

Kind = Literal["written", "unsure", "chosen"]
"""`written` by a user or taken from a document, `chosen` by the program or its settings, or nobody can say."""


class Insertion(NamedTuple):
    """A tag that renders a value of the input, with the path in it and what kind of text that is."""

    tag: MustacheStatement
    use: Use
    kind: Kind

    @property
    def range(self) -> Range:
        return self.tag.range

    @property
    def name(self) -> str:
        """The name as written, without the context that it is looked up in."""
        parts = self.use.path.parts
        return parts[-1] if parts else "this"


@facet
def insertions(prompt: Prompt) -> tuple[Insertion, ...]:
    """The tags that render values of a prompt's input, in source order; what the host gives (`@state`) is no input."""
    by_start = {use.range.start: use for use in scope(prompt).uses if use.kind in ("read", "argument")}
    found = []
    for tag in tree(prompt).of(MustacheStatement):
        if not tag.tag.params:
            use = by_start.get(tag.tag.path.range.start)
        elif called_name(tag.tag.path) == "json":
            use = by_start.get(tag.tag.params[0].range.start)
        else:
            use = None
        if use is not None and use.prompt is prompt and not (use.path.data and use.path.parts[:1] != ("root",)):
            found.append(Insertion(tag, use, _kind(use, is_alone=_is_alone(prompt, tag.range))))
    return tuple(found)


_WORD = re.compile(r"[A-Z]?[a-zà-ÿ]+|[A-Z]+(?![a-z])|\d+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WRITTEN = _words(
    """
    question questions query queries message messages request requests prompt input text texts content contents comment
    comments feedback review reviews document documents doc docs article articles transcript transcripts body
    submission submissions answer answers response responses output passage passages ticket tickets post posts tweet
    note notes chat conversation utterance code diff log logs html page webpage snippet snippets quote quotes essay
    complaint letter story paragraph sentence statement report abstract resume cv chunk chunks excerpt source sources
    reference
    pregunta preguntas consulta consultas mensaje mensajes petición peticion solicitud texto textos contenido comentario
    comentarios documento documentos artículo articulo artículos transcripción transcripcion cuerpo respuesta
    respuestas reseña resena reseñas nota notas conversación conversacion código codigo queja carta acta entrada informe
    párrafo parrafo frase fragmento fragmentos
    """
)
# A mail where it stands on lines of its own, else the address of one.
_MAILS = frozenset({"email", "mail", "correo"})
# Judged by the last word of a name: `review_language` is a language.
_CHOSEN = _words(
    """
    tone language lang locale style format persona personality role audience register length max min limit count number
    level mode model version date time datetime timestamp today now year month day currency timezone country region city
    location company brand product organization theme template rules guidelines policy policies schema labels label
    categories category tools examples environment env type kind status id ids index key size width height score
    temperature total budget price amount unit units url uri path file filename extension instructions words sentences
    paragraphs lines items steps options columns rows channel plan tier platform framework voice dialect field fields
    title name names token secret password target from to lens bot assistant agent word
    tono idioma lengua estilo formato rol papel público publico longitud extensión extension máximo maximo mínimo minimo
    límite limite número numero nivel modo modelo versión version fecha hora hoy año ano mes día dia moneda país pais
    región region ciudad empresa marca producto tema plantilla reglas normas política politica etiquetas categorías
    categorias herramientas ejemplos entorno tipo estado clave tamaño tamano precio importe unidad ruta archivo canal
    plataforma voz campo campos título titulo nombre
    """
)
_PEOPLE = re.compile(
    r"\b(?:user|customer|client|visitor|reader|student|candidate|employee|traveller|patient|usuario|cliente|lector|alumno)(?:'s|’s|s)?\b"
    r"|\b(?:free|plain|full|raw)[ -]text\b|\btexto (?:libre|completo)\b|\bpasted\b|\bretrieved\b",
    re.I,
)


def _kind(use: Use, *, is_alone: bool) -> Kind:
    type = use.type
    if type is not None and not _may_be_text(type):
        return "chosen"
    names = _names(use)
    if not names:
        return "unsure"
    words = [word.lower() for word in _WORD.findall(names[-1])]
    if words and (words[-1] in _CHOSEN or (words[-1] in _MAILS and not is_alone)):
        return "chosen"
    if any(word in _WRITTEN or word in _MAILS for word in words):
        return "written"
    target = use.target
    if isinstance(target, Declaration) and target.has_default:
        return "chosen"
    described = target.description if isinstance(target, Declaration | Field) else None
    if described and _PEOPLE.search(described):
        return "written"
    return "unsure"


def _is_alone(prompt: Prompt, range: Range) -> bool:
    """Whether nothing but tags stands on the line."""
    line = prompt.source.line_range(prompt.source.line_at(range.start))
    around = prompt.text[line.start : range.start] + prompt.text[range.end : line.end]
    return not _MARKUP.sub("", around).strip()


def _names(use: Use) -> list[str]:
    """The names of a path; of `this`, those of the list that the block around it runs over."""
    source = use.frame.context.source
    return [step.segment.name for step in use.steps] or list(source.parts if source is not None else ())


_MARKUP = re.compile(r"<[^<>]{0,80}>|\{\{[^{}]{0,80}\}\}")
_TEXT_TYPES = frozenset({"string", "any", "array", "object", "named"})


def _may_be_text(type: SchemaType) -> bool:
    """Whether a value of this type can hold sentences that somebody wrote."""
    if type.type == "array" and type.items is not None:
        return _may_be_text(type.items)
    return type.type in _TEXT_TYPES and not type.values and "format" not in type.json
