"""Rules about input and output schemas that picoschema does not understand."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.broken_schema import BrokenSchema, broken_schema
from promptls.language.picoschema import input_schema, output_schema
from promptls.language.prompt import Prompt, frontmatter
from promptls.language.schema import SchemaProblem
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.rules.schema_defaults import default_mismatch
from promptls.lint.runtimes import consequences

_RUNTIMES_STOP = "dotprompt's runtimes stop with an error when such a prompt is loaded or rendered."


def _problems(prompt: Prompt, *kinds: str) -> Iterator[SchemaProblem]:
    """The problems of these kinds in both schemas; of a broken frontmatter only what breaks it is worth telling."""
    front = frontmatter(prompt)
    if front is None or front.error is not None:
        return
    for schema in (input_schema(prompt), output_schema(prompt)):
        for problem in schema.problems if schema else ():
            if problem.kind in kinds:
                yield problem


def _finding(problem: SchemaProblem, title: str) -> Finding:
    # What becomes "any" loses what its author said about it.
    safe = all(edit.text != "any" for edit in problem.edits)
    return Finding(
        range=problem.range,
        message=problem.message,
        help=_RUNTIMES_STOP,
        fix=Fix(title, problem.edits, safe=safe) if problem.edits else None,
    )


def _broken(prompt: Prompt, kind: str, title: str) -> Iterator[Finding]:
    """The slip of this kind that breaks the frontmatter's YAML, if that is what happened."""
    slip: BrokenSchema | None = broken_schema(prompt)
    if slip is not None and slip.kind == kind:
        yield Finding(
            range=slip.range,
            message=slip.message,
            help="It breaks the frontmatter's YAML. "
            + consequences(
                prompt,
                js="takes the whole file, frontmatter and all, as the prompt's text",
                python="refuses the file",
            ),
            fix=Fix(title, slip.edits, safe=True) if slip.edits else None,
        )


@rule("schema/invalid-type", Severity.ERROR, certainty="certain", fixable="safe")
def invalid_type(prompt: Prompt) -> Iterator[Finding]:
    """A type in a schema is none that picoschema has.

    The types are `string`, `number`, `integer`, `boolean`, `null` and `any`, and `array`, `object` and `enum` in the
    parentheses of a key. Everything else is taken for the name of a schema that the host has registered; both runtimes
    stop when there is none ("Picoschema: could not find schema"), and both refuse numbers, lists and other
    parentheses. Words that are no misspelt type are left to `schema/unknown-name`.

    ```prompt bad
    ---
    input:
      schema:
        name: {type: string, description: The name}
        tags: {type: array, items: {type: string}}
    ---
    {{name}} {{#each tags}}{{this}} {{/each}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        name: strng
        age: int, in years
    ---
    {{name}} is {{age}}.
    ```

    ```prompt bad
    ---
    input:
      schema:
        tags(list): string
    ---
    {{#each tags}}{{this}} {{/each}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        limit: 5
    ---
    At most {{limit}}.
    ```

    ```prompt good
    ---
    input:
      schema:
        name: string, as strng would be misspelt
        tags(array, a list): string
        kind(enum): [int, bool]
    ---
    {{name}} {{kind}} {{#each tags}}{{this}} {{/each}}
    ```

    ```prompt good
    ---
    input:
      schema:
        type: object
        properties:
          limit: {type: integer, minimum: 5}
    ---
    At most {{limit}}.
    ```

    ```prompt good
    ---
    output:
      schema: Recipe
    ---
    Write a recipe.
    ```
    """
    for problem in _problems(prompt, "invalid-type", "not-a-schema"):
        yield _finding(problem, "Correct the type")


@rule("schema/list-syntax", Severity.ERROR, certainty="certain", fixable="safe")
def list_syntax(prompt: Prompt) -> Iterator[Finding]:
    """A list is written as in TypeScript or Python instead of `name(array)`.

    Picoschema says in the key that a field is a list: `tags(array): string`. It takes `string[]` for the name of a
    schema and stops when there is none; `{...}[]` is not even YAML, so that JavaScript (dotprompt 1.1.2) takes the
    whole file as the prompt's text. Google's own samples hold both.

    ```prompt bad
    ---
    input:
      schema:
        tags: string[], what it is about
    ---
    {{#each tags}}{{this}} {{/each}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        items[]: {name: string}
    ---
    {{#each items}}{{name}} {{/each}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        items: { name: string, price: number }[]
    ---
    {{#each items}}{{name}}: {{price}} {{/each}}
    ```

    ```prompt good
    ---
    input:
      schema:
        tags(array, what it is about): string
        items(array): { name: string, price: number }
    ---
    {{#each tags}}{{this}} {{/each}}{{#each items}}{{name}}: {{price}} {{/each}}
    ```

    ```prompt good
    ---
    input:
      schema:
        code: string, such as string[] or {}[]
    ---
    {{code}}
    ```
    """
    yield from _broken(prompt, "list-syntax", "Write it as an array")
    for problem in _problems(prompt, "list-syntax"):
        yield _finding(problem, "Write it as an array")


