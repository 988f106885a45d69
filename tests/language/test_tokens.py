"""What a prompt takes: its own text, what it renders to, what each variable adds, and what that costs."""

import time
from collections.abc import Mapping

import pytest

from promptls.language.costs import LEAST_CACHEABLE, cached_tokens, cost, tokens_for
from promptls.language.models import Model, model_catalogue
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.tokenizers import Counter, counter
from promptls.language.tokens import Tokens, model_id, range_tokens, static_texts, static_tokens, tokens
from promptls.settings import Settings
from promptls.syntax.source import Range
from tests.support.project import InMemoryProject

EXACT = counter("openai/gpt-4o", wait=True)
WORDS = Counter(None, False, lambda text: len(text.split()))
"""One token a word, so that a reader can count along."""

HEAD = "---\nmodel: openai/gpt-4o\ninput:\n  default:\n    tone: very warm\n---\n"
CHAT = (
    HEAD
    + '{{role "system"}}\nAnswer in a {{tone}} tone.\n{{#if formal}}Be formal.{{else}}Be short.{{/if}}\n'
    + '{{role "user"}}\nQuestion: {{question}}\n'
)


def words(text: str, request: RenderRequest | None = None, partials: Mapping[str, str] | None = None) -> Tokens:
    files = {f"_{name}.prompt": each for name, each in (partials or {}).items()}
    project = InMemoryProject({"a.prompt": text, **files}, has_siblings=True)
    return tokens(project.prompt("a.prompt"), WORDS, request)


def of(found: Tokens) -> dict[str, int]:
    return {each.name: each.tokens for each in found.variables}


def test_messages_and_variables() -> None:
    found = words(CHAT)
    assert [(each.role, each.tokens) for each in found.messages] == [("system", 8), ("user", 1)]
    assert found.rendered == 9
    assert of(found) == {"tone": 2}
    # The text of both branches, one right after the other, without the variables.
    assert found.static == 8
    assert found.cacheable_prefix == 3
    assert (found.encoding, found.exact) == (None, False)


def test_data_go_over_defaults() -> None:
    request = RenderRequest({"question": "why is it so", "formal": True, "tone": "dry"})
    found = words(CHAT, request)
    assert of(found) == {"question": 4, "tone": 1}
    assert [each.tokens for each in found.messages] == [7, 5]
    assert (found.static, found.cacheable_prefix) == (8, 3)


def test_exact_counts_are_those_of_the_messages() -> None:
    prompt = Prompt(CHAT, settings=Settings())
    found = tokens(prompt, EXACT)
    assert (found.encoding, found.exact) == ("o200k_base", True)
    assert [each.tokens for each in found.messages] == [
        EXACT.count("\nAnswer in a very warm tone.\nBe short.\n"),
        EXACT.count("\nQuestion: \n"),
    ]


BOOKS = {"books": [{"title": "War and Peace"}, {"title": "Emma"}], "user": {"name": "Ann Lee"}, "x": "one two three"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{#each books}}{{this.title}} {{/each}}", {"books": 4}),
        ("{{#each books}}{{title}} {{@root.x}} {{/each}}", {"books": 4, "x": 6}),
        ("{{#each books as |book|}}{{book.title}} {{../x}} {{/each}}", {"books": 4, "x": 6}),
        ("{{#each books as |book|}}{{#if ../x}}{{book.title}} {{/if}}{{/each}}", {"books": 4}),
        ("{{#with user as |u|}}{{#each @root.books as |b|}}{{u.name}} {{b.title}} {{/each}}{{/with}}",
         {"books": 4, "user": 4}),
        ("{{#with user}}{{name}} {{../x}}{{/with}}", {"user": 2, "x": 3}),
        ("{{#each books}}{{#with this}}{{title}} {{/with}}{{@index}} {{/each}}", {"books": 4}),
        ("{{user.name}} {{x}} {{x}}", {"user": 2, "x": 6}),
        ("{{json user}}", {"user": 2}),
        ("{{lookup user 'name'}}", {"user": 2}),
        ("{{undefinedName}}{{#if x}}yes{{/if}}", {}),
        ("{{{x}}}", {"x": 3}),
        ("{{> card}}", {"x": 3}),
        ("{{> card x=user.name}}", {"x": 2}),
        ("{{#each", {}),
        ("{{this.x}} {{./x}}", {"x": 6}),
    ],
)  # fmt: skip
def test_what_each_variable_prints(template: str, expected: Mapping[str, int]) -> None:
    assert of(words(template, RenderRequest(BOOKS), {"card": "[ {{x}} ]"})) == expected


def test_partials_count_where_they_are_called() -> None:
    found = words(
        "Be kind. {{> tone}} {{> tone}} {{> missing}}", partials={"tone": "Stay calm and {{> tone}}{{mood}}."}
    )
    assert found.static == 2 + 4
    prompt = InMemoryProject({"a.prompt": "{{> rules}}\n{{question}}", "_rules.prompt": "Never lie."}).prompt(
        "a.prompt"
    )
    assert tokens(prompt, WORDS).cacheable_prefix == 2


def test_static_tokens_go_with_messages() -> None:
    prompt = Prompt(CHAT, settings=Settings())
    assert [(each.role, each.tokens) for each in static_tokens(prompt, WORDS)] == [("system", 7), ("user", 1)]
    assert static_texts(Prompt("", settings=Settings())) == ()
    assert static_texts(Prompt("{{~ x ~}}   text   {{~ y }}", settings=Settings())) == ("text",)


