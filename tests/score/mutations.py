"""Edits of a prompt of which one knows whether they make it worse, or change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from promptls.analysis.conflicts import conflicts
from promptls.analysis.contract import output_contract
from promptls.analysis.examples import examples
from promptls.analysis.prose import VALUE, prose
from promptls.analysis.prose_language import prose_language
from promptls.analysis.sections import sections
from promptls.language.prompt import Prompt
from promptls.language.tree import tree
from promptls.score.instructions import instructions
from promptls.syntax.handlebars.nodes import BlockStatement
from promptls.syntax.source import Range, TextEdit


@dataclass(frozen=True, slots=True)
class Mutation:
    """An edit; `apply` gives None where it does not apply."""

    name: str
    apply: Callable[[Prompt], str | None]


def _edited(prompt: Prompt, edits: Iterable[TextEdit]) -> str | None:
    """The text with the edits, those that touch an earlier one left out; None where nothing changes."""
    kept: list[TextEdit] = []
    end = -1
    for edit in sorted(edits, key=lambda each: each.range):
        if edit.range.start > end:
            kept.append(edit)
            end = edit.range.end
    text = prompt.source.edited(kept).text
    return text if text != prompt.text else None


def _without(prompt: Prompt, ranges: Iterable[Range]) -> str | None:
    """The text without what stands there, tags of the template excepted."""
    seen = prose(prompt).text
    edits = []
    for range in ranges:
        for match in re.finditer(rf"[^{VALUE}]+", seen[range.start : range.end]):
            start, end = range.start + match.start(), range.start + match.end()
            if prompt.text[start:end] == seen[start:end]:
                edits.append(TextEdit(Range(start, end), ""))
    return _edited(prompt, edits)


def _after_rules(prompt: Prompt, words: str) -> str | None:
    """The text with a sentence more after its first rule."""
    spoken = [each for each in instructions(prompt) if each.directive]
    if not spoken:
        return None
    end = spoken[0].range.end
    stop = "" if prompt.text[end - 1] in ".!?:" else "."
    return _edited(prompt, [TextEdit(Range(end, end), f"{stop} {words}")])


def _strip_headings(prompt: Prompt) -> str | None:
    headings = [each for each in sections(prompt) if each.kind == "heading" and each.name]
    return _without(prompt, [Range(each.range.start, min(each.content.start, each.range.end)) for each in headings])


def _drop_examples(prompt: Prompt) -> str | None:
    return _without(prompt, [pair.range for pair in examples(prompt)])


def _remove_output(prompt: Prompt) -> str | None:
    named = [
        each for each in sections(prompt) if re.match(r"(?:output|response|format|salida|formato)", each.name, re.I)
    ]
    named = [each for each in named if each.kind == "heading" and each.content.end - each.content.start > 20]
    whole = [each.range for each in named if VALUE not in prose(prompt).text[slice(*each.range)]]
    pairs = [pair.range for pair in examples(prompt)]
    whole = [each for each in whole if not any(each.start < pair.end and pair.start < each.end for pair in pairs)]
    return _without(prompt, whole)


def _break_tag(prompt: Prompt) -> str | None:
    for each in sections(prompt):
        if each.kind == "tag" and "\n" in prompt.text[each.content.start : each.content.end]:
            return _edited(prompt, [TextEdit(Range(each.content.end, each.range.end), "")])
    return None


def _unfence(prompt: Prompt) -> str | None:
    seen = prose(prompt).text
    tags = [each for each in sections(prompt) if each.kind in ("tag", "fence")]
    holding = [each for each in tags if VALUE in seen[each.content.start : each.content.end]]
    markers = [
        Range(*each)
        for section in holding
        for each in ((section.range.start, section.content.start), (section.content.end, section.range.end))
    ]
    return _without(prompt, markers)


def _swap_label(prompt: Prompt) -> str | None:
    contract = output_contract(prompt)
    if contract.labels is None or conflicts(prompt):
        return None
    for pair in examples(prompt):
        for label in contract.labels.values:
            at = pair.output.find(label)
            if at >= 0:
                start = pair.output_range.start + at
                return _edited(prompt, [TextEdit(Range(start, start + len(label)), "unheardof")])
    return None


def _break_example(prompt: Prompt) -> str | None:
    contract = output_contract(prompt)
    if conflicts(prompt) or not contract.tags:
        return None
    for pair in examples(prompt):
        for tag in contract.tags:
            at = pair.output.find(f"</{tag.name}>")
            if at >= 0:
                start = pair.output_range.start + at
                return _edited(prompt, [TextEdit(Range(start, start + len(tag.name) + 3), "")])
    return None


def _contradict(prompt: Prompt) -> str | None:
    if prose_language(prompt) == "es":
        return _after_rules(prompt, "Menciona siempre el precio. Nunca menciones el precio.")
    return _after_rules(prompt, "Always mention the price. Never mention the price.")


def _hedge(prompt: Prompt) -> str | None:
    spoken = [each for each in instructions(prompt) if each.directive and prompt.text[each.range.start].isupper()]
    return _edited(
        prompt,
        (
            TextEdit(
                Range(each.range.start, each.range.start + 1),
                f"If possible, try to {prompt.text[each.range.start].lower()}",
            )
            for each in spoken
        ),
    )


def _repeat(prompt: Prompt) -> str | None:
    """Say a rule twice: one that always holds and speaks for itself."""
    blocks = [each.range for each in tree(prompt).of(BlockStatement)]
    for each in instructions(prompt):
        words = prompt.text[slice(*each.range)]
        plain = each.directive and words.endswith(".") and VALUE not in each.text and len(each.text.split()) > 4
        if plain and not _POINTING.search(each.text) and not any(block.encloses(each.range) for block in blocks):
            return _edited(prompt, [TextEdit(Range(each.range.end, each.range.end), f" {words}")])
    return None


_POINTING = re.compile(r"\b(?:this|these|following|below|above|est[aeo]s?|siguientes?)\b", re.IGNORECASE)


def _vague(prompt: Prompt) -> str | None:
    return _after_rules(prompt, "Do it in some appropriate, suitable and good way, with various relevant things, etc.")


def _filler(prompt: Prompt) -> str | None:
    if prose_language(prompt) == "es":
        return _after_rules(prompt, "Cabe señalar que, básicamente, por favor, ten en cuenta que sé útil.")
    return _after_rules(prompt, "Needless to say, please note that, basically, be helpful.")


def _shout(prompt: Prompt) -> str | None:
    """Write the rules in capitals, those that stand in plain words."""
    spoken = [each for each in instructions(prompt) if each.directive and not re.search(rf"[<>`{VALUE}]", each.text)]
    if len(spoken) < 2:
        return None
    return _edited(
        prompt,
        (TextEdit(each.range, f"{prompt.text[slice(*each.range)].rstrip('.').upper()}!!!") for each in spoken),
    )


def _remove_labels(prompt: Prompt) -> str | None:
    labels = output_contract(prompt).labels
    text = _without(prompt, [labels.range]) if labels is not None else None
    # A list that stands in the schema too is still there.
    return text if text is not None and output_contract(prompt.with_text(text)).labels is None else None


def _remove_fallback(prompt: Prompt) -> str | None:
    return _without_sentences(prompt, output_contract(prompt).fallback)


def _remove_bounds(prompt: Prompt) -> str | None:
    return _without(prompt, [bound.range for bound in output_contract(prompt).bounds])


def _without_sentences(prompt: Prompt, places: Iterable[Range]) -> str | None:
    wanted = tuple(places)
    return _without(
        prompt, [each.range for each in instructions(prompt) if any(each.range.encloses(place) for place in wanted)]
    )


def _soft_exception(prompt: Prompt) -> str | None:
    return _after_rules(prompt, "Never do anything else. Anything else is fine if that is simpler.")


def _alternative(prompt: Prompt) -> str | None:
    return _after_rules(prompt, "Do this and/or that (or something else, or another thing).")


HARMFUL = (
    Mutation("strip headings", _strip_headings),
    Mutation("drop examples", _drop_examples),
    Mutation("remove output section", _remove_output),
    Mutation("break a tag", _break_tag),
    Mutation("unfence variables", _unfence),
    Mutation("swap an example's label", _swap_label),
    Mutation("break an example's tag", _break_example),
    Mutation("add a contradiction", _contradict),
    Mutation("hedge every rule", _hedge),
    Mutation("repeat a rule", _repeat),
    Mutation("add vague words", _vague),
    Mutation("add filler", _filler),
    Mutation("shout", _shout),
    Mutation("remove the label list", _remove_labels),
    Mutation("remove the fallback", _remove_fallback),
    Mutation("remove the bounds", _remove_bounds),
    Mutation("soften a rule", _soft_exception),
    Mutation("leave an alternative open", _alternative),
)


def _reflow(prompt: Prompt) -> str | None:
    """Break paragraphs elsewhere: a line end becomes a space where the next line goes on with the same sentence."""
    seen = prose(prompt).text
    edits = []
    for each in instructions(prompt):
        for match in re.finditer(r"(?<=[a-z,])[ ]?\n(?=[a-z])", seen[each.range.start : each.range.end]):
            edits.append(TextEdit(Range(each.range.start + match.start(), each.range.start + match.end()), " "))
    return _edited(prompt, edits)


def _wrap(prompt: Prompt) -> str | None:
    """Break every long sentence into two lines."""
    seen = prose(prompt).text
    edits = []
    for each in instructions(prompt):
        words = list(re.finditer(r"(?<=[a-z]) (?=[a-z])", seen[each.range.start : each.range.end]))
        if each.kind == "sentence" and len(words) > 10 and "\n" not in prompt.text[slice(*each.range)]:
            middle = each.range.start + words[len(words) // 2].start()
            edits.append(TextEdit(Range(middle, middle + 1), "\n"))
    return _edited(prompt, edits)


def _blank_line(prompt: Prompt) -> str | None:
    at = prompt.text.find("\n\n", prose(prompt).text.find(prose(prompt).text.strip()[:1]))
    return _edited(prompt, [TextEdit(Range(at, at), "\n")]) if at >= 0 else None


def _rename_variable(prompt: Prompt) -> str | None:
    names = re.findall(r"\{\{\s*([a-z]\w{2,})\s*\}\}", prompt.text)
    known = [name for name in names if name not in ("history", "else", "this")]
    if not known:
        return None
    # Only where it is a variable: in tags, and as a key of the frontmatter.
    name = known[0]
    if re.search(rf"(?<![\w{{.]){name}(?![\w}}:?(])", re.sub(r"\{\{[^{}]*\}\}", "", prompt.text)):
        return None
    return re.sub(rf"(?<![\w.]){name}(?!\w)", f"{name}_renamed", prompt.text)


NEUTRAL = (
    Mutation("join lines", _reflow),
    Mutation("wrap lines", _wrap),
    Mutation("add a blank line", _blank_line),
    Mutation("rename a variable", _rename_variable),
)
