"""What a prompt names: its audience, products, tables, files, tools, figures with units, and dates."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from promptls.analysis.directives import alternatives
from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.lexicon.lexicon import word_set
from promptls.analysis.prose import lower_case, prose
from promptls.analysis.sections import sections
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, facet
from promptls.syntax.source import Range

EntityKind = Literal["audience", "product", "table", "file", "tool", "number", "date"]


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that the prompt names. `text` is the name, `range` its place."""

    kind: EntityKind
    text: str
    range: Range


_PEOPLE = alternatives(
    word_set(
        """
        adults analysts beginners buyers children clients customers designers developers employees engineers executives
        experts investors kids laypeople learners managers marketers men non-experts novices parents patients people
        professionals readers shoppers students teachers teams teenagers users viewers visitors women
        """
    )
)
_GENTE = alternatives(
    word_set(
        """
        adultos alumnos analistas clientas clientes compradores desarrolladores directivos diseñadores empleados
        estudiantes expertos hombres ingenieros inversores jóvenes lectores madres mujeres niñas niños pacientes padres
        personas principiantes profesionales profesores usuarios vecinos
        """
    )
)
_EXTENSIONS = alternatives(
    word_set(
        """
        avif bat c cfg conf cpp cs css csv doc docx env gif go gz h htm html ini ipynb java jpeg jpg js json jsonl
        jsx kt log lua md mdx mp3 mp4 parquet pdf php png ppt pptx prompt ps1 py rb rs sh sql svg swift tf toml ts
        tsv tsx txt vue wav webp xls xlsx xml yaml yml zip
        """
    )
)
_NUMBER_WORDS = word_set(
    """
    one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty fifty hundred
    un una dos tres cuatro cinco seis siete ocho nueve diez doce quince veinte treinta cincuenta cien
    """
)
_UNITS = alternatives(
    word_set(
        """
        word words character characters char chars letter letters token tokens sentence sentences paragraph
        paragraphs line lines bullet bullets point points item items step steps section sections page pages column
        columns row rows option options variant variants example examples question questions answer answers idea
        ideas name names title titles hashtag hashtags keyword keywords star stars second seconds sec secs minute
        minutes min mins hour hours day days week weeks month months year years percent times people person persons
        usd eur gbp dollar dollars euro euros pound pounds degrees g kg mg m cm mm km mb gb tb kb ms px °c palabra
        palabras caracteres letra letras frase frases oración oraciones párrafo párrafos línea líneas punto puntos
        elemento elementos paso pasos sección secciones página páginas columna columnas fila filas opción opciones
        variante variantes ejemplo ejemplos pregunta preguntas respuesta respuestas nombre nombres título títulos
        estrella estrellas segundo segundos minuto minutos hora horas día días semana semanas mes meses año años
        veces persona personas
        """
    )
)
_MONTHS = word_set(
    """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    """
)
_MONTH = alternatives(_MONTHS)
_QUOTED = r"[`\"](?P<name>[A-Za-z_][\w.-]{1,60})[`\"]"
_AMOUNT = rf"(?:\d(?:[\d.,]{{0,14}}\d)?|(?:{alternatives(_NUMBER_WORDS)})\b)"


class _Shape(NamedTuple):
    """How an entity may be written: `pattern` begins with one of the words `after` and names it in the group `name`."""

    kind: EntityKind
    after: frozenset[str]
    pattern: re.Pattern[str]


_DIGIT, _QUOTE, _CURRENCY = "0", "`", "$"
"""What stands for all words that begin with one of its kind."""

