"""Put the variables that a template uses into the input schema, or take one that it does not use out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.refactor.frontmatter_edits import change, readable_frontmatter, with_entry
from promptls.ide.refactor.offer import Offer, Place, own_edit
from promptls.ide.refactor.unchanged import refuse_change
from promptls.language.files import is_partial
from promptls.language.inputs import Declaration, inputs
from promptls.language.metadata import metadata
from promptls.language.parameters import UndeclaredName, undeclared_names
from promptls.language.prompt import Project, Prompt, frontmatter
from promptls.language.scope import scope
from promptls.lint.schema_edits import insert_input, remove_input
from promptls.lint.yaml_edits import removal
from promptls.syntax.source import TextEdit
from promptls.syntax.yaml_nodes import YamlEntry, YamlMapping


def offers(place: Place) -> Iterator[Offer]:
    """Offered at a variable that is not declared, and at the name of an input."""
    prompt = place.prompt
    if not is_partial(prompt):
        missing = undeclared_names(prompt)
        touched = _touched_name(place, missing)
        if touched is not None:
            make = partial(add_inputs, prompt, place.project, (touched,))
            title = f"Add {touched.name} to the input schema"
            yield Offer("add-input", title, "refactor.rewrite", make, _refusal(prompt))
            if len(missing) > 1:
                make = partial(add_inputs, prompt, place.project, missing)
                title = f"Add all {len(missing)} undeclared variables to the input schema"
                yield Offer("add-all-inputs", title, "refactor.rewrite", make, _refusal(prompt))
    declaration = _touched_declaration(place)
    if declaration is not None:
        title = f"Remove {declaration.name} from the input schema"
        make = partial(remove_from_schema, prompt, place.project, declaration)
        yield Offer("remove-input", title, "refactor.rewrite", make, _in_use(prompt, declaration))


def add_inputs(prompt: Prompt, project: Project, names: Sequence[UndeclaredName]) -> WorkspaceEdit:
    """Declare variables with the types that their uses suggest; makes the schema where there is none."""
    if refusal := _refusal(prompt):
        raise Refused(refusal)
    after = prompt
    for each in names:
        insertion = insert_input(after, each.name, "any" if each.type == "object" else each.type)
        if insertion is not None:
            after = after.with_text(after.source.edited([insertion]).text)
        elif metadata(after).input_schema is None:
            key = f"{each.name}(array)" if each.type == "array" else each.name
            word = "any" if each.type in ("array", "object") else each.type
            after = with_entry(after, ("input", "schema", key), word)
        else:
            raise Refused(f"the input schema is written in a way that does not let {each.name} be added.")
        readable_frontmatter(after)
    edit = own_edit(prompt, *change(prompt, after))
    refuse_change(prompt, project, edit, trimmed=frontmatter(prompt) is None)
    return edit


def remove_from_schema(prompt: Prompt, project: Project, declaration: Declaration) -> WorkspaceEdit:
    """Take an unused input out of the schema and of the defaults."""
    if refusal := _in_use(prompt, declaration):
        raise Refused(refusal)
    edits = remove_input(prompt, declaration) or tuple(_removal_of_last(prompt, declaration))
    if not edits:
        raise Refused(f"{declaration.name} is written in a way that does not let it be removed by itself.")
    edit = own_edit(prompt, *edits)
    readable_frontmatter(prompt.with_text(prompt.source.edited(edits).text))
    refuse_change(prompt, project, edit)
    return edit


def _refusal(prompt: Prompt) -> str | None:
    try:
        readable_frontmatter(prompt)
    except Refused as refused:
        return refused.reason
    schema = inputs(prompt).schema
    if schema is not None and schema.form == "name":
        return f"the inputs are those of the schema {schema.type.name}, which is defined elsewhere."
    return None


def _touched_name(place: Place, missing: Sequence[UndeclaredName]) -> UndeclaredName | None:
    for use in scope(place.prompt).uses:
        if use.range.contains(place.range.start) and use.range.contains(place.range.end) and use.steps:
            first = use.steps[0]
            named = next((each for each in missing if each.name == first.segment.name), None)
            if first.target is None and use.kind != "helper":
                return named
    return None


def _touched_declaration(place: Place) -> Declaration | None:
    for declaration in scope(place.prompt).declarations:
        keys = [declaration.range]
        if declaration.default is not None:
            keys.append(declaration.default.key.range)
        if any(key.contains(place.range.start) and key.contains(place.range.end) for key in keys):
            schema = inputs(place.prompt).schema
            return None if schema is not None and schema.form == "name" else declaration
    return None


def _in_use(prompt: Prompt, declaration: Declaration) -> str | None:
    resolved = scope(prompt)
    use = next((use for use in resolved.uses if any(step.target is declaration for step in use.steps)), None)
    if use is not None:
        return f"{declaration.name} is used on line {prompt.source.line_at(use.range.start) + 1}."
    if declaration in resolved.used:
        return f"{declaration.name} is used in a partial, or may be."
    if resolved.everything_used and declaration.has_default:
        return f"the template prints or hands on its whole input, which holds the default of {declaration.name}."
    return None


def _removal_of_last(prompt: Prompt, declaration: Declaration) -> Iterator[TextEdit]:
    """Take out the only field of the schema, and the only default, with the keys that hold them."""
    head = frontmatter(prompt)
    root = head.mapping if head is not None else None
    entry = root.get("input") if root is not None else None
    if root is None or entry is None or not isinstance(entry.value, YamlMapping):
        return
    going: list[YamlEntry] = []
    for key, part in (("schema", declaration.field), ("default", declaration.default)):
        holder = entry.value.get(key)
        if part is None or holder is None or not isinstance(holder.value, YamlMapping):
            continue
        mapping = holder.value
        if len(mapping.entries) > 1:
            yield removal(prompt.source, part.range, mapping)
        elif mapping.entries[0].range == part.range:
            going.append(holder)
        else:
            raise Refused("the schema would be left without any field.")
    if len(going) == len(entry.value.entries):
        if len(root.entries) == 1:
            raise Refused("the frontmatter would be empty, and the JavaScript runtime takes an empty one for text.")
        yield removal(prompt.source, entry.range, root)
        return
    for holder in going:
        yield removal(prompt.source, holder.range, entry.value)
