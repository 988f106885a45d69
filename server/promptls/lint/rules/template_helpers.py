"""Rules about calls of helpers: whether there is such a helper, and whether it can be called so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from promptls.language.helpers import ROLES, Helper, helpers
from promptls.language.prompt import Prompt, facet, template
from promptls.language.resolution import Use
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.rules.template_syntax import is_broken, unopened_blocks
from promptls.syntax.handlebars.nodes import (
    BlockParam,
    BlockStatement,
    Expression,
    HashPair,
    MustacheStatement,
    PathExpression,
    SubExpression,
    Tag,
)
from promptls.syntax.source import Range, TextEdit

# What other template languages call the comparison blocks.
_SYNONYMS = {
    **dict.fromkeys(("eq", "equals", "equal", "is", "ifEq", "ifeq", "ifEqual", "compare"), "ifEquals"),
    **dict.fromkeys(("ne", "neq", "isnt", "unlessEq", "ifNotEquals", "notEquals"), "unlessEquals"),
    **dict.fromkeys(("foreach", "forEach", "for", "loop"), "each"),
}
_ELSE_IF = frozenset({"elif", "elseif", "elsif", "elseIf"})


@dataclass(frozen=True, slots=True)
class _Call:
    """A call of a helper, from whichever node it was written as."""

    name: str
    place: Range
    params: tuple[Expression, ...]
    hash: tuple[HashPair, ...]
    block: BlockStatement | None = None
    block_params: tuple[BlockParam, ...] = ()
    nested: bool = False


def _calls(prompt: Prompt, known: Mapping[str, Helper]) -> Iterator[tuple[_Call, Helper]]:
    """Every call of a helper that the format itself has, tags with syntax errors excepted."""
    nodes = tree(prompt)
    tags: list[tuple[Tag, BlockStatement | None]] = [(each.tag, None) for each in nodes.of(MustacheStatement)]
    tags += [(block.open, block) for block in nodes.of(BlockStatement) if not block.decorator]
    hidden = _block_parameter_uses(prompt)
    has_errors = bool(template(prompt).errors)
    for tag, block in tags:
        helper = _helper(tag.path, known)
        if helper is not None and tag.path.range not in hidden and not (has_errors and is_broken(prompt, tag.range)):
            yield _Call(helper.name, tag.path.range, tag.params, tag.hash, block, tag.block_params), helper
    for call in nodes.of(SubExpression):
        helper = _helper(call.path, known)
        if helper is not None and call.path.range not in hidden:
            yield _Call(helper.name, call.path.range, call.params, call.hash, nested=True), helper


def _helper(path: Expression, known: Mapping[str, Helper]) -> Helper | None:
    if not isinstance(path, PathExpression) or len(path.segments) != 1 or path.data or not path.parts:
        return None
    helper = known.get(path.parts[0])
    return helper if helper is not None and helper.origin != "settings" else None


def _block_parameter_uses(prompt: Prompt) -> frozenset[Range]:
    """The places of names that block parameters hide from being helpers."""
    names = scope(prompt)
    return frozenset(use.range for use in names.uses if use.kind != "helper") if names.parameters else frozenset()


@rule("template/unknown-helper", Severity.ERROR, certainty="likely", fixable="unsafe")
def unknown_helper(prompt: Prompt) -> Iterator[Finding]:
    """A helper is called that neither the format nor the settings know.

    dotprompt compiles templates with `knownHelpersOnly`: the JavaScript runtime throws "used the unknown helper", the
    Python one "Missing helper". Host programs may register more helpers; name them in the `helpers` setting. Until that
    setting names any, a strange helper is reported as a warning only, unless it looks like a misspelling.

    ```prompt bad
    {{role "user"}}
    {{jsn order}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#if (gt total 10)}}A large order.{{/if}}
    ```

    ```prompt bad
    ---
    input:
      schema: {city: string}
    ---
    {{city ?? "anywhere"}} {{#if city}}{{city}}{{elseif city}}{{/if}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#ifEqual tone "formal"}}Be formal.{{/ifEqual}}
    ```

    ```prompt good
    {{role "user"}}
    {{json order indent=2}} {{jsn}}
    ```

    ```prompt good
    {{role "user"}}
    {{#each orders as |order|}}{{order.total}} {{lookup ../names @index}}{{/each}}
    ```
    """
    yield from _unknown_helpers(prompt)


def _unknown_helpers(prompt: Prompt) -> Iterator[Finding]:
    known = helpers(prompt)
    inputs = scope(prompt).inputs.declarations
    blocks = _blocks(prompt)
    for use in scope(prompt).uses:
        if use.kind != "helper" or use.steps[0].status != "absent":
            continue
        segment = use.steps[0].segment
        block = blocks.get(use.path.range)
        if is_broken(prompt, block.open.range if block is not None else segment.range):
            continue
        if segment.name in inputs:
            help = "Handlebars has no operators and no filters: an input stands alone in its tag."
            yield Finding(segment.range, f"`{segment.name}` is an input, which takes no arguments", help=help)
            continue
        near = _near(segment.name, known, block is not None)
        fix = _renamed(segment.range, near, block) if near else None
        sure = near is not None or any(each.origin == "settings" for each in known.values())
        suggestion = f"Did you mean `{near}`? " if near else ""
        yield Finding(
            segment.range,
            f"no helper is called `{segment.name}`",
            help=f"{suggestion}Rendering fails unless the host registers it; then name it in the `helpers` setting.",
            fix=fix,
            severity=None if sure else Severity.WARNING,
        )


def _blocks(prompt: Prompt) -> dict[Range, BlockStatement]:
    """The blocks by the place of their name."""
    return {block.open.path.range: block for block in tree(prompt).of(BlockStatement)}


def _near(name: str, known: Mapping[str, Helper], is_block: bool) -> str | None:
    """The helper that was probably meant, of those that can be called this way."""
    fitting = [each.name for each in known.values() if each.form in ("either", "block" if is_block else "inline")]
    if is_block and name in _SYNONYMS:
        return _SYNONYMS[name]
    if not is_block and name in _ELSE_IF:
        return "else if"
    found: list[str] = get_close_matches(name, fitting, 1, 0.8)
    return found[0] if found else None


def _renamed(place: Range, name: str, block: BlockStatement | None) -> Fix:
    edits = [TextEdit(place, name)]
    if block is not None and block.close is not None:
        edits.append(TextEdit(block.close.path.range, name))
    return Fix(f"Call {name}", tuple(edits), safe=False)


@rule("template/unknown-block", Severity.WARNING, certainty="likely", fixable="unsafe")
def unknown_block(prompt: Prompt) -> Iterator[Finding]:
    """A block without arguments is named after neither a helper nor an input.

    Both runtimes take it for a section over a variable of that name, without a word: as the variable is absent, the
    block's content is never rendered. `{{#system}}` and `{{#assistant}}` come from other prompt formats.

    ```prompt bad
    ---
    input:
      schema:
        items(array): string
    ---
    {{#iteems}}{{this}}{{/iteems}}
    ```

    ```prompt bad
    {{#system}}You are a translator.{{/system}}
    {{role "user"}}Translate: {{text}}
    ```

    ```prompt good
    ---
    input:
      schema:
        items(array): string
    ---
    {{#items}}{{this}}{{/items}}
    ```

    ```prompt good
    {{role "user"}}
    {{#user}}{{name}}{{/user}}
    ```
    """
    known = helpers(prompt)
    blocks = _blocks(prompt)
    for use in scope(prompt).uses:
        if use.kind != "context" or not use.path.is_simple or use.path.data:
            continue
        block = blocks.get(use.path.range)
        if block is None or block.inverted or is_broken(prompt, block.open.range):
            continue
        name = use.path.parts[0]
        role = "model" if name == "assistant" else name
        if use.steps[0].status == "unknown" and name in ("system", "assistant"):
            yield _role_section(block, name, role)
        elif use.steps[0].status == "absent" and use.meant is None:
            if role in ROLES:
                yield _role_section(block, name, role)
                continue
            near = _near(name, known, is_block=True) or _near_input(name, use)
            yield Finding(
                use.path.range,
                f"`{name}` is neither a helper nor an input, so this block is never rendered",
                help=f"Did you mean `{near}`?" if near else "Declare it in the input schema, or remove the block.",
                fix=_renamed(use.path.range, near, block) if near else None,
            )


def _near_input(name: str, use: Use) -> str | None:
    found = get_close_matches(name, [each for each, _, _ in use.steps[0].owner.members()], 1, 0.75)
    return found[0] if found else None


def _role_section(block: BlockStatement, name: str, role: str) -> Finding:
    call = f'{{{{role "{role}"}}}}'
    fix = None
    if block.close is not None and block.inverse is None:
        edits = (TextEdit(block.open.range, call), TextEdit(block.close.range, ""))
        fix = Fix(f"Write {call}", edits, safe=False)
    return Finding(
        block.open.path.range,
        f"`{name}` is no block of dotprompt, so this is a section over a variable of that name",
        help=f"A message begins with {call} and ends with the next one.",
        fix=fix,
    )


@rule("template/helper-arguments", Severity.ERROR, certainty="certain", fixable="safe")
def helper_arguments(prompt: Prompt) -> Iterator[Finding]:
    """A helper is called with arguments that it does not take, or not in the form that it has.

    Seen by running dotprompt 1.1.2: `if`, `unless`, `with`, `each`, `lookup`, `json`, `ifEquals` and `unlessEquals`
    throw unless they get exactly their number of arguments, block helpers throw when they are called inline, and `if`
    throws when it is given block parameters. Superfluous arguments of `role`, `section` and `history`, and unknown
    named ones of any helper, are ignored in silence (a warning). A bare `{{role}}` is always the helper, so a field of
    that name must be written `{{this.role}}`. The Python runtime renders a bare `{{role}}` as text and a bare
    `{{json}}` as nothing.

    ```prompt bad
    {{role "user"}}
    {{#each people}}{{name}}, {{role}}{{/each}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#if name title}}Hello!{{/if}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#each item in items}}{{item}}{{/each}}
    ```

    ```prompt bad
    {{role "user"}}
    {{if name}}Hello!{{else}}Who is there?{{/if}}
    ```

    ```prompt bad
    {{role "user"}}
    {{media url=photo mime="image/png"}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#json order}}{{/json}} {{if name}}
    ```

    ```prompt good
    {{role "user"}}
    {{#each people}}{{name}}, {{this.role}}{{/each}} {{json this}}
    ```

    ```prompt good
    {{role "user"}}
    {{#if count includeZero=true}}{{count}}{{/if}} {{log "a" "b" level="debug"}}
    ```
    """
    known = helpers(prompt)
    openings = {each.opening for each in unopened_blocks(prompt)}
    unopened = {each.tag.path.range for each in tree(prompt).of(MustacheStatement) if each.range in openings}
    for call, helper in _calls(prompt, known):
        if call.name in ("role", "section") and call.block is not None:
            continue
        finding = _form(call, helper, unopened) or _count(call, helper)
        if finding is not None:
            yield finding
        else:
            yield from _names(call, helper)


@facet
def refused_arguments(prompt: Prompt) -> frozenset[Range]:
    """The arguments of calls that fail for certain, which mean nothing before the call is put right."""
    found: set[Range] = set()
    for call, helper in _calls(prompt, helpers(prompt)):
        if (_form(call, helper) or _count(call, helper)) is not None:
            found.update(each.range for each in call.params)
    failing = {finding.range for finding in _unknown_helpers(prompt) if finding.severity is None}
    nodes = tree(prompt)
    calls: list[Tag | SubExpression] = [each.tag for each in nodes.of(MustacheStatement)]
    calls += [each.open for each in nodes.of(BlockStatement)]
    calls += nodes.of(SubExpression)
    for tag in calls:
        if tag.path.range in failing:
            found.update(each.range for each in tag.params)
    return frozenset(found)


def _form(call: _Call, helper: Helper, unopened: Collection[Range] = ()) -> Finding | None:
    """What is wrong with the kind of tag; `unopened` are the places of calls that lack nothing but their `#`."""
    if helper.form == "block" and call.block is None:
        shape = f"{{{{#{call.name} …}}}}…{{{{/{call.name}}}}}"
        at = Range(call.place.start, call.place.start)
        fix = Fix("Open a block", (TextEdit(at, "#"),), safe=True) if call.place in unopened else None
        return Finding(call.place, f"`{call.name}` is a block, and this call is none", help=f"Write {shape}.", fix=fix)
    if helper.form == "inline" and call.block is not None:
        help = f"Write {{{{{call.name} …}}}} without # and without an end; what stands between is dropped."
        return Finding(call.place, f"`{call.name}` is not a block", help=help)
    if len(call.block_params) > helper.block_params:
        surplus = call.block_params[helper.block_params]
        takes = f"gives {helper.block_params} at most" if helper.block_params else "gives none"
        return Finding(surplus.range, f"`{surplus.name}` is one block parameter too many: `{call.name}` {takes}")
    return None


_OPERATORS = frozenset({"and", "or", "not", "is", "eq", "==", "===", "!=", "!==", "&&", "||", "<", ">", "<=", ">="})

# Calls with too many arguments that throw nothing.
_LENIENT = frozenset({"role", "section", "history"})


def _count(call: _Call, helper: Helper) -> Finding | None:
    given = len(call.params)
    if given < helper.required:
        if given == 0 and not call.hash and call.block is None and not call.nested:
            return _bare(call, helper)
        missing = ", ".join(f"`{each.name}`" for each in helper.parameters[given : helper.required])
        return Finding(call.place, f"`{call.name}` lacks its argument {missing}", help=f"Write {helper.signature}.")
    if given > len(helper.parameters) and not helper.variadic:
        surplus = call.params[len(helper.parameters)]
        named = helper.hash[0].name if helper.hash and not helper.parameters else None
        fix = None
        help = f"Write {helper.signature}."
        if named is not None and not any(pair.key == named for pair in call.hash) and given == 1:
            before = Range(surplus.range.start, surplus.range.start)
            fix = Fix(f"Name it {named}", (TextEdit(before, f"{named}="),), safe=False)
        most = len(helper.parameters)
        many = f"{most} argument{'s' if most > 1 else ''} at most" if most else "no arguments"
        if call.name == "each":
            fix = _loop_variable(call)
        if any(isinstance(each, PathExpression) and each.original in _OPERATORS for each in call.params):
            help = "Handlebars has no operators: write blocks inside each other, or use #unless and #ifEquals."
        return Finding(
            surplus.range,
            f"`{call.name}` takes {many}" + (" without a name" if named else ""),
            help=help,
            fix=fix,
            severity=Severity.WARNING if call.name in _LENIENT else None,
        )
    return None


def _loop_variable(call: _Call) -> Fix | None:
    """`each item in items` and `each items as item` as Handlebars writes them."""
    match call.params:
        case (PathExpression() as item, PathExpression(original="in"), PathExpression() as items):
            pass
        case (PathExpression() as items, PathExpression(original="as"), PathExpression() as item):
            pass
        case _:
            return None
    written = f"{items.original} as |{item.original}|"
    place = Range(call.params[0].range.start, call.params[-1].range.end)
    return Fix(f"Write {written}", (TextEdit(place, written),), safe=False) if item.is_simple else None


def _bare(call: _Call, helper: Helper) -> Finding:
    """`{{role}}` and the like: either an argument is missing, or a field of that name was meant."""
    fix = Fix(f"Write this.{call.name}", (TextEdit(call.place, f"this.{call.name}"),), safe=False)
    return Finding(
        call.place,
        f"this calls the helper `{call.name}` without its argument",
        help=f"Write {helper.signature}, or {{{{this.{call.name}}}}} for a field of that name.",
        fix=fix,
    )


_NAMES = {
    **dict.fromkeys(("mime", "mimeType", "mimetype", "type", "contenttype", "content_type"), "contentType"),
    **dict.fromkeys(("href", "src", "uri"), "url"),
    **dict.fromkeys(("spaces", "space"), "indent"),
}


def meant_argument(key: str, known: Sequence[str]) -> str:
    """The named argument that was probably meant by one that a helper does not know, or nothing."""
    return _NAMES[key] if _NAMES.get(key) in known else next(iter(get_close_matches(key, known, 1, 0.7)), "")


def _names(call: _Call, helper: Helper) -> Iterator[Finding]:
    known = [each.name for each in helper.hash]
    for pair in call.hash:
        if pair.key in known or helper.open_hash:
            continue
        near = meant_argument(pair.key, known)
        fix = None
        if near and not any(each.key == near for each in call.hash):
            fix = Fix(f"Name it {near}", (TextEdit(pair.key_range, near),), safe=False)
        names = " It takes " + ", ".join(f"`{each}`" for each in known) + "." if known else ""
        yield Finding(
            pair.key_range,
            f"`{call.name}` has no argument named `{pair.key}`, so it is ignored",
            help=f"Did you mean `{near}`?" if near else f"Remove it.{names}",
            fix=fix,
            severity=Severity.WARNING,
        )
