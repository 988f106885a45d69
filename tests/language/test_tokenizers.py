"""Tokens are tiktoken's own, without a network; and what happens where that cannot be."""

import inspect
import json
import lzma
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from hashlib import sha1, sha256
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiktoken
from tiktoken.load import load_tiktoken_bpe

from promptls.language import tokenizers, vocabulary
from promptls.language.token_estimate import estimate_tokens
from promptls.language.tokenizers import ESTIMATE, LazyEncoding, counter, tokens_problem, warm
from promptls.language.vocabulary import VOCABULARIES, VocabularyError, load_encoding
from tests.support import ROOT, SHARED

OPENAI_PUBLIC = import_module("tiktoken_ext.openai_public")
CORPUS = SHARED / "corpus"
FILES = sorted(path for folder in (CORPUS, ROOT / "samples") for path in folder.rglob("*.prompt"))
PUBLIC = inspect.getsource(OPENAI_PUBLIC)
TEXTS = (
    "",
    "Hello, world!",
    "👩‍👩‍👧‍👦 🇪🇺 ❤️‍🔥 👍🏽",
    "Ελληνικά, кириллица, עברית, العربية, हिन्दी, বাংলা, தமிழ், తెలుగు, ไทย, ລາວ, မြန်မာ, ქართული, Հայերեն, አማርኛ",
    "漢字かな交じり文、한국어 문장, 简体字 ភាសាខ្មែរ ᠮᠣᠩᠭᠣᠯ ᏣᎳᎩ සිංහල ગુજરાતી ਪੰਜਾਬੀ ಕನ್ನಡ മലയാളം",
    "e\u0301 ﬁ Ǆ ſ \u200b\u200d\ufeff\u202e \x00\x1f \ud800 \U0010ffff",
    "<|endoftext|> <|im_start|>system <|fim_prefix|>",
    "def f(x):\n\treturn {k: v for k, v in x.items()}  \r\n\r\n    # 1234567890",
    "you're I'LL we'd  \n \n\n   it's",
)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tiktoken.Encoding]:
    """tiktoken's encodings, built from the raw files and tiktoken's own figures without its cache."""
    folder = tmp_path_factory.mktemp("raw")
    built = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("o200k_base", "cl100k_base"):
            packed = files("promptls.language") / "vocabularies" / f"{name}.tiktoken.xz"
            raw = folder / name
            raw.write_bytes(lzma.decompress(packed.read_bytes()))

            def read(address: str, expected_hash: str, raw: Path = raw) -> dict[bytes, int]:
                assert sha256(raw.read_bytes()).hexdigest() == expected_hash
                return load_tiktoken_bpe(str(raw), expected_hash)

            # With a cache folder the raw file would be copied into it.
            patch.setenv("TIKTOKEN_CACHE_DIR", "")
            patch.setattr(OPENAI_PUBLIC, "load_tiktoken_bpe", read)
            built[name] = tiktoken.Encoding(**getattr(OPENAI_PUBLIC, name)())
    return built


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_the_vocabularies_are_those_that_tiktoken_wants(name: str) -> None:
    found = re.search(rf'"(\S+/{name}\.tiktoken)",\s+expected_hash="(\w+)"', PUBLIC)
    assert found
    kept = VOCABULARIES[name]
    assert kept.cached_as == sha1(found[1].encode()).hexdigest()
    assert kept.digest == found[2]


COUNTING = """
import json, socket, sys

def refuse(*arguments, **named):
    raise AssertionError("the network was asked")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from promptls.language.tokenizers import counter
count = {name: counter(model, wait=True) for name, model in (("o200k_base", "openai/gpt-4o"), ("cl100k_base", "gpt-4"))}
assert all(each.exact and each.encoding == name for name, each in count.items()), count
assert "requests" not in sys.modules
texts = [open(path, encoding="utf-8", newline="").read() for path in sys.argv[1:]]
print(json.dumps({name: [each.count(text) for text in texts] for name, each in count.items()}))
"""


def home(tmp_path: Path, kind: str) -> dict[str, str]:
    """Environment variables: a fresh cache folder, one that cannot be written, damaged files, a user's choice."""
    cache, own = tmp_path / "cache", tmp_path / "own"
    own.mkdir()
    kept = cache / "promptls" / "tiktoken"
    variables = {"XDG_CACHE_HOME": str(cache), "HOME": str(tmp_path), "LOCALAPPDATA": str(cache)}
    match kind:
        case "read-only":
            blocked = tmp_path / "blocked"
            blocked.write_text("a file, in which nobody can make a folder, root neither")
            return dict.fromkeys(variables, str(blocked / "cache"))
        case "damaged" | "cut":
            kept.mkdir(parents=True)
            for each in VOCABULARIES.values():
                (kept / each.cached_as).write_bytes(b"IQ== 0\n" if kind == "cut" else os.urandom(100))
        case "own, empty":
            variables["TIKTOKEN_CACHE_DIR"] = str(own)
        case "own, damaged":
            for each in VOCABULARIES.values():
                (own / each.cached_as).write_bytes(b"damaged")
            variables["DATA_GYM_CACHE_DIR"] = str(own)
        case "no caching":
            variables["TIKTOKEN_CACHE_DIR"] = ""
    return variables


