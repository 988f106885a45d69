"""The built-in domain packs keep their own rules, and broken packs of users are named and left out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from time import process_time

import jsonschema
import pytest
import yaml

from promptls.lint.pack_model import Pack, PackRule, pack_schema
from promptls.lint.pack_rules import rules_of
from promptls.lint.packs import BUILT_IN, built_in_packs, packs_of
from promptls.lint.pattern import first, matches
from promptls.lint.registry import core_rules
from promptls.lint.rule import Severity
from promptls.lint.runner import findings, registry, rule_problems, run
from promptls.settings import Settings
from tests.support import ROOT, SHARED
from tests.support.hostile import MOST_SECONDS
from tests.support.project import InMemoryProject

PACKS = built_in_packs().packs
RULES = [pytest.param(pack, rule, id=f"{pack.name}/{rule.id}") for pack in PACKS for rule in pack.rules]
LEAST_RULES = 12


def data(name: str) -> dict:
    return yaml.safe_load((ROOT / "rules" / f"{name}.yaml").read_text(encoding="utf-8"))


def found(text: str, *, files: dict[str, str] | None = None, path: str = "a.prompt", **settings) -> list[str]:
    """The ids of what the packs' rules find in a dotprompt file."""
    chosen = Settings(**settings)
    project = InMemoryProject(files, settings=chosen, has_siblings=True)
    rules = [rule for pack in packs_of(chosen).packs for rule in rules_of(pack)]
    return [finding.rule for finding in run(project.prompt(path, text), rules)]


# The built-in ones


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_packs_are_valid(name: str) -> None:
    # Without the context that spares the patterns' compilation.
    pack = Pack.model_validate(data(name))
    assert pack.name == name
    assert len(pack.rules) >= LEAST_RULES
    assert pack.weights is not None
    assert pack.templates is not None
    assert pack.hints


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_packs_satisfy_the_schema(name: str) -> None:
    schema = json.loads((ROOT / "rules" / "pack.schema.json").read_text(encoding="utf-8"))
    assert schema == json.loads(json.dumps(pack_schema())), "run `make docs`"
    jsonschema.validate(data(name), schema)


def test_weights_of_the_design() -> None:
    weights = {pack.name: tuple(pack.weights.model_dump().values()) for pack in PACKS if pack.weights}
    assert weights["sql"] == (0.20, 0.40, 0.25, 0.15)
    assert weights["branding"] == (0.35, 0.25, 0.20, 0.20)
    assert weights["cine"] == (0.30, 0.20, 0.40, 0.10)


@pytest.mark.parametrize(("pack", "rule"), RULES)
def test_rules_tell_enough(pack: Pack, rule: PackRule) -> None:
    assert rule.examples is not None
    assert len(rule.examples.bad) >= 2
    assert len(rule.examples.good) >= 2
    assert rule.dimension is not None
    # Else they would run in every check, for which the packs are too slow to read.
    assert rule.certainty == "suggestion"
    if rule.missing:
        assert rule.refinement is not None
    # English and Spanish.
    spanish = (
        "escrib",
        "crea",
        "genera",
        "devuelve",
        "traduce",
        "explica",
        "redacta",
        "convierte",
        "resume",
        "compara",
    )
    more = ("punt", "dame", "plan", "da ", "extra", "responde", "propón", "diseña", "optimiza", "clasifica", "analiza")
    bad = " ".join(rule.examples.bad).lower()
    assert any(word in bad for word in (*spanish, *more)), bad


def test_no_term_speaks_for_two_domains_equally() -> None:
    strong = [term for pack in PACKS for group in pack.recognise if group.weight >= 2 for term in group.terms]
    assert len(strong) == len(set(strong))


