"""What is known of a value before the template runs: its type, and what its members are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from promptls.language.helpers import DataVariable, Helper
from promptls.language.inputs import Declaration, Inputs, is_closed
from promptls.language.schema import Field, SchemaType
from promptls.syntax.handlebars.nodes import BlockParam, HashPair


@dataclass(frozen=True, slots=True, eq=False)
class BlockParameter:
    """A name that a block gives to its item, key or context: `as |item index|`."""

    node: BlockParam
    value: Value

    @property
    def name(self) -> str:
        return self.node.name


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """A named argument of a partial's call, which is a name inside that partial."""

    pair: HashPair
    value: Value

    @property
    def name(self) -> str:
        return self.pair.key


Target = Declaration | Field | BlockParameter | Argument | DataVariable | Helper
Status = Literal["known", "unknown", "absent"]


class Member(NamedTuple):
    """What a name means on a value: `absent` where the value surely has none such, `unknown` where nobody can say."""

    status: Status
    value: Value
    target: Target | None = None


_NO_ARGUMENTS: Mapping[str, Argument] = MappingProxyType({})


class Value(NamedTuple):
    """A value: the prompt's whole input where `inputs` is set, else one of `type`, None where nothing is known.

    `arguments` are names that a partial's call adds to its context.
    """

    type: SchemaType | None = None
    inputs: Inputs | None = None
    arguments: Mapping[str, Argument] = _NO_ARGUMENTS

    def member(self, name: str) -> Member:
        """What `name` means on this value."""
        if argument := self.arguments.get(name):
            return Member("known", argument.value, argument)
        if self.inputs is not None:
            declaration = self.inputs.declarations.get(name)
            if declaration is not None:
                return Member("known", Value(declaration.type), declaration)
            return _ABSENT if self.inputs.complete else _UNKNOWN
        return _member_of_type(self.type, name)

    @property
    def is_opaque(self) -> bool:
        """Whether it may have members that nobody declared."""
        if self.inputs is not None:
            return not self.inputs.complete
        if self.type is None or self.type.type in ("any", "named"):
            return True
        return self.type.type == "object" and not is_closed(self.type)

    @property
    def item(self) -> Value:
        """One item of it, as `each` sees them."""
        if self.type is None or self.inputs is not None:
            return UNKNOWN
        if self.type.type == "array":
            return Value(self.type.items)
        return Value(self.type.additional) if not self.type.fields else UNKNOWN

    def members(self) -> Iterator[tuple[str, Target, SchemaType | None]]:
        """The names that are known to exist on it."""
        for name, argument in self.arguments.items():
            yield name, argument, argument.value.type
        if self.inputs is not None:
            for name, declaration in self.inputs.declarations.items():
                if name not in self.arguments:
                    yield name, declaration, declaration.type
        elif self.type is not None:
            for each in self.type.fields:
                if each.name not in self.arguments:
                    yield each.name, each, each.type


UNKNOWN = Value()
_UNKNOWN = Member("unknown", UNKNOWN)
_ABSENT = Member("absent", UNKNOWN)
_LENGTH = Member("known", UNKNOWN)


def _member_of_type(type: SchemaType | None, name: str) -> Member:
    if type is None or type.type in ("any", "named"):
        return _UNKNOWN
    if type.type == "object":
        found = type.field(name)
        if found is not None:
            return Member("known", Value(found.type), found)
        return _ABSENT if is_closed(type) else Member("unknown", Value(type.additional))
    if type.type in ("array", "string", "enum"):
        if name == "length":
            return _LENGTH
        if name.isdigit():
            return Member("known", Value(type.items))
    return _ABSENT
