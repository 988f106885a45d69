"""Links to partials, media and files of schemas."""

from pathlib import Path

from promptls.ide.links import document_links
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.workspace import Workspace
from tests.ide.projects import Project
from tests.support.markers import show

FILES = """\
=== p/a.prompt
---
input:
  schema:
    type: object
    properties:
      dish: {$ref: "⟦schemas/dish.json#/x⟧"}
      gone: {$ref: "schemas/gone.json"}
      own: {$ref: "#/definitions/own"}
      far: {$ref: "⟦https://example.com/far.json#y⟧"}
output:
  schema: ⟦schemas/dish.json⟧
---
日本 {{> ⟦part⟧}} {{> "⟦sub/part⟧" x=1}} {{> gone}} {{> (lookup . "x")}} {{#> ⟦part⟧}}{{/⟦part⟧}}
{{media url="⟦https://example.com/é.png⟧" contentType="image/png"}} {{media url=image}} {{media url="⟦img/cat.png⟧"}}
{{media url="img/none.png"}} {{media url="data:image/png;base64,AAAA"}} https://example.com in the text
{{media url="
=== p/_part.prompt
x
=== p/sub/_part.prompt
x
=== p/schemas/dish.json
{}
=== p/img/cat.png
not really
"""


def test_links(tmp_path: Path) -> None:
    project = Project(tmp_path, FILES)
    prompt = project.workspace.prompt(project.top / "p/a.prompt")
    links = document_links(project.workspace, prompt)
    assert show(prompt.text, ranges=[each.range for each in links]) == show(
        prompt.text, ranges=project.marked["p/a.prompt"].ranges
    )
    told = [each.target if isinstance(each.target, str) else project.path(each.target) for each in links]
    assert told == [
        "p/schemas/dish.json",
        "https://example.com/far.json#y",
        "p/schemas/dish.json",
        "p/_part.prompt",
        "p/sub/_part.prompt",
        "p/_part.prompt",
        "p/_part.prompt",
        "https://example.com/é.png",
        "p/img/cat.png",
    ]
    assert [each.tooltip for each in links][3:5] == ["Open _part.prompt", "Open sub/_part.prompt"]


def test_none_where_there_is_no_file_or_no_dotprompt(tmp_path: Path) -> None:
    prompt = Prompt("{{role 'user'}}{{> part}}{{media url='x.png'}}", settings=Settings())
    assert document_links(Workspace(), prompt) == ()
    project = Project(tmp_path, "=== a.prompt\n{> part} https://example.com\n")
    assert document_links(project.workspace, project.workspace.prompt(project.top / "a.prompt")) == ()
