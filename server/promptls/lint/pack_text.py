"""What packs read of a prompt: its prose, and what else tells the model something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.analysis.prose import VALUE, prose
from promptls.analysis.sentences import sentences
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, facet
from promptls.lint.pattern import folded

_CONTINUED = re.compile(r"(?<=[^\s:])\r?\n(?=[a-z(`])")
_SEPARATORS = str.maketrans("_.", "  ")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD_CHARACTER = re.compile(r"\w")
_PARTIAL = re.compile(r"\{\{~?\s*>\s*([\w./-]+)")
_DEEPEST = 5


@facet
def said(prompt: Prompt) -> str:
    """The folded prose, each character at its place in the file; sentences run on where a line was only wrapped."""
    text = folded(prose(prompt).text)
    return _CONTINUED.sub(lambda match: " " * len(match.group()), text)


@facet
def instructed(prompt: Prompt) -> str:
    """What `said` gives without the words of examples, enclosed documents and code, which ask for nothing."""
    text = said(prompt)
    shown, end = [], 0
    for each in sentences(prompt):
        if each.kind in ("data", "code"):
            start, stop = each.range
            shown += [text[end:start], _WORD_CHARACTER.sub(" ", text[start:stop])]
            end = stop
    return "".join([*shown, text[end:]])


@facet
def told(prompt: Prompt) -> str:
    """All that may tell a model of something: the folded prose with the names of its variables, each at its place.

    What schemas say of input and output and the texts of partials come after it.
    """
    return "\n\n".join([_with_names(prompt), *_further(prompt, 0)])


def _with_names(prompt: Prompt) -> str:
    text = said(prompt)
    source = folded(prompt.text)
    return re.sub(f"{VALUE}+", lambda match: source[match.start() : match.end()].translate(_SEPARATORS), text)


def _further(prompt: Prompt, depth: int) -> Iterator[str]:
    about = metadata(prompt)
    for node in (about.input_schema, about.output_schema):
        if node is not None:
            written = prompt.text[node.range.start : node.range.end]
            yield _HUMP.sub(" ", folded(written)).translate(_SEPARATORS)
    names = dict.fromkeys(match[1] for match in _PARTIAL.finditer(prompt.text)) if depth < _DEEPEST else ()
    for name in names:
        partial = prompt.project.partial(name, prompt)
        if partial is not None:
            yield _with_names(partial)
            yield from _further(partial, depth + 1)
