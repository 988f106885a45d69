"""A sample of what `fuzz_render.py` compares at length."""

from tests.language.fuzz_render import differences
from tests.support.oracle import Oracle


def test_random_templates_render_as_the_reference_does(oracle: Oracle) -> None:
    assert list(differences(oracle, seed=7, count=2000)) == []
