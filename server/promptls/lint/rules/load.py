"""Rules about what a prompt burdens the model with: too many rules, the same rule twice, shouting, idle words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from promptls.analysis.prose import VALUE, prose
from promptls.analysis.sections import sections
from promptls.language.prompt import Prompt
from promptls.lint.edits import removal
from promptls.lint.own_words import Statement, lexicon, statements
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.syntax.source import Range, TextEdit

_MOST_DIRECTIVES = 150


@rule("load/instruction-budget", Severity.INFO, certainty="suggestion", dimension="structure", applies_to="any")
def instruction_budget(prompt: Prompt) -> Iterator[Finding]:
    """The prompt holds more than 150 instructions.

    The more instructions at once, the fewer are followed, and those at the beginning win: of 500 the best model
    followed 68 % (arXiv 2507.11538). Move what only some requests need into prompts of their own, or leave out what the
    model does anyway.

    Counted are orders, obligations and prohibitions in the author's own sentences, not those in examples and data.

    ```prompt bad
    {{role "system"}}
    Name the dates. Quote the dates. Count the dates. Check the dates. Copy the dates. Sort the dates.
    Translate the dates. Explain the dates. List the dates. Mark the dates. Name the names. Quote the names.
    Count the names. Check the names. Copy the names. Sort the names. Translate the names. Explain the names.
    List the names. Mark the names. Name the sums. Quote the sums. Count the sums. Check the sums. Copy the sums.
    Sort the sums. Translate the sums. Explain the sums. List the sums. Mark the sums. Name the towns.
    Quote the towns. Count the towns. Check the towns. Copy the towns. Sort the towns. Translate the towns.
    Explain the towns. List the towns. Mark the towns. Name the streets. Quote the streets. Count the streets.
    Check the streets. Copy the streets. Sort the streets. Translate the streets. Explain the streets.
    List the streets. Mark the streets. Name the books. Quote the books. Count the books. Check the books.
    Copy the books. Sort the books. Translate the books. Explain the books. List the books. Mark the books.
    Name the parts. Quote the parts. Count the parts. Check the parts. Copy the parts. Sort the parts.
    Translate the parts. Explain the parts. List the parts. Mark the parts. Name the units. Quote the units.
    Count the units. Check the units. Copy the units. Sort the units. Translate the units. Explain the units.
    List the units. Mark the units. Name the rooms. Quote the rooms. Count the rooms. Check the rooms.
    Copy the rooms. Sort the rooms. Translate the rooms. Explain the rooms. List the rooms. Mark the rooms.
    Name the tools. Quote the tools. Count the tools. Check the tools. Copy the tools. Sort the tools.
    Translate the tools. Explain the tools. List the tools. Mark the tools. Name the keys. Quote the keys.
    Count the keys. Check the keys. Copy the keys. Sort the keys. Translate the keys. Explain the keys.
    List the keys. Mark the keys. Name the tasks. Quote the tasks. Count the tasks. Check the tasks. Copy the tasks.
    Sort the tasks. Translate the tasks. Explain the tasks. List the tasks. Mark the tasks. Name the goals.
    Quote the goals. Count the goals. Check the goals. Copy the goals. Sort the goals. Translate the goals.
    Explain the goals. List the goals. Mark the goals. Name the costs. Quote the costs. Count the costs.
    Check the costs. Copy the costs. Sort the costs. Translate the costs. Explain the costs. List the costs.
    Mark the costs. Name the dues. Quote the dues. Count the dues. Check the dues. Copy the dues. Sort the dues.
    Translate the dues. Explain the dues. List the dues. Mark the dues. Name the notes. Quote the notes.
    ```

    ```prompt bad
    {{role "system"}}
    Nombra las fechas. Cita las fechas. Cuenta las fechas. Revisa las fechas. Copia las fechas. Ordena las fechas.
    Traduce las fechas. Explica las fechas. Lista las fechas. Marca las fechas. Nombra los nombres.
    Cita los nombres. Cuenta los nombres. Revisa los nombres. Copia los nombres. Ordena los nombres.
    Traduce los nombres. Explica los nombres. Lista los nombres. Marca los nombres. Nombra las sumas.
    Cita las sumas. Cuenta las sumas. Revisa las sumas. Copia las sumas. Ordena las sumas. Traduce las sumas.
    Explica las sumas. Lista las sumas. Marca las sumas. Nombra los pueblos. Cita los pueblos. Cuenta los pueblos.
    Revisa los pueblos. Copia los pueblos. Ordena los pueblos. Traduce los pueblos. Explica los pueblos.
    Lista los pueblos. Marca los pueblos. Nombra las calles. Cita las calles. Cuenta las calles. Revisa las calles.
    Copia las calles. Ordena las calles. Traduce las calles. Explica las calles. Lista las calles. Marca las calles.
    Nombra los libros. Cita los libros. Cuenta los libros. Revisa los libros. Copia los libros. Ordena los libros.
    Traduce los libros. Explica los libros. Lista los libros. Marca los libros. Nombra las piezas. Cita las piezas.
    Cuenta las piezas. Revisa las piezas. Copia las piezas. Ordena las piezas. Traduce las piezas.
    Explica las piezas. Lista las piezas. Marca las piezas. Nombra las unidades. Cita las unidades.
    Cuenta las unidades. Revisa las unidades. Copia las unidades. Ordena las unidades. Traduce las unidades.
    Explica las unidades. Lista las unidades. Marca las unidades. Nombra las salas. Cita las salas.
    Cuenta las salas. Revisa las salas. Copia las salas. Ordena las salas. Traduce las salas. Explica las salas.
    Lista las salas. Marca las salas. Nombra las llaves. Cita las llaves. Cuenta las llaves. Revisa las llaves.
    Copia las llaves. Ordena las llaves. Traduce las llaves. Explica las llaves. Lista las llaves. Marca las llaves.
    Nombra las tareas. Cita las tareas. Cuenta las tareas. Revisa las tareas. Copia las tareas. Ordena las tareas.
    Traduce las tareas. Explica las tareas. Lista las tareas. Marca las tareas. Nombra las metas. Cita las metas.
    Cuenta las metas. Revisa las metas. Copia las metas. Ordena las metas. Traduce las metas. Explica las metas.
    Lista las metas. Marca las metas. Nombra los costes. Cita los costes. Cuenta los costes. Revisa los costes.
    Copia los costes. Ordena los costes. Traduce los costes. Explica los costes. Lista los costes. Marca los costes.
    Nombra las cuotas. Cita las cuotas. Cuenta las cuotas. Revisa las cuotas. Copia las cuotas. Ordena las cuotas.
    Traduce las cuotas. Explica las cuotas. Lista las cuotas. Marca las cuotas. Nombra las notas. Cita las notas.
    Cuenta las notas. Revisa las notas. Copia las notas. Ordena las notas. Traduce las notas. Explica las notas.
    Lista las notas. Marca las notas. Nombra los años. Cita los años.
    ```

    ```prompt good
    {{role "system"}}
    Translate the letter. Keep names as they are. Never add a greeting.
    ```

    ```prompt good
    {{role "system"}}
    Sort the letter into one of these queues:
    - invoices
    - complaints
    - orders
    ```
    """
    directives = [each for each in statements(prompt) if each.directive]
    if len(directives) > _MOST_DIRECTIVES:
        yield Finding(
            directives[_MOST_DIRECTIVES].range,
            f"this is instruction {_MOST_DIRECTIVES + 1} of {len(directives)}: many at once are followed less",
            help="Move what only some requests need into prompts of their own.",
        )


_SHORTEST_REPEATED = 4
_WORD = re.compile(r"\w+")


@rule("load/repetition", Severity.INFO, certainty="likely", fixable="safe", dimension="structure", applies_to="any")
def repetition(prompt: Prompt) -> Iterator[Finding]:
    """The same instruction stands twice in one message.

    The second one tells nothing new, costs tokens in every call, and will be forgotten when the first is changed.

    Compared are instructions of four words or more, without regard to capitals and punctuation. Those of different
    messages, of different branches of a condition and those with variables are left alone, as are examples and data,
    words that lead over to what follows them, and sections of documents with so many that each is read by itself.

    The fix removes the later one.

    ```prompt bad
    {{role "system"}}
    Answer in two short sentences. Cite the page. Answer in two short sentences.
    ```

    ```prompt bad
    {{role "system"}}
    - Responde siempre en español.
    - Cita la página.
    - Responde siempre en español.
    ```

    ```prompt good
    {{role "system"}}
    Answer in two short sentences. Cite the page.
    {{role "user"}}
    {{question}}
    Answer in two short sentences.
    ```

    ```prompt good
    {{role "system"}}
    {{#if brief}}Write at most two sentences.{{else}}Cite the page. Write at most two sentences.{{/if}}
    Use <title> for the name.
    Use <page> for the number.
    ```
    """
    seen: dict[tuple[object, ...], Range] = {}
    headings = [each.range.start for each in sections(prompt) if each.kind == "heading"]
    for statement in statements(prompt):
        if not statement.directive or statement.conditional or VALUE in statement.words:
            continue
        if _LEADS_OVER.search(statement.words):
            continue
        said = tuple(_WORD.findall(statement.words.lower()))
        if len(said) < _SHORTEST_REPEATED:
            continue
        message = next((turn.range for turn in prose(prompt).turns if turn.range.encloses(statement.range)), None)
        section = bisect_right(headings, statement.range.start) if len(headings) > _MOST_HEADINGS else 0
        first = seen.setdefault((message, section, said), statement.range)
        if first != statement.range:
            yield Finding(
                statement.range,
                "this instruction stands in the message already",
                help="Remove one of the two.",
                related=(Related("the first one", first),),
                fix=Fix("Remove the repetition", (_removal(prompt, statement),), safe=True),
                tags=("unnecessary",),
            )


_MOST_HEADINGS = 10
_LEADS_OVER = re.compile(r":\s*\Z|\b(?:following|below|above|these|this|siguientes?|arriba|abajo|est[ae]s?)\b", re.I)
_MARKER = re.compile(r"[ \t]{0,40}(?:[-*+•–]|\(?\d{1,3}[.)])[ \t]{1,9}\Z")


def _removal(prompt: Prompt, statement: Statement) -> TextEdit:
    """Take a statement out: with its list item where it is all of it, else with the blanks before or after it."""
    text = prompt.text
    start, end = statement.range
    line = prompt.source.line_range(prompt.source.line_at(start))
    if (
        _MARKER.match(text[line.start : start])
        and not text[end : prompt.source.line_range(prompt.source.line_at(end)).end].strip()
    ):
        start = line.start
    whole = removal(prompt.source, Range(start, end))
    if whole != Range(start, end):
        return TextEdit(whole, "")
    first = start
    while first > 0 and text[first - 1] in " \t":
        first -= 1
    if first > 0 and text[first - 1] not in "\r\n":
        return TextEdit(Range(first, end), "")
    while end < len(text) and text[end] in " \t":
        end += 1
    return TextEdit(Range(start, end), "")


_SHOUTED = re.compile(
    r"(?<![\w<{/$.\-])(?:MUST(?:[ ]NOT)?|NEVER|ALWAYS|DO[ ]NOT|DON['’]T|NOT|ONLY|IMPORTANT|CRITICAL|CRUCIAL"
    r"|ESSENTIAL|MANDATORY|REQUIRED|STRICTLY|ABSOLUTELY|WARNING|ATTENTION|VERY|EXTREMELY|ALL|ANY|EVERY|WITHOUT"
    r"|EXACTLY|CANNOT|SHALL|SHOULD"
    r"|DEBES?|NUNCA|SIEMPRE|JAMÁS|OBLIGATORIO|IMPORTANTE|CRÍTICO|SOLO|SÓLO|ÚNICAMENTE|TODOS?|TODAS?|EXACTAMENTE"
    r"|ESTRICTAMENTE|PROHIBIDO)(?![\w>}(=\-])"
)
_FEWEST_SHOUTED = 4
_CAPITALS = re.compile(r"(?<![\w<{/$.\-])[A-ZÁÉÍÓÚÑ]{2,}(?:[ ][A-ZÁÉÍÓÚÑ]{2,}){3,}(?![\w>}(=\-])")
_EXCLAMATIONS = re.compile(r"!{2,}")
_LOUD = re.compile(r"[A-ZÁÉÍÓÚÑ]{2}|!!")


@rule("load/emphasis", Severity.INFO, certainty="suggestion", fixable="unsafe", dimension="clarity", applies_to="any")
def emphasis(prompt: Prompt) -> Iterator[Finding]:
    """Many words are written in capitals to give them weight.

    Where everything is important nothing is. Among prompts with known results, the one with more such words won only 32
    % of the pairs without examples (our own count on CAPO's published prompts).

    Reported once per prompt, from four places on: words such as MUST, NEVER and ONLY, runs of four and more words in
    capitals, and double exclamation marks. The fix writes them small.

    ```prompt bad
    {{role "system"}}
    You MUST answer in French. NEVER use English. ALWAYS cite the page. Do NOT add a greeting.
    ```

    ```prompt bad
    {{role "system"}}
    Responde en francés. NUNCA uses inglés. Cita SIEMPRE la página!! NO AÑADAS UN SALUDO AL FINAL. SOLO texto.
    ```

    ```prompt good
    {{role "system"}}
    Answer in French and cite the page. Do NOT add a greeting.
    ```

    ```prompt good
    {{role "system"}}
    Use the SQL keywords SELECT, FROM, WHERE and NOT NULL. Answer TRUE or FALSE, in JSON, as the API of NASA does.
    ```
    """
    words = lexicon(prompt)
    if words is None:
        return
    shouted: list[Range] = []
    for statement in statements(prompt):
        if statement.is_heading or not _LOUD.search(statement.words):
            continue
        runs = [statement.place(match) for match in _CAPITALS.finditer(statement.words)]
        single = [statement.place(match) for match in _SHOUTED.finditer(statement.words)]
        loud = [statement.place(match) for match in _EXCLAMATIONS.finditer(statement.words)]
        shouted += [*runs, *(each for each in single if not any(run.encloses(each) for run in runs)), *loud]
    if len(shouted) < _FEWEST_SHOUTED:
        return
    shouted.sort()
    edits = tuple(TextEdit(place, _quiet(prompt.text, place)) for place in shouted)
    yield Finding(
        shouted[0],
        f"{len(shouted)} places are shouted: emphasis loses its weight",
        help="Keep it for the one rule that matters most.",
        fix=Fix("Write them small", edits, safe=False),
        related=tuple(Related("another one", place) for place in shouted[1:6]),
    )


def _quiet(text: str, place: Range) -> str:
    shown = text[slice(*place)]
    if shown.startswith("!"):
        return "!"
    before = text[: place.start].rstrip(" \t*_\"'(")
    begins = not before or before[-1] in ".!?:\n\r" or before.endswith(("-", "}}"))
    return shown.capitalize() if begins else shown.lower()


# What it says in fewer words; nothing where it says nothing.
_FILLER: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "en": tuple(
        (re.compile(pattern, re.I), shorter)
        for pattern, shorter in (
            (r"\b(?:please\s+note|kindly\s+note|note|keep\s+in\s+mind|bear\s+in\s+mind)\s+that\s+(?=\w)", ""),
            (
                r"\b(?:it\s+is|it['’]s)\s+(?:very\s+)?important\s+to\s+(?:note|remember|keep\s+in\s+mind"
                r"|understand)\s+that\s+(?=\w)",
                "",
            ),
            (r"\bit\s+should\s+be\s+noted\s+that\s+(?=\w)", ""),
            (r"\bneedless\s+to\s+say,?\s+(?=\w)", ""),
            (r"\bin\s+order\s+to\b", "to"),
            (r"\bdue\s+to\s+the\s+fact\s+that\b", "because"),
            (r"\bat\s+this\s+point\s+in\s+time\b", "now"),
            (r"\bin\s+the\s+event\s+that\b", "if"),
            (r"\bfor\s+the\s+purposes?\s+of\s+(?=\w+ing\b)", "for "),
            (r"\bwith\s+regards?\s+to\b", "about"),
            (r"\bhas\s+the\s+ability\s+to\b", "can"),
        )
    ),
    "es": tuple(
        (re.compile(pattern, re.I), shorter)
        for pattern, shorter in (
            (
                r"\b(?:ten\s+en\s+cuenta|tenga\s+en\s+cuenta|nótese|cabe\s+(?:señalar|destacar"
                r"|mencionar))\s+que\s+(?=\w)",
                "",
            ),
            (r"\bes\s+importante\s+(?:señalar|destacar|tener\s+en\s+cuenta|recordar)\s+que\s+(?=\w)", ""),
            (r"\bcon\s+el\s+(?:fin|objetivo|propósito)\s+de\b", "para"),
            (r"\bdebido\s+al\s+hecho\s+de\s+que\b", "porque"),
            (r"\ben\s+el\s+caso\s+de\s+que\b", "si"),
            (r"\ben\s+(?:este|el)\s+momento\s+actual\b", "ahora"),
        )
    ),
}
_ANY_FILLER = {
    language: re.compile("|".join(pattern.pattern for pattern, _ in fillers)) for language, fillers in _FILLER.items()
}
_SAYS_NOTHING = {
    "en": re.compile(
        r"\A(?:always\s+|please\s+)?be\s+(?:as\s+)?(?:helpful|useful|accurate|smart"
        r"|intelligent)(?:\s*,?\s+(?:and\s+)?(?:helpful|useful|accurate|honest|polite|smart"
        r"|harmless))*(?:\s+as\s+possible)?\s*[.!]*\Z",
        re.I,
    ),
    "es": re.compile(
        r"\A(?:siempre\s+)?sé\s+(?:lo\s+más\s+)?(?:útil|servicial|precis[oa])(?:\s+(?:y\s+)?(?:útil|amable"
        r"|precis[oa]))*(?:\s+posible)?\s*[.!]*\Z",
        re.I,
    ),
}


@rule("load/filler", Severity.INFO, certainty="suggestion", fixable="safe", dimension="clarity", applies_to="any")
def filler(prompt: Prompt) -> Iterator[Finding]:
    """Words are there that the instruction does without.

    "Please note that", "in order to" and "Be helpful." say nothing that the model would not do anyway; each costs
    tokens in every call and thins out what matters. What the rule proposes says the same.

    ```prompt bad
    {{role "system"}}
    Please note that the prices are in euros. Sort the list in order to find the cheapest one.
    ```

    ```prompt bad
    {{role "system"}}
    You answer questions about trains. Be helpful and accurate. Quote the timetable.
    ```

    ```prompt bad
    {{role "system"}}
    Ten en cuenta que los precios están en euros. Ordena la lista con el fin de hallar el más barato.
    ```

    ```prompt good
    {{role "system"}}
    The prices are in euros. Note the date. Put the items in order, to the cheapest one. Be helpful to beginners:
    explain each term.
    ```

    ```prompt good
    {{role "system"}}
    Replace "in order to" by "to". Los precios están en euros.
    ```
    """
    words = lexicon(prompt)
    if words is None:
        return
    for statement in statements(prompt):
        if statement.is_heading:
            continue
        if _SAYS_NOTHING[words.language].match(statement.words):
            fix = Fix("Remove it", (_removal(prompt, statement),), safe=True)
            yield Finding(statement.range, "this tells the model nothing new", fix=fix, tags=("unnecessary",))
            continue
        if not _ANY_FILLER[words.language].search(statement.lowered):
            continue
        for pattern, shorter in _FILLER[words.language]:
            for match in pattern.finditer(statement.words):
                yield _shorter(prompt, statement, match, shorter)


def _shorter(prompt: Prompt, statement: Statement, match: re.Match[str], shorter: str) -> Finding:
    place = statement.place(match)
    shown = " ".join(match[0].split())
    end = place.end
    capital = match[0][0].isupper()
    if shorter:
        written = shorter.capitalize() if capital else shorter
        title = f"Write `{written.strip()}`"
    else:
        following = prompt.text[end : end + 1]
        written = following.upper() if capital else following
        end += len(following)
        title = f"Remove `{shown}`"
    fix = Fix(title, (TextEdit(Range(place.start, end), written),), safe=True)
    said = f"`{shown}` says no more than `{shorter.strip()}`" if shorter else f"`{shown}` adds nothing"
    return Finding(Range(place.start, place.start + len(match[0].rstrip())), said, fix=fix)


_PERSONA = re.compile(
    r"\A(?:(?:imagine|pretend|suppose)\s+(?:that\s+)?you\s+are|you\s+are(?:\s+now)?|act\s+as"
    r"|assume\s+the\s+role\s+of|take\s+(?:on\s+)?the\s+role\s+of|as)\s+(?:(?:an?|the)\s+)?"
    r"(?:[\w-]+,?\s+){0,4}?(?P<claim>expert|world[- ]?class|best|leading|renowned|genius|professional|experienced"
    r"|senior|master|phd|skilled|seasoned|top)\b"
    r"|\A(?:imagina\s+que\s+eres|eres|actúa\s+como|como)\s+(?:(?:un|una|el"
    r"|la)\s+)?(?:\w+\s+){0,4}?(?P<dicho>expert[oa]|experiment[oa]d?[oa]?|mejor|profesional|genio|sénior"
    r"|especialista)\b",
    re.I,
)


@rule("load/persona", Severity.INFO, certainty="suggestion", applies_to="any", enabled=False)
def persona(prompt: Prompt) -> Iterator[Finding]:
    """The prompt tells the model that it is an expert.

    For questions with a right answer this changes nothing on average: 162 roles on 2,410 questions brought no gain
    (arXiv 2311.10054). It sets a tone, which may be all that is wanted. Off unless asked for.

    ```prompt bad
    {{role "system"}}
    You are a world-class expert in tax law. Answer the question.
    ```

    ```prompt bad
    {{role "system"}}
    Eres un experto en derecho fiscal. Responde a la pregunta.
    ```

    ```prompt good
    {{role "system"}}
    You answer tenants of a housing association. Explain each legal term.
    ```

    ```prompt good
    {{role "system"}}
    You are the dispatcher of a help desk. Hand the ticket to an expert.
    ```
    """
    for statement in statements(prompt):
        match = _PERSONA.match(statement.words)
        if match is not None:
            place = statement.place(match)
            yield Finding(place, "calling the model an expert has no measured effect on what it knows")


_POLITE = re.compile(
    r"\b(?:please|kindly|thank\s+you|thanks|would\s+you\s+mind|could\s+you|would\s+you|if\s+you\s+don['’]t\s+mind"
    r"|por\s+favor|muchas\s+gracias|gracias|podrías|serías\s+tan\s+amable)\b",
    re.I,
)


@rule("load/politeness", Severity.INFO, certainty="suggestion", applies_to="any", enabled=False)
def politeness(prompt: Prompt) -> Iterator[Finding]:
    """Words of politeness stand in an instruction.

    They cost a few tokens; whether they help is not settled. Among prompts with known results the politer one won 71 %
    of all pairs and 36 % of those without examples (our own count on CAPO's published prompts). Off unless asked for.

    ```prompt bad
    {{role "user"}}
    Please translate the letter. Thank you!
    ```

    ```prompt bad
    {{role "user"}}
    Por favor, traduce la carta.
    ```

    ```prompt good
    {{role "user"}}
    Translate the letter.
    ```

    ```prompt good
    {{role "system"}}
    Write "please" once and "thank you" at the end of each letter.
    ```
    """
    for statement in statements(prompt):
        if not statement.is_heading:
            for match in _POLITE.finditer(statement.words):
                yield Finding(statement.place(match), f"`{' '.join(match[0].split())}` is politeness")


RULES = (instruction_budget, repetition, emphasis, filler, persona, politeness)
