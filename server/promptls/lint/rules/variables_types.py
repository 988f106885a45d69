"""Rules about inputs whose type does not fit their use."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.inputs import Declaration
from promptls.language.prompt import Prompt, facet
from promptls.language.resolution import Step, Use
from promptls.language.schema import Field, SchemaType
from promptls.language.scope import Scope, scope
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.rules.template_syntax import is_broken
from promptls.syntax.handlebars.nodes import BlockStatement, MustacheStatement, PathExpression
from promptls.syntax.source import Range, TextEdit

_SCALARS = frozenset({"string", "number", "integer", "boolean", "null", "enum"})


@rule("variables/optional-unguarded", Severity.INFO, certainty="suggestion", fixable="unsafe")
def optional_unguarded(prompt: Prompt) -> Iterator[Finding]:
    """An optional input without a default is printed without a test whether it is there.

    Where the caller leaves it out, nothing is printed in its place ("in the style of ."); `{{json x}}` prints the word
    `undefined`, and `{{media url=x}}` sends a medium with the address `undefined` (seen by running dotprompt 1.1.2).

    ```prompt bad
    ---
    input:
      schema:
        topic: string
        style?: string
    ---
    Write about {{topic}} in the style of {{style}}.
    ```

    ```prompt bad
    ---
    input:
      schema:
        photo?: string
    ---
    Describe this: {{media url=photo}}
    ```

    ```prompt good
    ---
    input:
      schema:
        topic: string
        style?: string
        length?: string
      default:
        length: short
    ---
    Write a {{length}} text about {{topic}}{{#if style}} in the style of {{style}}{{/if}}.
    ```

    ```prompt good
    ---
    input:
      schema:
        user?(object):
          name: string
        tags?(array): string
        photo?: string
    ---
    {{#with user}}{{name}}{{/with}}{{#each tags}}{{this}}{{/each}}
    {{#if photo}}{{media url=photo}}{{else}}No picture.{{/if}}
    ```
    """
    names = scope(prompt)
    for use in names.uses:
        step = next((each for each in use.steps if _is_optional(names, each)), None)
        mustache = _printed(prompt).get(use.range) if step is not None else None
        if step is None or mustache is None or not use.certain or use.guarded or is_broken(prompt, mustache.range):
            continue
        name = use.path.original
        text = prompt.text[slice(*mustache.range)]
        wrapped = f"{{{{#if {name}}}}}{text}{{{{/if}}}}"
        yield Finding(
            use.range,
            f"`{step.segment.name}` is optional and has no default, but nothing tests whether it is there",
            help=f"Write {wrapped}, or give it a default.",
            fix=Fix(f"Wrap it in {{{{#if {name}}}}}", (TextEdit(mustache.range, wrapped),), safe=False),
        )


@facet
def _printed(prompt: Prompt) -> dict[Range, MustacheStatement]:
    """The tags that print a value, by the place of that value."""
    found = {}
    for mustache in tree(prompt).of(MustacheStatement):
        tag = mustache.tag
        if not tag.params and not tag.hash:
            found[tag.path.range] = mustache
        elif called_name(tag.path) == "json" and tag.params:
            found[tag.params[0].range] = mustache
        elif called_name(tag.path) == "media":
            found.update((pair.value.range, mustache) for pair in tag.hash if pair.key == "url")
    return found


def _is_optional(names: Scope, step: Step) -> bool:
    target = step.target
    if isinstance(target, Declaration):
        owner = names.inputs.schema.type if names.inputs.schema else None
        left_out = target.source == "schema" and target.optional and not target.has_default
        return left_out and _tells_optional(names, owner)
    return isinstance(target, Field) and target.optional and _tells_optional(names, step.owner.type)


def _tells_optional(names: Scope, owner: SchemaType | None) -> bool:
    """Whether an object's author said which fields are optional: a JSON Schema without `required` says it of none."""
    schema = names.inputs.schema
    if owner is None or schema is None:
        return False
    return schema.form != "json-schema" or bool(owner.json.get("required"))


@rule("variables/type-misuse", Severity.WARNING, certainty="likely", fixable="unsafe")
def type_misuse(prompt: Prompt) -> Iterator[Finding]:
    """A value is used in a way that its declared type does not allow.

    `each` over a single value renders nothing, a field of a text or a number is nothing, a list has no fields but its
    length, and an object printed as it is becomes `[object Object]` in the JavaScript runtime.

    ```prompt bad
    ---
    input:
      schema:
        name: string
    ---
    {{#each name}}{{this}}{{/each}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        name: string
        friends(array):
          age: integer
    ---
    {{name.first}} has friends of {{friends.age}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        user:
          name: string
    ---
    Write to {{user}}
    ```

    ```prompt good
    ---
    input:
      schema:
        name: string
        friends(array):
          age: integer
        user:
          name: string
    ---
    {{name.length}} {{friends.length}} {{friends.0.age}} {{json user}} {{user.name}}
    {{#each friends}}{{age}}{{/each}}{{#each user}}{{@key}}: {{this}}{{/each}}
    ```

    ```prompt good
    ---
    input:
      schema:
        value: any
        tags(array): string
    ---
    {{value.name}}{{#each value}}{{this}}{{/each}} {{tags}}
    ```
    """
    names = scope(prompt)
    for use in names.uses:
        if use.kind == "helper":
            continue
        absent = next((step for step in use.steps if step.status == "absent"), None)
        if absent is not None:
            yield from _no_such_field(use, absent)
            continue
        type = use.value.type
        if type is None or not use.certain:
            continue
        if use.kind == "context" and type.type in _SCALARS and use.range in _looped(prompt):
            yield Finding(use.range, f"`{use.path.original}` is {_a(type)}, and #each needs a list or an object")
        elif use.kind == "read" and type.type == "object":
            name = use.path.original
            fix = Fix(f"Write {{{{json {name}}}}}", (TextEdit(use.range, f"json {name}"),), safe=False)
            yield Finding(
                use.range,
                f"`{name}` is an object, which prints as [object Object]",
                help=f"Print a field of it, or {{{{json {name}}}}}.",
                fix=fix,
            )


@facet
def _looped(prompt: Prompt) -> frozenset[Range]:
    """The places of the values that `each` goes through."""
    return frozenset(
        block.open.params[0].range
        for block in tree(prompt).of(BlockStatement)
        if called_name(block.open.path) == "each"
        and block.open.params
        and isinstance(block.open.params[0], PathExpression)
    )


def _no_such_field(use: Use, step: Step) -> Iterator[Finding]:
    type = step.owner.type
    if type is None or step.owner.inputs is not None or type.type not in (*_SCALARS, "array"):
        return
    index = use.steps.index(step)
    owner = ".".join(each.segment.name for each in use.steps[:index]) if index else "this"
    name = step.segment.name
    help = f"Go through it with {{{{#each {owner}}}}}." if type.type == "array" else "It renders as nothing."
    yield Finding(step.segment.range, f"`{owner}` is {_a(type)}, which has no field `{name}`", help=help)


def _a(type: SchemaType) -> str:
    """A type in words, with its article."""
    words = {"array": "a list", "integer": "an integer", "enum": "a single value", "null": "null"}
    return words.get(type.type, f"a {type.type}")
