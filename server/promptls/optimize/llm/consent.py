"""Whether the user has agreed that prompts go to an address; asked once for each."""

from __future__ import annotations

import json
import os
from pathlib import Path

from promptls.optimize.llm.endpoint import Endpoint


class ConsentNeeded(Exception):
    """Nothing was sent, since nobody has agreed yet that prompts leave this machine for that address."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(
            f"the prompt would be sent to {endpoint.host} ({endpoint.model}); nobody has agreed to that yet"
        )
        self.endpoint = endpoint


class Consents:
    """The addresses agreed to, in a file of the platform's state folder (not in a workspace, which others write)."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """The file; it need not exist."""
        if self._path is None:
            from platformdirs import user_state_path

            self._path = user_state_path("promptls", appauthor=False) / "consent.json"
        return self._path

    def given(self, endpoint: Endpoint) -> bool:
        """Whether prompts may go there: an address of this machine needs no consent."""
        return endpoint.is_local or endpoint.base_url in self._agreed()

    def give(self, endpoint: Endpoint) -> None:
        """Remember that prompts may go there; raises `OSError` where that cannot be written down."""
        agreed = sorted({*self._agreed(), endpoint.base_url})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        written = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        written.write_text(json.dumps({"endpoints": agreed}, indent=2) + "\n", encoding="utf-8")
        written.replace(self.path)

    def require(self, endpoint: Endpoint) -> None:
        """Raise `ConsentNeeded` where prompts may not go there."""
        if not self.given(endpoint):
            raise ConsentNeeded(endpoint)

    def _agreed(self) -> frozenset[str]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            return frozenset(each for each in data["endpoints"] if isinstance(each, str))
        except (OSError, ValueError, KeyError, TypeError):
            return frozenset()
