"""What every renaming must do."""

from pathlib import Path

from promptls.ide.rename import prepare_rename, rename
from tests.ide.projects import Project, archive, example_data, messages, renamed_keys


def check_rename(tmp_path: Path, before: str, new: str, after: str, key: str | None = None) -> tuple[str, ...]:
    """Rename what the cursor is on; `after` has the files that differ. The messages stay the same. Gives the notes."""
    project = Project(tmp_path / "before", before)
    prepared = prepare_rename(project.workspace, project.prompt, project.cursor)
    assert prepared.range.contains(project.cursor)
    assert project.prompt.text[slice(*prepared.range)] == prepared.name
    edit = rename(project.workspace, project.prompt, project.cursor, new)
    files = project.after(edit)
    unmarked = {path: each.text for path, each in project.marked.items()}
    assert {path: text for path, text in files.items() if unmarked.get(path) != text} == archive(after)
    data = example_data(project)
    renamed = renamed_keys(data, key, new) if key else data
    assert any(text for text, _ in messages(tmp_path / "old", unmarked, data).values())
    assert messages(tmp_path / "old", unmarked, data) == messages(tmp_path / "new", files, renamed)
    return edit.notes
