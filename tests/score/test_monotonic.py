"""What makes a prompt worse lowers its score; what changes nothing moves it by nothing."""

import warnings
from functools import cache
from pathlib import Path

import pytest

from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt
from promptls.score.instructions import instructions
from promptls.score.score import score
from promptls.settings import Settings
from tests.score.mutations import HARMFUL, NEUTRAL, Mutation

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
FROM_CORPUS = 40
SETTINGS = Settings()


def _read(path: Path, text: str | None = None) -> Prompt:
    return Prompt(path.read_text(encoding="utf-8") if text is None else text, settings=SETTINGS, path=path)


@cache
def prompts() -> tuple[Prompt, ...]:
    """All samples, and the corpus's prompts that instruct most, each text once."""
    samples = [_read(path) for path in sorted((ROOT / "samples").rglob("*.prompt"))]
    corpus: dict[str, Prompt] = {}
    for path in sorted(CORPUS.rglob("*.prompt")):
        prompt = _read(path)
        if is_dotprompt(prompt) and any(each.directive for each in instructions(prompt)):
            corpus.setdefault(prompt.text, prompt)
    if not corpus:
        warnings.warn("no ../shared/corpus beside the project: only samples are mutated", stacklevel=1)
    most = sorted(corpus.values(), key=lambda prompt: -len(instructions(prompt)))[:FROM_CORPUS]
    return tuple(prompt for prompt in (*samples, *most) if score(prompt) is not None)


def _moves(mutation: Mutation) -> list[tuple[str, int, int]]:
    """The scores before and after, wherever the mutation applies."""
    found = []
    for prompt in prompts():
        text = mutation.apply(prompt)
        if text is None or prompt.path is None:
            continue
        before, after = score(prompt), score(_read(prompt.path, text))
        assert before is not None
        found.append((prompt.path.name, before.overall, after.overall if after is not None else 0))
    return found


@pytest.mark.parametrize("mutation", HARMFUL, ids=lambda mutation: mutation.name)
def test_a_worse_prompt_scores_lower(mutation: Mutation) -> None:
    moves = _moves(mutation)
    kept = [move for move in moves if move[2] >= move[1]]
    assert moves, "the mutation applies nowhere"
    assert len(kept) <= 0.05 * len(moves), f"{len(kept)} of {len(moves)} kept their score: {kept}"


@pytest.mark.parametrize("mutation", NEUTRAL, ids=lambda mutation: mutation.name)
def test_what_changes_nothing_moves_nothing(mutation: Mutation) -> None:
    moves = _moves(mutation)
    assert moves, "the edit applies nowhere"
    assert [move for move in moves if move[1] != move[2]] == []
