"""The canonical layout of a prompt: white space that means nothing, put in order.

What is printed stays as it is, blanks at the ends of lines excepted, and so does the data of the frontmatter. Every
answer is parsed again and compared before it is given.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from promptls.ide.formatting_frontmatter import frontmatter_edits, sorted_by_key
from promptls.ide.formatting_template import indentation_edits, printed, tag_edits, trailing_blank_edits
from promptls.language.files import is_partial
from promptls.language.formats import is_dotprompt, recognised
from promptls.language.prompt import Prompt, frontmatter, layout, template
from promptls.settings import FormatSettings
from promptls.syntax.frontmatter import Frontmatter
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlAlias, YamlMapping, YamlNode, YamlScalar, YamlSequence

logger = logging.getLogger(__name__)

_Kind = Literal["keys", "frontmatter", "frame", "tags", "indentation", "line ends"]


@dataclass(frozen=True, slots=True)
class Formatting:
    """The edits that lay out a prompt, in source order and apart from each other; or why it is better left alone."""

    edits: tuple[TextEdit, ...] = ()
    refusal: str | None = None


def format_edits(
    prompt: Prompt, options: FormatSettings | None = None, range: Range | None = None
) -> tuple[TextEdit, ...]:
    """The edits of `formatting`."""
    return formatting(prompt, options, range).edits


def formatting(prompt: Prompt, options: FormatSettings | None = None, range: Range | None = None) -> Formatting:
    """How to lay out a prompt, or the part of it in `range`, by the project's settings unless told otherwise.

    A file that is not dotprompt, or has errors that leave its meaning in doubt, is refused.
    """
    if refusal := _refusal(prompt):
        return Formatting(refusal=refusal)
    wanted = list(_edits(prompt, options or prompt.settings.format, range))
    # A rare notation may depend on white space in a way that is not foreseen here; the rest is done without it.
    for left_out in ((), ("keys",), ("indentation",), ("keys", "frontmatter"), ("keys", "frontmatter", "indentation")):
        edits = _in_order(edit for kind, edit in wanted if kind not in left_out)
        if not edits:
            return Formatting()
        is_moved = "keys" not in left_out and any(kind == "keys" for kind, _ in wanted)
        difference = _difference(prompt, prompt.with_text(prompt.source.edited(edits).text), is_moved=is_moved)
        if difference is None:
            return Formatting(edits)
        logger.warning("laying out %s would change %s", prompt.path or "a text", difference)
    return Formatting(refusal="laying it out would change its meaning; please report this with the file")


def _refusal(prompt: Prompt) -> str | None:
    if not is_dotprompt(prompt):
        return f"it was read as {recognised(prompt).label}"
    head = frontmatter(prompt)
    if head is not None and head.close_fence is None:
        return "its frontmatter is never closed with ---"
    if head is not None and head.error is not None:
        return f"its frontmatter is not valid YAML: {head.error.message}{_where(prompt, head.error.range)}"
    if head is not None and head.root is not None and head.mapping is None:
        return "its frontmatter is not a mapping"
    if errors := template(prompt).errors:
        return f"its template is not valid: {errors[0].message}{_where(prompt, errors[0].range)}"
    return None


def _where(prompt: Prompt, range: Range) -> str:
    return f" (line {prompt.source.line_at(range.start) + 1})"


def _edits(prompt: Prompt, options: FormatSettings, range: Range | None) -> Iterator[tuple[_Kind, TextEdit]]:
    head = frontmatter(prompt)
    groups: list[tuple[_Kind, Iterable[TextEdit]]] = [
        ("tags", tag_edits(prompt, options.tag_spacing)),
        ("indentation", indentation_edits(prompt)),
        ("line ends", trailing_blank_edits(prompt, trim_printed=options.trim_trailing_blanks)),
    ]
    if head is not None:
        groups.append(("frame", _frame_edits(prompt, head)))
        moved = sorted_by_key(prompt.text, head) if options.sort_keys else None
        is_moved = moved is not None and moved != prompt.text[slice(*head.yaml_range)]
        if moved is not None and is_moved and (range is None or range.encloses(head.yaml_range)):
            groups.append(("keys", [_laid_out(prompt, head, moved)]))
        else:
            groups.append(("frontmatter", frontmatter_edits(prompt.text, head)))
    for kind, edits in groups:
        for edit in map(_Shortener(prompt.text), edits):
            if edit is not None and (range is None or range.encloses(edit.range)):
                yield kind, edit


def _laid_out(prompt: Prompt, head: Frontmatter, moved: str) -> TextEdit:
    """The edit that puts another order of the frontmatter's entries, laid out, in the place of the old one."""
    start, end = head.yaml_range
    after = prompt.with_text(prompt.text[:start] + moved + prompt.text[end:])
    new = frontmatter(after)
    edits = frontmatter_edits(after.text, new) if new is not None and new.error is None else ()
    text = after.source.edited(edits).text
    return TextEdit(head.yaml_range, text[start : len(text) - (len(prompt.text) - end)])


