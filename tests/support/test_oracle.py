"""The oracle answers what its methods say, and keeps one request out of the next."""

import pytest

from tests.support.oracle import Oracle, Refused


def test_parse_gives_positions(oracle: Oracle) -> None:
    (statement,) = oracle.parse("{{name}}")["body"]
    assert statement["type"] == "MustacheStatement"
    assert statement["loc"]["end"] == {"line": 1, "column": 8}


def test_parse_refuses(oracle: Oracle) -> None:
    with pytest.raises(Refused, match="Parse error on line 1") as caught:
        oracle.parse("{{#if a}}")
    assert caught.value.name == "Error"


def test_accepts_in_bulk(oracle: Oracle) -> None:
    assert oracle.accepts(["{{a}}", "{{a", "\u2028{{b}}\ud800"]) == [True, False, True]


def test_compiling_knows_dotprompt_helpers_only(oracle: Oracle) -> None:
    templates = ['{{role "system"}}', "{{shout name}}"]
    assert oracle.accepts(templates) == [True, True]
    assert oracle.accepts(templates, compiling=True) == [True, False]


def test_handlebars_does_not_escape(oracle: Oracle) -> None:
    assert oracle.handlebars("{{> p}}&{{a}}", {"a": "<b>"}, {"p": "P"}) == "P&<b>"


def test_render_uses_context_defaults_and_history(oracle: Oracle) -> None:
    past = {"role": "model", "content": [{"text": "before"}]}
    rendered = oracle.render(
        '---\nmodel: m\n---\n{{role "system"}}{{a}}{{@user.name}}{{role "user"}}{{b}}',
        {"input": {"a": "A"}, "context": {"user": {"name": "N"}}, "messages": [past]},
        options={"input": {"default": {"b": "B"}}},
    )
    assert rendered["model"] == "m"
    texts = [(message["role"], message["content"][0]["text"]) for message in rendered["messages"]]
    assert texts == [("system", "AN"), ("model", "before"), ("user", "B")]


def test_partials_do_not_outlive_their_request(oracle: Oracle) -> None:
    assert oracle.render("{{> p}}", partials={"p": "x"})["messages"][0]["content"] == [{"text": "x"}]
    with pytest.raises(Refused, match="partial p could not be found"):
        oracle.render("{{> p}}")


def test_console_output_stays_off_stdout(oracle: Oracle) -> None:
    reply = oracle.request("render", source='---\na: [\n---\n{{log "x" level="error"}}y')
    assert any("Error parsing YAML frontmatter" in line for line in reply["logged"])
    assert reply["result"]["messages"][0]["content"][0]["text"].endswith("y")


def test_unknown_operation_is_an_error_reply(oracle: Oracle) -> None:
    with pytest.raises(Refused, match="no operation"):
        oracle.request("toString")
