"""What stands against another name for a variable: names that are taken, and places that cannot follow."""

from __future__ import annotations

import re

from promptls.ide.edits import Refused
from promptls.ide.variable_groups import Group, Member
from promptls.ide.variables import Mention, Slot, Variables, tag_of, variables
from promptls.language.files import identity, is_partial
from promptls.language.helpers import helpers
from promptls.language.prompt import Prompt, frontmatter, template
from promptls.language.resolution import Context, PartialCall, Use
from promptls.language.scope import scope
from promptls.language.uses import called_name
from promptls.language.values import Value
from promptls.syntax.handlebars.nodes import StringLiteral, SubExpression, Tag, path_to
from promptls.syntax.yaml_nodes import yaml_1_1_type

_IDENTIFIER = re.compile(r"(?:[^\W\d]|\$)[\w$-]*\Z")
_RESERVED = frozenset({"as", "else", "false", "null", "this", "true", "undefined"})

# Of the built-in helpers that take any value these tell the names of its fields; helpers of the host may, too.
_TELLING = frozenset({"json", "each"})


def check_identifier(name: str) -> None:
    """Raise `Refused` for what cannot be written as a plain name both in templates and as a YAML key."""
    if not _IDENTIFIER.match(name):
        raise Refused(
            f"`{name}` is not a plain name: that begins with a letter, `_` or `$` and has only these, digits and `-`."
        )
    if name in _RESERVED:
        raise Refused(f"`{name}` has a meaning of its own in Handlebars.")
    if (type := yaml_1_1_type(name)) != "text":
        raise Refused(f"YAML 1.1 reads `{name}` as {type}, not as a text.")


