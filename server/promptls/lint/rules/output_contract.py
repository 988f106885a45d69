"""Rules about whether what a prompt says of its output, shows of it and declares for it agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from promptls.analysis.conflicts import breaches
from promptls.analysis.contract import Labels, Skeleton, output_contract
from promptls.analysis.examples import ExamplePair, examples
from promptls.language.inputs import inputs
from promptls.language.metadata import metadata
from promptls.language.picoschema import output_schema
from promptls.language.prompt import Prompt
from promptls.language.schema import SchemaType
from promptls.lint.json_skeletons import Member, members
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.worked_examples import label_of, worked_examples
from promptls.syntax.source import Range, TextEdit

_ALIKE = 0.75


@rule(
    "output/example-conflict",
    Severity.WARNING,
    certainty="likely",
    dimension="structure",
    applies_to="any",
)
def example_conflict(prompt: Prompt) -> Iterator[Finding]:
    """An example's output breaks what the prompt says about the output.

    Models follow the example. Prompts whose examples lacked the tags that they ask for reached 37.6 % where the others
    reached 68.8 %, and lost to them in 97 % of the decided pairs of a replicated study: the strongest signal there is.
    Compared are the tags, the labels, and JSON with the fields of the shown object or of `output.schema`.

    ```prompt bad
    Classify the news as World, Sports or Business. Put the label between <answer> and </answer>.

    Input: The cup final was drawn.
    Output: Sports

    Input: {{news}}
    Output:
    ```

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
      schema:
        reason: string
        spam: boolean
    ---
    Decide whether the message is spam. Answer as JSON.

    Input: Win a phone!
    Output: {"reason": "It promises a prize.", "is_spam": true}

    Input: {{message}}
    Output:
    ```

    ```prompt good
    Classify the news as World, Sports or Business. Put the label between <answer> and </answer>.

    Input: The cup final was drawn.
    Output: <answer>Sports</answer>

    Input: {{news}}
    Output:
    ```

    ```prompt good
    {{role "system"}}
    Decide whether the message is spam. Answer as JSON, such as {"reason": "It advertises.", "spam": true}.
    {{role "user"}}
    Win a phone!
    {{role "model"}}
    {"reason": "It promises a prize.", "spam": true}
    {{role "user"}}
    {{message}}
    ```
    """
    contract = output_contract(prompt)
    shown = worked_examples(prompt)
    if contract.labels is not None and not _is_plainly_a_list(prompt, contract.labels, shown):
        contract = replace(contract, labels=None)
    for pair in shown:
        if pair.origin == "arrow" and contract.format == "json":
            continue
        places: list[Range] = []
        for breach in breaches(contract, pair.output):
            # A label that is none breaks the list and the schema; once is enough.
            if any(place.start < breach.span.end and breach.span.start < place.end for place in places):
                continue
            places.append(breach.span)
            start = pair.output_range.start + breach.span.start
            line = pair.output[breach.span.start : breach.span.end].partition("\n")[0].rstrip()
            yield Finding(
                Range(start, start + max(1, len(line))),
                f"the example breaks the prompt's own rule: {breach.reason}",
                help="Change the example or the rule: the model follows the example.",
            )


def _is_plainly_a_list(prompt: Prompt, labels: Labels, shown: Sequence[ExamplePair]) -> bool:
    """Whether what was read as the labels is meant as such: written like a list, or obeyed by an example."""
    written = prompt.text[labels.range.start : labels.range.end]
    if _LISTED.search(written) or all(each[:1].isupper() for each in labels.values):
        return True
    folded = {each.casefold() for each in labels.values}
    return any(label_of(pair.output) in folded for pair in shown)


_LISTED = re.compile(r"[\n\"'`“|\[]")


@rule(
    "output/schema-drift",
    Severity.WARNING,
    certainty="likely",
    fixable="unsafe",
    dimension="specificity",
)
def schema_drift(prompt: Prompt) -> Iterator[Finding]:
    """The fields that the text shows or names are not those of `output.schema`.

    The model is told two things at once; what it writes after the text fails the schema, or a decoder bound to the
    schema drops what the text asks for. OpenAI's prompt optimiser looks for the same. Compared are a JSON object in the
    text that shares fields with the schema, and names in backticks that differ from a field by a few letters.

    ````prompt bad
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
      schema:
        invoice_number: string
        total: number
    ---
    Return JSON like this:
    ```json
    {"invoice_no": "A-1", "total": 12.5}
    ```
    {{text}}
    ````

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
      schema:
        summary: string
        next_steps(array): string
    ---
    Summarise the call as JSON, and list in `nextSteps` who does what.
    {{call}}
    ```

    ````prompt good
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
      schema:
        invoice_number: string
        total?: number
        lines(array):
          price: number
    ---
    Return JSON like this; `price` is the price of one unit:
    ```json
    {"invoice_number": "A-1", "total": 12.5, "lines": [{"price": 2}]}
    ```
    {{text}}
    ````

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    input:
      schema:
        total_in_euro: number
    output:
      format: json
      schema:
        total: number
    ---
    Convert `total_in_euro` into dollars, and answer with JSON. Call the tool with {"currency": "USD"}.
    {{total_in_euro}}
    ```
    """
    schema = output_schema(prompt)
    if schema is None or schema.problems or schema.type.type != "object" or schema.type.open or not schema.type.fields:
        return
    drifted: set[str] = set()
    for shown in _shown_objects(prompt):
        for finding, name in _drift_of(prompt, shown, schema.type):
            drifted.add(name)
            yield finding
    yield from _drift_of_names(prompt, schema.type, drifted)


