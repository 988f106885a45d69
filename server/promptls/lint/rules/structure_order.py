"""Rules about the order of a prompt's parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.analysis.examples import examples
from promptls.analysis.prose import prose
from promptls.analysis.sections import sections, stretches
from promptls.analysis.sentences import sentences
from promptls.language.prompt import Prompt, template
from promptls.language.resolution import Use
from promptls.language.scope import scope
from promptls.lint.input_names import LONG_DATA, QUESTIONS, words_of_name
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.whole import whole_text
from promptls.syntax.handlebars.nodes import BlockStatement, Program, path_to
from promptls.syntax.source import Range, TextEdit


@rule(
    "structure/query-before-data",
    Severity.INFO,
    certainty="suggestion",
    fixable="unsafe",
    dimension="structure",
)
def query_before_data(prompt: Prompt) -> Iterator[Finding]:
    """The question stands before the documents that it is about.

    With long data, models answer better if the question comes last: Anthropic's documentation speaks of up to 30 % for
    inputs of 20,000 tokens and more. Looked at are inputs that are called a question and come, in one message, before
    an input that is called documents, passages, a transcript and the like. A prompt with examples is left alone, since
    its input has to look like theirs. The fix moves the question behind the data.

    ```prompt bad
    {{role "user"}}
    <question>
    {{question}}
    </question>
    <documents>
    {{#each documents}}
    {{this}}
    {{/each}}
    </documents>
    ```

    ```prompt bad
    {{role "user"}}
    Pregunta: {{pregunta}}

    Contexto:
    {{contexto}}
    ```

    ```prompt good
    {{role "user"}}
    <documents>
    {{#each documents}}
    {{this}}
    {{/each}}
    </documents>
    <question>
    {{question}}
    </question>
    ```

    ```prompt good
    {{role "user"}}
    Find passages for this question: {{question}}
    {{context}}
    Now answer it: {{question}}
    ```
    """
    if whole_text(prompt) is None or examples(prompt):
        return
    for _, stretch in stretches(prose(prompt)):
        uses = [use for use in scope(prompt).uses if stretch.start <= use.range.start < stretch.end and use.steps]
        asked = [use for use in uses if _is_called(use, QUESTIONS) and use.kind == "read"]
        data = [use for use in uses if _is_called(use, LONG_DATA) and use.path.depth == 0]
        if not asked or not data:
            continue
        question, last = asked[-1], data[-1]
        first = next((use for use in data if use.range.start > question.range.end), None)
        if first is None or data[0].range.end < question.range.start:
            continue
        yield Finding(
            question.range,
            f"the question stands before `{first.path.original}`",
            help="Put the question behind long data.",
            fix=_moved(prompt, question, last),
            related=(Related("the data", first.range),),
        )


def _is_called(use: Use, names: frozenset[str]) -> bool:
    words = words_of_name(use.steps[0].segment.name)
    return bool(words) and words[-1] in names


def _moved(prompt: Prompt, question: Use, data: Use) -> Fix | None:
    """Move the question with its tag or label behind the data with theirs, where both are whole lines of one block."""
    own, other = _lines_of(prompt, question.range), _lines_of(prompt, data.range)
    if own is None or other is None or own.end > other.start:
        return None
    text, newline = prompt.text, prompt.source.newline
    moved = text[own.start : own.end].strip("\r\n")
    gap = text[own.end : other.start]
    blank = newline if "\n\n" in gap.replace("\r\n", "\n") or text[own.end :].startswith(("\n", "\r\n")) else ""
    skipped = own.end + len(blank) if blank and text.startswith(blank, own.end) else own.end
    tail = text[other.start : other.end].rstrip("\r\n")
    at = other.start + len(tail)
    edits = (TextEdit(Range(own.start, skipped), ""), TextEdit(Range(at, at), f"{newline}{blank}{moved}"))
    return Fix("Move the question behind the data", edits, safe=False)


def _lines_of(prompt: Prompt, use: Range) -> Range | None:
    """The lines of a use with the tag or the block around it and the label above it; None where others share them."""
    source, text = prompt.source, prompt.text
    start, end = use
    for node in path_to(template(prompt).program, use.start + 1):
        if isinstance(node, BlockStatement):
            start, end = node.range
            break
    around = [each for each in sections(prompt) if each.kind == "tag" and each.range.encloses(Range(start, end))]
    if around:
        start, end = around[-1].range
    if len(_programs(prompt, start)) > 1:
        return None
    first, last = source.line_at(start), source.line_at(end)
    if not around and text[source.line_starts[first] : start].strip(" \t{#>*_") == "" and first > 0:
        above = source.line_text(first - 1).strip()
        if above.endswith((":", "：")) and len(above) < 60 and "{{" not in above:
            first -= 1
    line_end = source.line_starts[last + 1] if last + 1 < source.line_count else len(text)
    return Range(source.line_starts[first], line_end)


def _programs(prompt: Prompt, offset: int) -> list[Program]:
    return [node for node in path_to(template(prompt).program, offset) if isinstance(node, Program)]


_LONG = 800  # words
_MANY_ORDERS = 20
_MIDDLE = (0.35, 0.65)
_CRITICAL = re.compile(
    r"\b(?:IMPORTANT|CRITICAL|NEVER|MUST NOT|IMPORTANTE|CRÍTICO|NUNCA)\b|\b(?i:most important(?:ly)?|above all|"
    r"crucial|vital|"
    r"critical|under no circumstances|it is essential|lo más importante|sobre todo|es fundamental|es crucial|"
    r"bajo ninguna circunstancia|en ningún caso)\b"
)


@rule(
    "structure/buried-instruction",
    Severity.INFO,
    certainty="suggestion",
    dimension="structure",
    applies_to="any",
)
def buried_instruction(prompt: Prompt) -> Iterator[Finding]:
    """A rule that calls itself critical stands in the middle of a long text.

    Models use what stands at the beginning and at the end of a long context best, and the middle worst (Liu et al.
    2023, "lost in the middle"); of many rules, the early ones are kept most (arXiv 2507.11538). Looked at are messages
    of 20 orders or more, or of more than 800 words, and orders in their middle third that say themselves how much they
    matter.

    ```prompt bad
    {{role "system"}}
    - Read the letter twice.
    - Write in English.
    - Use the second person.
    - Name the customer.
    - Name the order.
    - Keep the tone calm.
    - Use short words.
    - Write numbers as digits.
    - Write dates in full.
    - Open with thanks.
    - Mention the carrier.
    - NEVER promise a refund, above all not in writing.
    - Give the address of the shop.
    - Use one paragraph.
    - Avoid slang.
    - Avoid humour.
    - Sign as the team.
    - Omit prices.
    - Omit links.
    - Copy names as given.
    - Ask one question.
    - Answer every question.
    - Quote nothing.
    - End with the date.
    ```

    ```prompt bad
    {{role "system"}}
    - Lee la carta dos veces.
    - Escribe en español.
    - Usa la segunda persona.
    - Nombra al cliente.
    - Nombra el pedido.
    - Mantén la calma.
    - Usa palabras cortas.
    - Escribe los números con cifras.
    - Escribe las fechas completas.
    - Empieza con las gracias.
    - Menciona al transportista.
    - Nunca prometas un reembolso: es lo más importante.
    - Indica la dirección de la tienda.
    - Usa un solo párrafo.
    - Evita la jerga.
    - Evita el humor.
    - No firmes como el equipo.
    - No menciones precios.
    - No incluyas enlaces.
    - Copia los nombres tal cual.
    - Haz una pregunta.
    - Responde a cada pregunta.
    - No cites nada.
    - Termina con la fecha.
    ```

    ```prompt good
    {{role "system"}}
    - NEVER promise a refund, above all not in writing.
    - Read the letter twice.
    - Write in English.
    - Use the second person.
    - Name the customer.
    - Name the order.
    - Keep the tone calm.
    - Use short words.
    - Write numbers as digits.
    - Write dates in full.
    - Open with thanks.
    - Mention the carrier.
    - Give the address of the shop.
    - Use one paragraph.
    - Avoid slang.
    - Avoid humour.
    - Sign as the team.
    - Omit prices.
    - Omit links.
    - Copy names as given.
    - Ask one question.
    - Answer every question.
    - Quote nothing.
    - End with the date.
    ```

    ```prompt good
    {{role "system"}}
    - Write in English.
    - NEVER promise a refund.
    - Close with the date.
    ```
    """
    if whole_text(prompt) is None:
        return
    spoken = [each for each in sentences(prompt) if each.kind in ("sentence", "item", "heading")]
    for _, stretch in stretches(prose(prompt)):
        own = [each for each in spoken if stretch.start <= each.range.start < stretch.end]
        counts = [len(each.text.split()) for each in own]
        total, before = sum(counts), 0
        orders = sum(each.directive for each in own)
        if total < _LONG and orders < _MANY_ORDERS:
            continue
        for each, count in zip(own, counts, strict=True):
            share = (before + count / 2) / total
            before += count
            if _MIDDLE[0] < share < _MIDDLE[1] and each.directive and _CRITICAL.search(each.text):
                yield Finding(
                    each.range,
                    f"a critical rule in the middle of {orders} orders and {total} words",
                    help="Put it at the beginning or at the end, where it is kept best.",
                )


RULES = (query_before_data, buried_instruction)
