"""Who includes what, shown as lines."""

from pathlib import Path

import pytest

from promptls.ide.call_hierarchy import Call, CallItem, incoming_calls, outgoing_calls, prepare_call_hierarchy
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.workspace import Workspace
from tests.ide.projects import Project

FILES = """\
=== a.prompt
{{role "system"}}{{> tone}} é {{> "tone" x=1}} {{> gone}} {{> (lookup this "x")}} {{> sub/card}}{{> (lookup this "x")}}
=== _tone.prompt
{{! how to speak }}
Warm.
=== sub/_card.prompt
{{> sub/loop}}
=== sub/_loop.prompt
{{> sub/card}} {{> tone}}
=== plain.prompt
{{> not dotprompt}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, FILES)


def prepared(project: Project, path: str, before: str = "") -> CallItem:
    prompt = project.workspace.prompt(project.top / path)
    item = prepare_call_hierarchy(project.workspace, prompt, prompt.text.index(before))
    assert item is not None
    return item


def shown(project: Project, calls: tuple[Call, ...], caller: str | None = None) -> list[str]:
    """Each call with the words of the includes, which stand in `caller` or else in the item's own file."""
    lines = []
    for call in calls:
        text = project.text(caller or project.path(call.item.path))
        words = " ".join(text[slice(*each)] for each in call.ranges)
        lines.append(f"{call.item.kind} {call.item.name}: {words}")
    return lines


def test_prepares_the_partial_under_the_cursor_or_the_file(project: Project) -> None:
    tone = prepared(project, "a.prompt", "tone")
    assert (tone.name, tone.kind, project.path(tone.path)) == ("tone", "partial", "_tone.prompt")
    assert project.text("_tone.prompt")[tone.selection.start :] == "Warm.\n"
    own = prepared(project, "a.prompt", "é")
    assert (own.name, own.kind, project.path(own.path)) == ("a", "prompt", "a.prompt")
    gone = prepared(project, "a.prompt", "gone")
    assert (gone.kind, project.path(gone.path), project.text("a.prompt")[slice(*gone.range)]) == (
        "missing",
        "a.prompt",
        "gone",
    )


def test_prepares_nothing_in_what_is_not_dotprompt_or_no_file(project: Project) -> None:
    project.workspace.configure(folders=[])
    (project.top / "alone").mkdir()
    (project.top / "alone" / "plain.prompt").write_text("Hello.")
    plain = project.workspace.prompt(project.top / "alone" / "plain.prompt")
    assert prepare_call_hierarchy(project.workspace, plain, 0) is None
    assert prepare_call_hierarchy(Workspace(), Prompt("{{role 'user'}}", settings=Settings()), 0) is None


def test_outgoing(project: Project) -> None:
    assert shown(project, outgoing_calls(project.workspace, prepared(project, "a.prompt")), "a.prompt") == [
        "partial tone: tone tone",
        "missing gone: gone",
        'computed (lookup this "x"): (lookup this "x") (lookup this "x")',
        "partial card: sub/card",
    ]
    assert outgoing_calls(project.workspace, prepared(project, "_tone.prompt")) == ()


def test_incoming(project: Project) -> None:
    tone = prepared(project, "_tone.prompt")
    assert shown(project, incoming_calls(project.workspace, tone)) == ["prompt a: tone tone", "partial loop: tone"]
    assert incoming_calls(project.workspace, prepared(project, "a.prompt")) == ()


def test_circles_end_at_every_step(project: Project) -> None:
    card = prepared(project, "sub/_card.prompt")
    (loop,) = outgoing_calls(project.workspace, card)
    assert shown(project, outgoing_calls(project.workspace, loop.item), "sub/_loop.prompt") == [
        "partial card: sub/card",
        "partial tone: tone",
    ]
    assert shown(project, incoming_calls(project.workspace, card)) == ["prompt a: sub/card", "partial loop: sub/card"]


def test_what_has_no_file_leads_nowhere(project: Project) -> None:
    for call in outgoing_calls(project.workspace, prepared(project, "a.prompt")):
        if call.item.kind in ("missing", "computed"):
            assert incoming_calls(project.workspace, call.item) == outgoing_calls(project.workspace, call.item) == ()


def test_a_file_that_vanished(project: Project) -> None:
    tone = prepared(project, "_tone.prompt")
    (project.top / "_tone.prompt").unlink()
    assert outgoing_calls(project.workspace, tone) == ()