def _shown_objects(prompt: Prompt) -> Iterator[Skeleton]:
    """The JSON objects in the text that are no part of an example."""
    for shown in output_contract(prompt).skeletons:
        if shown.kind == "json" and not any(pair.range.encloses(shown.range) for pair in examples(prompt)):
            yield shown


def _drift_of(prompt: Prompt, shown: Skeleton, type: SchemaType) -> Iterator[tuple[Finding, str]]:
    fields = {field.name: field for field in type.fields}
    written = members(prompt.text, shown.range)
    strange = [each for each in written if each.name not in fields]
    if not written or len(strange) > len(written) / 2 or len(strange) == len(written):
        return
    free = [name for name in fields if name not in {each.name for each in written}]
    for each in strange:
        near = get_close_matches(each.name, free, 1, _ALIKE - 0.2)
        meant = near[0] if near else free[0] if len(free) == len(strange) == 1 else None
        if meant is not None:
            free.remove(meant)
        yield _renamed(each.name_range, each.name, meant, fields[meant].name_range if meant else None), each.name
    missing = [name for name in free if not fields[name].optional]
    if missing:
        last = written[-1].range.end
        added = "".join(f', "{name}": ""' for name in missing)
        fix = Fix(f"Add {', '.join(missing)}", (TextEdit(Range(last, last), added),), safe=False)
        names = ", ".join(f"`{name}`" for name in missing)
        place = Range(shown.range.start, written[0].range.end)
        is_string = all(fields[name].type.type == "string" for name in missing)
        yield (
            Finding(
                place,
                f"the shown JSON lacks {names} of output.schema",
                help="Show every field that an answer must have.",
                fix=fix if is_string else None,
                related=tuple(Related(f"`{name}`", fields[name].name_range) for name in missing),
            ),
            missing[0],
        )


def _renamed(place: Range, name: str, meant: str | None, declared: Range | None) -> Finding:
    return Finding(
        place,
        f"output.schema has no field `{name}`",
        help=f"Did you mean `{meant}`?" if meant else "Declare it in the schema, or leave it out here.",
        fix=Fix(f"Write {meant}", (TextEdit(place, meant),), safe=False) if meant else None,
        related=(Related(f"`{meant}`", declared),) if declared else (),
    )


_NAME = re.compile(r"(?<!`)`([A-Za-z_]\w{2,60})`(?!`)")


def _drift_of_names(prompt: Prompt, type: SchemaType, drifted: Iterable[str]) -> Iterator[Finding]:
    """Names in backticks that are no field, but nearly one that the text does not mention."""
    declared = dict(_all_fields(type))
    known = {*declared, *drifted, *inputs(prompt).declarations, *_other_names(prompt)}
    words = {match[1] for match in _NAME.finditer(prompt.text, _body(prompt))}
    unmentioned = [name for name in declared if name not in words]
    for match in _NAME.finditer(prompt.text, _body(prompt)):
        if match[1] in known or not re.search(r"_|[a-z][A-Z]", match[1]):
            continue
        flat = {_flat(name): name for name in unmentioned}
        near = get_close_matches(_flat(match[1]), flat, 1, 0.85)
        if near:
            yield _renamed(Range(*match.span(1)), match[1], flat[near[0]], declared[flat[near[0]]])


def _body(prompt: Prompt) -> int:
    schema = output_schema(prompt)
    return schema.range.end if schema else 0


def _flat(name: str) -> str:
    return name.replace("_", "").lower()


def _all_fields(type: SchemaType) -> Iterator[tuple[str, Range]]:
    for field in type.fields:
        yield field.name, field.name_range
        yield from _all_fields(field.type)
    if type.items is not None:
        yield from _all_fields(type.items)


def _other_names(prompt: Prompt) -> Iterator[str]:
    """What else a name in backticks may be: a tool, or a value of an enum."""
    yield from (tool.value for tool in metadata(prompt).tools)
    schema = output_schema(prompt)
    pending = [schema.type] if schema else []
    while pending:
        type = pending.pop()
        yield from map(str, type.values)
        pending += [field.type for field in type.fields]
        if type.items is not None:
            pending.append(type.items)