def test_ranges_count_their_own_text() -> None:
    text = "one two\n## A\nthree {{x}} four\n{{> p}}\n## B\nfive {{#if y}}six{{/if}}"
    prompt = InMemoryProject({"a.prompt": text, "_p.prompt": "seven eight"}).prompt("a.prompt")

    def count(start: int, end: int) -> int:
        return range_tokens(prompt, Range(start, end), WORDS)

    # The partial ends without a line end, so that the heading after it joins its last word.
    assert count(0, len(text)) == 11
    assert count(text.index("##"), text.index("## B")) == 6
    assert count(text.index("## B"), len(text)) == 4
    assert count(text.index("two"), text.index("two") + 3) == 1
    assert count(5, 5) == 0


@pytest.mark.parametrize(
    ("template", "prefix"),
    [
        ("", 0),
        ("{{x}} some text", 0),
        ("some text {{x}} more", 2),
        ('{{role "system"}}some text\n{{role "user"}}more {{x}}', 3),
        ("{{#if x}}some{{/if}} text", 0),
        ("only text, nothing else", 4),
        ("some {{history}} text", 1),
        ("some {{! a comment }} text {{x}}", 2),
    ],
)
def test_the_prefix_ends_at_the_first_variable(template: str, prefix: int) -> None:
    assert words(template).cacheable_prefix == prefix


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---\n",
        "---\nmodel: [\n---\n{{#if x}}",
        "{{#each a}}{{/if}}{{> self}}",
        "{{" * 500,
        "{{#if a}}" * 300 + "x" + "{{/if}}" * 300,
        "🙂" * 2000,
        "\ud800 {{x}}",
        "مرحبا {{الاسم}} 世界 हिन्दी",
    ],
)
def test_odd_prompts(text: str) -> None:
    project = InMemoryProject({"a.prompt": text, "_self.prompt": text})
    for each in (WORDS, EXACT):
        found = tokens(project.prompt("a.prompt"), each)
        assert found.rendered == sum(message.tokens for message in found.messages)
        assert min(found.static, found.rendered, found.cacheable_prefix) >= 0


def test_a_novel_with_variables() -> None:
    text = HEAD + "It was a dark night, and {{name}} was awake. " * 22_000
    prompt = Prompt(text, settings=Settings())
    begin = time.process_time()
    found = tokens(prompt, EXACT, RenderRequest({"name": "Ann"}))
    assert time.process_time() - begin < 20
    assert found.rendered > 200_000
    assert of(found)["name"] == 22_000


def test_the_model_is_the_prompts_own() -> None:
    assert model_id(Prompt(CHAT, settings=Settings())) == "openai/gpt-4o"
    assert model_id(Prompt("Hi", settings=Settings())) is None


PRICED = Model("openai/gpt-4o", "GPT-4o", 128_000, 2.5, 1.25, 10.0)


def test_a_cost() -> None:
    found = cost(PRICED, 10_000, 3_000)
    assert found.input_usd == pytest.approx(0.025)
    assert found.cached_tokens == 2_944  # 23 steps of 128
    assert found.cached_usd == pytest.approx(0.025 - 2_944 * 1.25e-6)
    assert found.saved_usd == pytest.approx(2_944 * 1.25e-6)


@pytest.mark.parametrize(
    ("vendor", "prefix", "cached"),
    [
        ("openai/gpt-4o", 1_023, 0),
        ("openai/gpt-4o", 1_024, 1_024),
        ("openai/gpt-4o", 1_151, 1_024),
        ("openai/gpt-4o", 1_152, 1_152),
        ("anthropic/claude-opus-4-5", 1_151, 1_151),
        ("anthropic/claude-opus-4-5", LEAST_CACHEABLE - 1, 0),
    ],
)
def test_what_a_provider_keeps(vendor: str, prefix: int, cached: int) -> None:
    assert cached_tokens(Model(vendor, vendor), prefix) == cached
    assert cached_tokens(None, prefix) == (prefix if prefix >= LEAST_CACHEABLE else 0)


def test_unknown_prices() -> None:
    nothing = cost(None, 10, 10)
    assert (nothing.input_usd, nothing.cached_usd, nothing.saved_usd) == (None, None, None)
    assert cost(Model("a/b", "b", context_window=10), 10, 10).input_usd is None
    uncached = cost(Model("a/b", "b", input_mtok=1.0), 10, 10)
    assert uncached.input_usd == pytest.approx(1e-5)
    assert (uncached.cached_usd, uncached.saved_usd) == (None, None)
    free = cost(Model("a/b", "b", input_mtok=0.0, cached_mtok=0.0), 5_000, 5_000)
    assert (free.input_usd, free.saved_usd) == (0.0, 0.0)


def test_how_many_tokens_a_sum_buys() -> None:
    assert tokens_for(PRICED, 0.025) == pytest.approx(10_000)
    assert tokens_for(Model("a/b", "b", input_mtok=0.0), 0.0) == float("inf")
    assert tokens_for(Model("a/b", "b"), 1.0) is None
    assert tokens_for(None, 1.0) is None


def test_settings_add_prices() -> None:
    settings = Settings.model_validate({"models": {"acme/one": {"input-mtok": 4, "cached-mtok": 1}}})
    found = model_catalogue(Prompt("---\nmodel: acme/one\n---\nHi", settings=settings)).find("acme/one")
    assert cost(found, 1_000_000, 2_000).saved_usd == pytest.approx(2_000 * 3e-6)
