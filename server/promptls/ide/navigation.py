"""Where a name comes from: definition, declaration and type definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from promptls.ide.blocks import block_tags, blocks_around, tag_word
from promptls.ide.locations import LocationLink
from promptls.ide.names import Name, name_at, names
from promptls.ide.settings_places import settings_place
from promptls.ide.variable_groups import Entries, Member
from promptls.ide.variables import Mention, Slot, Variables, variables
from promptls.language.files import is_partial
from promptls.language.formats import is_dotprompt
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, layout, template
from promptls.language.resolution import Context, Use
from promptls.language.schema import SchemaType
from promptls.language.scope import scope
from promptls.syntax.handlebars.nodes import CommentStatement, ContentStatement, PathExpression
from promptls.syntax.source import Range
from promptls.workspace import Workspace

_MOST = 100


def definition(workspace: Workspace, prompt: Prompt, offset: int) -> tuple[LocationLink, ...]:
    """Where the name under a cursor is given its meaning; empty where there is no name, or nobody declares it.

    Inside a partial that declares nothing itself, these are the places in the prompts that include it.
    """
    with workspace.settled():
        return tuple(_found(workspace, prompt, offset, first=True))


def declaration(workspace: Workspace, prompt: Prompt, offset: int) -> tuple[LocationLink, ...]:
    """Every place that declares the name under a cursor: for an input, its schema and its default."""
    with workspace.settled():
        return tuple(_found(workspace, prompt, offset, first=False))


def type_definition(workspace: Workspace, prompt: Prompt, offset: int) -> tuple[LocationLink, ...]:
    """Where the type of the variable under a cursor is written: that of the items for a list, the schema for a name."""
    if not is_dotprompt(prompt):
        return ()
    known = variables(prompt)
    mention = known.at(offset)
    if mention is None:
        name = name_at(prompt, offset)
        return tuple(_name(workspace, prompt, name)) if name is not None and name.kind == "schema" else ()
    type = _type(known, mention)
    if type is None or mention.slot is None:
        return ()
    while type.items is not None and type.name is None:
        type = type.items
    if type.name is not None:
        return tuple(_schema(workspace, prompt, mention.range, type.name, ()))
    foreign = _foreign(known, mention.slot)
    if foreign:
        return tuple(_schema(workspace, prompt, mention.range, str(foreign[0]), foreign[1:]))
    return (LocationLink(mention.range, prompt.path, type.range, type.range),)


def _found(workspace: Workspace, prompt: Prompt, offset: int, *, first: bool) -> Iterator[LocationLink]:
    if not is_dotprompt(prompt):
        return
    mention = variables(prompt).at(offset)
    if mention is not None:
        yield from _variable(workspace, prompt, mention, first=first)
    elif name := name_at(prompt, offset):
        yield from _name(workspace, prompt, name)
    elif opening := opening_tag(prompt, offset):
        yield opening
    elif context := _context(prompt, offset):
        yield context


# Variables


def _variable(workspace: Workspace, prompt: Prompt, mention: Mention, *, first: bool) -> Iterator[LocationLink]:
    known = variables(prompt)
    if mention.kind == "argument" and mention.slot is not None:
        yield from _argument(known, mention)
        return
    own = list(_declared(workspace, known, mention)) if mention.slot is not None else []
    if own or not is_partial(prompt):
        yield from own[:1] if first else own
        return
    seen: set[tuple[Path | None, Range]] = set()
    for each in _seen_by_callers(workspace, prompt, mention):
        for link in _declared(workspace, variables(each.entry), each.mention):
            if (link.path, link.selection) not in seen and len(seen) < _MOST:
                seen.add((link.path, link.selection))
                yield LocationLink(mention.range, link.path, link.range, link.selection)


def _seen_by_callers(workspace: Workspace, partial: Prompt, mention: Mention) -> Iterator[Member]:
    for entry in Entries(workspace, partial).of(partial)[1:]:
        for each in variables(entry).seen(mention):
            yield Member(entry, each)


def _declared(workspace: Workspace, known: Variables, mention: Mention) -> Iterator[LocationLink]:
    """What declares a variable in the prompt that it belongs to, or in its settings."""
    slot = mention.slot
    if slot is None:
        return
    if foreign := _foreign(known, slot):
        yield from _schema(workspace, known.prompt, mention.range, str(foreign[0]), foreign[1:])
    for each in known.by_slot[slot]:
        if each.kind in ("declaration", "argument") or (each.kind == "default" and slot.kind == "input"):
            yield LocationLink(mention.range, each.text.path, _whole(known, slot, each), each.range)


def _whole(known: Variables, slot: Slot, mention: Mention) -> Range:
    """The entry around a declared name, which an editor may show."""
    field = known.fields[slot].declared if slot in known.fields else None
    if slot.kind == "input":
        declaration = known.prompt and scope(known.prompt).inputs.declarations.get(slot.name)
        field = declaration.field if declaration else None
        default = declaration.default if declaration else None
        if default is not None and default.range.encloses(mention.range):
            return default.range
    if field is not None and field.range.encloses(mention.range):
        return field.range
    return mention.range


def _foreign(known: Variables, slot: Slot) -> tuple[str | None, ...]:
    """The named schema of the settings, and the path in it, that declares a variable; empty where none does."""
    if slot.kind == "foreign" and isinstance(slot.key, tuple):
        return slot.key
    schema = scope(known.prompt).inputs.schema
    if slot.kind == "input" and schema is not None and schema.type.name is not None and schema.type.field(slot.name):
        return (schema.type.name, slot.name)
    return ()


def _argument(known: Variables, mention: Mention) -> Iterator[LocationLink]:
    """From a call's named argument into the partial: what it declares of that name, or else where it first uses it."""
    assert mention.slot is not None
    for text, call in known.calls:
        if text is mention.text and call.prompt is not None and call.node.range.encloses(mention.range):
            declared = scope(call.prompt).inputs.declarations.get(mention.slot.name)
            if declared is not None:
                whole = declared.field.range if declared.field else declared.range
                yield LocationLink(mention.range, call.prompt.path, whole, declared.range)
                return
    for each in known.by_slot[mention.slot]:
        if each.kind == "use":
            yield LocationLink(mention.range, each.text.path, each.range, each.range)
            return