@rule(
    "output/answer-before-reasoning",
    Severity.INFO,
    certainty="suggestion",
    fixable="unsafe",
    dimension="structure",
    applies_to="any",
)
def answer_before_reasoning(prompt: Prompt) -> Iterator[Finding]:
    """The answer is written before the reasoning that should lead to it.

    A model writes from first to last. A reason that comes after the answer can no longer change it and is made up to
    fit; with the reasoning first, or outside the strict format, answers get better (arXiv 2408.02442). Looked at are
    the fields of `output.schema`, JSON in the text, tags of the output, and orders such as "give the verdict, then
    explain". The fix puts the reasoning first.

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
      schema:
        verdict(enum): [pass, fail]
        reason: string, one sentence that says why
    ---
    Check the essay against the rules. Answer as JSON.
    {{essay}}
    ```

    ````prompt bad
    Puntúa la redacción. Responde con un objeto JSON:
    ```json
    {"puntuacion": 3, "justificacion": "una frase"}
    ```
    {{redaccion}}
    ````

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
      schema:
        reason: string, one sentence that says why
        verdict(enum): [pass, fail]
    ---
    Check the essay against the rules. Answer as JSON.
    {{essay}}
    ```

    ````prompt good
    Answer the question as JSON:
    ```json
    {"answer": "one sentence", "sources": []}
    ```
    {{question}}
    ````
    """
    schema = output_schema(prompt)
    if schema is not None:
        yield from _late_fields(prompt, schema.type)
    for shown in _shown_objects(prompt):
        yield from _late_members(members(prompt.text, shown.range), prompt.text)
    tags = sorted(output_contract(prompt).tags, key=lambda tag: tag.range)
    for late in _late([tag.name for tag in tags]):
        yield _too_late(tags[late[1]].range, tags[late[0]].name, tags[late[1]].name, None)


_ANSWERS = re.compile(
    r"(?:final|overall|is|the|predicted)?(?:answer|verdict|label|score|rating|decision|classification|category|"
    r"conclusion|grade|"
    r"result|passed|respuesta|veredicto|etiqueta|puntuaci[oó]n|nota|decisi[oó]n|clasificaci[oó]n|categor[ií]a|"
    r"resultado)",
    re.IGNORECASE,
)
_REASONS = re.compile(
    r"(?:the|your|step by step|brief|short)?(?:reason|reasons|reasoning|rationale|explanation|justification|analysis|"
    r"thinking|"
    r"thoughts?|scratchpad|chainofthought|why|raz[oó]n|razones|razonamiento|explicaci[oó]n|justificaci[oó]n|"
    r"an[aá]lisis|motivo)",
    re.IGNORECASE,
)


def _late(names: list[str]) -> Iterator[tuple[int, int]]:
    """The first answer and each reason behind it, by their places."""
    flat = [re.sub(r"[_\W]", "", name) for name in names]
    answer = next((at for at, name in enumerate(flat) if _ANSWERS.fullmatch(name)), None)
    reason = next((at for at, name in enumerate(flat) if _REASONS.fullmatch(name)), None)
    if answer is not None and reason is not None and answer < reason:
        yield answer, reason


def _late_fields(prompt: Prompt, type: SchemaType) -> Iterator[Finding]:
    fields = sorted(type.fields, key=lambda field: field.range)
    for answer, reason in _late([field.name for field in fields]):
        first, late = fields[answer], fields[reason]
        fix = _lines_moved(prompt, late.range, first.key_range.start)
        yield _too_late(late.name_range, first.name, late.name, fix)
    for field in type.fields:
        yield from _late_fields(prompt, field.type)
    if type.items is not None:
        yield from _late_fields(prompt, type.items)


def _too_late(place: Range, answer: str, reason: str, fix: Fix | None) -> Finding:
    return Finding(
        place,
        f"`{reason}` comes after `{answer}`, too late to lead to it",
        help=f"Put `{reason}` before `{answer}`.",
        fix=fix,
    )


def _lines_moved(prompt: Prompt, moved: Range, before: int) -> Fix | None:
    """Move the lines of a field of the frontmatter up; None where they hold anything else."""
    source, text = prompt.source, prompt.text
    first, last = source.line_at(moved.start), source.line_at(max(moved.start, moved.end - 1))
    target = source.line_at(before)
    own = text[source.line_starts[first] : moved.start]
    if own.strip() or text[source.line_starts[target] : before] != own or last + 1 >= source.line_count:
        return None
    if target >= first or text[moved.end : source.line_range(last).end].strip():
        return None
    lines = Range(source.line_starts[first], source.line_starts[last + 1])
    at = source.line_starts[target]
    edits = (TextEdit(Range(at, at), text[lines.start : lines.end]), TextEdit(lines, ""))
    return Fix("Put the reasoning first", edits, safe=False)


def _late_members(written: tuple[Member, ...], text: str) -> Iterator[Finding]:
    for answer, reason in _late([member.name for member in written]):
        shown = [text[slice(*member.range)] for member in written]
        rotated = [shown[reason], *shown[answer:reason]]
        places = [member.range for member in written[answer : reason + 1]]
        edits = tuple(TextEdit(place, words) for place, words in zip(places, rotated, strict=True))
        fix = None if any("{{" in words for words in rotated) else Fix("Put the reasoning first", edits, safe=False)
        yield _too_late(written[reason].name_range, written[answer].name, written[reason].name, fix)


RULES = (example_conflict, schema_drift, answer_before_reasoning)