KINDS = ("fresh", "read-only", "damaged", "cut", "own, empty", "own, damaged", "no caching")


@pytest.mark.parametrize("kind", KINDS)
def test_counts_are_those_of_tiktoken_wherever_it_runs(
    kind: str, tmp_path: Path, reference: Mapping[str, tiktoken.Encoding]
) -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"{CORPUS} is absent")
    assert len(FILES) > 150
    inherited = {name: value for name, value in os.environ.items() if name not in vocabulary.CACHE_VARIABLES}
    variables = home(tmp_path, kind)
    result = subprocess.run(
        [sys.executable, "-c", COUNTING, *map(str, FILES)],
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    texts = [path.read_bytes().decode() for path in FILES]
    expected = {name: [len(each.encode_ordinary(text)) for text in texts] for name, each in reference.items()}
    assert json.loads(result.stdout) == expected
    own = {path.name: path.read_bytes() for path in (tmp_path / "own").iterdir()}
    assert own == (
        dict.fromkeys((each.cached_as for each in VOCABULARIES.values()), b"damaged") if "own, d" in kind else {}
    )


def test_a_folder_that_the_user_fills_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    own.mkdir()
    packed = files("promptls.language") / "vocabularies" / "cl100k_base.tiktoken.xz"
    (own / VOCABULARIES["cl100k_base"].cached_as).write_bytes(lzma.decompress(packed.read_bytes()))
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(own))
    monkeypatch.setattr(vocabulary, "cache_folder", lambda: tmp_path / "ours")
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    assert load_encoding("cl100k_base").name == "cl100k_base"
    assert not (tmp_path / "ours").exists()
    assert os.environ["TIKTOKEN_CACHE_DIR"] == str(own)


