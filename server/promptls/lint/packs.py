"""The domain packs that there are: those of promptls and those that the settings name; what is broken is told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.analysis.domain import GENERAL, Evidence, Profile
from promptls.settings import Settings, SettingsProblem
from promptls.syntax.source import Range, Source

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from promptls.lint.pack_model import Pack
    from promptls.syntax.yaml_nodes import YamlNode

BUILT_IN = (GENERAL, "sql", "branding", "cine", "saas", "devops")
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, eq=False)
class Packs:
    """Packs, each under its own name, and what was wrong with others."""

    packs: tuple[Pack, ...]
    problems: tuple[SettingsProblem, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Pack]:
        return {pack.name: pack for pack in self.packs}

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """How the packs' domains are recognised."""
        return tuple(Profile(pack.name, _finder(pack.terms)) for pack in self.packs if pack.recognise)


def packs_of(settings: Settings) -> Packs:
    """The packs under these settings: one of theirs takes the place of a built-in one of the same name."""
    if not (settings.packs or settings.rules):
        return built_in_packs()
    files = tuple(_stamped(path) for path in _files(settings))
    return _with_own(files, _OwnRules(settings.rules))


@lru_cache(maxsize=1)
def built_in_packs() -> Packs:
    """The packs that promptls comes with."""
    from promptls.lint.pack_model import TESTED, Pack

    folder = rules_folder()
    return Packs(tuple(Pack.model_validate(_data(folder / f"{name}.yaml"), context=TESTED) for name in BUILT_IN))


def rules_folder() -> Path:
    """Where the built-in packs are: beside the code in an installation, in `rules/` in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "rules_data"
    return installed if installed.is_dir() else package.parents[1] / "rules"


def _data(path: Path) -> Any:
    import yaml

    # libyaml where there is one, which is ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), loader)


# Packs of settings


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    modified: int
    size: int


@dataclass(frozen=True, eq=False)
class _OwnRules:
    """The table `rules` of the settings, comparable by what it says."""

    table: Mapping[str, Mapping[str, Any]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _OwnRules) and self.table == other.table

    def __hash__(self) -> int:
        return hash(tuple(self.table))


def pack_files(settings: Settings) -> tuple[tuple[str, int, int], ...]:
    """The files of the settings' own packs, with time (ns) and size: what findings depend on besides the settings."""
    return tuple((str(each.path), each.modified, each.size) for each in map(_stamped, _files(settings)))


def _files(settings: Settings) -> Iterator[Path]:
    folder = settings.folder or Path()
    for named in settings.packs:
        path = folder / Path(named).expanduser()
        yield from sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]


def _stamped(path: Path) -> _File:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return _File(path, 0, -1)
    return _File(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=16)
def _with_own(files: Sequence[_File], rules: _OwnRules) -> Packs:
    found: list[Pack] = []
    problems: list[SettingsProblem] = []
    for file in files:
        read = _read(file)
        if isinstance(read, tuple):
            problems.extend(read)
        elif any(read.name == other.name for other in found):
            problems.append(_problem(file.path, f"another pack of the settings is called {read.name} too"))
        else:
            found.append(read)
    for name, own in _grouped(rules.table).items():
        pack, wrong = _house_rules(name, own)
        problems.extend(wrong)
        if pack is not None:
            found.append(pack)
    own_names = {pack.name for pack in found}
    kept = [pack for pack in built_in_packs().packs if pack.name not in own_names]
    return Packs((*kept, *found), tuple(problems))


def _read(file: _File) -> Pack | tuple[SettingsProblem, ...]:
    """A pack of the settings, or everything that is wrong with its file."""
    from pydantic import ValidationError

    from promptls.lint.pack_model import Pack
    from promptls.syntax.yaml_nodes import TooLargeError, read_yaml, to_data

    path = file.path
    if file.size > _MOST_BYTES:
        return (_problem(path, f"a pack has at most {_MOST_BYTES:,} bytes"),)
    try:
        source = Source(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        return (_problem(path, f"cannot be read: {error.strerror or error}"),)
    except UnicodeDecodeError as error:
        return (_problem(path, "is not UTF-8", line=error.object.count(b"\n", 0, error.start) + 1),)
    document = read_yaml(source.text)
    if document.error is not None:
        return (_placed(path, source, document.error.range, f"is not valid YAML: {document.error.message}"),)
    try:
        return Pack.model_validate(to_data(document.root))
    except TooLargeError:
        return (_problem(path, "its aliases make it too large"),)
    except ValidationError as failure:
        return tuple(_explained(path, source, document.root, failure))


def _explained(
    path: Path, source: Source, root: YamlNode | None, failure: ValidationError
) -> Iterator[SettingsProblem]:
    for error in failure.errors(include_url=False):
        location, message = error["loc"], _message(error)
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in location) or None
        yield replace(_placed(path, source, _range(root, location), message), key=key)


