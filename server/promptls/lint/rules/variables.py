"""Rules about the prompt's inputs and the names in its template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from promptls.language.files import is_partial
from promptls.language.inputs import Declaration, is_closed
from promptls.language.prompt import Prompt, facet, frontmatter, template
from promptls.language.resolution import Context, Step, Use
from promptls.language.schema import Field
from promptls.language.scope import Scope, scope
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.lint.invisible import invisible_runs
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.rules.messages_tags import unquoted_roles
from promptls.lint.rules.template_helpers import refused_arguments
from promptls.lint.rules.template_syntax import foreign_ends, in_unopened_block, is_broken
from promptls.lint.rules.variables_types import optional_unguarded, type_misuse
from promptls.lint.schema_edits import insert_input, remove_input
from promptls.syntax.handlebars.nodes import BlockStatement, ContentStatement, PathExpression
from promptls.syntax.source import Range, TextEdit


@rule("variables/undefined", Severity.WARNING, certainty="likely", fixable="safe")
def undefined(prompt: Prompt) -> Iterator[Finding]:
    """A name in the template means nothing where it stands.

    It renders as nothing, in both runtimes and without a word. Names are looked up as Handlebars does: `each` and
    `with` change what a name means, `../` goes outwards, block parameters and `@` variables count. Where the type of a
    value is not known (no schema, an open or an unknown one) nothing is reported.

    ```prompt bad
    ---
    input:
      schema:
        question: string
    ---
    Answer in {{language}}: {{input.question}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        title: string
        chapters(array):
          name: string
    ---
    {{#each chapters}}{{title}}: {{chapters.name}}{{/each}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        question: string
    ---
    {{#if question}}{{../question}} {{@index}}{{/if}}
    ```

    ```prompt good
    ---
    input:
      schema:
        title: string
        tags?(array, what it is about): string
        chapters(array):
          name: string
    ---
    {{#each chapters as |chapter|}}
    {{@index}}. {{../title}}: {{name}} {{chapter.name}} {{@root.title}} {{@state.reader}} {{lookup ../tags @index}}
    {{/each}}
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    input:
      default:
        tone: friendly
    ---
    Answer in a {{tone}} tone: {{question}}
    ```
    """
    names = scope(prompt)
    partial = is_partial(prompt)
    beside_the_point = refused_arguments(prompt) | {each.range for each in unquoted_roles(prompt)}
    ends = foreign_ends(prompt).values()
    for use in names.uses:
        if use.kind == "helper" or use.range in beside_the_point or in_unopened_block(prompt, use.range):
            continue
        if any(end.encloses(use.range) for end in ends):
            continue
        step = next((each for each in use.steps if each.status == "absent"), None)
        if not (step or use.outside or use.path.data) or is_broken(prompt, use.range):
            continue
        if use.outside and not partial and use.steps:
            yield _outside(names, use)
        elif use.path.data and not partial:
            yield from _data_variable(use)
        if step is None or any(invisible_runs(step.segment.name)):
            continue
        is_section = use.path.is_simple and use.range in _sections(prompt)
        if is_section and use.meant is None:
            continue
        if step.owner.inputs is not None:
            yield _no_input(prompt, names, use, step)
        elif step.owner.type is not None and is_closed(step.owner.type):
            found = _no_field(use, step)
            # A block's name stands at its end too.
            yield replace(found, fix=None) if is_section else found


@facet
def _sections(prompt: Prompt) -> frozenset[Range]:
    """The names that stand for a whole block, of which `template/unknown-block` tells."""
    return frozenset(block.open.path.range for block in tree(prompt).of(BlockStatement))


def _outside(names: Scope, use: Use) -> Finding:
    segment = use.steps[0].segment
    inner = use.path.original[3:]
    known = names.root.value.member(segment.name).status == "known"
    fix = Fix(f"Write {inner}", (TextEdit(use.range, inner),), safe=False) if known and use.path.depth == 1 else None
    return Finding(
        use.range,
        f"`{use.path.original}` leaves the prompt's input: nothing is around it here",
        help="Only #each, #with and sections begin a new context; #if and #unless do not.",
        fix=fix,
    )


def _data_variable(use: Use) -> Iterator[Finding]:
    if use.path.parts and use.path.parts[0] in ("index", "key", "first", "last") and not use.frame.loops:
        message = f"`@{use.path.parts[0]}` exists only inside #each"
        yield Finding(use.range, message, help="It renders as nothing here.")


def _no_input(prompt: Prompt, names: Scope, use: Use, step: Step) -> Finding:
    name = step.segment.name
    near = _near_input(names, use, step)
    edit = insert_input(prompt, name, _types_of_undeclared(prompt).get(name, "string"))
    declare = Fix(f"Add {name} to the input schema", (edit,), safe=not near) if edit else None
    rename = _rename(near[0], near[1]) if near else None
    fix = rename or declare
    return Finding(
        step.segment.range,
        f"`{name}` is not an input of this prompt",
        help=f"Did you mean `{near[1]}`?" if near else "Declare it in the input schema; now it renders as nothing.",
        fix=fix,
        alternatives=(declare,) if declare is not None and fix is not declare else (),
    )


def _near_input(names: Scope, use: Use, step: Step) -> tuple[Range, str] | None:
    """The input that was probably meant, and the place to write it: `nmae` or `input.name` for `name`."""
    declared = names.inputs.declarations
    near = get_close_matches(step.segment.name, declared, 1, 0.75)
    if near:
        return step.segment.range, near[0]
    following = use.steps[1:2]
    if use.steps[0] is step and following and following[0].segment.name in declared:
        return Range(step.segment.range.start, following[0].segment.range.end), following[0].segment.name
    return None


@facet
def _meant(prompt: Prompt) -> frozenset[str]:
    """The inputs that misspelt or misused names probably stand for: what is wrong is told there."""
    names = scope(prompt)
    found = set()
    for use in names.uses:
        for step in use.steps:
            if use.kind == "helper":
                found.add(step.segment.name)
            elif step.status == "absent" and step.owner.inputs is not None:
                near = _near_input(names, use, step)
                found.update(near[1:] if near else ())
    return frozenset(found)


@facet
def _types_of_undeclared(prompt: Prompt) -> dict[str, str]:
    """The types that the uses of undeclared names suggest, in picoschema's words; of the others a text is expected."""
    found: dict[str, str] = {}
    for use in scope(prompt).uses:
        if not use.steps or use.steps[0].status == "known":
            continue
        if len(use.steps) > 1 or use.kind == "context":
            found[use.steps[0].segment.name] = "any"
    for block in tree(prompt).of(BlockStatement):
        source = block.open.params[0] if block.open.params else None
        if called_name(block.open.path) == "each" and isinstance(source, PathExpression) and len(source.parts) == 1:
            found[source.parts[0]] = "array"
    return found


