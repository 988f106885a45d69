"""Rules about the task as a whole: whether there is one, and whether its rules agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from promptls.analysis.prose import VALUE, prose
from promptls.language.files import is_partial
from promptls.language.messages import messages
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt
from promptls.language.tree import tree
from promptls.lint.own_words import Statement, lexicon, statements
from promptls.lint.rule import Finding, Related, Severity, rule
from promptls.syntax.handlebars.nodes import PartialBlockStatement, PartialStatement
from promptls.syntax.source import Range

_GOAL = re.compile(
    r"\?|\b(?:your\s+(?:\w+\s+){0,2}(?:task|job|goal|mission|role|objective|purpose|duty|aim)"
    r"|the\s+(?:\w+\s+){0,2}(?:task|goal|objective|aim)|I\s+(?:need|want|would\s+like|['’]d\s+like|am\s+looking"
    r"|am\s+seeking)|I['’]d\s+like|I['’]m\s+(?:looking|seeking)"
    r"|we\s+(?:need|want|require|would\s+like)|(?:must|should|shall|need\s+to|have\s+to|has\s+to|will"
    r"|want\s+you\s+to|asked\s+to|tasked|responsible\s+for|designed\s+to|able\s+to|here\s+to)"
    r"|you\s+(?:\w+ly\s+)?(?!are\b|have\b|were\b|can\b|may\b|know\b|want\b)[a-z]{3,}"
    r"|you\s+are\s+(?:\w+\s+){0,12}(?:who|that|which|for|translating|[a-z]+ing\b)|help(?:s|ing)?\b|please|kindly"
    r"|let['’]?s|imagine|given"
    r"|tu\s+(?:\w+\s+){0,2}(?:tarea|trabajo|objetivo|misión|función)|necesito|quiero|quisiera|me\s+gustaría|debes?"
    r"|deberás|tienes\s+que|hay\s+que|encargad[oa]|por\s+favor|ayud\w+|dad[oa]s?)",
    re.I,
)


@rule("clarity/no-task", Severity.INFO, certainty="suggestion", dimension="clarity", applies_to="any")
def no_task(prompt: Prompt) -> Iterator[Finding]:
    """Nothing in the prompt says what to do.

    There is no order, no question and no goal, only a description or a greeting, so the model guesses what is wanted.
    Ambiguous instructions are among the defects that the taxonomy of arXiv 2509.14404 names.

    Partials are fragments and left alone, as are prompts that call partials, that hold the conversation so far, or
    whose task comes with a variable of its own. English and Spanish only.

    ```prompt bad
    {{role "user"}}
    The quarterly figures of a company that sells umbrellas.
    ```

    ```prompt bad
    {{role "system"}}
    Eres una asistente amable que sabe mucho de plantas.
    ```

    ```prompt good
    {{role "system"}}
    You translate letters of umbrella sellers.
    {{role "user"}}
    {{letter}}
    ```

    ```prompt good
    {{role "user"}}
    Why do the quarterly figures of the umbrella company fall?
    ```

    ```prompt good
    {{role "system"}}
    You are a careful assistant for growers of plants.
    {{role "user"}}
    {{question}}
    ```
    """
    nodes = tree(prompt)
    has_partials = bool(nodes.of(PartialStatement)) or bool(nodes.of(PartialBlockStatement))
    if is_partial(prompt) or has_partials or lexicon(prompt) is None:
        return
    text = prose(prompt).text
    if any(part.kind == "history" for message in messages(prompt) for part in message.parts) or metadata(prompt).tools:
        return
    if _GOAL.search(text) or _brings_task(text):
        return
    own = statements(prompt)
    said = [each for each in own if not each.is_heading]
    if not said or any(each.directive for each in own):
        return
    first = min(said, key=lambda each: each.range)
    if not all(_DESCRIBES.match(each.words) for each in said) or len(first.words.split()) < _FEWEST_WORDS:
        return
    yield Finding(first.range, "nothing says what to do", help="Begin with an order: what to make, of what, for whom.")


_FEWEST_WORDS = 2
# How a sentence begins that is no order, even one with a verb that no list knows.
_DESCRIBES = re.compile(
    r"[\W\d_]{0,20}(?:the|an?|this|that|these|those|there|here|it|he|she|they|we|i|you|your|my|our|his|her|their|its|some"
    r"|one|two|three|hello|hi|hey|dear|good|welcome|as|in|on|at|when|while|with|because|since|after|before|all|many|most"
    r"|el|la|los|las|un|una|unos|unas|este|esta|estos|estas|ese|esa|eso|esto|hay|es|son|eres|soy|tu|tus|mi|mis|su|sus|yo"
    r"|él|ella|nosotros|ustedes|hola|buen[oa]s|en|cuando|como|con|porque|todos|todas|muchos|dos|tres)\b",
    re.I,
)
_OWN_LINE = re.compile(rf"^[^\n.!?{VALUE}]{{0,60}}{VALUE}[^\n]{{0,3}}$", re.M)


def _brings_task(text: str) -> bool:
    """Whether a variable stands on a line of its own or after a label, so that it may hold the task."""
    return VALUE in text and any(
        not line[: line.find(VALUE)].strip() or line[: line.find(VALUE)].rstrip().endswith((":", ">"))
        for line in (match[0] for match in _OWN_LINE.finditer(_squeezed(text)))
    )


_RUN = re.compile(f"{VALUE}+")


def _squeezed(text: str) -> str:
    return _RUN.sub(VALUE, text)


@dataclass(frozen=True, slots=True)
class _Opposites:
    """Two ways of saying things that cannot both hold."""

    first: re.Pattern[str]
    second: re.Pattern[str]
    message: str


_ALTERNATIVE = re.compile(r"\b(?:or|o)\b", re.I)
_ANSWER = r"(?:answers?|responses?|repl(?:y|ies)|explanations?|output|messages?)"
_RESPUESTA = r"(?:respuestas?|explicaci(?:ón|ones)|mensajes?|salida)"
_OPPOSITES = {
    "en": (
        _Opposites(
            re.compile(
                rf"\b(?:(?:be|stay|remain)\s+(?:very\s+)?(?:brief|concise|short|succinct|terse)\b|(?:brief|concise"
                rf"|short|succinct)\b(?:(?:,|\s+and|\s+but|\s+yet)?\s+[\w-]+){{0,3}}?\s+{_ANSWER}\b"
                rf"|keep\s+(?:it|(?:your\s+|the\s+|all\s+|every\s+|each\s+)?{_ANSWER})\s+(?:very\s+)?(?:brief|concise"
                rf"|short|succinct)\b|{_ANSWER}\s+(?:must|should|has\s+to|have\s+to)\s+be\s+(?:brief|concise|short"
                rf"|succinct)\b"
                r"|(?:answer|respond|reply|explain)\s+(?:briefly|concisely|succinctly)\b)",
            ),
            re.compile(
                rf"\b(?:be\s+(?:very\s+|as\s+)?(?:detailed|thorough|comprehensive|exhaustive|verbose)\b|(?:detailed"
                rf"|comprehensive|exhaustive|lengthy|in-depth|thorough)\b(?:(?:,|\s+and|\s+but"
                rf"|\s+yet)?\s+[\w-]+){{0,3}}?\s+{_ANSWER}\b"
                rf"|{_ANSWER}\s+(?:must|should|has\s+to|have\s+to)\s+be\s+(?:detailed|thorough|comprehensive"
                rf"|exhaustive|long)\b|(?:answer|respond|reply|explain)(?:\s+\w+){{0,3}}\s+(?:in\s+(?:great\s+"
                rf"|full\s+)?detail|at\s+length|exhaustively|thoroughly|comprehensively)\b)",
            ),
            "one asks for a short answer, the other for a detailed one",
        ),
        _Opposites(
            re.compile(
                r"\b(?:no\s+explanations?|(?:do\s+not|don['’]t|never)\s+(?:explain|justify"
                r"|give\s+(?:any\s+)?(?:reasons|explanations?))|without\s+(?:any\s+)?(?:explanations?|explaining"
                r"|justification|reasoning))\b",
            ),
            re.compile(
                r"(?<!not )(?<!n't )(?<!never )(?<!without )\b(?:explain\s+(?:your|why\s+you|the)\s*(?:reasoning"
                r"|answer|choice|decision|rating|verdict|choose|chose|label|classification|score)?|justify\s+your"
                r"|(?:include|add|give|provide)\s+(?:an?\s+|your\s+|the\s+)?(?:brief\s+|short\s+"
                r"|detailed\s+)?(?:explanation|reasoning|justification|rationale))\b",
            ),
            "one asks for an explanation, the other forbids it",
        ),
        _Opposites(
            re.compile(
                r"(?<!not )(?<!n't )\b(?:in\s+an?|use\s+an?|with\s+an?|keep\s+an?|a)\s+formal\s+(?:tone|style"
                r"|register|language|voice|manner)\b|(?<!not )\b(?:be|sound|write)\s+formal(?:ly)?\b",
            ),
            re.compile(
                r"(?<!not )(?<!n't )\b(?:in\s+an?|use\s+an?|with\s+an?|keep\s+an?|an?)\s+(?:casual|informal"
                r"|colloquial|chatty)\s+(?:tone|style|register|language|voice|manner)\b|(?<!not )\b(?:be|sound"
                r"|write)\s+(?:casual(?:ly)?|informal(?:ly)?|colloquial(?:ly)?)\b",
            ),
            "one asks for a formal tone, the other for a casual one",
        ),
    ),
    "es": (
        _Opposites(
            re.compile(
                rf"\b(?:sé\s+(?:muy\s+)?(?:breve|concis[oa])|{_RESPUESTA}\s+(?:muy\s+)?(?:breves?|concis[oa]s?"
                rf"|cort[oa]s?)|(?:breves?)\s+{_RESPUESTA}|(?:responde|contesta|explica)\s+(?:brevemente"
                rf"|de\s+forma\s+(?:breve|concisa)|con\s+brevedad))\b",
            ),
            re.compile(
                rf"\b(?:sé\s+(?:muy\s+)?(?:detallad[oa]|exhaustiv[oa]|minucios[oa])"
                rf"|{_RESPUESTA}\s+(?:muy\s+)?(?:detallad[oa]s?|exhaustiv[oa]s?|larg[oa]s?|complet[oa]s?)|(?:responde"
                rf"|contesta|explica)(?:\s+\w+){{0,3}}\s+(?:con\s+(?:todo\s+)?detalle|detalladamente|en\s+detalle"
                rf"|exhaustivamente))\b",
            ),
            "one asks for a short answer, the other for a detailed one",
        ),
        _Opposites(
            re.compile(
                r"\b(?:sin\s+(?:ninguna\s+)?(?:explicación|explicaciones|justificación|explicar)|no\s+(?:expliques"
                r"|justifiques|des\s+explicaciones))\b",
            ),
            re.compile(
                r"(?<!no )(?<!sin )\b(?:explica\s+(?:tu|por\s+qué|el\s+motivo)|justifica\s+(?:tu|la|el)|(?:incluye"
                r"|añade|da)\s+(?:una\s+|tu\s+|la\s+)?(?:breve\s+)?(?:explicación|justificación))\b",
            ),
            "one asks for an explanation, the other forbids it",
        ),
        _Opposites(
            re.compile(r"(?<!no )\b(?:tono|estilo|registro|lenguaje)\s+formal\b"),
            re.compile(r"(?<!no )\b(?:tono|estilo|registro|lenguaje)\s+(?:informal|coloquial|desenfadado)\b"),
            "one asks for a formal tone, the other for a casual one",
        ),
    ),
}
_CONDITION = re.compile(
    r"\b(?:if|when|whenever|unless|first|then|otherwise|depending|except|in\s+case|either"
    r"|for\s+(?:\w+\s+)?(?:users?|questions?|requests?|customers?|readers?|each|every|beginners|experts|cases?|topics?)"
    r"|si|cuando|salvo|primero|luego|según|excepto|para\s+(?:los|las|cada))\b",
)
_LANGUAGE = {
    "en": re.compile(
        r"\A(?:please\s+|always\s+|you\s+must\s+|only\s+)*(?:answer|respond|reply|write|speak)(?:\s+(?:always|only"
        r"|exclusively|everything|your\s+\w+|the\s+\w+))?\s+(?:only\s+|exclusively\s+)?in\s+"
        r"(?P<language>english|spanish|french|german|italian|portuguese|dutch|japanese|chinese|korean|russian|arabic"
        r"|hindi|polish|turkish)\b",
    ),
    "es": re.compile(
        r"\A(?:por\s+favor\s+|siempre\s+|debes\s+)*(?:responde[r]?|contesta[r]?|escribe|escribir"
        r"|habla[r]?)(?:\s+(?:siempre|solo|sólo|únicamente|todo))?\s+en\s+"
        r"(?P<language>inglés|español|castellano|francés|alemán|italiano|portugués|catalán|gallego|euskera|japonés"
        r"|chino|ruso|árabe)\b",
    ),
}
_FOR_AND_AGAINST = {
    "en": re.compile(
        r"\A(?:please\s+)?(?:(?P<against>never|do\s+not|don['’]t|you\s+must\s+(?:not|never)|you\s+should\s+(?:not"
        r"|never)|must\s+not)|(?P<favour>always|you\s+must\s+always|you\s+should\s+always|you\s+must"
        r"|make\s+sure\s+to|be\s+sure\s+to)?)\s*(?P<deed>[^\W\d_][^.!?]{5,200})",
    ),
    "es": re.compile(
        r"\A(?:por\s+favor,?\s+)?(?:(?P<against>nunca|jamás|no\s+debes|no)|(?P<favour>siempre|debes\s+siempre|debes"
        r"|asegúrate\s+de)?)\s*(?P<deed>[^\W\d_][^.!?]{5,200})",
    ),
}


@rule("clarity/contradiction", Severity.INFO, certainty="suggestion", dimension="clarity", applies_to="any")
def contradiction(prompt: Prompt) -> Iterator[Finding]:
    """Two instructions cannot both be followed.

    The model follows one of them, and which one may change from call to call. OpenAI's guide for GPT-5 calls
    contradictory instructions more damaging to that model than to others.

    Found are a short against a detailed answer, a required against a forbidden explanation, a formal against a casual
    tone, two languages to answer in, and the same deed ordered and forbidden. Rules under a condition are left alone.

    ```prompt bad
    {{role "system"}}
    Answer the question. Keep your answer brief. Write a comprehensive, in-depth answer with background.
    ```

    ```prompt bad
    {{role "system"}}
    Return one label without any explanation. Explain your reasoning.
    ```

    ```prompt bad
    {{role "system"}}
    Always mention the price of the product. Never mention the price of the product.
    ```

    ```prompt bad
    {{role "system"}}
    Responde en español. Usa un tono formal. Responde en inglés.
    ```

    ```prompt good
    {{role "system"}}
    Keep your answer brief. If the customer asks for more, write a detailed answer. Return a detailed table.
    ```

    ```prompt good
    {{role "system"}}
    {{#if formal}}Write in a formal tone.{{else}}Write in a casual tone.{{/if}}
    Always name the price. Never name the price of a competitor.
    ```
    """
    words = lexicon(prompt)
    if words is None:
        return
    own = [each for each in statements(prompt) if not each.conditional and not each.is_heading]
    for opposites in _OPPOSITES[words.language]:
        yield from _opposed(prompt, own, opposites)
    yield from _languages(own, _LANGUAGE[words.language])
    yield from _for_and_against(own, _FOR_AND_AGAINST[words.language])


def _opposed(prompt: Prompt, own: list[Statement], opposites: _Opposites) -> Iterator[Finding]:
    first = _first(own, opposites.first)
    second = _first(own, opposites.second) if first is not None else None
    if first is None or second is None:
        return
    earlier, later = sorted((first, second))
    if _ALTERNATIVE.search(prompt.text, earlier.start, later.end):
        return
    related = (Related("the other instruction", earlier),)
    yield Finding(later, f"two instructions exclude each other: {opposites.message}", help="Keep one.", related=related)


def _first(own: list[Statement], pattern: re.Pattern[str]) -> Range | None:
    """The first place that an unconditional statement says it."""
    for statement in own:
        match = pattern.search(statement.lowered) if statement.directive else None
        if match is not None and not _CONDITION.search(statement.lowered):
            return statement.place(match)
    return None


def _languages(own: list[Statement], pattern: re.Pattern[str]) -> Iterator[Finding]:
    first: tuple[str, Range] | None = None
    for statement in own:
        match = pattern.match(statement.lowered)
        if match is None or _CONDITION.search(statement.lowered):
            continue
        language, place = match["language"], statement.place(match, "language")
        if first is None:
            first = language, place
        elif language != first[0]:
            message = f"the answer cannot be in {statement.said(match, 'language')} and in {first[0].capitalize()}"
            yield Finding(place, message, help="Keep one.", related=(Related("the other language", first[1]),))


_WORD = re.compile(r"\w+")


def _for_and_against(own: list[Statement], pattern: re.Pattern[str]) -> Iterator[Finding]:
    """The same deed ordered and forbidden, word for word."""
    ordered: dict[tuple[str, ...], Range] = {}
    forbidden: dict[tuple[str, ...], Range] = {}
    for statement in own:
        match = pattern.match(statement.lowered) if statement.directive and VALUE not in statement.words else None
        if match is None or _CONDITION.search(match["deed"]):
            continue
        deed = tuple(_WORD.findall(match["deed"]))
        mine, others = (forbidden, ordered) if match["against"] else (ordered, forbidden)
        if len(deed) < 2:
            continue
        mine.setdefault(deed, statement.range)
        if deed in others:
            related = (Related("the other instruction", others[deed]),)
            yield Finding(statement.range, "this is ordered and forbidden", help="Keep one.", related=related)
