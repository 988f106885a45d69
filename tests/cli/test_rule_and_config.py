"""`promptls rule` and `promptls config`."""

import json
import tomllib

import jsonschema
import pytest

from promptls.lint.registry import built_in_rules
from tests.cli.conftest import Terminal


def test_a_rule(terminal: Terminal) -> None:
    outcome = terminal.run("rule", "template/unclosed-block")
    assert outcome.code == 0
    assert outcome.out.startswith("# template/unclosed-block\n")
    assert "Severity: error" in outcome.out
    assert terminal.run("rule", "template/unclosed-block", "--format", "markdown").out == outcome.out


def test_all_rules_by_name(terminal: Terminal) -> None:
    lines = terminal.run("rule").out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in built_in_rules()]
    assert terminal.run("rule", "all").out.splitlines() == lines
    family = [line.split() for line in terminal.run("rule", "variables").out.splitlines()]
    assert family == [line.split() for line in lines if line.startswith("variables/")]


def test_rules_as_json(terminal: Terminal) -> None:
    rules = json.loads(terminal.run("rule", "--format", "json").out)["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in built_in_rules()]
    (one,) = json.loads(terminal.run("rule", "template/block-role", "--format", "json").out)["rules"]
    assert (one["severity"], one["fixable"], one["family"], one["default"]) == ("error", "safe", "template", True)
    assert any(example["triggers"] for example in one["examples"])


def test_the_manual(terminal: Terminal) -> None:
    manual = terminal.run("rule", "--format", "markdown").out
    assert all(f"### {rule.id}\n" in manual for rule in built_in_rules())


def test_settings_and_where_they_come_from(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.write({"promptls.toml": 'fail-on = "info"\n\n[severity]\n"variables/unused" = "error"\n'})
    monkeypatch.setenv("PROMPTLS_IGNORE", "template/leftover,security")
    data = json.loads(terminal.run("config", "--format", "json").out)
    assert data["settings"]["fail-on"] == "info"
    assert data["origins"]["fail-on"] == {
        "kind": "project",
        "where": str(terminal.folder / "promptls.toml"),
        "line": 1,
    }
    assert data["origins"]["severity.variables/unused"]["line"] == 4
    assert data["settings"]["ignore"] == ["template/leftover", "security"]
    assert data["origins"]["ignore"] == {"kind": "environment", "where": "PROMPTLS_IGNORE", "line": None}
    assert data["origins"]["exclude"]["kind"] == "default"


def test_settings_as_text_are_toml(terminal: Terminal) -> None:
    settings = 'fail-on = "info"\n[severity]\n"variables/unused" = "error"\n[models."x/y"]\ncontext-window = 9\n'
    terminal.write({"promptls.toml": settings})
    text = terminal.run("config").out
    assert f"# {terminal.folder / 'promptls.toml'}:1" in text
    values = tomllib.loads(text)
    assert values["fail-on"] == "info"
    assert values["severity"] == {"variables/unused": "error"}
    assert values["models"]["x/y"]["context-window"] == 9
    terminal.write({"promptls.toml": text})
    assert tomllib.loads(terminal.run("config").out) == values


def test_settings_of_another_folder(terminal: Terminal) -> None:
    terminal.write({"inner/promptls.toml": 'fail-on = "info"', "inner/a.prompt": "x"})
    assert json.loads(terminal.run("config", "--format", "json").out)["settings"]["fail-on"] == "error"
    for path in ("inner", "inner/a.prompt"):
        assert json.loads(terminal.run("config", path, "--format", "json").out)["settings"]["fail-on"] == "info"
    isolated = terminal.run("config", "inner", "--isolated", "--format", "json").out
    assert json.loads(isolated)["settings"]["fail-on"] == "error"


def test_wrong_settings(terminal: Terminal) -> None:
    terminal.write({"promptls.toml": 'fail-on = "sometimes"\nselect = ["all"]'})
    outcome = terminal.run("config", "--format", "json")
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "promptls.toml:1" in outcome.err
    assert json.loads(outcome.out)["settings"]["select"] == ["all"]


def test_schema(terminal: Terminal) -> None:
    schema = json.loads(terminal.run("config", "--schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"fail-on": "info", "ignore": ["template"]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"fail-onn": "info"}, schema)