def _no_field(use: Use, step: Step) -> Finding:
    name = step.segment.name
    fields = [field for field, _, _ in step.owner.members()]
    near = get_close_matches(name, fields, 1, 0.75)
    fix = _rename(step.segment.range, near[0]) if near else None
    help = f"Did you mean `{near[0]}`?" if near else "Declare it in the input schema; now it renders as nothing."
    inner = _inside_already(use, fields)
    if inner is not None:
        fix = Fix(f"Write {inner}", (TextEdit(use.range, inner),), safe=False)
        help = f"The block is inside `{name}` already: write `{inner}`."
        return Finding(step.segment.range, f"`{name}` is not a field of {_owner(use, step)}", help=help, fix=fix)
    outer = _outer_path(use) if use.steps[0] is step and use.meant is not None else None
    if outer is not None:
        fix = Fix(f"Write {outer}", (TextEdit(use.range, outer),), safe=False)
        help = f"Write `{outer}` for the one around this block."
    return Finding(step.segment.range, f"`{name}` is not a field of {_owner(use, step)}", help=help, fix=fix)


def _owner(use: Use, step: Step) -> str:
    """What a name was looked up on, in words."""
    index = use.steps.index(step)
    if index > 0:
        return "`" + ".".join(each.segment.name for each in use.steps[:index]) + "`"
    context: Context | None = use.frame.context
    for _ in range(use.path.depth):
        context = context.parent if context else None
    if context is None or context.source is None:
        return "this value"
    source = f"`{context.source.original}`"
    return f"the items of {source}" if context.kind == "each" else source


def _inside_already(use: Use, fields: Sequence[str]) -> str | None:
    """`sku` for `items.sku` inside a block over `items`."""
    source = use.frame.context.source
    parts = use.path.parts
    fits = len(parts) > 1 and use.path.depth == 0 and parts[1] in fields
    return ".".join(parts[1:]) if fits and source is not None and source.original == parts[0] else None


def _outer_path(use: Use) -> str | None:
    """How the name of an outer context is reached from here."""
    context = use.frame.context.parent
    prefix = "../"
    while context is not None:
        if context.value.member(use.steps[0].segment.name).target is use.meant:
            return prefix + use.path.original
        context = context.parent
        prefix += "../"
    return None


def _rename(place: Range, name: str) -> Fix:
    return Fix(f"Write {name}", (TextEdit(place, name),), safe=False)