def is_quick(pattern: str, unit: str) -> bool:
    """Whether 100 KB of a unit take no more processor time than linear patterns do."""

    def work(text: str) -> None:
        first([pattern], text)
        list(matches(pattern, text))

    start = process_time()
    work(unit * (100_000 // len(unit)) + "!")
    return process_time() - start < MOST_SECONDS


@pytest.mark.parametrize(("pack", "rule"), RULES)
def test_patterns_are_linear(pack: Pack, rule: PackRule) -> None:
    patterns = [*rule.missing, *rule.when.mentions, *rule.when.unless, *([rule.pattern] if rule.pattern else [])]
    for unit in ("a ", "write the question ", "select * from ", "x_id, ", "never ", "pregunta \ufffc"):
        assert all(is_quick(pattern, unit) for pattern in patterns), unit


def test_findings_on_the_corpus_are_few() -> None:
    corpus = SHARED / "corpus"
    if not corpus.is_dir():
        pytest.skip(f"{corpus} is not there")
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(corpus.rglob("*.prompt"))]
    every = [rule for text in texts for rule in found(text)]
    # All of them were read: each says what the prompt does leave open.
    assert len(every) <= len(texts) / 10, every


# What counts as told


TASK = "Write a PostgreSQL query that lists the first 20 orders, ordered by date."


def test_domain_rules_run_in_their_domain_only() -> None:
    assert "sql/schema-missing" in found(TASK)
    assert found(TASK, domain="cine") == []
    assert "sql/schema-missing" not in found("Write a summary of how to query a friend for the reader.")


@pytest.mark.parametrize(
    "text",
    [
        f"{TASK} {{{{schema}}}}",
        f"{TASK} {{{{db_schema}}}}",
        f"{TASK} {{{{json db.tableSchema}}}}\n<schema>{{{{x}}}}</schema>",
        f"---\ninput:\n  schema:\n    tables(array): string, name and columns\n---\n{TASK} {{{{json tables}}}}",
    ],
)
def test_variables_and_schemas_tell_something(text: str) -> None:
    assert "sql/schema-missing" not in found(text)


def test_comments_tell_nothing() -> None:
    assert "sql/schema-missing" in found(f"{TASK} {{{{! the schema comes later }}}}")


def test_partials_tell_something() -> None:
    including = f"{TASK}\n{{{{> tables}}}}\n"
    assert "sql/schema-missing" not in found(including, files={"_tables.prompt": "Columns: id, total."})
    assert "sql/schema-missing" in found(including, files={"_tables.prompt": "Be brief."})


def test_partials_need_not_tell_everything() -> None:
    assert found(TASK, path="_task.prompt") == []


def test_examples_and_code_ask_for_nothing() -> None:
    text = "Explain this to a beginner.\n\n<example>\nWrite a SQL query that deletes all orders.\n</example>\n"
    assert "sql/destructive-unguarded" not in found(text, domain="sql")


@pytest.mark.parametrize("text", ["", "\n\n", "{{x}}", "---\nmodel: m\n---\n", "🙂", "---\nmodel: m"])
def test_texts_without_words(text: str) -> None:
    for name in BUILT_IN:
        assert found(text, domain=name) == []


def test_in_check_only_where_asked_for() -> None:
    text = f"---\nmodel: openai/gpt-4.1\n---\n{TASK}\n"

    def families(**settings) -> set[str]:
        project = InMemoryProject(settings=Settings(**settings), has_siblings=True)
        return {finding.rule.partition("/")[0] for finding in findings(project.prompt("a.prompt", text))}

    assert "sql" not in families()
    assert "sql" in families(suggestions="always")
    assert families(select=["sql"]) == {"sql"}
    assert families(select=["sql/schema-missing"]) == {"sql"}
    assert "sql" not in families(suggestions="always", ignore=["sql"])


def test_plain_check_does_not_read_packs() -> None:
    code = (
        "import sys\n"
        "from promptls.lint.runner import findings\n"
        "from promptls.language.prompt import Prompt\n"
        "from promptls.settings import Settings\n"
        "findings(Prompt('---\\nmodel: m\\n---\\nWrite a SQL query.', settings=Settings()))\n"
        "print([name for name in ('re2', 'promptls.lint.pack_model') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


# Packs of users

HOUSE = """\
name: house
title: House rules
description: What our house wants.
rules:
  - id: no-slogans
    summary: The prompt asks for a slogan.
    message: we write no slogans
    help: Ask for a sentence.
    category: style
    severity: warning
    certainty: likely
    pattern: '\\bslogans?\\b'
    replacement: sentence
"""


def settings(folder: Path, **files: str | bytes) -> Settings:
    for name, content in files.items():
        path = folder / f"{name}.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Settings(packs=[f"{name}.yaml" for name in files], folder=folder)


def problems(chosen: Settings) -> list[str]:
    return [str(each) for each in rule_problems(chosen)]


def test_own_pack_runs_in_every_domain(tmp_path: Path) -> None:
    chosen = settings(tmp_path, house=HOUSE)
    project = InMemoryProject(settings=chosen, has_siblings=True)
    (finding,) = (f for f in findings(project.prompt("a.prompt", "Write a slogan.")) if f.rule == "house/no-slogans")
    assert finding.severity is Severity.WARNING
    assert finding.fix is not None
    assert not finding.fix.safe
    assert registry(chosen).knows("house/no-slogans")
    assert not registry().knows("house")
    assert problems(chosen) == []


def test_own_pack_takes_the_place_of_a_built_in_one(tmp_path: Path) -> None:
    own = HOUSE.replace("name: house", "name: branding")
    chosen = settings(tmp_path, branding=own)
    assert [rule.id for rule in registry(chosen) if rule.family == "branding"] == ["branding/no-slogans"]


def test_own_domain_is_recognised(tmp_path: Path) -> None:
    own = HOUSE.replace("rules:\n", "recognise: [{weight: 6, terms: [sourdough, masa madre]}]\nrules:\n")
    chosen = settings(tmp_path, house=own)
    project = InMemoryProject(settings=chosen, has_siblings=True)

    def ids(text: str) -> set[str]:
        return {finding.rule for finding in findings(project.prompt("a.prompt", text))}

    assert "house/no-slogans" in ids("Write a slogan for our sourdough.")
    assert "house/no-slogans" not in ids("Write a slogan for our bank.")


def test_a_folder_of_packs(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "house.yaml").write_text(HOUSE)
    (tmp_path / "packs" / "other.yml").write_text(HOUSE.replace("name: house", "name: other"))
    chosen = Settings(packs=["packs"], folder=tmp_path)
    assert {"house", "other"} <= registry(chosen).families


def test_a_changed_pack_is_read_again(tmp_path: Path) -> None:
    chosen = settings(tmp_path, house=HOUSE)
    assert registry(chosen).knows("house/no-slogans")
    (tmp_path / "house.yaml").write_text(HOUSE.replace("no-slogans", "no-slogans-please"))
    assert not registry(chosen).knows("house/no-slogans")


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ("name: [house\n", ":1:12", "YAML"),
        ("", ":1:1", "expected a mapping"),
        ("- a\n", ":1:3", "expected a mapping"),
        (HOUSE.replace("'\\bslogans?\\b'", "'(slogan'"), ":12:5", "RE2"),
        (HOUSE.replace("'\\bslogans?\\b'", "'(?=slogan)'"), ":12:5", "look-around"),
        (HOUSE.replace("severity: warning", "severity: loud"), ":10:5", "'hint', 'info'"),
        (HOUSE.replace("category:", "kategory:"), ":9:5", "no such key"),
        (HOUSE + "    missing: [x]\n", ":5:5", "either a pattern or missing"),
        (HOUSE.replace("name: house", "name: House Rules"), ":1:1", "small letters"),
        (HOUSE.encode("utf-16"), ":1", "UTF-8"),
        (
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{c}: &{c} [{','.join('*' + p for _ in range(9))}]\n"
                for p, c in zip("abcdefg", "bcdefgh", strict=True)
            ),
            "",
            "",
        ),
    ],
    ids=["yaml", "empty", "list", "pattern", "look-around", "severity", "key", "both", "name", "encoding", "bomb"],
)
def test_broken_packs_are_named_and_left_out(tmp_path: Path, content: str | bytes, place: str, words: str) -> None:
    chosen = settings(tmp_path, broken=content, house=HOUSE)
    told = problems(chosen)
    assert told
    assert all(each.startswith(str(tmp_path / "broken.yaml")) for each in told)
    assert any(f"broken.yaml{place}: " in each and words in each for each in told), told
    assert {"house", *BUILT_IN} <= registry(chosen).families


