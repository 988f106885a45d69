"""`promptls render`: what a model would be sent."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Terminal
from tests.cli.prompts import GOOD

CHAT = """\
---
model: googleai/gemini-2.5-flash
config: {temperature: 0.5, maxOutputTokens: 100, topK: 3, stopSequences: [END]}
tools: [search]
toolDefs:
  - name: add
    description: Adds.
    inputSchema: {type: object, properties: {a: {type: number}}}
input:
  schema:
    name: string
    photo?: string
  default:
    name: Ada
output:
  format: json
  schema:
    answer: string
---
{{role "system"}}Be brief with {{name}}.
{{history}}
{{role "user"}}
Look: {{media url=photo contentType="image/png"}}{{> _end}}"""
FILES = {"chat.prompt": CHAT.replace("_end", "end"), "_end.prompt": "Bye, {{name}}{{@mark}}"}
HISTORY = '[{"role":"user","content":[{"text":"Hi"}]},{"role":"model","content":[{"text":"Hello"}]}]'


def rendered(terminal: Terminal, *arguments: str, stdin: str = "") -> Any:
    terminal.write(FILES)
    outcome = terminal.run("render", "chat.prompt", "--format", "json", *arguments, stdin=stdin)
    assert (outcome.code, outcome.err) == (0, "")
    return json.loads(outcome.out)


def texts(data: Any) -> list[tuple[str, str]]:
    return [
        (each["role"], "".join(part.get("text", "") for part in each["content"]).strip()) for each in data["messages"]
    ]


def test_json_is_the_contract(terminal: Terminal) -> None:
    data = rendered(terminal, "--input", '{"photo": "data:image/png;base64,AAAA"}', "--context", '{"mark": "!"}')
    assert set(data) >= {"version", "messages", "model", "config", "tools", "output", "map"}
    assert data["version"] == 1
    assert texts(data)[0] == ("system", "Be brief with Ada.")
    assert texts(data)[-1] == ("user", "Look: Bye, Ada!")
    assert data["messages"][-1]["content"][1] == {
        "media": {"url": "data:image/png;base64,AAAA", "contentType": "image/png"}
    }
    assert data["model"] == "googleai/gemini-2.5-flash"
    assert data["config"]["temperature"] == 0.5
    assert data["tools"] == ["search"]
    assert data["output"]["schema"]["required"] == ["answer"]


def test_the_map_leads_back_to_the_template(terminal: Terminal) -> None:
    data = rendered(terminal, "--input", '{"name": "Bo"}')
    sources = {"chat.prompt": FILES["chat.prompt"], "_end.prompt": FILES["_end.prompt"]}
    seen = set()
    for entry in data["map"]:
        message = data["messages"][entry["message"]]
        text = "".join(part.get("text", "") for part in message["content"])[entry["start"] : entry["end"]]
        source = sources[entry["source"]["path"]][entry["source"]["start"] : entry["source"]["end"]]
        assert text == source or source.startswith("{{")
        seen.add((text, source))
    assert {("Bo", "{{name}}"), ("Bye, ", "Bye, ")} <= seen


def test_input_from_a_file_and_from_stdin(terminal: Terminal) -> None:
    terminal.write({"data.json": '\ufeff{"name": "Cy"}'})
    assert texts(rendered(terminal, "--input", "@data.json"))[0][1] == "Be brief with Cy."
    assert texts(rendered(terminal, "--input", "@-", stdin='{"name": "Di"}'))[0][1] == "Be brief with Di."


def test_history(terminal: Terminal) -> None:
    data = rendered(terminal, "--history", HISTORY)
    assert [role for role, _ in texts(data)][:3] == ["system", "user", "model"]


def test_text(terminal: Terminal) -> None:
    terminal.write({"a.prompt": GOOD})
    outcome = terminal.run("render", "a.prompt", "--input", '{"text": "Ünï <b>"}')
    assert outcome.code == 0
    assert outcome.out.startswith("--- system ---\n")
    assert "<text>Ünï <b></text>\n" in outcome.out


def test_openai(terminal: Terminal) -> None:
    body = rendered(terminal, "--format", "openai", "--history", HISTORY, "--input", '{"photo": "https://x/y.png"}')
    assert body["model"] == "gemini-2.5-flash"
    assert [each["role"] for each in body["messages"]][:3] == ["system", "user", "assistant"]
    assert body["messages"][-1]["content"][1] == {"type": "image_url", "image_url": {"url": "https://x/y.png"}}
    assert isinstance(body["messages"][0]["content"], str)
    assert (body["temperature"], body["max_completion_tokens"], body["stop"]) == (0.5, 100, ["END"])
    assert body["tools"][0]["function"]["name"] == "add"
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["answer"]


def test_anthropic(terminal: Terminal) -> None:
    body = rendered(terminal, "--format", "anthropic", "--input", '{"photo": "data:image/png;base64,AAAA"}')
    assert body["system"].strip() == "Be brief with Ada."
    assert all(each["role"] in ("user", "assistant") for each in body["messages"])
    source = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    assert body["messages"][-1]["content"][1] == {"type": "image", "source": source}
    assert (body["max_tokens"], body["top_k"], body["stop_sequences"]) == (100, 3, ["END"])
    assert body["tools"][0]["input_schema"]["type"] == "object"


def test_gemini(terminal: Terminal) -> None:
    body = rendered(terminal, "--format", "gemini", "--input", '{"photo": "data:image/png;base64,AAAA"}')
    assert body["systemInstruction"]["parts"][0]["text"].strip() == "Be brief with Ada."
    assert body["contents"][-1]["parts"][1] == {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    assert body["generationConfig"]["responseMimeType"] == "application/json"
    assert body["generationConfig"]["topK"] == 3
    assert "model" not in body


@pytest.mark.parametrize("data", ["{", "[]", "3", "@gone.json"])
def test_wrong_input(terminal: Terminal, data: str) -> None:
    terminal.write(FILES)
    outcome = terminal.run("render", "chat.prompt", "--input", data)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "--input" in outcome.err


def test_a_missing_prompt(terminal: Terminal) -> None:
    outcome = terminal.run("render", "gone.prompt")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("promptls: gone.prompt: ")


def test_errors_have_positions(terminal: Terminal) -> None:
    terminal.write({"a.prompt": "one\n{{> gone}}", "b.prompt": "{{> part}}", "_part.prompt": "x\n {{nohelper 1}}"})
    outcome = terminal.run("render", "a.prompt")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("a.prompt:2:5: error: ")
    outcome = terminal.run("render", "b.prompt")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("_part.prompt:2:4: error: ")
