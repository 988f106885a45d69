"""How often a search finds the prompt that it means among the first five; see `queries`."""

from pathlib import Path

import pytest

from promptls.settings import SettingsSources
from promptls.store.index import Store
from promptls.store.query import parse_query
from promptls.workspace import Workspace
from promptls.workspace.index import WorkspaceIndex
from tests.store.queries import CORPUS, SAMPLES
from tests.support import ROOT


def index_of(folder: Path) -> WorkspaceIndex:
    """An index in memory of everything below a folder."""
    workspace = Workspace([folder], SettingsSources(user=None, variables={}))
    index = WorkspaceIndex(workspace, Store(None))
    index.refresh(judging=False)
    return index


def missed(index: WorkspaceIndex, queries: tuple[tuple[str, str], ...]) -> list[str]:
    """The searches whose prompt is not among the first five, with what is there instead."""
    failures = []
    for text, expected in queries:
        paths = [each.row.path for each in index.search(parse_query(text), 5).found]
        if not any(path.endswith(f"/{expected}") for path in paths):
            failures.append(f"{text!r} should find {expected}: {[Path(path).name for path in paths]}")
    return failures


def test_recall_at_five(shared: Path) -> None:
    failures = missed(index_of(ROOT / "samples"), SAMPLES) + missed(index_of(shared / "corpus"), CORPUS)
    count = len(SAMPLES) + len(CORPUS)
    recall = 1 - len(failures) / count
    print(f"recall at 5: {recall:.3f} of {count} searches", *failures, sep="\n")
    assert recall >= 0.9


def test_recall_at_five_of_the_samples() -> None:
    failures = missed(index_of(ROOT / "samples"), SAMPLES)
    assert len(failures) <= len(SAMPLES) / 10, "\n".join(failures)


@pytest.mark.parametrize(
    ("written", "meant"), [("screnplay", "screenplay"), ("runbok rollback", "runbook rollback"), ("invioce", "invoice")]
)
def test_misspelt_words_are_mended(written: str, meant: str) -> None:
    assert index_of(ROOT / "samples").search(parse_query(written)).suggestion == meant
