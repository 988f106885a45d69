"""Rules about what a prompt leaves open of its answer: form, labels, length, and what to say where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.analysis.contract import output_contract
from promptls.analysis.examples import examples
from promptls.analysis.intent import intent
from promptls.analysis.lexicon.lexicon import word_set
from promptls.analysis.prose import VALUE, prose
from promptls.language.prompt import Prompt
from promptls.language.schema import SchemaType
from promptls.language.scope import scope
from promptls.lint.added_sentences import added_sentence
from promptls.lint.input_names import LONG_DATA, QUESTIONS, words_of_name
from promptls.lint.rule import Finding, Severity, rule
from promptls.lint.whole import is_conversation, whole_text
from promptls.syntax.source import Range

_SURE = 0.5
_HALF_SURE = 0.3  # enough where the sentence also names a kind of text


def task(prompt: Prompt, confidence: float = _SURE) -> tuple[str, Range] | None:
    """The intent of a whole prompt for one task, with the sentence that says it; None where that is not plain."""
    if whole_text(prompt) is None or is_conversation(prompt):
        return None
    found = intent(prompt)
    if found.name is None or found.name == "converse" or found.range is None or found.confidence < confidence:
        return None
    return found.name, found.range


def _sentence(prompt: Prompt, place: Range) -> str:
    return prose(prompt).text[place.start : place.end]


def _input_words(prompt: Prompt) -> frozenset[str]:
    """The words in the names of the inputs that the template uses."""
    names = {segment.segment.name for use in scope(prompt).uses for segment in use.steps}
    return frozenset(word for name in names for word in words_of_name(name))


@rule(
    "output/format-missing",
    Severity.INFO,
    certainty="suggestion",
    fixable="unsafe",
    dimension="completeness",
    applies_to="any",
)
def format_missing(prompt: Prompt) -> Iterator[Finding]:
    """Something is to be extracted or classified, and nothing says what the answer looks like.

    Whatever reads such answers has to guess: all 14 prompts of a replicated study that left the form open scored at
    chance, since no program could find the answer in the text around it. A format, a list of labels, an example or an
    `output` in the frontmatter each say it.

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    input:
      schema:
        letter: string
    ---
    Extract the names of all people and places from the letter.

    {{letter}}
    ```

    ```prompt bad
    {{role "system"}}
    Extrae las fechas y los importes de la factura.
    {{role "user"}}
    {{factura}}
    ```

    ```prompt good
    {{role "system"}}
    Extract the names of all people from the letter. Return one name per line.
    {{role "user"}}
    {{letter}}
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
    ---
    Extract the names of all people from the letter as JSON.

    {{letter}}
    ```
    """
    found = task(prompt)
    if found is None or found[0] not in ("extract", "classify") or VALUE not in prose(prompt).text:
        return
    name, place = found
    contract = output_contract(prompt)
    if contract.bounds or not contract.is_empty or examples(prompt) or _SHAPE.search(whole_text(prompt) or ""):
        return
    if name == "classify" and not _LABELLING.search(_sentence(prompt, place)):
        return
    if name == "extract":
        fix = added_sentence(
            prompt,
            place,
            "Return one JSON object with a key for each of them.",
            "Devuelve un objeto JSON con una clave para cada dato.",
        )
    else:
        fix = added_sentence(prompt, place, "Answer with the label alone.", "Responde solo con la etiqueta.")
    yield Finding(place, "nothing says what the answer looks like", help="Name its format, and show it.", fix=fix)


_SHAPE = re.compile(
    r"\b(?:json|xml|yaml|csv|tsv|markdown|table|bullets?|bulleted|numbered|one per line|comma[- ]separated|"
    r"per line|each line|line by line|format|formato|tabla|viñetas|por línea|separad[oa]s por comas?)\b",
    re.IGNORECASE,
)
_LABELLING = re.compile(
    r"\b(?:classif(?:y|ies|ied|ying|ication)|categori[sz](?:e|es|ed|ing|ation)|triage|(?:label|tag) (?:the|each|"
    r"every|this)|"
    r"(?:assign|give|determine|identify|choose|pick|select)\b[^.\n]{0,60}\b(?:category|categories|labels?|class|"
    r"topic|genre|"
    r"sentiment|intent|department|queue)|clasifi(?:ca|que)|categori(?:za|ce)|etiqueta (?:el|la|cada)|"
    r"(?:asigna|determina|elige)\b[^.\n]{0,60}\b(?:categoría|etiqueta|clase|tema|sentimiento))\b",
    re.IGNORECASE,
)


@rule(
    "output/labels-open",
    Severity.INFO,
    certainty="suggestion",
    dimension="specificity",
    applies_to="any",
)
def labels_open(prompt: Prompt) -> Iterator[Finding]:
    """Something is to be classified, and the labels are not listed.

    Without a closed list each answer may bring a new label, another word for one or a sentence around it. Every prompt
    of the study behind `output/format-missing` that did well lists its labels. A list in the text, an enum in the
    output schema, a scale, or an input that holds the labels will do.

    ```prompt bad
    {{role "system"}}
    Classify the support ticket by topic.
    {{role "user"}}
    {{ticket}}
    ```

    ```prompt bad
    Clasifica el mensaje del cliente en una categoría.

    {{mensaje}}
    ```

    ```prompt good
    {{role "system"}}
    Classify the support ticket as billing, bug or other.
    {{role "user"}}
    {{ticket}}
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    output:
      schema:
        topic(enum): [billing, bug, other]
    ---
    Classify the support ticket by topic.

    {{ticket}}
    ```

    ```prompt good
    Classify the ticket into one of these categories: {{categories}}

    {{ticket}}
    ```
    """
    found = task(prompt)
    if found is None or found[0] != "classify":
        return
    place = found[1]
    contract = output_contract(prompt)
    said = _LABELLING.search(_sentence(prompt, place))
    if said is None or contract.labels is not None or contract.bounds or _has_choice(contract.schema):
        return
    if _LABEL_NAMES & _input_words(prompt) or examples(prompt) or _BINARY.search(_sentence(prompt, place)):
        return
    yield Finding(
        Range(place.start + said.start(), place.start + said.end()),
        "the labels to choose from are not listed",
        help="List them all, with one for what fits none.",
    )


_LABEL_NAMES = word_set(
    "categories category labels label classes class tags tag options option choices choice topics queues intents "
    "departments categorías categorias categoría etiquetas etiqueta clases opciones temas"
)
_BINARY = re.compile(r"\bwhether\b|\bor not\b|\btrue\b|\byes\b|\bsi (?:es|son|hay|está)\b|\bsí o no\b", re.IGNORECASE)


def _has_choice(schema: SchemaType | None) -> bool:
    pending = [schema] if schema else []
    while pending:
        type = pending.pop()
        if type.type in ("enum", "boolean", "named"):
            return True
        pending += [field.type for field in type.fields]
        if type.items is not None:
            pending.append(type.items)
    return False


@rule(
    "output/length-open",
    Severity.INFO,
    certainty="suggestion",
    fixable="unsafe",
    dimension="specificity",
    applies_to="any",
)
def length_open(prompt: Prompt) -> Iterator[Finding]:
    """A text is to be written, and nothing says how long.

    Models fill what is left open, each in its own way, and output is what costs most: Google's guide asks to keep it
    short and to say so. Words, sentences, lines or an input for the length will do; so will kinds of texts that have a
    length, such as a slogan, and answers with a schema. The number of the fix is a guess; put yours in its place.

    ```prompt bad
    {{role "system"}}
    Write a blog post about the product for people who have never heard of it.
    {{role "user"}}
    {{product}}
    ```

    ```prompt bad
    Resume el artículo para un lector sin conocimientos previos.

    {{articulo}}
    ```

    ```prompt good
    {{role "system"}}
    Write a blog post of at most 300 words about the product.
    {{role "user"}}
    {{product}}
    ```

    ```prompt good
    Write a haiku about {{subject}}.
    ```

    ```prompt good
    Write an article about {{subject}}. It has {{wordCount}} words.
    ```
    """
    found = task(prompt, _HALF_SURE)
    if found is None or found[0] not in ("generate", "summarise"):
        return
    place = found[1]
    contract = output_contract(prompt)
    if contract.schema is not None or contract.format not in (None, "plain", "markdown", "html", "tags"):
        return
    text = whole_text(prompt) or ""
    if any(each.kind == "size" for each in contract.bounds) or _SIZE.search(text) or _SIZE_NAMES & _input_words(prompt):
        return
    named = _OBJECT_END.split(_sentence(prompt, place), maxsplit=1)[0]
    if found[0] == "generate" and not _PROSE_OBJECT.search(named):
        return
    yield Finding(
        place,
        "nothing says how long the text is to be",
        help="Give a number of words, sentences or lines.",
        fix=added_sentence(prompt, place, "Write at most 150 words.", "Escribe como máximo 150 palabras."),
    )


_PROSE_OBJECT = re.compile(
    r"\b(?:(?<!user )stor(?:y|ies)|articles?|essays?|blog|posts?|reports?|summar(?:y|ies)|e-?mails?|letters?|poems?|"
    r"scripts?|"
    r"songs?|"
    r"paragraphs?|descriptions?|advertisements?|copy|reviews?|speech|newsletter|biograph(?:y|ies)|proposal|guide|"
    r"tutorial|"
    r"cuentos?|historias?|artículos?|ensayos?|informes?|correos?|cartas?|poemas?|guiones|guion|párrafos?|"
    r"descripci(?:ón|ones)|reseñas?|discursos?|boletín|biografías?|propuestas?|guías?|entrada de blog)\b",
    re.IGNORECASE,
)
_OBJECT_END = re.compile(
    r"\b(?:about|using|with|based on|from|of the following|to|that|on|sobre|con|de la|del|que|a partir)\b"
)
_SIZE = re.compile(
    r"\b(?:words?|sentences?|paragraphs?|lines?|characters?|pages?|tokens?|bullets?|stanzas?|verses?|minutes?|"
    r"short(?:er|est)?|"
    r"brief(?:ly)?|concise(?:ly)?|succinct|long|longer|length|lengthy|detailed|in detail|one-line|one-liner|compact|"
    r"in-depth|"
    r"comprehensive|haiku|limerick|sonnet|tweet|slogan|headline|titles?|tagline|caption|tl;?dr|"
    r"palabras?|minutos?|frases?|oraci(?:ón|ones)|párrafos?|líneas?|caracteres|páginas?|viñetas|cort[oa]s?|"
    r"breves?(?:mente)?|"
    r"concis[oa]s?|extens(?:o|a|ión)|larg[oa]s?|detallad[oa]s?|longitud|soneto|tuit|eslogan|título|titular)\b",
    re.IGNORECASE,
)
_SIZE_NAMES = word_set(
    "words count length size limit sentences paragraphs lines max maximum minutes pages palabras longitud tamaño "
    "extension límite limite"
)


@rule(
    "output/fallback-missing",
    Severity.INFO,
    certainty="suggestion",
    fixable="unsafe",
    dimension="completeness",
    applies_to="any",
)
def fallback_missing(prompt: Prompt) -> Iterator[Finding]:
    """Nothing says what to answer where the text does not hold what is asked for.

    A model that must answer will make something up: a value that the document does not state, an answer that no passage
    gives. OpenAI's cookbook looks for such missing cases in prompts, and Anthropic's guide against hallucinations asks
    to allow for "I do not know". Looked at are extraction from an input, and questions about documents.

    ```prompt bad
    {{role "system"}}
    Extract the invoice number and the total from the invoice. Return JSON with the keys `number` and `total`.
    {{role "user"}}
    {{invoice}}
    ```

    ```prompt bad
    {{role "system"}}
    Responde a la pregunta con los documentos, en dos frases como máximo.
    {{role "user"}}
    {{documentos}}
    {{pregunta}}
    ```

    ```prompt good
    {{role "system"}}
    Extract the invoice number and the total from the invoice. If one of them is missing, write null.
    {{role "user"}}
    {{invoice}}
    ```

    ```prompt good
    {{role "system"}}
    Answer the question.
    {{role "user"}}
    {{question}}
    ```
    """
    found = task(prompt)
    if found is None or VALUE not in prose(prompt).text:
        return
    name, place = found
    names = _input_words(prompt)
    is_retrieval = name == "answer" and bool(LONG_DATA & names) and bool(QUESTIONS & names)
    if not is_retrieval and (name != "extract" or _OF_ITS_OWN.search(_sentence(prompt, place))):
        return
    contract = output_contract(prompt)
    if contract.fallback or _NOTHING.search(whole_text(prompt) or ""):
        return
    if is_retrieval:
        english = "If the documents do not answer the question, say so instead of guessing."
        spanish = "Si los documentos no responden a la pregunta, dilo en lugar de adivinar."
    elif contract.format == "json":
        english, spanish = "Write null for what is not stated.", "Escribe null en lo que no conste."
    else:
        english, spanish = 'Write "not stated" for what is missing.', 'Escribe "no consta" en lo que falte.'
    yield Finding(
        place,
        "nothing says what to answer where the text does not hold it",
        help="Say what stands for a missing value or answer.",
        fix=added_sentence(prompt, place, english, spanish),
    )


_OF_ITS_OWN = re.compile(r"\b(?:ideas?|ways|reasons|examples|suggestions|names for|maneras|razones)\b", re.IGNORECASE)
_NOTHING = re.compile(
    r"\b(?:null|none|n/a|not (?:found|stated|available|known|mentioned|present|specified)|unknown|missing|empty|"
    r"optional|"
    r"i (?:do not|don't) know|no consta|desconocid[oa]s?|vací[oa]s?|ningun[oa]?|ningún|no se (?:indica|encuentra|"
    r"menciona)|"
    r"no (?:lo )?sé)\b",
    re.IGNORECASE,
)

RULES = (format_missing, labels_open, length_open, fallback_missing)