@rule("variables/unused", Severity.WARNING, certainty="likely", fixable="unsafe")
def unused(prompt: Prompt) -> Iterator[Finding]:
    """An input is declared and never used.

    The caller has to give it and it changes nothing; often a `{{…}}` was forgotten. Uses in conditions, arguments,
    sub-expressions and partials count, as does printing or passing on the whole input. `name?` and `name(array)`
    declare `name`. Nothing is reported where a partial cannot be read, since it may use anything, nor of an input whose
    misspelt name `variables/undefined` tells of.

    ```prompt bad
    ---
    input:
      schema:
        text: string
        audience?: string, who reads the summary
    ---
    Summarise: {{text}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        things(array): string
      default:
        persona: pirate
    ---
    {{#each things}}{{this}}{{/each}}
    ```

    ```prompt good
    ---
    input:
      schema:
        text: string
        tone?(enum, how to write): [formal, casual]
        tags(array): string
        style?: string
    ---
    {{#if (lookup this "style")}}{{#each tags}}{{this}}{{/each}}{{/if}}
    {{#ifEquals tone "formal"}}{{{text}}}{{/ifEquals}}
    ```

    ```prompt good
    ---
    input:
      schema:
        order: any
        buyer: string
    ---
    Check this order: {{json this indent=2}}
    ```

    ```prompt file _intro.prompt
    Write for {{audience}}.
    ```

    ```prompt good
    ---
    input:
      schema:
        audience: string
    ---
    {{> intro}}
    ```
    """
    names = scope(prompt)
    if names.everything_used or not _is_readable(prompt):
        return
    schema = names.inputs.schema
    for declaration in names.declarations:
        if declaration in names.used or declaration.name in _meant(prompt):
            continue
        if _is_misspelt_in_text(prompt, declaration.name):
            continue
        if declaration.source == "default":
            yield _unused(prompt, declaration, f"the default `{declaration.name}` belongs to no input that is used")
        elif schema is not None and schema.type.name is None:
            yield _unused(prompt, declaration, f"the input `{declaration.name}` is never used")


def _unused(prompt: Prompt, declaration: Declaration, message: str) -> Finding:
    edits = remove_input(prompt, declaration)
    fix = Fix(f"Remove {declaration.name}", edits, safe=False) if edits else None
    help = "Use it in the template, or remove it."
    return Finding(declaration.range, message, help=help, fix=fix, tags=("unnecessary",))


def _is_readable(prompt: Prompt) -> bool:
    """Whether the whole file could be read, and there is a template at all."""
    head = frontmatter(prompt)
    parsed = template(prompt)
    has_text = any(not isinstance(each, ContentStatement) or each.value.strip() for each in parsed.program.body)
    return head is not None and head.error is None and not parsed.errors and has_text


def _is_misspelt_in_text(prompt: Prompt, name: str) -> bool:
    """Whether a name stands in the braces of another template language, of which `template/foreign-syntax` tells."""
    seen = re.compile(rf"\{{[^{{}}\n]*\b{re.escape(name)}\b|<{re.escape(name)}>", re.I)
    contents = tree(prompt).of(ContentStatement)
    return any(seen.search(each.value) for each in contents if "{" in each.value or f"<{name}>" in each.value)


@rule("variables/shadowed", Severity.INFO, certainty="suggestion")
def shadowed(prompt: Prompt) -> Iterator[Finding]:
    """A block parameter has the name of an input, which it hides inside the block.

    Handlebars looks block parameters up first, so the input can be reached there as `@root.name` only. Readers take one
    for the other.

    ```prompt bad
    ---
    input:
      schema:
        name: string
        friends(array): string
    ---
    {{name}}: {{#each friends as |name|}}{{name}}{{/each}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        groups(array): any
    ---
    {{#each groups as |item|}}{{#each item.members as |item|}}{{item}}{{/each}}{{/each}}
    ```

    ```prompt good
    ---
    input:
      schema:
        name: string
        friends(array): string
    ---
    {{name}}: {{#each friends as |friend|}}{{friend}}{{/each}}
    ```

    ```prompt good
    ---
    input:
      schema:
        groups(array): any
        friends(array): string
    ---
    {{#each groups as |item|}}{{item}}{{/each}}{{#each friends as |item|}}{{item}}{{/each}}
    ```
    """
    names = scope(prompt)
    for frame in names.frames:
        if frame.parent is None or frame.parameters is frame.parent.parameters:
            continue
        for name, parameter in frame.parameters.items():
            outer = frame.parent.parameters.get(name)
            hidden: Declaration | Field | None = names.inputs.declarations.get(name)
            if outer is parameter or (outer is None and hidden is None):
                continue
            kind = "block parameter" if outer is not None else "input"
            where: Range | None = outer.node.range if outer is not None else None
            if outer is None and isinstance(hidden, Declaration):
                where = hidden.range
            yield Finding(
                parameter.node.range,
                f"the block parameter `{name}` hides the {kind} of that name",
                help="Give it another name.",
                related=(Related(f"the {kind} `{name}`", where),) if where else (),
            )


RULES = (undefined, unused, optional_unguarded, type_misuse, shadowed)