@rule("schema/union-syntax", Severity.ERROR, certainty="certain", fixable="safe")
def union_syntax(prompt: Prompt) -> Iterator[Finding]:
    """Alternatives are joined by a bar, which picoschema does not have.

    A closed list of values is an enum: `mood(enum): [calm, lively]`. A field that may be null or absent has a question
    mark: `age?: integer`. Picoschema takes `calm | lively` for the name of a schema and stops; `"calm" | "lively"` is
    not even YAML, so that JavaScript (dotprompt 1.1.2) takes the whole file as the prompt's text. Google's own samples
    hold it. Alternatives between types can only become `any`, which says less, so that this fix is not safe.

    ```prompt bad
    ---
    input:
      schema:
        mood: "calm" | "lively"
    ---
    Be {{mood}}.
    ```

    ```prompt bad
    ---
    input:
      schema:
        age: integer | null, in years
        mood: calm | lively
    ---
    Be {{mood}}{{#if age}} at {{age}}{{/if}}.
    ```

    ```prompt good
    ---
    input:
      schema:
        mood(enum): ["calm", "lively"]
        age?: integer, in years
    ---
    Be {{mood}}{{#if age}} at {{age}}{{/if}}.
    ```

    ```prompt good
    ---
    input:
      schema:
        mood: string, calm | lively
    ---
    Be {{mood}}.
    ```
    """
    yield from _broken(prompt, "union-syntax", "Write it as an enum")
    for problem in _problems(prompt, "union-syntax"):
        yield _finding(problem, "Write it as picoschema does")


@rule("schema/unquoted-colon", Severity.ERROR, certainty="certain", fixable="safe")
def unquoted_colon(prompt: Prompt) -> Iterator[Finding]:
    """A description holds a colon followed by a blank, and no quotes keep YAML from reading a second key.

    `text: string, one of two: a letter or a note` is not YAML ("mapping values are not allowed in this context").
    JavaScript (dotprompt 1.1.2) then takes the whole file as the prompt's text, Python refuses it. The fix puts the
    value in quotes; a key whose parentheses hold the colon is quoted as a whole.

    ```prompt bad
    ---
    input:
      schema:
        text: string, one of two things: a letter or a note
    ---
    {{text}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        kind(enum, one of two: see below): [letter, note]
    ---
    {{kind}}
    ```

    ```prompt good
    ---
    input:
      schema:
        text: "string, one of two things: a letter or a note"
        "kind(enum, one of two: see below)": [letter, note]
    ---
    {{kind}} {{text}}
    ```

    ```prompt good
    ---
    input:
      schema:
        time: string, as in 12:30 or https://example.com
    ---
    {{time}}
    ```
    """
    return _broken(prompt, "unquoted-colon", "Put it in quotes")


@rule("schema/unknown-name", Severity.WARNING, certainty="certain", fixable="unsafe")
def unknown_name(prompt: Prompt) -> Iterator[Finding]:
    """A schema is named that the project does not declare.

    A word that is no type is the name of a schema that the host registers. The runtimes stop when there is none, and
    some hosts go on without a schema (genkit issue 1392). Only projects that list theirs in the setting `schemas` are
    checked, since nobody else can know.

    These examples are checked with the following settings.

    ```prompt file promptls.toml
    [schemas]
    Recipe = { title = "string", "steps(array)" = "string" }
    ```

    ```prompt bad
    ---
    output:
      schema: Receipt
    ---
    Write a recipe.
    ```

    ```prompt bad
    ---
    output:
      schema:
        best: Recipes, the best one
    ---
    Write two recipes.
    ```

    ```prompt good
    ---
    output:
      schema: Recipe
    ---
    Write a recipe.
    ```

    ```prompt good
    ---
    output:
      schema:
        best: Recipe, the best one
        recipe: string, a Receipt is none
    ---
    Write two recipes.
    ```
    """
    if not prompt.settings.schemas:
        return
    for problem in _problems(prompt, "unknown-name"):
        yield Finding(
            range=problem.range,
            message=problem.message,
            help="Correct the name, or declare the schema in the setting schemas.",
            fix=Fix("Correct the name", problem.edits, safe=False) if problem.edits else None,
        )


@rule("schema/enum-empty", Severity.ERROR, certainty="certain")
def enum_empty(prompt: Prompt) -> Iterator[Finding]:
    """A closed list has no members, so that no value fits it.

    JSON Schema wants at least one member, model providers refuse an output schema without, and no input can pass.

    ```prompt bad
    ---
    input:
      schema:
        mood(enum, mood of the text): []
    ---
    Be {{mood}}.
    ```

    ```prompt bad
    ---
    output:
      schema:
        label(enum):
    ---
    Classify it.
    ```

    ```prompt good
    ---
    input:
      schema:
        mood(enum, mood of the text): [calm]
    ---
    Be {{mood}}.
    ```

    ```prompt good
    ---
    output:
      schema:
        label(enum):
          - spam
          - ham
    ---
    Classify it.
    ```
    """
    for problem in _problems(prompt, "enum-empty"):
        yield Finding(
            range=problem.range,
            message=problem.message,
            help="List the allowed values: [first, second]",
        )


RULES = (
    invalid_type,
    list_syntax,
    union_syntax,
    unquoted_colon,
    unknown_name,
    enum_empty,
    default_mismatch,
)
