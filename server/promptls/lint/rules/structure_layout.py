"""Rules about long prompts that are not divided, or divided in too many ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from promptls.analysis.lexicon.lexicon import word_set
from promptls.analysis.lexicon.markup import DATA_TAGS
from promptls.analysis.prose import prose
from promptls.analysis.prose_language import prose_language
from promptls.analysis.sections import Section, sections, stretches
from promptls.analysis.sentences import Sentence, sentences
from promptls.language.prompt import Prompt
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.whole import whole_text
from promptls.syntax.source import Range, TextEdit

_LONG = 120  # words
_MOST = 3_000  # words: what is longer is a document rather than instructions
_FEWEST_ORDERS = 4
_SHARE_OF_ORDERS = 0.25
_READ_LANGUAGES = frozenset({"en", "es"})


@rule(
    "structure/flat",
    Severity.INFO,
    certainty="suggestion",
    fixable="unsafe",
    dimension="structure",
    applies_to="any",
)
def flat(prompt: Prompt) -> Iterator[Finding]:
    """A long run of instructions has no heading, tag or list.

    Orders that stand in one block of text are easily missed, by the model and by whoever changes the prompt next.
    Google's guide to small models found headings to help "significantly", OpenAI's for GPT-4.1 asks for sections. Only
    messages of more than 120 words, of which a good part are orders, are looked at.

    The fix turns the longest row of orders into a list, with the same words.

    ```prompt bad
    {{role "system"}}
    You answer customers of a bookshop that ships books within the European Union and nowhere else at all. Read the
    message with care before you answer it. Use only the facts that stand in the order. Never promise a date of
    delivery that the carrier has not confirmed. Write in the language of the customer. Keep the answer under eighty
    words. Do not mention other shops. Ask for the number of the order when it is missing from the message. Name the
    return label when the customer wants to send a book back. Forward complaints about staff to the manager on duty, and
    say so in the answer. Close with the name of the shop. Unread books can be returned within thirty days of delivery,
    and the shop pays for the postage in that case.
    {{role "user"}}
    {{message}}
    ```

    ```prompt bad
    {{role "system"}}
    Eres el secretario de una comunidad de vecinos en una ciudad grande de España y trabajas con actas muy largas. Lee
    el acta entera antes de escribir. Resume los acuerdos en tercera persona y en pasado. Indica el resultado de la
    votación si consta en el acta. Copia los importes tal como figuran. No añadas opiniones. Escribe primero los
    acuerdos y luego las tareas. Indica para cada tarea quién responde de ella y en qué plazo. Usa un máximo de
    doscientas palabras. Nunca menciones a vecinos que no hablaron. Termina con las dudas que quedaron abiertas. Los
    vecinos leen el resumen en su teléfono, y muchos de ellos son mayores y no conocen los términos jurídicos que
    aparecen en las actas de la comunidad.
    {{role "user"}}
    {{acta}}
    ```

    ```prompt good
    {{role "system"}}
    You translate texts into English. Keep names as they are. Do not explain anything.
    {{role "user"}}
    {{text}}
    ```

    ```prompt good
    {{role "system"}}
    # Task
    You answer customers of a bookshop that ships books within the European Union and nowhere else at all.

    # Rules
    - Read the message with care before you answer it. Use only the facts that stand in the order.
    - Never promise a date of delivery that the carrier has not confirmed. Write in the language of the customer.
    - Keep the answer under eighty words. Do not mention other shops. Close with the name of the shop.
    - Ask for the number of the order when it is missing. Name the return label when a book is to be sent back.
    - Forward complaints about staff to the manager on duty, and say so in the answer.
    - Unread books can be returned within thirty days of delivery, and the shop pays for the postage in that case.
    - Refunds reach the customer within seven working days after the book has come back to the shop.
    ```
    """
    if whole_text(prompt) is None or prose_language(prompt) not in _READ_LANGUAGES:
        return
    spoken = sentences(prompt)
    divided = sections(prompt)
    for _, stretch in stretches(prose(prompt)):
        if any(stretch.start <= each.range.start < stretch.end for each in divided):
            continue
        own = [each for each in spoken if stretch.start <= each.range.start < stretch.end]
        if any(each.kind != "sentence" for each in own):
            continue
        count = sum(len(each.text.split()) for each in own)
        orders = [each for each in own if each.directive]
        if not _LONG <= count <= _MOST or len(orders) < max(_FEWEST_ORDERS, _SHARE_OF_ORDERS * len(own)):
            continue
        yield Finding(
            own[0].range,
            f"{count} words, {len(orders)} of their sentences orders, without a heading, tag or list",
            help="Put the orders into a list, or name the parts with headings.",
            fix=_as_list(prompt, own),
        )


def _as_list(prompt: Prompt, own: Sequence[Sentence]) -> Fix | None:
    """The longest row of orders that only white space divides, each on a line of its own."""
    rows: list[list[Sentence]] = [[]]
    for each in own:
        if rows[-1] and (not each.directive or prompt.text[rows[-1][-1].range.end : each.range.start].strip()):
            rows.append([])
        if each.directive:
            rows[-1].append(each)
    row = max(rows, key=len)
    if len(row) < 3:
        return None
    text, newline = prompt.text, prompt.source.newline
    before, after = text[: row[0].range.start], text[row[-1].range.end :]
    gap = before[len(before.rstrip()) :]
    if "\n" in gap or not before.strip():
        edits = [TextEdit(Range(len(before), len(before)), "- ")]
    else:
        edits = [TextEdit(Range(len(before) - len(gap), len(before)), f"{newline}- ")]
    edits += [TextEdit(Range(a.range.end, b.range.start), f"{newline}- ") for a, b in pairwise(row)]
    gap = after[: len(after) - len(after.lstrip())]
    if gap.count("\n") < 2 and gap != after and not after.startswith("{{", len(gap)):
        edits.append(TextEdit(Range(row[-1].range.end, row[-1].range.end + len(gap)), newline * 2))
    return Fix(f"Write {len(row)} orders as a list", tuple(edits), safe=False)


_INSTRUCTION_TAGS = word_set(
    "background constraints context format guidelines instruction instructions output_format persona requirements role "
    "rules steps system task contexto formato instrucciones pasos reglas restricciones rol tarea"
)
_MARKUP = word_set("a b body center code details div html i p pre script span style summary table ul ol")
_BANNER = re.compile(r"^[ \t]*(?P<mark>[=*~#-]{2,8})[ \t]*[^\s=*~#|-][^\n=*~#|]{0,60}?[ \t]*(?P=mark)[ \t]*\r?$", re.M)
_BRACKETED = re.compile(r"^[ \t]*(?:\[[^\W\d_][^\[\]\n{}]{1,50}\]|【[^】\n]{1,50}】)[ \t]*\r?$", re.M)
_FEWEST_STYLES = 3


@rule(
    "structure/mixed-delimiters",
    Severity.INFO,
    certainty="suggestion",
    dimension="structure",
    applies_to="any",
)
def mixed_delimiters(prompt: Prompt) -> Iterator[Finding]:
    """Sections of the instructions are marked in three or more ways.

    Markdown headings, bold lines, plain labels, XML-like tags and banners each say "here begins a part". When they are
    mixed, it is unclear which part is inside which. The format alone moved results by up to 40 % (arXiv 2411.10541),
    and by 76 points in the extreme (arXiv 2310.11324), so choose one way and keep to it. Tags around data, examples
    and fences count as no further way: headings for the instructions and tags for the data go well together.

    ```prompt bad
    {{role "system"}}
    # Role
    You are a translator.

    **Rules**
    Keep names as they are.

    STYLE:
    Plain and short.
    ```

    ```prompt bad
    {{role "system"}}
    <rol>
    Eres traductor.
    </rol>
    <reglas>
    Conserva los nombres.
    </reglas>

    ## Estilo
    Sencillo.

    === Formato ===
    Texto plano.
    ```

    ```prompt good
    {{role "system"}}
    # Role
    You are a translator.

    # Rules
    1. Keep names as they are.
    2. **Never** explain.

    {{role "user"}}
    <text>
    {{text}}
    </text>
    ```

    ```prompt good
    {{role "system"}}
    **Role**
    You are a translator.

    **Rules**
    - Tone: friendly
    - Names: as they are

    Text: {{text}}
    ```
    """
    styles = _styles(prompt)
    if len(styles) < _FEWEST_STYLES:
        return
    firsts = sorted(styles.items(), key=lambda each: each[1].start)
    yield Finding(
        firsts[-1][1],
        f"sections are marked in {len(styles)} ways: {', '.join(name for name, _ in firsts)}",
        help="Mark them all in one way.",
        related=tuple(Related(name, range) for name, range in firsts[:-1]),
    )


def _styles(prompt: Prompt) -> dict[str, Range]:
    """The ways in which sections of the instructions are marked, each with its first place."""
    text = prose(prompt).text
    orders = [each.range.start for each in sentences(prompt) if each.directive]
    data = [each.range for each in sections(prompt) if _is_data(each)]
    found: dict[str, Range] = {}
    for section in sections(prompt):
        if any(range.start <= section.range.start < range.end for range in data):
            continue
        style = _style(text, section, orders)
        if style is not None:
            start = section.range.start
            end = section.content.start if section.kind != "heading" else text.find("\n", start)
            found.setdefault(style, Range(start, max(start + 1, end)))
    for name, pattern in (("banners", _BANNER), ("bracketed titles", _BRACKETED)):
        for match in pattern.finditer(text):
            is_bold = match[0].strip().startswith("**")
            if not is_bold and not any(range.start <= match.start() < range.end for range in data):
                found.setdefault(name, Range(match.start(), match.end()))
    return {name: _bare(prompt.text, range) for name, range in found.items()}


def _is_data(section: Section) -> bool:
    name = section.name.lower().replace("-", "_")
    return section.kind == "fence" or (section.kind == "tag" and name in DATA_TAGS and name not in _INSTRUCTION_TAGS)


def _style(text: str, section: Section, orders: Sequence[int]) -> str | None:
    if section.kind == "heading":
        return "Markdown headings"
    if section.kind == "tag":
        name = section.name.lower().replace("-", "_")
        encloses = any(section.content.start <= each < section.content.end for each in orders)
        own_line = text[section.content.start : section.content.start + 2].strip(" ").startswith(("\n", "\r"))
        return "tags" if own_line and (name in _INSTRUCTION_TAGS or (encloses and name not in _MARKUP)) else None
    line = text[section.range.start :].partition("\n")[0].strip()
    if section.kind != "label" or not section.content.end - section.content.start:
        return None
    if line.startswith(("**", "__")):
        return "bold lines" if line.rstrip(":").endswith(("**", "__")) else None
    # A label with its value on its own line is a field, and one that ends a sentence only leads on to a list.
    return "labels" if line.endswith(":") and line.isupper() else None


def _bare(text: str, range: Range) -> Range:
    shown = text[range.start : range.end]
    start = range.end - len(shown.lstrip())
    return Range(start, max(start + 1, range.start + len(shown.rstrip())))


RULES = (flat, mixed_delimiters)
