"""What authors write in picoschema that it does not have, and what they should write instead.

Most come from other notations: TypeScript (`string[]`, `"a" | "b"`, `name?: string | null`), Python (`str`,
`list[int]`), JSON Schema. The catalogue follows the mistakes found in public files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from promptls.language.picoschema_syntax import KEY_TYPES, SCALAR_TYPES, FieldKey, text_start
from promptls.language.schema import ProblemKind, SchemaProblem
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence, resolve

ALIASES = {
    **dict.fromkeys(("str", "text", "varchar", "char", "date", "datetime", "url", "uri", "email", "uuid"), "string"),
    **dict.fromkeys(("int", "integers", "long", "int32", "int64"), "integer"),
    **dict.fromkeys(("float", "double", "decimal", "num", "real"), "number"),
    **dict.fromkeys(("bool", "boolen"), "boolean"),
    **dict.fromkeys(("none", "nil", "undefined", "void"), "null"),
    **dict.fromkeys(("object", "dict", "map", "record", "json", "unknown", "mixed"), "any"),
}
"""Words of other notations, in small letters, and what picoschema calls them."""

_LIST_WORDS = ("list", "array", "tuple", "set", "sequence")
_KEY_ALIASES = {
    **dict.fromkeys(_LIST_WORDS, "array"),
    **dict.fromkeys(("obj", "dict", "map", "record"), "object"),
    **dict.fromkeys(("enumeration", "choice", "choices", "union", "literal", "oneof"), "enum"),
}
_LIST = re.compile(
    r"(?P<item>.+?)\s{0,40}\[\s{0,40}\]\Z|(?:array|list)\s{0,40}(?:[<\[]|of\s)\s{0,40}(?P<inner>.+?)\s{0,40}[>\]]?\Z",
    re.IGNORECASE,
)
_NULLABLE = re.compile(
    r"(?P<type>.+?)\s{0,40}\|\s{0,40}(?:null|none|undefined)\Z|(?:null|none)\s{0,40}\|\s{0,40}(?P<after>.+)\Z",
    re.IGNORECASE,
)
_SPECIFIED = re.compile(
    r"(?P<type>[A-Za-z]+)\s*[-–—:(]?\s+(?P<description>\S.*?)\)?\Z|(?P<word>[A-Za-z]+)\((?P<inside>.*)\)\Z"
)
_NAME = re.compile(r"[A-Za-z_$][\w$./-]*\Z")
_PLAIN_MEMBER = re.compile(r"[A-Za-z0-9_][\w-]*(?: [\w-]+)*\Z")
_NO_PLAIN_STRING = frozenset({"true", "false", "null", "yes", "no", "on", "off"})


class Mistakes:
    """Names what is wrong in a schema; `named` are the schemas that a type may refer to."""

    def __init__(self, named: Sequence[str]) -> None:
        self._named = named

    def type(
        self, scalar: YamlScalar, word: str, description: str | None, key: FieldKey | None, *, top: bool
    ) -> SchemaProblem:
        """What is wrong with a value whose type is no scalar type and no named schema; `top` is the whole schema."""
        start = text_start(scalar)
        range = scalar.range if start is None else Range(start, start + len(word))
        if "\n" in word:
            message = "a type and its description stand on one line: name: string, the description"
            return SchemaProblem("invalid-type", message, range)
        stripped = word.strip()
        if match := _NULLABLE.match(stripped):
            return self._nullable((match["type"] or match["after"]).strip(), range, start, key)
        if match := _LIST.match(stripped):
            item = match["item"] or match["inner"]
            return self._whole_list(item, scalar, range) if top else self._list(item, range, start, key)
        if "|" in stripped or stripped.lower().startswith(("enum(", "enum[")):
            return self._union(scalar, description, range, key)
        if stripped.endswith("?"):
            return self._optional(stripped[:-1].rstrip(), range, start, key)
        if stripped.lower() in _LIST_WORDS:
            return self._list("any", range, start, key)
        if stripped.lower() == "enum":
            return SchemaProblem(
                "invalid-type", f"a closed list is written {_named(key)}(enum): [first, second]", range
            )
        if stripped in SCALAR_TYPES and stripped != word:
            message = f"a blank before the comma makes {word!r} another word"
            return SchemaProblem("invalid-type", message, range, _replacing(range, start, stripped))
        right = self._right_word(stripped)
        if right is not None:
            return _instead("invalid-type", stripped, right, range, start)
        return self._unknown(stripped, range, start)

    def _unknown(self, word: str, range: Range, start: int | None) -> SchemaProblem:
        if match := _SPECIFIED.match(word):
            right = self._right_word(match["type"] or match["word"])
            about = match["description"] or match["inside"]
            if right is not None and about:
                message = f"a comma divides a type from its description: {right}, {about}"
                return SchemaProblem("invalid-type", message, range, _replacing(range, start, f"{right}, {about}"))
        if _NAME.match(word):
            close = get_close_matches(word, self._named, 1, 0.75)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            message = f"{word!r} is neither a type of picoschema nor the name of a known schema{hint}"
            return SchemaProblem("unknown-name", message, range, _replacing(range, start, close[0]) if close else ())
        message = f"{word!r} is no type; a type comes first, then a comma and the description"
        edits = (TextEdit(Range(start, start), "string, "),) if start is not None and " " in word else ()
        return SchemaProblem("invalid-type", message, range, edits)

    def _right_word(self, word: str) -> str | None:
        """The type that was meant by a word of another notation or with a slip of the pen."""
        small = word.lower()
        if small in SCALAR_TYPES:
            return small
        if small in ALIASES:
            return ALIASES[small]
        if get_close_matches(word, self._named, 1, 0.75):
            return None
        close = get_close_matches(small, SCALAR_TYPES, 1, 0.75)
        return close[0] if close else None

    def _nullable(self, type: str, range: Range, start: int | None, key: FieldKey | None) -> SchemaProblem:
        if "|" in type or key is None:
            message = 'picoschema has no alternatives joined by |; "any" allows all types'
            return SchemaProblem("union-syntax", message, range, _replacing(range, start, "any"))
        message = f'picoschema has no "| null": a field that may be absent or null is written {key.name}?: {type}'
        edits = _together(_replacing(range, start, self._right_word(type) or type), _made_optional(key))
        return SchemaProblem("union-syntax", message, range, edits)

    def _optional(self, type: str, range: Range, start: int | None, key: FieldKey | None) -> SchemaProblem:
        message = f"the question mark belongs to the name: {_named(key)}?: {type}"
        edits = _together(_replacing(range, start, self._right_word(type) or type), _made_optional(key)) if key else ()
        return SchemaProblem("invalid-type", message, range, edits)

    def _list(self, item: str, range: Range, start: int | None, key: FieldKey | None) -> SchemaProblem:
        item = self._right_word(item) or item
        nested = not _NAME.match(item)
        message = f"picoschema has no such lists: a list is written {_named(key)}(array): {item}"
        edits: tuple[TextEdit, ...] = ()
        if nested:
            message = "picoschema writes lists as name(array): type, and lists of lists only in JSON Schema"
        elif key is not None:
            edits = _together(_replacing(range, start, item), _typed(key, "array"))
        return SchemaProblem("list-syntax", message, range, edits)

    def _whole_list(self, item: str, scalar: YamlScalar, range: Range) -> SchemaProblem:
        item = self._right_word(item) or item
        if item not in SCALAR_TYPES:
            return SchemaProblem(
                "list-syntax", "a schema that is a list is written in JSON Schema (type: array)", range
            )
        schema = f"{{type: array, items: {'{}' if item == 'any' else f'{{type: {item}}}'}}}"
        message = f"a schema that is a list is written in JSON Schema: {schema}"
        return SchemaProblem("list-syntax", message, range, (TextEdit(scalar.range, schema),))

    def _union(self, scalar: YamlScalar, description: str | None, range: Range, key: FieldKey | None) -> SchemaProblem:
        inside = re.sub(r"\A\s*enum\s*[(\[]|[)\]]\s*\Z", "", scalar.text, flags=re.IGNORECASE)
        listed = inside != scalar.text
        word = inside if listed or description is None else inside[: range.end - range.start]
        members = [part.strip().strip("\"'") for part in re.split(r"[|,]" if listed else r"\|", word)]
        if not listed and any(self._right_word(member) for member in members):
            message = 'picoschema has no alternatives joined by |; "any" allows all types'
            start = text_start(scalar)
            return SchemaProblem("union-syntax", message, range, _replacing(range, start, "any"))
        values = f"[{', '.join(_member(member) for member in members)}]"
        message = f"picoschema has no alternatives joined by |: a closed list is written {_named(key)}(enum): {values}"
        edits: tuple[TextEdit, ...] = ()
        if key is not None and all(members):
            type = "enum"
            if description and not listed:
                type = f"enum, {description}"
            if type == "enum" or re.match(r"[\w ,.;'’-]*\Z", type):
                edits = _together((TextEdit(scalar.range, values),), _typed(key, type))
        return SchemaProblem("union-syntax", message, range, edits)

    def no_type(self, scalar: YamlScalar, key: FieldKey | None) -> SchemaProblem:
        """What is wrong with a value that is a number, a truth value or nothing."""
        at = key.range if scalar.range.start == scalar.range.end and key is not None else scalar.range
        if scalar.value is None and scalar.text:
            message = "null without quotes is no type but nothing; the runtime reads an object without fields"
            return SchemaProblem("not-a-schema", message, at, (TextEdit(scalar.range, '"null"'),))
        if scalar.value is None:
            message = f"{_named(key)} has no type; the runtime reads an object without fields"
        else:
            message = f"{scalar.text} is no type; picoschema knows texts and mappings here"
        return SchemaProblem("not-a-schema", message, at)

    def json_schema(self, mapping: YamlMapping, key: FieldKey) -> SchemaProblem:
        """A field written in JSON Schema, of which picoschema takes every keyword for a field."""
        entries = {entry.name: resolve(entry.value) for entry in mapping.entries}
        type, about = entries.get("type"), entries.get("description")
        message = f"JSON Schema stands inside picoschema, which takes its keywords for fields of {key.name}"
        edits: tuple[TextEdit, ...] = ()
        if isinstance(type, YamlScalar) and type.text in SCALAR_TYPES and entries.keys() <= {"type", "description"}:
            described = f", {about.text}" if isinstance(about, YamlScalar) else ""
            written = json.dumps(f"{type.text}{described}", ensure_ascii=False)
            message += f"; here it is written {key.name}: {written}"
            edits = (TextEdit(mapping.range, written),) if mapping.flow else ()
        return SchemaProblem("invalid-type", message, key.range, edits)

    def sequence(self, node: YamlSequence, key: FieldKey | None) -> SchemaProblem:
        """What is wrong with a list where a type should be."""
        texts = [item.text for item in map(resolve, node.items) if isinstance(item, YamlScalar)]
        if len(texts) == len(node.items) > 1:
            message = f"a closed list is written {_named(key)}(enum): [{', '.join(texts[:3])}]"
            return SchemaProblem("union-syntax", message, node.range, _typed(key, "enum") if key else ())
        if len(node.items) != 1:
            return SchemaProblem(
                "not-a-schema", "a list is no type; picoschema knows texts and mappings here", node.range
            )
        message = f"a list is written {_named(key)}(array): followed by the type of its items, without brackets"
        edits: tuple[TextEdit, ...] = ()
        if node.flow and key is not None:
            item = node.items[0].range
            brackets = (
                TextEdit(Range(node.range.start, item.start), ""),
                TextEdit(Range(item.end, node.range.end), ""),
            )
            edits = _together(brackets, _typed(key, "array"))
        return SchemaProblem("list-syntax", message, node.range, edits)

    def enum(self, node: YamlNode, key: FieldKey) -> SchemaProblem | None:
        """What is wrong with the value of a closed list, if anything is."""
        value = resolve(node)
        if isinstance(value, YamlSequence):
            message = f"the closed list {key.name!r} has no members"
            return None if value.items else SchemaProblem("enum-empty", message, node.range)
        if isinstance(value, YamlMapping):
            return SchemaProblem("not-a-schema", "the members of a closed list are a list, not a mapping", node.range)
        if value.value is None:
            return SchemaProblem("enum-empty", f"the closed list {key.name!r} has no members", key.range)
        members = [part.strip().strip("\"'") for part in re.split(r"[|,]", value.text)]
        values = f"[{', '.join(_member(member) for member in members)}]"
        edits = (TextEdit(value.range, values),) if all(members) and node is value else ()
        return SchemaProblem(
            "union-syntax", f"the members of a closed list stand in brackets: {values}", node.range, edits
        )

    def key(self, key: FieldKey, entry: YamlEntry) -> Iterator[SchemaProblem]:
        """What is wrong with a key."""
        text = key.scalar.text
        start = text_start(key.scalar)
        if key.written_name != key.written_name.rstrip():
            edits: tuple[TextEdit, ...] = ()
            if start is not None and text[key_end := len(key.name)] == " ":
                edits = (TextEdit(Range(start + key_end, start + len(key.written_name)), ""),)
            yield SchemaProblem("invalid-type", "blanks before ? or ( become part of the name", key.range, edits)
        elif key.written_name.endswith("[]"):
            message = f"picoschema has no such lists: a list is written {key.name}(array)"
            start_of_brackets = None if start is None else start + len(key.written_name) - 2
            edits = _brackets_to_array(key, start_of_brackets)
            yield SchemaProblem("list-syntax", message, key.range, edits)
        if "(" not in text:
            return
        opening = text.index("(")
        closing = text.rfind(")")
        if closing < 0:
            edits = (TextEdit(Range(start + len(text), start + len(text)), ")"),) if start is not None else ()
            yield SchemaProblem("invalid-type", "the parenthesis of this key is never closed", key.range, edits)
        elif closing != len(text) - 1:
            yield self._after_parenthesis(key, text, closing, start)
        elif "(" in text[opening + 1 :]:
            yield SchemaProblem(
                "invalid-type", "the runtime cuts a key's description off at a second parenthesis", key.range
            )
        if closing == len(text) - 1 and key.type is not None and key.type not in KEY_TYPES:
            yield self._key_type(key, entry, opening, start)

    def _after_parenthesis(self, key: FieldKey, text: str, closing: int, start: int | None) -> SchemaProblem:
        rest = text[closing + 1 :]
        if rest.strip() == "?" and not key.optional:
            inside = text[len(key.written_name) : closing + 1]
            message = f"the question mark stands before the parenthesis: {key.name}?{inside}"
            end = key.name_end
            edits: tuple[TextEdit, ...] = ()
            if start is not None and end is not None:
                after = Range(start + closing + 1, start + len(text))
                edits = (TextEdit(Range(end, end), "?"), TextEdit(after, ""))
            return SchemaProblem("invalid-type", message, key.range, edits)
        return SchemaProblem("invalid-type", f"{rest.strip()!r} cannot stand after a key's parenthesis", key.range)

    def _key_type(self, key: FieldKey, entry: YamlEntry, opening: int, start: int | None) -> SchemaProblem:
        word = (key.type or "").strip()
        range = key.range
        if start is not None:
            begin = start + opening + 1
            range = Range(begin, begin + len(key.type or ""))
        close = get_close_matches(word.lower(), KEY_TYPES, 1, 0.7)
        right = word.lower() if word.lower() in KEY_TYPES else _KEY_ALIASES.get(word.lower())
        right = right or (close[0] if close else None)
        if right is not None:
            return _instead("invalid-type", word, right, range, None if start is None else range.start)
        scalar = self._right_word(word)
        if scalar is not None:
            description = f", {key.description}" if key.description else ""
            message = f"only array, object and enum stand in parentheses: {key.name}: {scalar}{description}"
            return SchemaProblem("invalid-type", message, range)
        return SchemaProblem("invalid-type", f"only array, object and enum stand in parentheses, not {word!r}", range)


def without_bare_comma(problem: SchemaProblem) -> SchemaProblem:
    """The problem without a change that would put a comma into a flow mapping, where it begins another entry."""
    bare = any(edit.text.startswith(SCALAR_TYPES) and "," in edit.text for edit in problem.edits)
    return replace(problem, edits=()) if bare else problem


def _instead(kind: ProblemKind, word: str, right: str, range: Range, start: int | None) -> SchemaProblem:
    message = f"picoschema has no type {word!r}; it is called {right!r}"
    if right == "any":
        message = (
            f"picoschema has no type {word!r}; an object is written as a mapping of its fields, and anything is 'any'"
        )
    return SchemaProblem(kind, message, range, _replacing(range, start, right))


def _named(key: FieldKey | None) -> str:
    return key.name if key else "name"


def _member(text: str) -> str:
    if re.fullmatch(r"-?\d+(?:\.\d+)?", text) or (_PLAIN_MEMBER.match(text) and text.lower() not in _NO_PLAIN_STRING):
        return text
    return json.dumps(text, ensure_ascii=False)


def _replacing(range: Range, start: int | None, text: str) -> tuple[TextEdit, ...]:
    return () if start is None else (TextEdit(range, text),)


def _together(*groups: tuple[TextEdit, ...]) -> tuple[TextEdit, ...]:
    """All edits, or none if one part of the change could not be written."""
    return tuple(edit for group in groups for edit in group) if all(groups) else ()


def _made_optional(key: FieldKey) -> tuple[TextEdit, ...]:
    end = key.name_end
    if end is None:
        return ()
    return (TextEdit(Range(end, end), "" if key.optional else "?"),)


def _brackets_to_array(key: FieldKey, start: int | None) -> tuple[TextEdit, ...]:
    """`name[]` as `name(array)`, where the key has no parentheses yet."""
    if start is None or key.type is not None:
        return ()
    return (TextEdit(Range(start, start + 2 + key.optional), f"{'?' if key.optional else ''}(array)"),)


def _typed(key: FieldKey, type: str) -> tuple[TextEdit, ...]:
    """The type in a key's parentheses, put there or found there."""
    end = key.name_end
    if end is None or (key.type is not None and key.type != type):
        return ()
    return (TextEdit(Range(end, end), "" if key.type == type else f"({type})"),)
