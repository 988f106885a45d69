"""Rules about the keys that dotprompt gives a meaning to, and the types of their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from promptls.language.keys import CONFIG_KEYS, FRONTMATTER_KEYS
from promptls.language.metadata import TypeProblem, metadata, type_problems
from promptls.language.prompt import Prompt, frontmatter
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.runtimes import consequences, minds
from promptls.syntax.source import TextEdit
from promptls.syntax.yaml_nodes import YamlEntry, YamlMapping, quoted, resolve


@rule("frontmatter/wrong-type", Severity.ERROR, certainty="certain", fixable="safe")
def wrong_type(prompt: Prompt) -> Iterator[Finding]:
    """A key that dotprompt knows holds a value of another type.

    `config`, `input`, `output`, `metadata` and `input.default` are mappings, `tools` is a list of names, and `name`,
    `variant`, `version`, `description`, `model` and `output.format` are texts. dotprompt 0.2.0 for Python refuses
    anything else ("invalid recognized field type"). dotprompt 1.1.2 for JavaScript accepts it and lets the host fail
    later: `tools: search` throws a TypeError when the prompt is rendered.

    A number where a text belongs, such as `version: 1.0`, is reported only for projects whose runtimes include Python;
    the fix quotes it. An empty value is none.

    ```prompt bad
    ---
    model: openai/gpt-5-mini
    config: 5
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: [openai/gpt-5-mini]
    tools: search
    ---
    Hello
    ```

    ```prompt bad
    ---
    model: openai/gpt-5-mini
    version: 1.0
    ---
    Hello
    ```

    ```prompt good
    ---
    model: openai/gpt-5-mini
    version: '1.0'
    tools: [search]
    config:
    ---
    Hello
    ```

    ```prompt good
    ---
    model: openai/gpt-5-mini
    max_steps: 5
    toolChoice: required
    ---
    Hello
    ```
    """
    for problem in type_problems(prompt):
        if problem.scalar and not minds(prompt, "python"):
            continue
        what = (
            f"item {problem.path[-1]} of {'.'.join(problem.path[:-1])}" if problem.path[-1].isdigit() else problem.key
        )
        yield Finding(
            range=prompt.source.first_line(problem.range),
            message=f"{what} must be {problem.expected}, not {problem.actual}",
            help=consequences(prompt, js=_js_on(problem), python="refuses the file"),
            fix=_type_fix(prompt, problem),
        )


def _js_on(problem: TypeProblem) -> str:
    if problem.path[0] == "tools":
        return "throws a TypeError when it renders"
    return "hands it on as it is, and the host may fail later"


def _type_fix(prompt: Prompt, problem: TypeProblem) -> Fix | None:
    text = prompt.text[problem.range.start : problem.range.end]
    if problem.scalar:
        return Fix("Put it in quotes", (TextEdit(problem.range, quoted(text)),), safe=True)
    if problem.path == ("tools",) and problem.actual == "text" and "\n" not in text:
        return Fix("Make it a list", (TextEdit(problem.range, f"[{text}]"),), safe=True)
    return None


_READ_BY_HOSTS = frozenset({"mode", "safetySetting"})


@rule("frontmatter/unknown-key", Severity.WARNING, certainty="likely", fixable="unsafe")
def unknown_key(prompt: Prompt) -> Iterator[Finding]:
    """A key looks like a misspelling of one that dotprompt knows.

    Keys without a meaning are not refused by any runtime: they are handed on unread, so `modle: ...` picks no model and
    `config.temprature` sets nothing. Hosts read keys of their own this way (`max_steps`, `toolChoice`, `app`), which is
    why only near misses are reported, at the top and inside `input`, `output` and `config`. Snake case such as `top_p`
    is left alone too, because some hosts take it. A key is not reported while the one it resembles is there as well.

    ```prompt bad
    ---
    modle: openai/gpt-5-mini
    ---
    {{role "user"}}
    Hello
    ```

    ```prompt bad
    ---
    model: openai/gpt-5-mini
    config:
      temprature: 0.2
    input:
      shema: {name: string}
    ---
    Hello {{name}}
    ```

    ```prompt good
    ---
    model: openai/gpt-5-mini
    max_steps: 5
    maxTurns: 3
    toolChoice: required
    title: Greeting
    app: demo
    use: [logging]
    ---
    {{role "user"}}
    Hello
    ```

    ```prompt good
    ---
    model: openai/gpt-5-mini
    models: [openai/gpt-5]
    config:
      top_p: 0.9
      max_output_tokens: 100
    myapp.modle: kept
    ---
    {{role "user"}}
    Hello
    ```
    """
    front = frontmatter(prompt)
    root = front.mapping if front else None
    if root is None:
        return
    top = [key.name for key in FRONTMATTER_KEYS.values() if not key.reserved]
    yield from _near_misses(root, metadata(prompt).unknown, top, "")
    for parent in ("input", "output"):
        mapping = _child(root, parent)
        if mapping is not None:
            known = [key.name for key in FRONTMATTER_KEYS[parent].children]
            yield from _near_misses(mapping, mapping.entries, known, f"{parent}.")
    config = _child(root, "config")
    if config is not None:
        yield from _near_misses(config, config.entries, list(CONFIG_KEYS), "config.")


def _child(root: YamlMapping, name: str) -> YamlMapping | None:
    entry = root.get(name)
    node = resolve(entry.value) if entry else None
    return node if isinstance(node, YamlMapping) else None


def _near_misses(
    mapping: YamlMapping, entries: Iterable[YamlEntry], known: list[str], prefix: str
) -> Iterator[Finding]:
    for entry in entries:
        name = entry.name
        if name is None or name in known or name in _READ_BY_HOSTS:
            continue
        meant = _meant(name, known)
        if meant is None or mapping.get(meant) is not None:
            continue
        yield Finding(
            range=entry.key.range,
            message=f"unknown key {prefix}{name}, which resembles {meant}",
            help=f"Rename it to {meant} if that is what it should be. The runtimes hand unknown keys on unread.",
            fix=Fix(f"Rename to {meant}", (TextEdit(entry.key.range, meant),), safe=False),
        )


def _meant(name: str, known: list[str]) -> str | None:
    """The known key that a name misspells; another case counts, snake case of a known key does not."""
    bare = name.replace("_", "").lower()
    same = next((key for key in known if key.lower() == bare), None)
    if same is not None:
        return None if "_" in name or "logprob" in bare else same
    found: list[str] = get_close_matches(name, known, n=1, cutoff=0.8)
    return found[0] if found else None