def test_missing_pack(tmp_path: Path) -> None:
    chosen = Settings(packs=["gone.yaml"], folder=tmp_path)
    assert [each.partition(": ")[2] for each in problems(chosen)] == ["cannot be read: No such file or directory"]


def test_two_packs_of_one_name(tmp_path: Path) -> None:
    chosen = settings(tmp_path, house=HOUSE, again=HOUSE)
    assert ["called house too" in each for each in problems(chosen)] == [True]


def test_a_pack_may_not_hide_rules_of_promptls(tmp_path: Path) -> None:
    own = HOUSE.replace("name: house", "name: security").replace("no-slogans", "secret")
    chosen = settings(tmp_path, security=own)
    assert registry(chosen).by_id["security/secret"] is core_rules().by_id["security/secret"]
    assert len([rule for rule in registry(chosen) if rule.id == "security/secret"]) == 1
    assert problems(chosen) == ["rules: security/secret: promptls itself has a rule of this id, which stays"]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+b", "(a*)*c", "a{1,500}b", "(.*){1,9}x"])
def test_hostile_patterns_of_users_are_harmless(pattern: str) -> None:
    assert is_quick(pattern, "a")


# Single rules in settings


def test_single_rules() -> None:
    chosen = Settings(rules={"house/no-slogans": {"pattern": r"\bslogans?\b", "message": "we write no slogans"}})
    project = InMemoryProject(settings=chosen, has_siblings=True)
    rules = [rule for rule in registry(chosen) if rule.family == "house"]
    (finding,) = run(project.prompt("a.prompt", "Write a slogan."), rules)
    assert (finding.rule, finding.message, finding.severity) == (
        "house/no-slogans",
        "we write no slogans",
        Severity.INFO,
    )
    assert problems(chosen) == []