def _type(known: Variables, mention: Mention) -> SchemaType | None:
    if mention.step is not None:
        return mention.step.value.type
    slot = mention.slot
    if slot is None:
        return None
    if slot.kind == "input":
        declaration = scope(known.prompt).inputs.declarations.get(slot.name)
        return declaration.type if declaration else None
    if slot.kind == "parameter":
        parameters = scope(known.prompt).parameters
        return next((each.value.type for each in parameters if each.node.range == mention.range), None)
    if slot.kind == "argument":
        uses = (each.step for each in known.by_slot[slot] if each.step is not None)
        return next((step.value.type for step in uses), None)
    field = known.fields[slot].declared
    return field.type if field else None


# Other names


def _name(workspace: Workspace, prompt: Prompt, name: Name) -> Iterator[LocationLink]:
    match name.kind:
        case "partial":
            if partial := prompt.project.partial(name.name, prompt):
                start = partial_start(partial)
                yield LocationLink(name.range, partial.path, Range(0, len(partial.text)), Range(start, start))
        case "inline-partial":
            for each in names(prompt):
                if each.kind == name.kind and each.name == name.name and each.declares:
                    yield LocationLink(name.range, prompt.path, each.range, each.range)
        case "schema":
            yield from _schema(workspace, prompt, name.range, name.name, ())
        case "tool":
            yield from _tool(workspace, prompt, name)
        case _:
            yield from _in_settings(workspace, prompt, name)


def _in_settings(workspace: Workspace, prompt: Prompt, name: Name) -> Iterator[LocationLink]:
    found = settings_place(workspace, prompt.path, name.kind, name.name)
    if found is not None and found.path is not None:
        yield LocationLink(name.range, found.path, found.range, found.name)


def _schema(
    workspace: Workspace, prompt: Prompt, origin: Range, name: str, inside: Iterable[str | None]
) -> Iterator[LocationLink]:
    found = settings_place(workspace, prompt.path, "schema", name, tuple(inside))
    if found is not None and found.path is not None:
        yield LocationLink(origin, found.path, found.range, found.name)


def _tool(workspace: Workspace, prompt: Prompt, name: Name) -> Iterator[LocationLink]:
    """The tool's own definition in this file, or else its entry in the settings, or else definitions elsewhere."""
    from promptls.ide.references import named_places

    own = [each for each in names(prompt) if each.kind == "tool" and each.name == name.name and each.declares]
    if own:
        yield LocationLink(name.range, prompt.path, own[0].range, own[0].range)
        return
    found = list(_in_settings(workspace, prompt, name))
    if found:
        yield from found
        return
    for other, each in named_places(workspace, prompt, name):
        if each.declares:
            yield LocationLink(name.range, other.path, each.range, each.range)


def partial_start(partial: Prompt) -> int:
    """Where a partial's text begins, after its frontmatter and the comments that explain it."""
    start = layout(partial).template_range.start
    for statement in template(partial).program.body:
        if isinstance(statement, CommentStatement):
            start = statement.range.end
        elif isinstance(statement, ContentStatement) and not statement.value.strip():
            continue
        else:
            blanks = partial.text[start : statement.range.end]
            if isinstance(statement, ContentStatement):
                return start + len(blanks) - len(blanks.lstrip())
            return statement.range.start
    return start


# Tags and contexts


def opening_tag(prompt: Prompt, offset: int) -> LocationLink | None:
    """From a closing or else tag under a cursor to the tag that opens its block."""
    for block in blocks_around(prompt, offset):
        for tag in block_tags(block)[1:]:
            if tag.range.contains(offset):
                return LocationLink(tag_word(tag), prompt.path, block.range, tag_word(block.open))
    return None


def _context(prompt: Prompt, offset: int) -> LocationLink | None:
    """From `this`, `..` or `@root` to what the enclosing block runs on."""
    use = next((each for each in scope(prompt).uses if not each.steps and each.range.contains(offset)), None)
    if use is None:
        return None
    source = _source(use)
    if source is not None:
        return LocationLink(use.range, prompt.path, source.range, source.range)
    schema = metadata(prompt).input_schema
    return LocationLink(use.range, prompt.path, schema.range, schema.range) if schema is not None else None


def _source(use: Use) -> PathExpression | None:
    context: Context | None = use.frame.context
    for _ in range(use.path.depth):
        context = context.parent if context is not None else None
    return context.source if context is not None else None