def _range(root: YamlNode | None, location: Sequence[str | int]) -> Range:
    """Where the value at a location is written, or what is there of the way to it."""
    from promptls.syntax.yaml_nodes import YamlMapping, YamlSequence, resolve

    node, range = root, root.range if root is not None else Range(0, 0)
    for part in location:
        inner = resolve(node) if node is not None else None
        if isinstance(inner, YamlMapping) and isinstance(part, str) and (entry := inner.get(part)):
            node, range = entry.value, entry.key.range
        elif isinstance(inner, YamlSequence) and isinstance(part, int) and part < len(inner.items):
            node = inner.items[part]
            range = node.range
        else:
            break
    return range


def _placed(path: Path, source: Source, range: Range, message: str) -> SettingsProblem:
    line, column = source.position(range.start)
    return SettingsProblem(message, str(path), path=path, range=range, line=line + 1, column=column + 1)


def _problem(path: Path, message: str, line: int | None = None) -> SettingsProblem:
    return SettingsProblem(message, str(path), path=path, line=line)


def _message(error: ErrorDetails) -> str:
    match error["type"]:
        case "value_error":
            return str(error["ctx"]["error"])
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "there is no such key"
        case "model_type" | "dict_type":
            return "expected a mapping"
        case "tuple_type":
            return "expected a list"
        case "string_pattern_mismatch":
            return "expected small letters, with hyphens between words"
        case _:
            return error["msg"][:1].lower() + error["msg"][1:]


def _grouped(table: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The single rules of the settings by the family that their ids begin with."""
    families: dict[str, dict[str, Mapping[str, Any]]] = {}
    for id, rule in table.items():
        family, slash, name = id.partition("/")
        families.setdefault(family if slash else "", {})[name if slash else id] = rule
    return families


def _house_rules(family: str, rules: Mapping[str, Mapping[str, Any]]) -> tuple[Pack | None, list[SettingsProblem]]:
    """The rules of one family as a pack that holds in every domain; a broken one is left out and told of."""
    from pydantic import ValidationError

    from promptls.lint.pack_model import Pack

    kept: list[Mapping[str, Any]] = []
    problems: list[SettingsProblem] = []
    head = {"name": family, "title": f"Rules of {family}", "description": "Rules from the settings."}
    for name, rule in rules.items():
        data = {"id": name, "category": family, "summary": rule.get("message"), "help": rule.get("message"), **rule}
        try:
            Pack.model_validate({**head, "rules": [data]})
        except ValidationError as failure:
            for error in failure.errors(include_url=False):
                inner = [
                    str(part) for part in error["loc"] if not isinstance(part, int) and part not in ("rules", "name")
                ]
                message = _message(error)
                if error["loc"] == ("name",):
                    message = "the id of a rule is its family and its name, as in house/no-slogans"
                problems.append(
                    SettingsProblem(message, "settings", ".".join(["rules", f"{family}/{name}".lstrip("/"), *inner]))
                )
        else:
            kept.append(data)
    return (Pack.model_validate({**head, "rules": kept}) if kept else None), problems


# Terms


def _finder(terms: Mapping[str, float]) -> Callable[[str], Sequence[Evidence]]:
    """Finds the terms that occur in a folded text, all of them in one pass."""
    weighted = tuple(terms.items())

    @lru_cache(maxsize=1)
    def patterns() -> tuple[Any, Sequence[str]]:
        import re2

        options = re2.Options()
        options.case_sensitive = False
        expressions = [_expression(term) for term in terms]
        together = re2.Set.SearchSet(options)
        for expression in expressions:
            together.Add(expression)
        together.Compile()
        return together, expressions

    def find(text: str) -> Sequence[Evidence]:
        from promptls.lint.pattern import encoded, first_in

        together, expressions = patterns()
        read = encoded(text)
        found = []
        for index in together.Match(read) or ():
            if range := first_in(read, [expressions[index]]):
                found.append(Evidence(weighted[index][0], range, weighted[index][1]))
        return found

    return find


def _expression(term: str) -> str:
    import re2

    from promptls.lint.pattern import folded

    words = (
        re2.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in folded(term).split()
    )
    middle = r"[\s-]+".join(words)
    start = r"\b" if term[:1].isalnum() else ""
    return f"{start}{middle}" + (r"\b" if term[-1:].isalnum() or term.endswith("*") else "")
