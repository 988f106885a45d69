"""How well domains are recognised, and what decides where somebody says one."""

from collections import Counter
from pathlib import Path

import pytest

from promptls.analysis.domain import GENERAL, THRESHOLD, Evidence, Profile, detect
from promptls.language.prompt import Prompt
from promptls.lint.domain import declared, domain, weights
from promptls.lint.packs import BUILT_IN
from promptls.settings import Settings
from promptls.syntax.source import Range
from tests.analysis.domain_prompts import PROMPTS
from tests.support import ROOT, SHARED

LEAST = 0.9
SAMPLES = ROOT / "samples" / "domains"


def prompt(text: str, path: str = "a.prompt", **settings) -> Prompt:
    return Prompt(text, settings=Settings(**settings, folder=Path("/project")), path=Path("/project") / path)


def found(text: str, **settings) -> str:
    return domain(prompt(text, **settings)).name


JUDGED = Counter((name, found(text)) for name, texts in PROMPTS.items() for text in texts)
"""How often a prompt of the first domain is taken for one of the second."""


def test_there_are_enough_prompts() -> None:
    assert set(PROMPTS) == set(BUILT_IN)
    assert all(len(set(texts)) >= 10 for texts in PROMPTS.values())


@pytest.mark.parametrize("name", BUILT_IN)
def test_recall(name: str) -> None:
    assert JUDGED[name, name] / len(PROMPTS[name]) >= LEAST, JUDGED


@pytest.mark.parametrize("name", BUILT_IN)
def test_precision(name: str) -> None:
    taken = sum(count for (_, taken_for), count in JUDGED.items() if taken_for == name)
    assert JUDGED[name, name] / taken >= LEAST, JUDGED


@pytest.mark.parametrize("name", BUILT_IN)
def test_samples(name: str) -> None:
    text = (SAMPLES / f"{name}.prompt").read_text(encoding="utf-8")
    assert found(text) == name


def test_frontmatter_words_are_no_evidence() -> None:
    assert found("---\nmetadata: {domain: sql, tags: [postgresql, database]}\n---\nSay hello to {{name}}.\n") == GENERAL


def test_most_real_files_belong_to_no_domain() -> None:
    corpus = SHARED / "corpus"
    if not corpus.is_dir():
        pytest.skip(f"{corpus} is not there")
    files = sorted(corpus.rglob("*.prompt"))
    names = Counter(found(path.read_text(encoding="utf-8", errors="replace")) for path in files)
    # All of them were read: jokes, recipes, trips, greetings, evaluations.
    assert names[GENERAL] >= 0.95 * len(files), names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "🙂🙂🙂",
        '{"a": 1}',
        "---\nmodel: m\n---\n",
        "次の文章を日本語で三行に要約してください。",
        "لخّص النص التالي في ثلاث جمل.",
        "Сократи этот текст до трёх предложений.",
        "def f(x):\n    return x + 1\n",
        "It was the best of times, it was the worst of times. " * 20_000,
    ],
    ids=["empty", "word", "emoji", "json", "no text", "ja", "ar", "ru", "code", "a novel of 1 MB"],
)
def test_odd_texts_are_general(text: str) -> None:
    assert found(text) == GENERAL


def test_evidence_says_where() -> None:
    known = prompt("Write a PostgreSQL query over the table {{table_name}}.\n")
    answer = domain(known)
    assert (answer.name, answer.source) == ("sql", "detected")
    assert THRESHOLD < answer.confidence < 1
    words = {known.text[each.range.start : each.range.end] for each in answer.evidence}
    assert {"PostgreSQL", "query", "table"} <= words


def test_accents_and_case_do_not_matter() -> None:
    assert found("ESCRIBE EL GUIÓN DE UN CORTOMETRAJE") == found("escribe el guion de un cortometraje") == "cine"


# Who decides


def test_frontmatter_names_the_domain() -> None:
    text = "---\npromptls.domain: cine\n---\nWrite a PostgreSQL query.\n"
    assert domain(prompt(text)).source == "frontmatter"
    assert found(text) == "cine"
    assert found(text, domains={"*": "devops"}) == "cine"


def test_a_name_that_no_pack_has_is_none() -> None:
    text = "---\npromptls.domain: cooking\n---\nWrite a PostgreSQL query.\n"
    assert found(text) == "sql"
    assert found("Write a PostgreSQL query.", domain="cooking") == "sql"
    told = declared(prompt(text))
    assert told is not None
    assert told[0] == "cooking"


def test_folders_have_domains_and_the_last_pattern_counts() -> None:
    domains = {"shop/": "saas", "shop/ads/": "branding"}
    given = [
        domain(prompt("Hello.", path, domains=domains)).name
        for path in ("a.prompt", "shop/a.prompt", "shop/ads/a.prompt")
    ]
    assert given == [GENERAL, "saas", "branding"]


def test_one_setting_overrules_all() -> None:
    text = "---\npromptls.domain: cine\n---\nWrite a PostgreSQL query.\n"
    assert found(text, domain="devops", domains={"*": "saas"}) == "devops"


def test_weights_are_the_domains() -> None:
    assert weights(prompt("Hello.", domain="sql")).specificity == 0.40
    assert weights(prompt("Hello.", domain="cine")).structure == 0.40
    assert weights(prompt("Hello.")).clarity == 0.30


# The measure itself


def profile(name: str, **terms: float) -> Profile:
    def find(text: str) -> list[Evidence]:
        places = {term: text.find(term) for term in terms}
        return [Evidence(term, Range(at, at + len(term)), terms[term]) for term, at in places.items() if at >= 0]

    return Profile(name, find)


def test_rivals_lower_the_confidence() -> None:
    ships, planes = profile("ships", keel=3.0, mast=2.0), profile("planes", wing=3.0)
    alone = detect("keel and mast", [ships, planes])[0]
    beside = detect("keel and mast and wing", [ships, planes])[0]
    assert alone.name == beside.name == "ships"
    assert alone.confidence > THRESHOLD
    assert alone.confidence > beside.confidence


def test_words_of_many_fields_need_company() -> None:
    ships = profile("ships", keel=3.0, crew=1.0, deck=1.0, port=1.0)
    assert detect("crew deck port", [ships])[0].confidence < THRESHOLD < detect("keel", [ships])[0].confidence


def test_a_place_counts_once() -> None:
    ship = Profile("ships", lambda _: [Evidence("ship", Range(0, 4), 1.0), Evidence("ship's crew", Range(0, 11), 2.0)])
    (guess,) = detect("ship's crew", [ship])
    assert [each.term for each in guess.evidence] == ["ship's crew"]


def test_long_texts_mention_things_in_passing() -> None:
    ships = profile("ships", keel=3.0)
    assert detect("keel " + "word " * 5_000, [ships])[0].confidence < THRESHOLD


def test_nothing_found_is_no_guess() -> None:
    assert detect("nothing", [profile("ships", keel=3.0)]) == ()
