"""`promptls score` and `promptls compare`."""

import json

from tests.cli.conftest import Terminal

GOOD = (
    '{{role "system"}}\n# Task\nSort the ticket inside <ticket> into one of: billing, bug, or other.\n'
    'Answer with the label alone.\n{{role "user"}}\n<ticket>\n{{ticket}}\n</ticket>\n'
)
BAD = '{{role "system"}}\nTry to answer it in some appropriate way, if possible.\n{{role "user"}}\n{{ticket}}\n'


def test_json_explains_every_point(terminal: Terminal) -> None:
    terminal.write({"good.prompt": GOOD, "sub/bad.prompt": BAD})
    outcome = terminal.run("score", "--format", "json")
    assert outcome.code == 0
    data = json.loads(outcome.out)
    assert data["version"] == 1
    good, bad = data["prompts"]
    assert (good["path"], bad["path"]) == ("good.prompt", "sub/bad.prompt")
    assert good["overall"] > bad["overall"]
    for prompt in (good, bad):
        for name, value in prompt["dimensions"].items():
            points = [reason["points"] for reason in prompt["reasons"] if reason["dimension"] == name]
            assert value == max(0, min(100, prompt["starts"][name] + sum(points)))
        weighted = sum(prompt["dimensions"][name] * weight for name, weight in prompt["weights"].items())
        assert prompt["overall"] == int(weighted + 0.5)
    labels = next(reason for reason in good["reasons"] if reason["rule"] == "evidence/labels")
    lines = GOOD.split("\n")
    assert lines[labels["start"]["line"] - 1][labels["start"]["column"] - 1 :].startswith("billing")
    assert GOOD[labels["start"]["offset"] : labels["end"]["offset"]] == "billing, bug, or other"


def test_text_shows_bars_reasons_and_what_mending_earns(terminal: Terminal) -> None:
    terminal.write({"a.prompt": GOOD + "Cite the deciding words, please. Cite the deciding words, please.\n"})
    out = terminal.run("score", "a.prompt").out
    assert out.startswith("a.prompt: ")
    assert all(
        name in out for name in ("clarity", "specificity", "structure", "completeness", "█", "evidence/labels 3:")
    )
    assert "what mending would earn" in out
    assert "load/repetition" in out
    assert "\x1b[" not in out
    assert "\x1b[" in terminal.run("score", "a.prompt", "--color", "always").out


def test_jsonl_and_stdin(terminal: Terminal) -> None:
    terminal.write({f"{n}.prompt": GOOD for n in range(3)})
    lines = terminal.run("score", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["0.prompt", "1.prompt", "2.prompt"]


def test_many_files_are_scored_alike_on_several_processes(terminal: Terminal) -> None:
    terminal.write({f"d{n % 4}/{n}.prompt": GOOD if n % 2 else BAD for n in range(120)})
    many = json.loads(terminal.run("score", "--format", "json").out)["prompts"]
    assert [each["path"] for each in many] == sorted((each["path"] for each in many), key=lambda path: path)
    one = json.loads(terminal.run("score", "--format", "json", "d1/1.prompt", "d0/0.prompt").out)["prompts"]
    by_path = {each["path"]: each for each in many}
    assert len(many) == 120
    assert all(each == by_path[each["path"]] for each in one)


def test_a_folder_of_plain_texts_is_scored(terminal: Terminal) -> None:
    terminal.write({f"{n}.prompt": f"Name {n + 2} rivers of Spain.\n" for n in range(60)})
    prompts = json.loads(terminal.run("score", "--format", "json").out)["prompts"]
    assert len(prompts) == 60
    assert all(isinstance(each["overall"], int) for each in prompts)


def test_what_holds_no_prose_has_no_score(terminal: Terminal) -> None:
    terminal.write({"data.prompt": '{"role": "system"}', "empty.prompt": ""})
    outcome = terminal.run("score", "--format", "json")
    assert [each["overall"] for each in json.loads(outcome.out)["prompts"]] == [None, None]
    assert "no score" in terminal.run("score", "data.prompt").out


def test_the_domain_can_be_given(terminal: Terminal) -> None:
    terminal.write({"a.prompt": GOOD})
    (found,) = json.loads(terminal.run("score", "--domain", "sql", "--format", "json").out)["prompts"]
    assert found["domain"] == "sql"
    outcome = terminal.run("score", "--domain", "sqll")
    assert outcome.code == 2
    assert "did you mean sql?" in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_what_cannot_be_read_is_told(terminal: Terminal) -> None:
    terminal.write({"a.prompt": GOOD})
    outcome = terminal.run("score", "a.prompt", "missing.prompt")
    assert outcome.code == 2
    assert "missing.prompt" in outcome.err


def test_compare(terminal: Terminal) -> None:
    terminal.write({"a.prompt": BAD, "b.prompt": GOOD})
    data = json.loads(terminal.run("compare", "a.prompt", "b.prompt", "--format", "json").out)
    a, b, delta = data["a"], data["b"], data["delta"]
    assert delta["overall"] == b["score"]["overall"] - a["score"]["overall"] > 0
    assert delta["tokens"] == b["tokens"]["rendered"] - a["tokens"]["rendered"]
    assert delta["dimensions"]["specificity"] == (
        b["score"]["dimensions"]["specificity"] - a["score"]["dimensions"]["specificity"]
    )
    assert delta["findings"]["lost"]
    back = json.loads(terminal.run("compare", "b.prompt", "a.prompt", "--format", "json").out)["delta"]
    assert back["overall"] == -delta["overall"]
    assert back["findings"]["gained"] == delta["findings"]["lost"]
    text = terminal.run("compare", "a.prompt", "b.prompt").out
    assert "score" in text
    assert "only a has" in text
    assert terminal.run("compare", "a.prompt", "nothing.prompt").code == 2
