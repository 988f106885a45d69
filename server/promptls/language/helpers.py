"""The catalogue of helpers: one table that hover, completion, signature help, lint and the renderer all read.

Facts: Handlebars 4.7's built-in helpers and google/dotprompt's own, as their runtimes behave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from promptls.language.prompt import Prompt, facet

HelperForm = Literal["inline", "block", "either"]


@dataclass(frozen=True, slots=True)
class HelperParameter:
    """An argument: positional, or named (`name=value`) when it stands in `Helper.hash`."""

    name: str
    type: str
    documentation: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Helper:
    """What a helper takes and does.

    `form` says whether it is called inline (`{{json x}}`), as a block (`{{#if x}}…{{/if}}`) or either way. `snippet` is
    an insertion in LSP snippet syntax, without the braces of the tag for inline helpers and whole for blocks.
    `variadic` means that more positional arguments may follow; `open_hash` that any named argument may.
    """

    name: str
    form: HelperForm
    origin: Literal["handlebars", "dotprompt", "settings"]
    summary: str
    documentation: str
    parameters: tuple[HelperParameter, ...] = ()
    hash: tuple[HelperParameter, ...] = ()
    snippet: str = ""
    example: str = ""
    variadic: bool = False
    open_hash: bool = False
    has_else: bool = False
    block_params: int = 0

    @property
    def required(self) -> int:
        """How many positional arguments it cannot do without."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def signature(self) -> str:
        """The call as a template writes it, optional arguments in brackets."""
        words = [f"[{p.name}]" if p.optional else p.name for p in self.parameters]
        words += [f"[{p.name}=…]" if p.optional else f"{p.name}=…" for p in self.hash]
        opening = "{{#" if self.form == "block" else "{{"
        return opening + " ".join([self.name, *words]) + "}}"


@dataclass(frozen=True, slots=True)
class DataVariable:
    """A name after `@` that Handlebars or dotprompt provides."""

    name: str
    type: str
    documentation: str
    inside: tuple[str, ...] = ()


ROLES: Mapping[str, str] = MappingProxyType(
    {
        "system": "Instructions that stand above the conversation.",
        "user": "What the person says; the first message is the user's unless a role comes first.",
        "model": "What the model answered, in history or as an example.",
        "tool": "What a tool returned.",
    }
)

_VALUE = HelperParameter("value", "any", "The value to look at.")
_LEFT = HelperParameter("left", "any", "The first value.")
_RIGHT = HelperParameter("right", "any", "The value to compare it with.")
_INCLUDE_ZERO = HelperParameter("includeZero", "boolean", "Whether the number 0 counts as a value.", optional=True)