class RenameChecks:
    """Whether `new` can take the place of `old` without changing what any prompt renders.

    The methods raise `Refused`. `prompt` is the one that the person looks at.
    """

    def __init__(self, prompt: Prompt, old: str, new: str) -> None:
        self._prompt = prompt
        self._old = old
        self._new = new

    def check(self, group: Group) -> None:
        """Check everything that would be renamed together."""
        texts = {identity(each): each for entry, mention in group.members for each in (entry, mention.text)}
        for text in texts.values():
            self._text(text)
        slots: dict[tuple[object, Slot | None], Member] = {}
        for member in group.members:
            slots.setdefault((identity(member.entry), member.mention.slot), member)
        for member in slots.values():
            self._slot(variables(member.entry), member.mention)
        for member in group.members:
            self._prompt.check_cancelled()
            self._mention(member.mention)
        for member in group.doubtful:
            self._doubtful(member)

    def _text(self, text: Prompt) -> None:
        head = frontmatter(text)
        if head is not None and head.error is not None:
            raise Refused(f"The frontmatter of {_name(text)} cannot be read: {head.error.message}.")
        if self._new in helpers(text):
            raise Refused(f"`{self._new}` is the name of a helper.")

    def _mention(self, mention: Mention) -> None:
        slot, use, step = mention.slot, mention.use, mention.step
        where = self._where(mention)
        if mention.text.text[mention.range.start : mention.range.end] != self._old:
            raise Refused(f"`{self._old}` is written with escapes {where}.")
        if use is None or step is None or slot is None:
            return
        if not _is_sure(use):
            raise Refused(f"What `{self._old}` means {where} depends on what the block around it runs on.")
        path = use.path
        if slot.kind != "parameter":
            is_bare = not path.is_scoped and not path.data and path.part_segments[:1] == (step.segment,)
            if is_bare and self._new in use.frame.parameters:
                raise Refused(f"`{self._new}` is a block parameter {where} and would hide the renamed name.")
            owner = Value(arguments=step.owner.arguments) if slot.kind == "argument" else step.owner
            if owner.member(self._new).status == "known":
                raise Refused(f"There is a `{self._new}` already {where}.")

    def _slot(self, known: Variables, mention: Mention) -> None:
        slot = mention.slot
        if slot is None:
            return
        if slot.kind == "parameter":
            self._parameter(mention.text, slot)
            return
        if slot.kind == "argument":
            if mention.kind == "argument":
                self._argument(known, mention)
            return
        fields = known.fields.get(slot)
        declared = fields.siblings if fields else scope(known.prompt).inputs.declarations
        if self._new in declared or (slot.kind == "input" and self._new in scope(known.prompt).inputs.declarations):
            raise Refused(f"{_name(known.prompt)} declares `{self._new}` already.")
        if fields and fields.is_repeated:
            raise Refused(f"{_name(known.prompt)} declares `{self._old}` twice.")
        if slot.kind == "input" and (same := known.by_slot.get(Slot("input", self._new))):
            raise Refused(f"`{self._new}` is used already {self._where(same[0])}.")
        for use in known.uses:
            self._whole(known, slot, use)
        for text, call in known.calls:
            self._call(text, call)

    def _argument(self, known: Variables, mention: Mention) -> None:
        for text, call in known.calls:
            pairs = tag_of(call.node).hash
            if text is not mention.text or not any(pair.key_range.encloses(mention.range) for pair in pairs):
                continue
            where = self._where(mention)
            if call.inline:
                raise Refused(f"`{self._old}` is given to an inline partial {where}, whose uses of it cannot be told.")
            if any(pair.key == self._new for pair in pairs):
                raise Refused(f"The call has an argument `{self._new}` already {where}.")

    def _parameter(self, text: Prompt, slot: Slot) -> None:
        declared = (identity(text), self._old)
        for frame in scope(text).frames:
            parameter = frame.parameters.get(self._old)
            if parameter and slot.key == (declared[0], parameter.node.range.start) and self._new in frame.parameters:
                raise Refused(f"`{self._new}` is a block parameter there already.")
        for use in scope(text).uses:
            parameter = use.frame.parameters.get(self._old)
            if parameter is None or slot.key != (declared[0], parameter.node.range.start):
                continue
            path = use.path
            if not path.is_scoped and not path.data and path.parts[:1] == (self._new,):
                where = self._where(Mention(text, use.range, None, "use"))
                raise Refused(f"The block uses another `{self._new}` {where}, which would become the block parameter.")

    def _doubtful(self, member: Member) -> None:
        """A place that has to change for one prompt, and of which another prompt does not know what it is there."""
        entry, mention = member
        step = mention.step
        if is_partial(entry) or step is None:
            return
        if step.status == "absent" and step.owner.member(self._new).status == "absent":
            return
        raise Refused(
            f"{_name(entry)} includes {_name(mention.text)} too, and nothing tells what `{self._old}` is there."
        )

    def _whole(self, known: Variables, slot: Slot, use: Use) -> None:
        """A use of what the variable is a part of, by something that may tell or look up the names of the parts."""
        if use.kind not in ("argument", "context", "condition") or not _holds(known, slot, use.value):
            return
        call = _call_around(use)
        name = called_name(call.path) if call is not None else None
        if call is None or name is None:
            return
        where = self._where(Mention(use.prompt, use.range, None, "use"))
        if name == "lookup":
            if call.params[:1] == (use.path,) and not isinstance(call.params[-1], StringLiteral):
                raise Refused(f"A computed name is looked up {where}, which may be `{self._old}`.")
            return
        helper = helpers(use.prompt).get(name)
        if name == "each" and not _has(known, slot, use.value):
            return
        if helper is not None and helper.origin != "settings" and name not in _TELLING:
            return
        raise Refused(f"The helper `{name}` is given everything around `{self._old}` {where}, and may print its name.")

    def _call(self, text: Prompt, call: PartialCall) -> None:
        where = self._where(Mention(text, call.node.range, None, "use"))
        if call.name is None:
            raise Refused(f"A partial with a computed name is included {where}, and it may use `{self._old}`.")
        if call.inline:
            return
        if call.prompt is None:
            raise Refused(f"The partial `{call.name}` {where} was not found, and it may use `{self._old}`.")
        if not (call.uses or call.calls) and (scope(call.prompt).uses or scope(call.prompt).calls):
            raise Refused(
                f"The partial `{call.name}` {where} includes itself, so that its names may mean several things."
            )

    def _where(self, mention: Mention) -> str:
        line = mention.text.source.line_at(mention.range.start) + 1
        return f"on line {line}" if mention.text is self._prompt else f"on line {line} of {_name(mention.text)}"


def _name(prompt: Prompt) -> str:
    return prompt.path.name if prompt.path is not None else "this prompt"


def _is_sure(use: Use) -> bool:
    """Whether it is known on what the blocks around a use run."""
    if use.path.data or (use.steps and use.path.parts[:1] and use.path.parts[0] in use.frame.parameters):
        return True
    context: Context | None = use.frame.context
    for _ in range(use.path.depth):
        if context is None or context.kind == "unsure":
            return False
        context = context.parent
    return context is not None and context.kind != "unsure"


def _has(known: Variables, slot: Slot, value: Value) -> bool:
    """Whether a variable is a direct part of a value."""
    if slot.kind == "input":
        return value.inputs is not None
    return value.type is not None and slot in known.fields and id(value.type) in known.fields[slot].owners


def _holds(known: Variables, slot: Slot, value: Value) -> bool:
    """Whether a variable is a part of a value, at any depth."""
    if slot.kind == "input" or value.inputs is not None:
        return value.inputs is not None
    return value.type is not None and slot in known.fields and id(value.type) in known.fields[slot].holders


def _call_around(use: Use) -> Tag | SubExpression | None:
    """The call that a path is an argument of."""
    nodes = path_to(template(use.prompt).program, use.range.start)
    calls = (node for node in reversed(nodes) if isinstance(node, Tag | SubExpression) and node.path.range != use.range)
    return next(calls, None)