@pytest.mark.parametrize(
    ("id", "rule", "words"),
    [
        ("house/no-slogans", {"pattern": "("}, "RE2"),
        ("house/no-slogans", {"message": "nothing to look for"}, "either a pattern or missing"),
        ("no-slogans", {"pattern": "x", "message": "no family"}, "house/no-slogans"),
        ("house/No", {"pattern": "x", "message": "capital"}, "rules.house/No"),
    ],
)
def test_broken_single_rules_are_named_and_left_out(id: str, rule: dict, words: str) -> None:
    good = {"pattern": "y", "message": "a good one"}
    chosen = Settings(rules={id: {"message": "some words", **rule}, "house/good": good})
    assert any(words in each for each in problems(chosen)), problems(chosen)
    assert not registry(chosen).knows(id)
    assert registry(chosen).knows("house/good")


# In programs


def test_check_tells_of_broken_packs_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(HOUSE.replace("severity: warning", "severity: loud"))
    (tmp_path / "house.yaml").write_text(HOUSE)
    (tmp_path / "promptls.toml").write_text('packs = ["broken.yaml", "house.yaml"]\n')
    (tmp_path / "a.prompt").write_text("---\nmodel: openai/gpt-4.1\n---\nWrite a slogan.\n")
    command = [sys.executable, "-m", "promptls", "check", "--no-cache", "-q"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert "broken.yaml:10:5: rules.1.severity: " in done.stderr
    assert "house/no-slogans" in done.stdout
    assert done.returncode == 2
