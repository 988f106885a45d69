"""Reading queries, and telling how alike texts are."""

import random

import pytest

from promptls.store.query import NumberFilter, Query, Term, TextFilter, parse_query
from promptls.store.similar import KEYS, likeness, packed, sketch, unpacked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Query()),
        ("refund letter", Query((Term(("refund",)), Term(("letter",))))),
        ('"refund letter" now', Query((Term(("refund", "letter")), Term(("now",))))),
        ('"refund letter', Query((Term(("refund", "letter")),))),
        ("refun*", Query((Term(("refun",), prefix=True),))),
        ("step-by-step", Query((Term(("step", "by", "step")),))),
        ("tag:billing", Query(texts=(TextFilter("tag", "billing"),))),
        ('TAG:"two words"', Query(texts=(TextFilter("tag", "two words"),))),
        ("tag:bill*", Query(texts=(TextFilter("tag", "bill", prefix=True),))),
        ("score:>80 tokens:<=500", Query(numbers=(NumberFilter("score", ">", 80), NumberFilter("tokens", "<=", 500)))),
        ("score:80", Query(numbers=(NumberFilter("score", "=", 80),))),
        ("sort:updated x", Query((Term(("x",)),), sort="updated")),
        ("*** () ^", Query()),
        ("tag:*", Query()),
    ],
)
def test_queries(text: str, expected: Query) -> None:
    assert parse_query(text) == expected


def test_the_word_that_is_being_typed() -> None:
    assert parse_query("refund let", typing=True).terms[-1] == Term(("let",), prefix=True)
    for finished in ("refund let ", 'refund "let"', ""):
        assert not any(term.prefix for term in parse_query(finished, typing=True).terms)


@pytest.mark.parametrize(
    ("text", "note"),
    [("tga:x", "did you mean tag:"), ("score:high", "takes a number"), ("a " * 5_000, "first 2,000 characters")],
)
def test_what_is_not_understood_is_said(text: str, note: str) -> None:
    assert note in " ".join(parse_query(text).notes)


def test_any_text_is_a_query() -> None:
    chosen = random.Random(3)
    for _ in range(2_000):
        text = "".join(chosen.choices('ab :"*()^-<>=\\\0\u4e00\ud800{}\n', k=chosen.randrange(60)))
        assert len(parse_query(text).terms) <= 32


def test_likeness_is_near_that_of_all_runs() -> None:
    chosen = random.Random(4)
    words = [f"w{chosen.randrange(400)}" for _ in range(400)]
    for changed in (0, 5, 20, 80, 400):
        other = list(words)
        for place in chosen.sample(range(400), changed):
            other[place] = "other"
        runs, theirs = ({tuple(each[i : i + 3]) for i in range(398)} for each in (words, other))
        true = len(runs & theirs) / len(runs | theirs)
        one, two = sketch(" ".join(words)), sketch(" ".join(other))
        assert abs(likeness(one, two) - true) < 0.15
        assert true < 0.5 or set(one[:KEYS]) & set(two[:KEYS])
        assert unpacked(packed(one)) == one


def test_values_are_alike_whatever_their_names() -> None:
    assert sketch("Write to \ufffc\ufffc\ufffc now please.") == sketch("Write to \ufffc\ufffc now  please!")
    assert likeness(sketch(""), sketch("")) == 0
