"""Settings: what counts where, and that a mistake is named while the rest still counts."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from promptls.settings import LoadedSettings, Settings, SettingsSources, load_settings, settings_schema
from promptls.settings.model import SHAPES
from promptls.settings.toml import locate
from tests.support import ROOT


def load(folder: Path, toml: str | None = None, **sources: Any) -> LoadedSettings:
    if toml is not None:
        (folder / "promptls.toml").write_text(toml, encoding="utf-8")
    return load_settings(folder, SettingsSources(**{"user": None, "variables": {}, **sources}))


def told(loaded: LoadedSettings) -> list[str]:
    return [f"{problem.line}:{problem.column} {problem.key}: {problem.message}" for problem in loaded.problems]


def test_defaults(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.settings == Settings(folder=tmp_path)
    assert loaded.problems == ()
    assert {str(origin) for _, _, origin in loaded.effective()} == {"default"}


@pytest.mark.parametrize("key", ["fail-on", "fail_on", "failOn"])
def test_every_spelling_of_a_key(tmp_path: Path, key: str) -> None:
    loaded = load(tmp_path, f'{key} = "info"')
    assert (loaded.settings.fail_on, loaded.problems) == ("info", ())
    assert load(tmp_path, "", editor={key: "info"}).settings.fail_on == "info"


def test_later_sources_win_and_tables_join(tmp_path: Path) -> None:
    user = tmp_path / "user.toml"
    user.write_text('fail-on = "info"\nroles = ["critic"]\nseverity = {"a/b" = "info", "a/c" = "info"}\n')
    toml = 'fail-on = "warning"\ntools = ["search"]\n[severity]\n"a/b" = "error"\n'
    loaded = load(
        tmp_path,
        toml,
        user=user,
        variables={"PROMPTLS_TOOLS": "book, pay", "PROMPTLS_FAIL_ON": "error", "HOME": "/"},
        editor={"failOn": "info", "promptRoots": None},
        command_line={"fail_on": "warning", "ignore": None},
    )
    settings = loaded.settings
    assert loaded.problems == ()
    assert (settings.fail_on, list(settings.tools), list(settings.roles)) == ("warning", ["book", "pay"], ["critic"])
    assert settings.severity == {"a/b": "error", "a/c": "info"}
    origins = {path: str(origin) for path, _, origin in loaded.effective()}
    project = tmp_path / "promptls.toml"
    assert origins["fail-on",] == "command line"
    assert origins["tools",] == "PROMPTLS_TOOLS"
    assert origins["roles",] == f"{user}:2"
    assert origins["severity", "a/b"] == f"{project}:4"
    assert origins["severity", "a/c"] == f"{user}:3"
    assert origins["ignore",] == "default"


def test_groups_join_like_tables_whatever_their_spelling(tmp_path: Path) -> None:
    user = tmp_path / "user.toml"
    user.write_text('[format]\nsort_keys = true\ntagSpacing = "keep"\n')
    variables = {"PROMPTLS_FORMAT": '{"trimTrailingBlanks": false}'}
    loaded = load(tmp_path, '[format]\ntag-spacing = "spaced"', user=user, variables=variables)
    assert told(loaded) == []
    assert loaded.settings.format.model_dump() == {
        "sort_keys": True,
        "tag_spacing": "spaced",
        "trim_trailing_blanks": False,
    }
    origins = {path: str(origin) for path, _, origin in loaded.effective()}
    assert origins["format", "sort-keys"] == f"{user}:2"
    assert origins["format", "tag-spacing"] == f"{tmp_path / 'promptls.toml'}:2"
    assert origins["format", "trim-trailing-blanks"] == "PROMPTLS_FORMAT"


def test_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "promptls.toml").write_text('fail-on = "info"\nignore = ["security"]')
    assert load(inner).settings.fail_on == "info"
    assert load(inner).settings.folder == tmp_path
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nx = 1")
    assert load(inner).settings.fail_on == "info"
    (tmp_path / "a" / "pyproject.toml").write_text('[tool.promptls]\nfail-on = "warning"')
    assert (load(inner).settings.fail_on, list(load(inner).settings.ignore)) == ("warning", [])
    (tmp_path / "a" / "promptls.toml").write_text("")
    assert load(inner).settings.fail_on == "error"


def test_pyproject_places(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.promptls]\nfail-on = "never"\n')
    assert told(load(tmp_path)) == ["5:11 fail-on: expected 'error', 'warning' or 'info', found \"never\""]


def test_mistakes_are_named_and_the_rest_counts(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """\
extend-selct = ["x"]
runtimes = ["js",
  "pyton"]
