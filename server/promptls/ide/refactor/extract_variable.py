"""Extract literal text to an input variable, which has that text as its default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.refactor.frontmatter_edits import change, readable_frontmatter, with_entry
from promptls.ide.refactor.names import fresh
from promptls.ide.refactor.offer import Offer, Place, own_edit
from promptls.ide.refactor.output import output_of
from promptls.ide.refactor.selection import Selection, frame_of, selection, selects_text
from promptls.ide.refactor.unchanged import refuse_change
from promptls.language.files import is_partial
from promptls.language.helpers import helpers
from promptls.language.inputs import inputs
from promptls.language.metadata import metadata
from promptls.language.parameters import undeclared_names
from promptls.language.prompt import Project, Prompt, frontmatter
from promptls.language.render.compiled import compiled
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.lint.schema_edits import insert_input
from promptls.syntax.handlebars.nodes import ContentStatement, MustacheStatement
from promptls.syntax.source import Range, TextEdit

TITLE = "Extract to an input variable"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_MOST_WORDS = 3
_TRIMMED = (
    "A file with a frontmatter has its prompt trimmed: white space at its beginning and end is not rendered any more."
)


def offers(place: Place) -> Iterator[Offer]:
    """Offered for every selection of text between tags."""
    prompt = place.prompt
    if not selects_text(prompt, place.range):
        return
    try:
        _content(prompt, selection(prompt, place.range))
    except Refused:
        return
    make = partial(extract_variable, prompt, place.project, place.range)
    yield Offer("extract-variable", TITLE, "refactor.extract", make, _refusal(prompt))


def extract_variable(prompt: Prompt, project: Project, range: Range, name: str | None = None) -> WorkspaceEdit:
    """Put a variable in the place of the selected text; raises `Refused`.

    `name` is the variable's name, by default one made of the first words.
    """
    selected = selection(prompt, range)
    _content(prompt, selected)
    if refusal := _refusal(prompt):
        raise Refused(refusal)
    text = prompt.text[selected.range.start : selected.range.end]
    chosen = _name(prompt, name, text)
    context = frame_of(prompt, selected.range).context
    path = chosen if context.kind == "input" and context.parent is None else f"@root.{chosen}"
    after = prompt.with_text(prompt.source.edited([TextEdit(selected.range, f"{{{{{path}}}}}")]).text)
    _refuse_other_output(prompt, project, selected, after)
    edit = own_edit(
        prompt,
        *change(prompt, _declared(prompt, chosen, text)),
        TextEdit(selected.range, f"{{{{{path}}}}}"),
        notes=(_TRIMMED,) if _is_trimmed(prompt) else (),
    )
    refuse_change(prompt, project, edit, trimmed=_is_trimmed(prompt))
    return edit


def _content(prompt: Prompt, selected: Selection) -> ContentStatement:
    statement = selected.statements[0]
    if len(selected.statements) != 1 or not isinstance(statement, ContentStatement):
        raise Refused("only text between tags can become a variable.")
    if selected.range.end > statement.range.start + len(statement.value):
        raise Refused("the selection ends with the backslash that keeps a tag from being one.")
    return statement


def _refusal(prompt: Prompt) -> str | None:
    if is_partial(prompt):
        return "a partial has no inputs of its own: its callers give it what it needs."
    try:
        readable_frontmatter(prompt)
    except Refused as refused:
        return refused.reason
    if scope(prompt).everything_used:
        return "the template prints or hands on its whole input, which would hold the new variable too."
    schema = inputs(prompt).schema
    if schema is not None and schema.form == "name":
        return f"the inputs are those of the schema {schema.type.name}, which is defined elsewhere."
    return None


def _name(prompt: Prompt, wanted: str | None, text: str) -> str:
    if wanted is not None and not re.fullmatch(r"[A-Za-z_]\w*", wanted):
        raise Refused(f"{wanted!r} cannot be the name of a variable: use letters, digits and _.")
    known = scope(prompt)
    taken = {*helpers(prompt), *(each.name for each in known.declarations), "this"}
    taken |= {use.path.parts[0] for use in known.uses if use.path.parts}
    taken |= {each.node.name for each in known.parameters}
    if wanted is not None and wanted in taken:
        raise Refused(f"{wanted!r} is the name of something else in this prompt.")
    suggested = "_".join(_WORD.findall(text)[:_MOST_WORDS]).lower() or "text"
    return wanted or fresh(suggested, taken)


def _refuse_other_output(prompt: Prompt, project: Project, selected: Selection, after: Prompt) -> None:
    """The variable must not let the white space around it mean something else."""
    new = next((each for each in tree(after).of(MustacheStatement) if each.range.start == selected.range.start), None)
    text = prompt.text[selected.range.start : selected.range.end]
    if new is None or output_of(compiled(after), {new: (text,)}) != output_of(compiled(prompt)):
        raise Refused("the selected text decides about white space that a tag next to it removes.")


def _declared(prompt: Prompt, name: str, text: str) -> Prompt:
    """The prompt with the variable in its schema and among its defaults.

    Where there is no schema and other variables are used, none is made: it would not have them.
    """
    schema = metadata(prompt).input_schema
    if schema is None and not undeclared_names(prompt) and not metadata(prompt).input_default:
        prompt = with_entry(prompt, ("input", "schema", name), "string")
    elif schema is not None:
        insertion = insert_input(prompt, name, "string")
        if insertion is None:
            raise Refused("the input schema is written in a way that does not let a variable be added.")
        prompt = prompt.with_text(prompt.source.edited([insertion]).text)
    return with_entry(prompt, ("input", "default", name), text)


def _is_trimmed(prompt: Prompt) -> bool:
    return frontmatter(prompt) is None and prompt.text != prompt.text.strip()