_TABLE = (
    Helper(
        "if",
        "block",
        "handlebars",
        "Renders its content when the value is there.",
        "False, `null`, an empty string, an empty list and 0 count as absent; `includeZero=true` lets 0 pass.",
        (_VALUE,),
        (_INCLUDE_ZERO,),
        "{{#if ${1:value}}}\n$0\n{{/if}}",
        "{{#if name}}Hello {{name}}.{{else}}Hello.{{/if}}",
        has_else=True,
    ),
    Helper(
        "unless",
        "block",
        "handlebars",
        "Renders its content when the value is absent.",
        "The opposite of `if`: false, `null`, an empty string, an empty list and 0 count as absent.",
        (_VALUE,),
        (_INCLUDE_ZERO,),
        "{{#unless ${1:value}}}\n$0\n{{/unless}}",
        "{{#unless history}}This is the first question.{{/unless}}",
        has_else=True,
    ),
    Helper(
        "each",
        "block",
        "handlebars",
        "Renders its content once for every item of a list or property of an object.",
        "Inside, `this` is the item and its fields are names of their own; `@index`, `@key`, `@first` and `@last` tell "
        "the place; `../` reaches the outside. `{{else}}` is rendered when there are no items.",
        (HelperParameter("items", "array or object", "What to go through."),),
        (),
        "{{#each ${1:items} as |${2:item}|}}\n$0\n{{/each}}",
        "{{#each documents as |document|}}\n- {{document.title}}\n{{/each}}",
        has_else=True,
        block_params=2,
    ),
    Helper(
        "with",
        "block",
        "handlebars",
        "Makes a value the current context of its content.",
        "Inside, the value's fields are names of their own and `../` reaches the outside. `{{else}}` is rendered when "
        "the value is absent.",
        (HelperParameter("context", "any", "The value to enter."),),
        (),
        "{{#with ${1:value} as |${2:name}|}}\n$0\n{{/with}}",
        "{{#with user}}{{name}}, {{age}}{{/with}}",
        has_else=True,
        block_params=1,
    ),
    Helper(
        "lookup",
        "inline",
        "handlebars",
        "Takes a field or an item by a computed name.",
        "`{{lookup names @index}}` is the item of `names` at the current index.",
        (
            HelperParameter("object", "object or array", "Where to look."),
            HelperParameter("field", "string or integer", "Which field or index to take."),
        ),
        (),
        "lookup ${1:object} ${2:field}",
        "{{lookup translations language}}",
    ),
    Helper(
        "log",
        "inline",
        "handlebars",
        "Writes its arguments to the host's log and renders nothing.",
        "The level is `debug`, `info` (the default), `warn` or `error`.",
        (HelperParameter("value", "any", "What to log.", optional=True),),
        (HelperParameter("level", "string", "The severity in the log.", optional=True),),
        "log ${1:value}",
        '{{log user level="debug"}}',
        variadic=True,
    ),
    Helper(
        "role",
        "inline",
        "dotprompt",
        "Begins a message of this role.",
        "Everything up to the next role belongs to that message. It is never a block: in "
        '`{{#role "system"}}…{{/role}}` the content is dropped without a word.',
        (HelperParameter("name", "string", "`system`, `user`, `model` or `tool`."),),
        (),
        'role "${1|system,user,model,tool|}"',
        '{{role "system"}}\nYou are a careful translator.',
    ),
    Helper(
        "history",
        "inline",
        "dotprompt",
        "Inserts the conversation so far.",
        "What follows belongs to a model message until the next role, so a role should follow at once. Without it, the "
        "history goes before the last user message.",
        (),
        (),
        "history",
        '{{history}}\n{{role "user"}}\n{{question}}',
    ),
    Helper(
        "media",
        "inline",
        "dotprompt",
        "Adds a picture, sound, video or document to the message.",
        "The URL may be a data URL and must not hold spaces. The content type is needed where the URL does not tell.",
        (),
        (
            HelperParameter("url", "string", "Where the medium is."),
            HelperParameter("contentType", "string", "Its MIME type, such as `image/png`.", optional=True),
        ),
        "media url=${1:url}",
        '{{media url=photo contentType="image/jpeg"}}',
    ),
    Helper(
        "section",
        "inline",
        "dotprompt",
        "Marks a place that the host fills, such as output instructions.",
        "It adds a pending part with this purpose. It is never a block: content between `{{#section}}` and "
        "`{{/section}}` is dropped without a word.",
        (HelperParameter("name", "string", "The purpose, such as `output`."),),
        (),
        'section "${1:output}"',
        '{{section "output"}}',
    ),
    Helper(
        "json",
        "inline",
        "dotprompt",
        "Writes a value as JSON.",
        "`indent=2` spreads it over lines, two blanks a level.",
        (HelperParameter("value", "any", "What to write."),),
        (HelperParameter("indent", "integer", "How many blanks a level is indented by.", optional=True),),
        "json ${1:value}",
        "{{json order indent=2}}",
    ),
    Helper(
        "ifEquals",
        "block",
        "dotprompt",
        "Renders its content when both values are the same.",
        'The comparison is strict: 5 is not "5".',
        (_LEFT, _RIGHT),
        (),
        '{{#ifEquals ${1:value} "${2:text}"}}\n$0\n{{/ifEquals}}',
        '{{#ifEquals tone "formal"}}Address the reader as "you".{{/ifEquals}}',
        has_else=True,
    ),
    Helper(
        "unlessEquals",
        "block",
        "dotprompt",
        "Renders its content when the values differ.",
        'The comparison is strict: 5 is not "5".',
        (_LEFT, _RIGHT),
        (),
        '{{#unlessEquals ${1:value} "${2:text}"}}\n$0\n{{/unlessEquals}}',
        '{{#unlessEquals language "en"}}Translate it first.{{/unlessEquals}}',
        has_else=True,
    ),
)

BUILT_IN_HELPERS: Mapping[str, Helper] = MappingProxyType({helper.name: helper for helper in _TABLE})

DATA_VARIABLES: Mapping[str, DataVariable] = MappingProxyType(
    {
        variable.name: variable
        for variable in (
            DataVariable("index", "integer", "The place of the current item, from 0.", ("each",)),
            DataVariable("key", "string", "The name of the current property, or the index of the item.", ("each",)),
            DataVariable("first", "boolean", "Whether this is the first item.", ("each",)),
            DataVariable("last", "boolean", "Whether this is the last item.", ("each",)),
            DataVariable("root", "object", "The prompt's own input, from any depth."),
            DataVariable("partial-block", "partial", "The content that a `{{#> name}}` block hands to the partial."),
            DataVariable("metadata", "object", "The prompt's metadata, documents and messages."),
            DataVariable("state", "object", "The session's state, from the host; empty where the host gives none."),
            DataVariable("auth", "object", "Who is calling, from the host; empty where the host gives none."),
            DataVariable("user", "object", "The user, from the host; empty where the host gives none."),
            DataVariable("level", "string", "The level below which `log` is silent."),
        )
    }
)


@facet
def helpers(prompt: Prompt) -> Mapping[str, Helper]:
    """Every helper that templates of this prompt may call: the built-in ones and those that its settings declare."""
    declared = prompt.settings.helpers
    if not declared:
        return BUILT_IN_HELPERS
    extra = {
        name: Helper(
            name, "either", "settings", "A helper that this project declares.", "", variadic=True, open_hash=True
        )
        for name in declared
        if name not in BUILT_IN_HELPERS
    }
    return MappingProxyType({**BUILT_IN_HELPERS, **extra})
