"""Where the index of a workspace is kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from promptls.store.schema import VERSION

FOLDER_VARIABLE = "PROMPTLS_CACHE_FOLDER"
"""Names another folder than the platform's for what can be made anew."""


def cache_folder(variables: Mapping[str, str] | None = None) -> Path:
    """The folder for what can be made anew, the platform's unless the environment names another."""
    chosen = (os.environ if variables is None else variables).get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    from platformdirs import user_cache_path

    return user_cache_path("promptls", appauthor=False)


def index_file(folders: Iterable[Path], variables: Mapping[str, str] | None = None) -> Path:
    """The index of the prompts below these folders. Versions of the tables have files of their own."""
    names = "\n".join(sorted(os.fspath(each) for each in folders))
    key = sha256(names.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return cache_folder(variables) / "index" / f"{key}-{VERSION}.sqlite3"
