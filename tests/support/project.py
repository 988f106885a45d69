"""A project held in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from promptls.analysis.prose import prose
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.store.similar import NEAR, likeness, sketch
from promptls.workspace.partials import COMPUTED, inclusions


class InMemoryProject:
    """Files by relative path, the prompt root being the top; `has_siblings`: whether each has dotprompt neighbours."""

    def __init__(
        self, files: Mapping[str, str] | None = None, *, settings: Settings | None = None, has_siblings: bool = False
    ) -> None:
        self._files = dict(files or {})
        self._settings = settings or Settings()
        self._has_siblings = has_siblings
        self._prompts: dict[str, Prompt] = {}

    def prompt(self, path: str, text: str | None = None) -> Prompt:
        """The file at `path`, with another text if one is given; raises `KeyError` where there is none.

        The same text is the same `Prompt`, as in the workspace.
        """
        content = self._files[path] if text is None else text
        known = self._prompts.get(path)
        if known is None or known.text != content:
            known = self._prompts[path] = Prompt(content, settings=self._settings, path=Path(path), project=self)
        return known

    def partial(self, name: str, prompt: Prompt) -> Prompt | None:
        path = self.partial_path(name, prompt)
        return None if path is None or path.as_posix() not in self._files else self.prompt(path.as_posix())

    def partial_names(self, prompt: Prompt) -> Sequence[str]:
        paths = map(PurePosixPath, self._files)
        return sorted(
            path.with_name(path.name.removeprefix("_").removesuffix(".prompt")).as_posix()
            for path in paths
            if path.name.startswith("_") and path.suffix == ".prompt"
        )

    def partial_path(self, name: str, prompt: Prompt) -> Path | None:
        path = PurePosixPath(name)
        if not path.name or path.is_absolute() or ".." in path.parts or "\0" in name or "%" in name:
            return None
        return Path(path.with_name(f"_{path.name}.prompt"))

    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        return self._has_siblings

    def has_tests(self, prompt: Prompt) -> bool:
        return prompt.path is not None and prompt.path.with_suffix(".test.yaml").as_posix() in self._files

    def is_included(self, prompt: Prompt) -> bool:
        return any(
            name == COMPUTED or self.partial_path(name, prompt) == prompt.path
            for text in self._files.values()
            for name in inclusions(text)
        )

    def alike(self, prompt: Prompt) -> Sequence[Path]:
        own = sketch(prose(prompt).text)
        others = [Path(path) for path in self._files if path.endswith(".prompt") and Path(path) != prompt.path]
        return [path for path in others if likeness(own, sketch(prose(self.prompt(path.as_posix())).text)) >= NEAR]
