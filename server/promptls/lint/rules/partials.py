"""Rules about partials: those that a template includes, and those that nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import pairwise

from promptls.language.files import identity, is_partial
from promptls.language.inputs import inputs
from promptls.language.prompt import Prompt
from promptls.language.resolution import PartialCall, Use
from promptls.language.scope import scope
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.rules.template_syntax import is_broken
from promptls.syntax.handlebars.nodes import PartialBlockStatement, PartialStatement
from promptls.syntax.source import Range, TextEdit


def _place(node: PartialStatement | PartialBlockStatement) -> Range:
    """Where a call names its partial."""
    return node.name.range


@rule("partials/missing", Severity.ERROR, certainty="likely", fixable="unsafe")
def missing(prompt: Prompt) -> Iterator[Finding]:
    """A partial is included that no file defines.

    Rendering fails: "The partial x could not be found". `{{> dir/name}}` is the file `dir/_name.prompt` below the
    prompt root; names that are absolute, or hold `..` or `%`, are refused. `{{#> name}}…{{/name}}` is no mistake: what
    it holds is rendered where the partial is missing. A host may register partials of its own: name them in the
    `partials` setting. In a project without any partial file, and without that setting, this is only a warning.

    ```prompt file _house_style.prompt
    Write plain English.
    ```

    ```prompt bad
    {{role "system"}}
    {{> house_stile}}
    ```

    ```prompt bad
    {{role "system"}}
    {{> ../shared/intro}}
    ```

    ```prompt bad
    {{role "system"}}
    {{> ./intro}}
    ```

    ```prompt good
    {{role "system"}}
    {{> house_style}} {{#> footer}}Answer in English.{{/footer}} {{> (lookup . "style")}}
    ```

    ```prompt good
    {{#*inline "greeting"}}Hello, {{name}}!{{/inline}}
    {{role "user"}}{{> greeting name="Ana"}}
    ```
    """
    for call in scope(prompt).calls:
        if call.name is None or call.inline or call.prompt is not None or isinstance(call.node, PartialBlockStatement):
            continue
        place = _place(call.node)
        if call.name in prompt.settings.partials or is_broken(prompt, place):
            continue
        path = prompt.project.partial_path(call.name, prompt)
        if _is_refused(call.name) or (path is None and prompt.path is not None):
            help = "Name it from the prompt root downwards, such as `shared/intro`."
            yield Finding(place, f"the name of the partial `{call.name}` is refused", help=help)
        elif path is not None:
            yield _missing(prompt, call.name, place)


def _is_refused(name: str) -> bool:
    return any(part in ("", ".", "..") for part in name.split("/")) or "\0" in name or "%" in name


def _missing(prompt: Prompt, name: str, place: Range) -> Finding:
    names = [*prompt.project.partial_names(prompt), *prompt.settings.partials]
    near = get_close_matches(name, names, 1, 0.6)
    folder, slash, last = name.rpartition("/")
    suggestion = f"Did you mean `{near[0]}`?" if near else f"It would be the file {folder}{slash}_{last}.prompt."
    return Finding(
        place,
        f"there is no partial `{name}`",
        help=f"{suggestion} Rendering fails without it.",
        fix=Fix(f"Include {near[0]}", (TextEdit(place, near[0]),), safe=False) if near else None,
        severity=None if names else Severity.WARNING,
    )


@rule("partials/cycle", Severity.ERROR, certainty="certain")
def cycle(prompt: Prompt) -> Iterator[Finding]:
    """Partials include each other in a circle.

    Rendering never ends: the JavaScript runtime overflows its stack. A partial that includes itself for the items of a
    list or for a part of its context ends with the data and is no mistake.

    ```prompt file _a.prompt
    Write in plain words. {{> b}}
    ```

    ```prompt file _b.prompt
    Write in the present tense. {{#if formal}}{{> a}}{{/if}}
    ```

    ```prompt file _self.prompt
    Again: {{> self}}
    ```

    ```prompt file _tree.prompt
    - {{name}}
    {{#each children}}{{> tree}}{{/each}}
    {{#if parent}}{{> tree parent}}{{/if}}
    ```

    ```prompt bad
    {{role "system"}}
    {{> a}}
    ```

    ```prompt bad
    {{role "system"}}
    {{#if again}}{{> self}}{{/if}}
    ```

    ```prompt good
    {{role "system"}}
    {{> tree}}
    ```

    ```prompt good
    {{#*inline "self"}}Once.{{/inline}}
    {{role "system"}}{{> self}}
    ```
    """
    for call in scope(prompt).calls:
        circle = _circle(prompt, call)
        if circle:
            route = " → ".join(each.name or "" for each in circle)
            related = tuple(_related(before.prompt, each) for before, each in pairwise(circle))
            yield Finding(
                _place(call.node),
                f"the partial `{call.name}` includes itself without end: {route}",
                help="Break the circle: put what both need into a third partial.",
                related=related,
            )


def _related(file: Prompt | None, call: PartialCall) -> Related:
    path = str(file.path) if file is not None and file.path is not None else None
    return Related(f"`{call.name}` is included here", _place(call.node), path)


def _circle(prompt: Prompt, first: PartialCall) -> tuple[PartialCall, ...]:
    """The calls from `first` until a file comes round again on the same context; empty where none does."""
    if first.prompt is None:
        return ()
    pending: list[tuple[PartialCall, ...]] = [(first,)]
    seen: set[tuple[object, object]] = set()
    while pending:
        route = pending.pop()
        file = route[-1].prompt
        assert file is not None
        for call in scope(file).calls:
            if call.prompt is None or not _keeps_context(call):
                continue
            key = (identity(file), identity(call.prompt))
            files = [identity(each.prompt) for each in route if each.prompt is not None]
            if identity(call.prompt) in files or identity(call.prompt) == identity(prompt):
                if identity(call.prompt) in files or _keeps_context(first):
                    return (*route, call)
            elif key not in seen:
                seen.add(key)
                pending.append((*route, call))
    return ()


def _keeps_context(call: PartialCall) -> bool:
    """Whether a call runs its partial on the very input that the caller has, so that going round changes nothing."""
    tag = call.node.tag if isinstance(call.node, PartialStatement) else call.node.open
    return not tag.params and not tag.hash and call.frame.context.kind == "input"


@rule("partials/missing-argument", Severity.WARNING, certainty="likely")
def missing_argument(prompt: Prompt) -> Iterator[Finding]:
    """A partial uses a name that its caller neither passes nor has.

    A partial sees the context in which it is included and the named arguments of its call. A name that is in neither
    renders as nothing. Names that the partial tests first, or declares as optional in a schema of its own, may be left
    out.

    ```prompt file _sign.prompt
    Sign as {{name}} of {{company}}.
    ```

    ```prompt file _style.prompt
    Write {{#if tone}}in a {{tone}} tone{{else}}plainly{{/if}}.
    ```

    ```prompt bad
    ---
    input:
      schema:
        name: string
    ---
    {{> sign}}
    ```

    ```prompt bad
    ---
    input:
      schema:
        people(array):
          name: string
    ---
    {{#each people}}{{> sign}}{{/each}}
    ```

    ```prompt good
    ---
    input:
      schema:
        name: string
    ---
    {{> sign company="Acme"}} {{> style}}
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    ---
    {{> sign}}
    ```
    """
    if is_partial(prompt):
        return
    for call in scope(prompt).calls:
        uses = list(call.all_uses())
        reported: set[str] = set()
        for use in uses:
            name = _lacking(use)
            if name is None or name in reported or _may_lack(uses, use, name):
                continue
            reported.add(name)
            path = str(use.prompt.path) if use.prompt.path is not None else None
            yield Finding(
                _place(call.node),
                f"the partial `{call.name}` uses `{name}`, which is neither passed nor known here",
                help=f"Pass it: {{{{> {call.name} {name}=…}}}}.",
                related=(Related(f"`{name}` is used here", use.range, path),),
            )


def _lacking(use: Use) -> str | None:
    """The name that a partial looks for on the context that it was given, and does not find."""
    if use.kind == "helper" or not use.steps or use.path.data or use.path.depth:
        return None
    first = use.steps[0]
    own = use.frame.context.kind == "input"
    return first.segment.name if own and first.status == "absent" and use.meant is None else None


def _may_lack(uses: list[Use], use: Use, name: str) -> bool:
    declaration = inputs(use.prompt).declarations.get(name)
    if declaration is not None and (declaration.optional or declaration.has_default):
        return True
    return any(
        each.kind in ("condition", "context") and each.prompt is use.prompt and each.path.parts[:1] == (name,)
        for each in uses
    )


@rule("partials/unused", Severity.INFO, certainty="suggestion", applies_to="any")
def unused(prompt: Prompt) -> Iterator[Finding]:
    """No prompt of the project includes this partial.

    It may be a leftover, or its name may have changed where it was included. A partial that the host program renders
    by itself is named in the `partials` setting. Where any prompt includes a partial by a computed name, as in
    `{{> (lookup . "style")}}`, nothing is known for sure, and nothing is reported.

    ```prompt bad _tone.prompt
    Write in a {{tone}} tone.
    ```

    ```prompt bad _footer.prompt
    {{role "user"}}
    Thank you. {{> footer}}
    ```

    ```prompt file greet.prompt
    {{role "system"}}
    {{> style}}
    ```

    ```prompt good _style.prompt
    Write plainly.
    ```

    ```prompt good
    {{role "system"}}
    This is no partial, and its caller is a program.
    ```
    """
    if prompt.path is None or not is_partial(prompt) or prompt.project.is_included(prompt):
        return
    name = prompt.path.name.removeprefix("_").removesuffix(".prompt")
    if name.partition(".")[0] in {each.rpartition("/")[2] for each in prompt.settings.partials}:
        return
    start, end = prompt.source.line_range(0)
    yield Finding(
        Range(start, end),
        f"no prompt includes the partial `{name}`",
        help="Delete it if nothing needs it, or name it in the setting `partials` if a program does.",
    )


RULES = (missing, cycle, missing_argument, unused)
