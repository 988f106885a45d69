"""What a prompt names: its audience, products, tables, files, tools, figures with units, and dates."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.lexicon.lexicon import word_set
from promptls.analysis.prose import prose
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


_PEOPLE = (
    r"(?:[^\W\d_][\w'-]{1,20} ){0,3}?(?:adults|analysts|beginners|buyers|children|clients|customers|designers|"
    r"developers|employees|engineers|executives|experts|investors|kids|learners|managers|marketers|parents|patients|people|"
    r"professionals|readers|shoppers|students|teachers|teams|teenagers|users|viewers|visitors|women|men|"
    r"novices|non-experts|laypeople)"
)
_GENTE = (
    r"(?:adultos|analistas|principiantes|compradores|niños|niñas|clientes|clientas|diseñadores|desarrolladores|"
    r"empleados|ingenieros|directivos|expertos|inversores|lectores|madres|padres|pacientes|personas|profesionales|"
    r"estudiantes|profesores|jóvenes|usuarios|mujeres|hombres|vecinos|alumnos)"
    r"(?: (?!(?:que|con|sin|para|por|del|los|las)\b)[^\W\d_][\w-]{2,20})?"
)
_AUDIENCE = (
    re.compile(rf"\b(?:for|at|targeting|aimed at|written for|audience of) (?P<name>{_PEOPLE})\b", re.IGNORECASE),
    re.compile(
        r"\b(?:(?:target )?(?:audience|readership)|público(?: objetivo)?)(?: ?: ?| (?:is|are|consists of|es|son) )"
        r"(?P<name>[^\W\d_][^.,;:\n\ufffc]{2,60})",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:para|a|dirigid[oa]s? a) (?:los |las |unos |unas )?(?P<name>{_GENTE})\b", re.IGNORECASE),
)
_NAME = r"(?P<name>[A-Z][\w&'-]{1,30}(?: [A-Z][\w&'-]{1,30}){0,3})"
_PRODUCT = (
    re.compile(
        r"\b(?:[Pp]roduct|[Bb]rand|[Aa]pp|[Cc]ompany|[Ss]ervice|[Pp]latform|[Tt]ool|[Ss]tore|[Ss]hop|[Pp]roducto|"
        r"[Mm]arca|"
        rf"[Ee]mpresa|[Aa]plicación|[Tt]ienda)(?:,? (?:called|named|llamad[oa])| ?:)? [\"“«]?{_NAME}"
    ),
    re.compile(rf"\b(?:customers|users|employees|clients|maker|makers|clientes|usuarios) (?:of|at|de) {_NAME}"),
)
_IDENTIFIER = r"[`\"]?(?P<name>[A-Za-z_][\w.]{1,60})[`\"]?"
_TABLE = (
    re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE|TABLE(?: IF NOT EXISTS)?) {_IDENTIFIER}"),
    re.compile(r"\b(?:tables?|views?|tablas?|vistas?):? [`\"](?P<name>[A-Za-z_][\w.]{1,60})[`\"]", re.IGNORECASE),
    re.compile(r"[`\"](?P<name>[A-Za-z_][\w.]{1,60})[`\"] (?:tables?|views?)\b", re.IGNORECASE),
    re.compile(r"\bthe (?P<name>[a-z]\w{1,40})(?: and [a-z]\w{1,40})? tables?\b"),
    re.compile(r"\bthe [a-z]\w{1,40} and (?P<name>[a-z]\w{1,40}) tables\b"),
    re.compile(r"\btablas? `[\w.]{1,60}` y `(?P<name>[\w.]{1,60})`", re.IGNORECASE),
)
_EXTENSIONS = (
    "avif|bat|c|cfg|conf|cpp|cs|css|csv|docx?|env|gif|go|gz|h|html?|ini|ipynb|java|jpe?g|js|json|jsonl|jsx|kt|log|"
    "lua|md|"
    "mdx|mp3|mp4|parquet|pdf|php|png|pptx?|prompt|ps1|py|rb|rs|sh|sql|svg|swift|tf|toml|ts|tsv|tsx|txt|vue|wav|webp|"
    "xlsx?|"
    "xml|ya?ml|zip"
)
_FILE = re.compile(
    rf"(?<![\w@./:-])(?P<name>(?:[\w.-]{{1,60}}/){{0,8}}[\w-]{{1,60}}\.(?:{_EXTENSIONS}))(?![\w/]|\.\w)", re.IGNORECASE
)
_TOOL = (
    re.compile(r"\b(?:tool|function|herramienta|función)s?:? [`\"](?P<name>[A-Za-z_][\w.-]{1,60})[`\"]", re.IGNORECASE),
    re.compile(r"[`\"](?P<name>[A-Za-z_][\w.-]{1,60})[`\"] (?:tool|function)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:call|calls|invoke|llama a|invoca) (?:the )?`(?P<name>[A-Za-z_][\w.-]{1,60})(?:\(\))?`", re.IGNORECASE
    ),
    re.compile(r"\b(?P<name>[a-z]+[A-Z]\w{1,40}|[a-z]+_\w{2,40}) tool\b"),
)
_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|hundred|"
    "un|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince|veinte|treinta|cincuenta|cien"
)
_UNITS = (
    "words?|characters?|chars?|letters?|tokens?|sentences?|paragraphs?|lines?|bullets?|bullet points?|points?|items?|"
    "steps?|sections?|pages?|columns?|rows?|options?|variants?|examples?|questions?|answers?|ideas?|names?|titles?|"
    "hashtags?|"
    "keywords?|stars?|seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|years?|percent|times|people|persons?|"
    "usd|eur|gbp|dollars?|euros?|pounds?|degrees|[km]?g|kg|[ckm]?m|mb|gb|tb|kb|ms|px|°c|"
    "palabras?|caracteres|letras?|frases?|oraciones|oración|párrafos?|líneas?|puntos?|elementos?|pasos?|secciones|"
    "sección|"
    "páginas?|columnas?|filas?|opciones|opción|variantes?|ejemplos?|preguntas?|respuestas?|nombres?|títulos?|"
    "estrellas?|"
    "segundos?|minutos?|horas?|días?|semanas?|mes|meses|años?|por ciento|veces|personas?"
)
_DIGITS = r"\d(?:[\d.,]{0,14}\d)?"
_NUMBER = re.compile(
    rf"(?<![\w.,`])(?P<name>(?:[$€£] ?{_DIGITS}|(?:{_DIGITS}|{_NUMBER_WORDS})(?:(?: ?[-–] ?| to | a | or | o )"
    rf"(?:{_DIGITS}|{_NUMBER_WORDS}))?(?: ?%| ?[€$£]|[ -](?:[^\W\d_]{{3,15}} )?(?:{_UNITS})\b)))",
    re.IGNORECASE,
)
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|"
    "sept?|oct|nov|dec|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_DATE = re.compile(
    r"(?<![\w./-])(?P<name>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?Z?)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?: of| de)? (?:{_MONTHS})\b\.?(?:,?(?: de| del)? \d{{4}})?|"
    rf"(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|(?:{_MONTHS})(?: de)? \d{{4}})(?![\w/-])",
    re.IGNORECASE,
)
_OF_KIND: tuple[tuple[EntityKind, tuple[re.Pattern[str], ...]], ...] = (
    ("audience", _AUDIENCE),
    ("product", _PRODUCT),
    ("table", _TABLE),
    ("file", (_FILE,)),
    ("tool", _TOOL),
    ("date", (_DATE,)),
    ("number", (_NUMBER,)),
)
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
    taken: set[tuple[int, int]] = set()
    for each in [*_tools_of_frontmatter(prompt, text), *_matches(text)]:
        if each.kind != "table" and _is_inside(each.range.start, fences):
            continue
        if each.range.start not in found and each.range not in taken:
            found[each.range.start] = each
            taken.add(each.range)
    ordered: list[Entity] = []
    for start in sorted(found):
        if not ordered or start >= ordered[-1].range.end:
            ordered.append(found[start])
    return tuple(ordered)


def _matches(text: str) -> Iterator[Entity]:
    for kind, patterns in _OF_KIND:
        for pattern in patterns:
            for match in pattern.finditer(text):
                name = match["name"].strip()
                if (kind == "table" and name.lower() in _NO_TABLES) or (kind == "file" and _FRAMEWORK.match(name)):
                    continue
                start = match.start("name")
                yield Entity(kind, " ".join(name.split()), Range(start, start + len(name)))


def _tools_of_frontmatter(prompt: Prompt, text: str) -> Iterator[Entity]:
    names = sorted({tool.value for tool in metadata(prompt).tools if tool.value}, key=len, reverse=True)
    if names:
        for match in re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, names[:200]))})(?!\w)", text):
            yield Entity("tool", match.group(), Range(match.start(), match.end()))


def _is_inside(offset: int, ranges: list[Range]) -> bool:
    place = bisect_right(ranges, (offset, len(ranges) and ranges[-1].end + offset + 1)) - 1
    return place >= 0 and offset < ranges[place].end
