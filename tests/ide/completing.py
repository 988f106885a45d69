"""Samples with a cursor, what completion offers there, and what accepting an item makes of them."""

from collections.abc import Mapping
from pathlib import Path

from promptls.ide.completion import CompletionItem, complete, resolve_completion
from promptls.ide.snippets import without_places
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.workspace import Workspace
from tests.support.markers import marked
from tests.support.project import InMemoryProject


class Offer:
    """What is offered at the cursor `‸` of a sample; `files` are partials and others beside it, by path."""

    def __init__(
        self,
        sample: str,
        *,
        files: Mapping[str, str] | None = None,
        settings: Settings | None = None,
        path: str = "sample.prompt",
        workspace: Workspace | None = None,
    ) -> None:
        self.text, (self.cursor,), _ = marked(sample)
        self.prompt: Prompt = InMemoryProject(files, settings=settings).prompt(path, self.text)
        if workspace is not None:
            self.prompt = workspace.prompt(Path(path))
        self.list = complete(self.prompt, self.cursor, workspace)

    @property
    def labels(self) -> list[str]:
        return [item.label for item in self.list.items]

    def __getitem__(self, label: str) -> CompletionItem:
        assert label in self.labels
        return next(item for item in self.list.items if item.label == label)

    def accepted(self, label: str) -> str:
        """The whole text after an item took the place of the word, snippets as they are."""
        edit = self[label].edit
        return self.text[: edit.replace.start] + edit.text + self.text[edit.replace.end :]

    def inserted(self, label: str) -> str:
        """The whole text after an item took the place of the word up to the cursor."""
        edit = self[label].edit
        return self.text[: edit.insert.start] + edit.text + self.text[edit.insert.end :]

    def filled(self, label: str) -> str:
        """The whole text after an item was accepted and its places were left as they are."""
        edit = self[label].edit
        text = without_places(edit.text) if edit.snippet else edit.text
        return self.text[: edit.replace.start] + text + self.text[edit.replace.end :]

    def documentation(self, label: str) -> str | None:
        data = self[label].data
        return resolve_completion(self.prompt, data) if data is not None else None