@pytest.mark.parametrize("content", [None, b"", b"no xz at all", lzma.compress(b"IQ== 0\n"), "cut"])
def test_a_damaged_installation_estimates_and_says_so(
    content: bytes | str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "vocabularies"
    folder.mkdir()
    packed = files("promptls.language") / "vocabularies" / "o200k_base.tiktoken.xz"
    if content is not None:
        damaged = content.encode() if isinstance(content, str) else content
        (folder / "o200k_base.tiktoken.xz").write_bytes(packed.read_bytes()[:5000] if content == "cut" else damaged)
    monkeypatch.setattr(vocabulary, "files", lambda package: tmp_path)
    monkeypatch.setattr(vocabulary, "cache_folder", lambda: tmp_path / "cache")
    for name in vocabulary.CACHE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(VocabularyError, match="o200k_base of this installation"):
        load_encoding("o200k_base")
    monkeypatch.setattr(tokenizers, "ENCODINGS", {"o200k_base": LazyEncoding("o200k_base")})
    assert tokens_problem("gpt-4o") is None
    assert counter("gpt-4o", wait=True) is ESTIMATE
    assert "of this installation" in (tokens_problem("gpt-4o") or "")
    assert not list(tmp_path.glob("cache/**/*"))


def test_whatever_tiktoken_raises_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr(vocabulary, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(tiktoken, "get_encoding", refuse)
    with pytest.raises(VocabularyError, match="no such thing"):
        load_encoding("cl100k_base")


def test_no_folder_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path, *rest: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(vocabulary, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(vocabulary, "_put", full)
    with pytest.raises(VocabularyError, match="no folder can be written"):
        load_encoding("cl100k_base")


@pytest.mark.parametrize(
    ("model", "encoding", "exact"),
    [
        ("openai/gpt-4o", "o200k_base", True),
        ("openai/gpt-4.1-mini", "o200k_base", True),
        ("gpt-5-nano", "o200k_base", True),
        ("openai/o3", "o200k_base", True),
        ("azure/gpt-35-turbo", "cl100k_base", True),
        ("openrouter/openai/gpt-4-turbo", "cl100k_base", True),
        ("OpenAI/GPT-4o", "o200k_base", True),
        ("groq/openai/gpt-oss-120b", "o200k_harmony", True),
        # Their vocabularies do not come with promptls.
        ("openai/text-davinci-003", "o200k_base", False),
        ("anthropic/claude-sonnet-4-5", "o200k_base", False),
        ("googleai/gemini-2.5-pro", "o200k_base", False),
        ("ollama/llama3", "o200k_base", False),
        ("openai/gpt-99-ultra", "o200k_base", False),
        ("", "o200k_base", False),
        (None, "o200k_base", False),
        ("/", "o200k_base", False),
    ],
)
def test_the_encoding_of_a_model(model: str | None, encoding: str, exact: bool) -> None:
    found = counter(model, wait=True)
    assert (found.encoding, found.exact) == (encoding, exact)


@pytest.mark.parametrize("text", TEXTS)
def test_every_script_counts_as_with_tiktoken(text: str, reference: Mapping[str, tiktoken.Encoding]) -> None:
    for model, name in (("gpt-4o", "o200k_base"), ("gpt-4", "cl100k_base")):
        assert counter(model, wait=True).count(text) == len(reference[name].encode_ordinary(text))


def test_a_novel(reference: Mapping[str, tiktoken.Encoding]) -> None:
    text = "It was the best of times, it was the worst of times; «so they said». \n\n" * 14_000
    assert len(text) > 1_000_000 - 20_000
    begin = time.process_time()
    counted = counter("gpt-4o", wait=True).count(text)
    assert time.process_time() - begin < 5
    assert counted == len(reference["o200k_base"].encode_ordinary(text))
    assert abs(ESTIMATE.count(text) - counted) < counted * 0.2


@pytest.mark.parametrize(
    "text", [" " * 1_500_000 + "x", "x" + "\t\u00a0" * 600_000 + "x", "\n" * 1_000_000, " \n" * 500_000]
)
def test_blanks_without_end_are_counted_all_the_same(text: str) -> None:
    """tiktoken 0.14 panics over a million blanks."""
    assert 0 < counter("gpt-4o", wait=True).count(text) <= len(text)


@pytest.mark.parametrize("unit", ["a", "A", "Ab", "!", "漢", "e\u0301", "👩‍👧", "1", "'s", "\r\n", "{{", "\u0301", "ʰ"])
def test_monotony_takes_no_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    begin = time.process_time()
    assert counter("gpt-4o", wait=True).count(text) > 0
    assert ESTIMATE.count(text) > 0
    assert time.process_time() - begin < 3


def test_the_estimate_bounds_its_work() -> None:
    text = "These are some words. " * 50_000
    begin = time.process_time()
    assert abs(ESTIMATE.count(text) - 5 * 50_000) < 50_000
    assert time.process_time() - begin < 1
    assert ESTIMATE.count("Be kind.") == estimate_tokens("Be kind.")
    assert ESTIMATE.count("") == 0


def stand_in(monkeypatch: pytest.MonkeyPatch, lazy: LazyEncoding) -> None:
    monkeypatch.setattr(tokenizers, "ENCODINGS", {"o200k_base": lazy})


def test_an_encoding_is_loaded_once_by_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def load(name: str) -> SimpleNamespace:
        calls.append(name)
        time.sleep(0.05)
        return SimpleNamespace(encode_ordinary=str.split)

    stand_in(monkeypatch, LazyEncoding("o200k_base", load))  # type: ignore[arg-type]
    threads = [threading.Thread(target=counter, args=("gpt-4o",), kwargs={"wait": True}) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == ["o200k_base"]
    assert counter("gpt-4o").count("three words here") == 3


def test_a_question_does_not_wait_for_the_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def load(name: str) -> SimpleNamespace:
        begun.set()
        assert go_on.wait(10)
        return SimpleNamespace(encode_ordinary=str.split)

    stand_in(monkeypatch, LazyEncoding("o200k_base", load))  # type: ignore[arg-type]
    assert counter("gpt-4o") is ESTIMATE
    loading = threading.Thread(target=warm, args=("gpt-4o",))
    loading.start()
    assert begun.wait(10)
    begin = time.monotonic()
    assert counter("gpt-4o") is ESTIMATE
    assert time.monotonic() - begin < 0.5
    go_on.set()
    loading.join()
    found = counter("gpt-4o")
    assert (found.encoding, found.exact) == ("o200k_base", True)
    assert not counter("anthropic/claude-opus-4-5").exact


def test_a_failure_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def load(name: str) -> SimpleNamespace:
        calls.append(name)
        raise VocabularyError("it is gone")

    stand_in(monkeypatch, LazyEncoding("o200k_base", load))  # type: ignore[arg-type]
    warm()
    assert counter("gpt-4o", wait=True) is ESTIMATE
    assert counter(None) is ESTIMATE
    assert calls == ["o200k_base"]
    assert tokens_problem("gpt-4o") == "it is gone"