_SHAPES = (
    _Shape(
        "audience",
        word_set("for at targeting aimed written audience"),
        re.compile(
            r"(?:for|at|targeting|aimed at|written for|audience of) "
            rf"(?P<name>(?:[^\W\d_][\w'-]{{1,20}} ){{0,3}}?(?:{_PEOPLE}))\b",
            re.IGNORECASE,
        ),
    ),
    _Shape(
        "audience",
        word_set("audience readership público"),
        re.compile(
            r"(?:audience|readership|público(?: objetivo)?)(?: ?: ?| (?:is|are|consists of|es|son) )"
            r"(?P<name>[^\W\d_][^.,;:\n\ufffc]{2,60})",
            re.IGNORECASE,
        ),
    ),
    _Shape(
        "audience",
        word_set("para a dirigido dirigida dirigidos dirigidas"),
        re.compile(
            rf"(?:para|a|dirigid[oa]s? a) (?:los |las |unos |unas )?(?P<name>(?:{_GENTE})\b"
            r"(?: (?!(?:que|con|sin|para|por|del|los|las)\b)[^\W\d_][\w-]{2,20})?)",
            re.IGNORECASE,
        ),
    ),
    _Shape(
        "product",
        word_set("product brand app company service platform tool store shop producto marca empresa aplicación tienda"),
        re.compile(
            r"\w{1,15}(?:,? (?:called|named|llamad[oa])| ?:)? [\"“«]?"
            r"(?P<name>[A-Z][\w&'-]{1,30}(?: [A-Z][\w&'-]{1,30}){0,3})"
        ),
    ),
    _Shape(
        "product",
        word_set("customers users employees clients maker makers clientes usuarios"),
        re.compile(r"\w{1,15} (?:of|at|de) (?P<name>[A-Z][\w&'-]{1,30}(?: [A-Z][\w&'-]{1,30}){0,3})"),
    ),
    _Shape(
        "table",
        word_set("from join into update table"),
        re.compile(r"(?:FROM|JOIN|INTO|UPDATE|TABLE(?: IF NOT EXISTS)?) [`\"]?(?P<name>[A-Za-z_][\w.]{1,60})"),
    ),
    _Shape(
        "table",
        word_set("table tables view views tabla tablas vista vistas"),
        re.compile(rf"\w{{1,15}}:? {_QUOTED}(?: (?:and|y) {_QUOTED.replace('name', 'second')})?", re.IGNORECASE),
    ),
    _Shape("table", frozenset({_QUOTE}), re.compile(rf"{_QUOTED} (?:tables?|views?)\b", re.IGNORECASE)),
    _Shape(
        "table",
        frozenset({"the"}),
        re.compile(r"the (?P<name>[a-z]\w{1,40})(?: and (?P<second>[a-z]\w{1,40}))? tables?\b"),
    ),
    _Shape(
        "tool",
        word_set("tool tools function functions herramienta herramientas función funciones"),
        re.compile(rf"\w{{1,15}}:? {_QUOTED}"),
    ),
    _Shape("tool", frozenset({_QUOTE}), re.compile(rf"{_QUOTED} (?:tool|function)\b")),
    _Shape(
        "tool",
        word_set("call calls invoke llama invoca"),
        re.compile(
            r"(?:calls?|invoke|llama a|invoca) (?:the )?`(?P<name>[A-Za-z_][\w.-]{1,60})(?:\(\))?`", re.IGNORECASE
        ),
    ),
    _Shape(
        "tool", frozenset({"the"}), re.compile(r"the (?P<name>[a-z]{1,30}[A-Z]\w{1,40}|[a-z]{1,30}_\w{2,40}) tool\b")
    ),
    _Shape(
        "date",
        frozenset({_DIGIT}),
        re.compile(
            r"(?P<name>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?Z?)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|"
            rf"\d{{1,2}}(?:st|nd|rd|th)?(?: of| de)? (?:{_MONTH})\b\.?(?:,?(?: de| del)? \d{{4}})?)(?![\w/-])",
            re.IGNORECASE,
        ),
    ),
    _Shape(
        "date",
        _MONTHS,
        re.compile(
            r"(?P<name>\w{1,15}\.? \d{1,2}(?:st|nd|rd|th)?\b(?:,? \d{4})?|\w{1,15}(?: de)? \d{4})(?![\w/-])",
            re.IGNORECASE,
        ),
    ),
    _Shape(
        "number",
        _NUMBER_WORDS | {_DIGIT},
        re.compile(
            rf"(?P<name>{_AMOUNT}(?:(?: ?[-–] ?| to | a | or | o ){_AMOUNT})?"
            rf"(?: ?%| ?[€$£]| por ciento\b|[ -](?:[^\W\d_]{{3,15}} )?(?:{_UNITS})\b))",
            re.IGNORECASE,
        ),
    ),
    _Shape("number", frozenset({_CURRENCY}), re.compile(r"(?P<name>[$€£] ?\d(?:[\d.,]{0,14}\d)?)")),
)


