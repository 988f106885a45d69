"""tiktoken's encodings without a network: their vocabularies come with promptls, and are put where tiktoken looks.

tiktoken keeps the files that it downloads in a cache folder, under the SHA-1 of their addresses, and trusts them by
their SHA-256. A folder that holds them is therefore all that it needs; patterns and special tokens stay its own.
"""

from __future__ import annotations

import logging
import lzma
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

logger = logging.getLogger(__name__)

CACHE_VARIABLES = ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR")
"""The environment variables by which a user tells tiktoken its cache folder, the stronger first."""


class VocabularyError(Exception):
    """Why an encoding cannot be had, in one sentence."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A file of tokens: its name in `vocabularies/`, tiktoken's name for it in a cache folder, its SHA-256 (tiktoken's
    own, from `tiktoken_ext/openai_public.py`).
    """

    name: str
    cached_as: str
    digest: str


_O200K = Vocabulary(
    "o200k_base",
    "fb374d419588a4632f3f557e76b4b70aebbca790",
    "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
)
_CL100K = Vocabulary(
    "cl100k_base",
    "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
)
VOCABULARIES: Mapping[str, Vocabulary] = MappingProxyType(
    {"o200k_base": _O200K, "o200k_harmony": _O200K, "cl100k_base": _CL100K}
)
"""The vocabulary of each encoding that needs no network."""

_environment = Lock()


def cache_folder() -> Path:
    """Where vocabularies are unpacked to, once for each user."""
    from platformdirs import user_cache_path

    return user_cache_path("promptls", appauthor=False) / "tiktoken"


def load_encoding(name: str) -> Encoding:
    """An encoding of `VOCABULARIES`, which takes about 0.3 seconds; raises `VocabularyError`.

    A folder that the user names to tiktoken is used where it holds the vocabulary, and never written to. Where the
    user's cache folder cannot be written, a temporary one serves.
    """
    vocabulary = VOCABULARIES[name]
    with _environment:
        named = next((os.environ[each] for each in CACHE_VARIABLES if each in os.environ), "")
        for folder in (named, cache_folder()):
            if folder and _holds(Path(folder), vocabulary):
                return _read(name, Path(folder))
        text = _unpacked(vocabulary)
        try:
            _put(cache_folder(), vocabulary, text)
            return _read(name, cache_folder())
        except OSError as error:
            logger.info("the vocabulary %s cannot be kept: %s", vocabulary.name, error)
        try:
            with tempfile.TemporaryDirectory(prefix="promptls-", ignore_cleanup_errors=True) as folder:
                _put(Path(folder), vocabulary, text)
                return _read(name, Path(folder))
        except OSError as error:
            raise VocabularyError(f"no folder can be written to unpack the vocabulary {vocabulary.name}") from error


def _holds(folder: Path, vocabulary: Vocabulary) -> bool:
    """Whether a folder has the file, whole: tiktoken would replace a damaged one from the network."""
    try:
        return _is_whole((folder / vocabulary.cached_as).read_bytes(), vocabulary)
    except OSError:
        return False


def _is_whole(text: bytes, vocabulary: Vocabulary) -> bool:
    return sha256(text).hexdigest() == vocabulary.digest


def _unpacked(vocabulary: Vocabulary) -> bytes:
    packed = files("promptls.language") / "vocabularies" / f"{vocabulary.name}.tiktoken.xz"
    try:
        text = lzma.decompress(packed.read_bytes())
    except (OSError, lzma.LZMAError, EOFError) as error:
        raise VocabularyError(f"the vocabulary {vocabulary.name} of this installation cannot be read") from error
    if not _is_whole(text, vocabulary):
        raise VocabularyError(f"the vocabulary {vocabulary.name} of this installation is damaged")
    return text


def _put(folder: Path, vocabulary: Vocabulary, text: bytes) -> None:
    """Write the file at once, so that whoever reads it sees all of it or none."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
        os.replace(name, folder / vocabulary.cached_as)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _read(name: str, folder: Path) -> Encoding:
    try:
        import tiktoken

        with _cache_folder_set(folder):
            return tiktoken.get_encoding(name)
    except Exception as error:
        raise VocabularyError(f"tiktoken refuses the encoding {name}: {error}") from error


@contextmanager
def _cache_folder_set(folder: Path) -> Iterator[None]:
    variable = CACHE_VARIABLES[0]
    before = os.environ.get(variable)
    os.environ[variable] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before
