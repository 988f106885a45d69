"""Write what the extension takes from the server: its settings, the templates of prompts, the snippets of tags.

`generate.py` renews `package.json` and `snippets/`; `generate.py --check` only says whether they are current.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from promptls.ide.prompt_templates import PROMPT_TEMPLATES
from promptls.language.helpers import BUILT_IN_HELPERS, ROLES
from promptls.settings import settings_schema

EXTENSION = Path(__file__).resolve().parent.parent
OWN_SETTINGS = ("promptls.server.", "promptls.trace.")


def main() -> int:
    """Write the files, or tell which are stale; gives 1 where some are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a file is not current")
    check = parser.parse_args().check
    stale = [path for path, text in generated() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(EXTENSION)} {'is stale: run make docs' if check else 'renewed'}")
    if not check:
        for path, text in generated():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return int(check and bool(stale))


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file with what it should hold."""
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    configuration = manifest["contributes"]["configuration"]
    own = {name: value for name, value in configuration["properties"].items() if name.startswith(OWN_SETTINGS)}
    configuration["properties"] = own | dict(settings(settings_schema()))
    yield EXTENSION / "package.json", written(manifest)
    yield EXTENSION / "snippets/prompts.json", written(dict(prompt_snippets()))
    yield EXTENSION / "snippets/tags.json", written(dict(tag_snippets()))


def written(value: object) -> str:
    """JSON as the project's files hold it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def settings(schema: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """VS Code's form of the settings: names in camelCase, tables of fixed keys flattened, Markdown descriptions.

    Without defaults: VS Code would take them for what the user wants, over a `promptls.toml`.
    """
    definitions = schema["$defs"]
    for key, value in schema["properties"].items():
        name = f"promptls.{camel_case(key)}"
        table = definitions.get(value.get("$ref", "").rpartition("/")[2])
        if table is None:
            yield name, converted(value, definitions)
        else:
            for inner, each in table["properties"].items():
                yield f"{name}.{camel_case(inner)}", converted(each, definitions)


def converted(value: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """One setting's schema: references resolved, the default told in words."""
    plain = resolved(value, definitions)
    description = plain.pop("description", "")
    default = plain.pop("default", None)
    if default not in (None, [], {}):
        description += f" Without it: `{json.dumps(default)}`, or what `promptls.toml` says."
    return {"markdownDescription": description, **plain}


def resolved(value: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema with its references replaced by what they point to; VS Code resolves none."""
    if isinstance(value, list):
        return [resolved(each, definitions) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        target = definitions[value["$ref"].rpartition("/")[2]]
        value = {**target, **{key: each for key, each in value.items() if key != "$ref"}}
    return {key: resolved(each, definitions) for key, each in value.items()}


def camel_case(key: str) -> str:
    """`fail-on` becomes `failOn`."""
    return re.sub(r"-(\w)", lambda match: match[1].upper(), key)


def prompt_snippets() -> Iterator[tuple[str, dict[str, Any]]]:
    """Whole prompts to begin with."""
    for template in PROMPT_TEMPLATES.values():
        yield (
            template.title,
            {
                "prefix": f"prompt-{template.name}",
                "isFileTemplate": True,
                "description": template.summary,
                "body": template.snippet.split("\n"),
            },
        )


def tag_snippets() -> Iterator[tuple[str, dict[str, Any]]]:
    """Tags and blocks, and every role by its name, since that is what one thinks of first."""
    for role, description in ROLES.items():
        yield f"{role} message", snippet(role, description, f'{{{{role "{role}"}}}}\n$0')
    for helper in BUILT_IN_HELPERS.values():
        body = helper.snippet or f"{helper.name} $0"
        whole = body if body.startswith("{{") else f"{{{{{body}}}}}"
        yield helper.name, snippet(helper.name, helper.summary, whole)
    yield "partial", snippet("partial", "The content of `_name.prompt`.", "{{> ${1:name}}}$0")
    yield "comment", snippet("comment", "A comment, which no model sees.", "{{!-- $0 --}}")


def snippet(prefix: str, description: str, body: str) -> dict[str, Any]:
    """An entry of a snippet file."""
    return {"prefix": prefix, "description": description, "body": body.split("\n")}


if __name__ == "__main__":
    sys.exit(main())