def _frame_edits(prompt: Prompt, head: Frontmatter) -> Iterator[TextEdit]:
    """What stands around the frontmatter and after the template, where the runtimes drop white space.

    Those that register a partial's text as it is drop none, so that a partial keeps its ends.
    """
    text, newline = prompt.text, prompt.source.newline
    start, end = layout(prompt).template_range
    assert head.close_fence is not None, "a frontmatter without end is refused"
    for fence, stop in ((head.open_fence, head.yaml_range.start), (head.close_fence, head.range.end)):
        line_end = "".join(character for character in text[fence.end : stop] if character in "\r\n")
        yield TextEdit(Range(fence.end, stop), line_end)
    if is_partial(prompt) or head.range.end == len(text):
        return
    has_gap = any(character in "\r\n" for character in text[head.range.end : start])
    yield TextEdit(Range(head.range.end, start), newline if has_gap and start < end else "")
    if start < end:
        yield TextEdit(Range(end, len(text)), newline)


class _Shortener:
    """Cuts from an edit what it would replace by itself."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self, edit: TextEdit) -> TextEdit | None:
        old, new = self._text[edit.range.start : edit.range.end], edit.text
        if old == new:
            return None
        shorter = min(len(old), len(new))
        before = next((index for index in range(shorter) if old[index] != new[index]), shorter)
        rest = shorter - before
        after = next((index for index in range(rest) if old[-1 - index] != new[-1 - index]), rest)
        replaced = Range(edit.range.start + before, edit.range.end - after)
        return TextEdit(replaced, new[before : len(new) - after])


def _in_order(edits: Iterable[TextEdit]) -> tuple[TextEdit, ...]:
    return tuple(sorted(edits, key=lambda edit: edit.range))


# The same meaning


def _difference(before: Prompt, after: Prompt, *, is_moved: bool) -> str | None:
    """What two texts do not have in common besides white space that means nothing; None where they mean the same.

    `is_moved`: the order of the frontmatter's entries may differ.
    """
    order = sorted if is_moved else list
    if "".join(order(_letters(before.text))) != "".join(order(_letters(after.text))):
        return "more than white space"
    old, new = frontmatter(before), frontmatter(after)
    if (old is None) != (new is None):
        return "where the frontmatter ends"
    if old is not None and new is not None:
        roots = (_by_key(old.root), _by_key(new.root)) if is_moved else (old.root, new.root)
        if new.error is not None or not _same_data(*roots):
            return "the data of the frontmatter"
    if template(after).errors or printed(before) != printed(after):
        return "what the template prints"
    return None


# JavaScript also counts the byte-order mark as white space.
_WHITESPACE = re.compile(r"[\s\ufeff]+")


def _letters(text: str) -> list[str]:
    """The lines of a text without white space."""
    return list(filter(None, (_WHITESPACE.sub("", line) for line in text.split("\n"))))


def _same_data(old: YamlNode | None, new: YamlNode | None) -> bool:
    """Whether two trees hold the same values, written in the same way."""
    pending: list[tuple[YamlNode | None, YamlNode | None]] = [(old, new)]
    while pending:
        one, other = pending.pop()
        match one, other:
            case YamlScalar(), YamlScalar():
                if (one.text, one.style, one.tag) != (other.text, other.style, other.tag):
                    return False
            case YamlMapping(), YamlMapping():
                if (len(one.entries), one.flow, one.tag) != (len(other.entries), other.flow, other.tag):
                    return False
                for old_entry, new_entry in zip(one.entries, other.entries, strict=True):
                    pending += ((old_entry.key, new_entry.key), (old_entry.value, new_entry.value))
            case YamlSequence(), YamlSequence():
                if (len(one.items), one.flow, one.tag) != (len(other.items), other.flow, other.tag):
                    return False
                pending.extend(zip(one.items, other.items, strict=True))
            case YamlAlias(), YamlAlias():
                # What it stands for is compared where it is written.
                continue
            case _:
                if one is not other:
                    return False
    return True


def _by_key(root: YamlNode | None) -> YamlNode | None:
    if not isinstance(root, YamlMapping):
        return root
    entries = tuple(sorted(root.entries, key=lambda entry: entry.name or ""))
    return YamlMapping(root.range, entries, root.flow, root.tag, root.anchor)