helpers = "shout"
exclude = ["build/", 3]
fail-on = "warning"
fail_on = "info"
roles = [1]

[models."my.model"]
contextWindow = -5
input-mtok = 3
context-windw = 1

[schemas]
Recipe = 5
Other = "string"

[severity]
"a/b" = "off"
"a/c" = "info"
""",
    )
    assert told(loaded) == [
        "1:1 extend-selct: unknown setting; did you mean extend-select?",
        "3:3 runtimes: expected 'js', 'python' or 'pybars', found \"pyton\"",
        '4:11 helpers: expected a list of strings, found "shout"',
        "5:22 exclude: expected a string, found 3",
        "7:1 fail_on: is set twice, as fail-on too",
        "8:10 roles: expected a string, found 1",
        "11:17 models.my.model.contextWindow: expected more than 0, found -5",
        "13:1 models.my.model.context-windw: unknown setting; did you mean context-window?",
        "16:10 schemas.Recipe: expected a string or a table, found 5",
        "20:9 severity.a/b: expected 'hint', 'info', 'warning' or 'error', found \"off\"",
    ]
    settings = loaded.settings
    assert (settings.fail_on, list(settings.runtimes), list(settings.exclude)) == ("warning", ["js"], ["build/"])
    assert settings.models["my.model"].input_mtok == 3
    assert settings.models["my.model"].context_window is None
    assert settings.schemas == {"Other": "string"}
    assert settings.severity == {"a/c": "info"}
    assert list(settings.roles) == []
    assert str(loaded.problems[0]).startswith(f"{tmp_path / 'promptls.toml'}:1:1: extend-selct: ")
    assert all(problem.range is not None for problem in loaded.problems)


@pytest.mark.parametrize(
    ("toml", "place"),
    [
        ('fail-on = "info\n', "1:16"),
        ('fail-on = "info"\nselect = [\n', "3:1"),
        ("this is no TOML", "1:6"),
        ("x = 1\nx = 2\n", "2:6"),
    ],
)
def test_broken_toml_is_one_problem_and_other_sources_count(tmp_path: Path, toml: str, place: str) -> None:
    loaded = load(tmp_path, toml, variables={"PROMPTLS_FAIL_ON": "warning"})
    (problem,) = loaded.problems
    assert f"{problem.line}:{problem.column}" == place
    assert "is not valid TOML" in problem.message
    assert loaded.settings.fail_on == "warning"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b'a = "x"\nfail-on = "\xff"', "is not UTF-8"),
        (b"x = " + b"[" * 20_000, "is nested too deeply"),
    ],
)
def test_unreadable_files(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "promptls.toml").write_bytes(content)
    (problem,) = load(tmp_path).problems
    assert problem.message.startswith(message)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (problem,) = load(tmp_path, "").problems
    assert problem.message == "cannot be read: Permission denied"


def test_a_folder_named_like_the_file_is_not_the_file(tmp_path: Path) -> None:
    (tmp_path / "promptls.toml").mkdir()
    assert load(tmp_path).problems == ()


def test_bom_and_crlf(tmp_path: Path) -> None:
    (tmp_path / "promptls.toml").write_bytes(b'\xef\xbb\xbf# x\r\nfail-on = "info"\r\nnope-nope = 1\r\n')
    loaded = load(tmp_path)
    assert loaded.settings.fail_on == "info"
    assert told(loaded) == ["3:1 nope-nope: unknown setting"]


def test_broken_pyproject_is_only_our_business_where_it_names_us(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project\n# promptls\n")
    assert load(tmp_path).problems == ()
    (tmp_path / "pyproject.toml").write_text("[project\n[tool.promptls]\n")
    assert [problem.line for problem in load(tmp_path).problems] == [1]
    (tmp_path / "pyproject.toml").write_text("[tool]\npromptls = 3\n")
    assert told(load(tmp_path)) == ["2:1 tool.promptls: expected a table"]


@pytest.mark.parametrize(
    "toml", ['api-key = "sk-secret"', '[llm]\napi_key = "sk-secret"', '[models.x]\napiKey = "sk-secret"']
)
def test_secrets_are_refused_and_not_shown(tmp_path: Path, toml: str) -> None:
    loaded = load(tmp_path, toml)
    (problem,) = loaded.problems
    assert "environment variable" in problem.message
    assert "sk-secret" not in str(loaded.problems) + repr(loaded.settings)


def test_environment(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        variables={
            "PROMPTLS_SEVERITY": '{"a/b": "info"}',
            "PROMPTLS_HELPERS": '["shout"]',
            "PROMPTLS_SCHEMAS": "{nope",
            "PROMPTLS_RUNTIME": "js",
            "PROMPTLS_SOMETHING_ELSE": "1",
        },
    )
    assert loaded.settings.severity == {"a/b": "info"}
    assert list(loaded.settings.helpers) == ["shout"]
    assert [str(problem) for problem in loaded.problems] == [
        "PROMPTLS_RUNTIME: runtime: unknown setting; did you mean runtimes?",
        'PROMPTLS_SCHEMAS: schemas: expected a table, found "{nope"',
    ]


def test_bad_patterns_are_named(tmp_path: Path) -> None:
    loaded = load(tmp_path, 'exclude = ["!", "ok/"]\n[per-file-ignores]\n"!" = ["security"]\n')
    assert told(loaded) == [
        "1:12 exclude: '!' is not a pattern of .gitignore",
        "3:1 per-file-ignores.!: '!' is not a pattern of .gitignore",
    ]
    assert list(loaded.settings.exclude) == ["ok/"]


def test_per_file_ignores_are_relative_to_the_settings_file(tmp_path: Path) -> None:
    settings = load(tmp_path, '[per-file-ignores]\n"/old/**" = ["security"]\n"_*.prompt" = ["variables"]\n').settings
    assert settings.ignored_in(tmp_path / "old" / "deep" / "x.prompt") == {"security"}
    assert settings.ignored_in(tmp_path / "new" / "old" / "x.prompt") == frozenset()
    assert settings.ignored_in(tmp_path / "old" / "_x.prompt") == {"security", "variables"}
    assert settings.ignored_in(Path("_elsewhere.prompt")) == {"variables"}
    assert Settings().ignored_in(tmp_path) == frozenset()


def test_unknown_selectors_are_for_the_caller_to_find(tmp_path: Path) -> None:
    toml = 'select = ["default", "security",\n "nope"]\n[severity]\n"a/b" = "info"\n[per-file-ignores]\nx = ["nay"]\n'
    loaded = load(tmp_path, toml, command_line={"ignore": ["never"]})
    assert [
        str(problem).removeprefix(f"{tmp_path}/") for problem in loaded.unknown_selectors({"security"}.__contains__)
    ] == [
        "promptls.toml:2:2: select: there is no rule or family 'nope'",
        "promptls.toml:4:1: severity.a/b: there is no such rule",
        "promptls.toml:6:6: per-file-ignores.x: there is no rule or family 'nay'",
        "command line: ignore: there is no rule or family 'never'",
    ]


def test_settings_are_immutable() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().fail_on = "info"


def test_schema_describes_every_setting() -> None:
    schema = settings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == {name.replace("_", "-") for name in SHAPES}
    for properties in (schema["properties"], schema["$defs"]["ModelSettings"]["properties"]):
        assert [name for name, value in properties.items() if not value.get("description")] == []
    jsonschema.validate({"fail-on": "info", "models": {"x": {"context-window": 5}}, "schemas": {"A": {}}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"fail-on": "never"}, schema)
    assert json.loads(json.dumps(schema)) == schema


RICH = '''
a = 1 # comment = 2
"quoted key" = "x = [1]"
'literal.key' = \'\'\'
b = 2
\'\'\'
dotted . key = """
[not.a.table]
\\""" = 3
"""
list = [ 1, [2, "]"], # ]
  {x = 1, "y.z" = [1.5, 1979-05-27 07:32:00Z]},
  { },
]
[table."with.dot"]
k = -1.5e3
[[array]]
k = 1
[[array]]
k = {a.b = 2}
[array.sub]
z = true
[[array.list]]
q = []
'''


@pytest.mark.parametrize("text", [RICH, RICH.replace("\n", "\r\n"), (ROOT / "pyproject.toml").read_text()])
def test_places_of_toml_values(text: str) -> None:
    entries = locate(text)
    leaves = dict(_leaves(tomllib.loads(text), ()))
    assert len(leaves) > 10
    for path, value in leaves.items():
        key, place = entries[path]
        assert tomllib.loads(f"x = {text[slice(*place)]}")["x"] == value
        if isinstance(path[-1], str):
            assert tomllib.loads(f"{text[slice(*key)]} = 1") == {path[-1]: 1}


def _leaves(value: Any, path: tuple[str | int, ...]) -> Any:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def test_locating_survives_what_tomllib_refuses() -> None:
    for text in ("", "[", "[[", "a", "a =", "= 1", "a = [", "a = {b = [", '"', "]]", "a.b.", "\x00"):
        locate(text)


def test_pathspec_and_platformdirs_load_at_first_use() -> None:
    script = (
        "import sys, promptls.settings; print([m for m in ('pathspec', 'platformdirs', 'pygls') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