def _by_word() -> Mapping[str, tuple[_Shape, ...]]:
    found: dict[str, tuple[_Shape, ...]] = {}
    for shape in _SHAPES:
        for word in sorted(shape.after):  # a regular expression is made of them: the same in every process
            found[word] = (*found.get(word, ()), shape)
    return found


_SHAPES_AFTER = _by_word()
# Every place where a shape may begin, in lower-case text.
_BEGINNING = re.compile(
    rf"(?<![\w.,`$-])(?:(?P<word>{alternatives(_SHAPES_AFTER.keys() - {_DIGIT, _QUOTE, _CURRENCY})})\b|"
    r"(?P<digit>\d)|(?P<currency>[$€£]))|(?P<quote>[`\"])(?=[a-z_])"
)
_EXTENSION = re.compile(rf"(?<=[\w-])\.(?:{_EXTENSIONS})(?![\w/]|\.\w)")
_PATH_LENGTH = 120
# What stands where a table's name would, in a sentence about tables.
_NO_TABLES = (
    EN.stop_words
    | ES.stop_words
    | word_set(
        "above below comparison definition definitions following next result "
        "results same schema siguiente statement statements"
    )
)
_FRAMEWORK = re.compile(r"[A-Z][a-z]+\.js$")


@facet
def entities(prompt: Prompt) -> tuple[Entity, ...]:
    """The entities in the order of the text; what two patterns find at one place counts once, as the first kind.

    Code within fences is looked at for tables alone. A tool of the frontmatter counts where the text names it.
    """
    text = prose(prompt).text
    if text.isspace():
        return ()
    fences = [each.range for each in sections(prompt) if each.kind == "fence"]
    found: dict[int, Entity] = {}
    for each in [*_tools_of_frontmatter(prompt, text), *_shaped(text), *_files(text)]:
        if each.kind == "table" or not _is_inside(each.range.start, fences):
            found.setdefault(each.range.start, each)
    ordered: list[Entity] = []
    for start in sorted(found):
        if not ordered or start >= ordered[-1].range.end:
            ordered.append(found[start])
    return tuple(ordered)


def _shaped(text: str) -> Iterator[Entity]:
    for place in _BEGINNING.finditer(lower_case(text)):
        key = {"word": place.group(), "digit": _DIGIT, "quote": _QUOTE, "currency": _CURRENCY}
        for shape in _SHAPES_AFTER.get(key[place.lastgroup or ""], ()):
            match = shape.pattern.match(text, place.start())
            for group in ("name", "second") if match else ():
                if match and group in match.re.groupindex and (name := match[group]) is not None:
                    if shape.kind == "table" and name.lower() in _NO_TABLES:
                        continue
                    start = match.start(group)
                    yield Entity(shape.kind, " ".join(name.split()), Range(start, start + len(name.rstrip())))


def _files(text: str) -> Iterator[Entity]:
    for extension in _EXTENSION.finditer(lower_case(text)):
        start = extension.start()
        while start > max(0, extension.start() - _PATH_LENGTH) and (
            text[start - 1].isalnum() or text[start - 1] in "_./-"
        ):
            start -= 1
        name = text[start : extension.end()]
        if not _FRAMEWORK.match(name) and text[max(0, start - 1) : start] not in ("@", ":"):
            yield Entity("file", name, Range(start, extension.end()))


def _tools_of_frontmatter(prompt: Prompt, text: str) -> Iterator[Entity]:
    names = sorted({tool.value for tool in metadata(prompt).tools if tool.value}, key=len, reverse=True)
    if names:
        for match in re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, names[:200]))})(?!\w)", text):
            yield Entity("tool", match.group(), Range(match.start(), match.end()))


def _is_inside(offset: int, ranges: list[Range]) -> bool:
    place = bisect_right(ranges, offset, key=lambda each: each.start) - 1
    return place >= 0 and offset < ranges[place].end
