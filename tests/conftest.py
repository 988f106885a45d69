"""Fixtures for what a machine may lack; each says why it skips."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import SHARED
from tests.support.oracle import Oracle, missing


def pytest_collection_finish() -> None:
    """Collect garbage as rarely as the program does, and not what thousands of tests are made of.

    Otherwise a collection in the midst of a measurement takes longer than what is measured.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """npm `handlebars` and `dotprompt`, running."""
    if reason := missing():
        pytest.skip(reason)
    with Oracle() as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def _own_caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep indexes and histories out of the folders of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMPTLS_CACHE_FOLDER", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("PROMPTLS_STATE_FOLDER", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared` beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent")
    return SHARED
