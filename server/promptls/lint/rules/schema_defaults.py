"""The rule about defaults that their schema does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.inputs import inputs
from promptls.language.prompt import Prompt, frontmatter
from promptls.language.schema import SchemaType
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.syntax.source import TextEdit
from promptls.syntax.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence, quoted, resolve


@rule("schema/default-mismatch", Severity.ERROR, certainty="certain", fixable="safe")
def default_mismatch(prompt: Prompt) -> Iterator[Finding]:
    """A default has another type than its schema says.

    Hosts check the input against the schema after they have filled in the defaults (Genkit does), so the prompt fails
    whenever the caller leaves that value out. A default of null is not judged. The fix puts quotes around a number
    where a text belongs, and removes them where a number does.

    ```prompt bad
    ---
    input:
      schema:
        count: integer
        tone(enum): [warm, cold]
      default:
        count: three
        tone: neutral
    ---
    {{count}} {{tone}} words.
    ```

    ```prompt bad
    ---
    input:
      schema:
        zip: string
        tags(array): string
        limit: number
      default:
        zip: 12345
        tags: news
        limit: "5"
    ---
    {{zip}} {{limit}} {{#each tags}}{{this}} {{/each}}
    ```

    ```prompt good
    ---
    input:
      schema:
        count: integer
        ratio: number
        zip: string
        tone?(enum): [warm, cold]
        tags(array): string
        place?: {city: string, extra?: any}
      default:
        count: 3
        ratio: 1
        zip: "12345"
        tone: warm
        tags: [news]
        place: {city: Graz, extra: 5}
    ---
    {{count}} {{ratio}} {{zip}} {{tone}} {{#each tags}}{{this}} {{/each}}{{place.city}}
    ```

    ```prompt good
    ---
    input:
      schema: Order
      default:
        count: three
    ---
    {{count}}
    ```
    """
    front = frontmatter(prompt)
    if front is None or front.error is not None:
        return
    for declaration in inputs(prompt).declarations.values():
        if declaration.field is not None and declaration.default is not None:
            related = Related("its type is declared here", declaration.field.key_range)
            yield from _mismatches(prompt, declaration.name, declaration.default.value, declaration.field.type, related)


def _mismatches(prompt: Prompt, path: str, node: YamlNode, type: SchemaType, related: Related) -> Iterator[Finding]:
    value = resolve(node)
    if isinstance(value, YamlScalar) and value.value is None:
        return
    if not _fits(value, type):
        written = prompt.text[node.range.start : node.range.end]
        shown = written if len(written) <= 30 and "\n" not in written else _kind(value)
        yield Finding(
            range=prompt.source.first_line(node.range),
            message=f"the default of {path} is {shown}, but the schema says {type.label}",
            help="Change the default or its type.",
            fix=_fix(node, type),
            related=(related,),
        )
    elif isinstance(value, YamlSequence) and type.type == "array" and type.items is not None:
        for number, item in enumerate(value.items):
            yield from _mismatches(prompt, f"{path}[{number}]", item, type.items, related)
    elif isinstance(value, YamlMapping) and type.type == "object":
        for entry in value.entries:
            field = type.field(entry.name) if entry.name is not None else None
            if field is not None:
                yield from _mismatches(prompt, f"{path}.{field.name}", entry.value, field.type, related)


def _fits(node: YamlNode, type: SchemaType) -> bool:
    if type.type in ("any", "named"):
        return True
    if type.type == "array":
        return isinstance(node, YamlSequence)
    if type.type == "object":
        return isinstance(node, YamlMapping)
    if not isinstance(node, YamlScalar):
        return type.type == "enum" and any(isinstance(member, list | dict) for member in type.values)
    value = node.value
    if type.type == "enum":
        return any(value == member and isinstance(value, bool) == isinstance(member, bool) for member in type.values)
    if isinstance(value, bool):
        return type.type == "boolean"
    if type.type == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, {"string": str, "number": int | float}.get(type.type, ()))


def _fix(node: YamlNode, type: SchemaType) -> Fix | None:
    if not isinstance(node, YamlScalar):
        return None
    if type.type == "string" and node.style == "plain":
        return Fix("Put it in quotes", (TextEdit(node.range, quoted(node.text)),), safe=True)
    digits = node.text.strip().removeprefix("-")
    if type.type in ("number", "integer") and digits.isascii() and digits.isdigit():
        return Fix("Remove the quotes", (TextEdit(node.range, node.text.strip()),), safe=True)
    return None


def _kind(node: YamlNode) -> str:
    if isinstance(node, YamlMapping):
        return "a mapping"
    return "a list" if isinstance(node, YamlSequence) else "another value"
