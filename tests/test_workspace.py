"""The workspace: which files there are, what they say, and when a prompt is made anew."""

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from promptls.language.formats import recognised
from promptls.language.prompt import Prompt, facet, template
from promptls.settings import SettingsSources
from promptls.syntax.source import Source
from promptls.workspace import FileProblem, Workspace, prompt_name
from promptls.workspace.partials import included_names, partial_file

HEAD = "---\nmodel: x\n---\n"


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def workspace(folder: Path, files: Mapping[str, str] | None = None, **sources: Any) -> Workspace:
    write(folder, files or {})
    return Workspace([folder], SettingsSources(**{"user": None, "variables": {}, **sources}))


def found(space: Workspace, *paths: Path) -> list[str]:
    top = space.folders[0]
    return [
        f"! {each.path.relative_to(top)}: {each.message}"
        if isinstance(each, FileProblem)
        else str(each.relative_to(top))
        for each in space.discover(paths or None)
    ]


# Discovery


def test_walks_in_order_past_what_is_ignored(tmp_path: Path) -> None:
    files = {
        ".git/info/exclude": "private.prompt\n",
        ".gitignore": "build/\n*.tmp.prompt\n!keep.tmp.prompt\n!\n",
        "a.prompt": "",
        "a/z.prompt": "",
        "a/b/c.prompt": "",
        "a/build/no.prompt": "",
        "a/no.tmp.prompt": "",
        "a/keep.tmp.prompt": "",
        "private.prompt": "",
        "sub/.gitignore": "/only-here.prompt\n!build/\n!wanted.tmp.prompt",
        "sub/only-here.prompt": "",
        "sub/deep/only-here.prompt": "",
        "sub/wanted.tmp.prompt": "",
        "node_modules/x/no.prompt": "",
        ".venv/no.prompt": "",
        ".git/no.prompt": "",
        ".prompts/yes.prompt": "",
        "note.txt": "",
        "UPPER.PROMPT": "",
        ".prompt": "",
    }
    assert found(workspace(tmp_path, files)) == [
        ".prompts/yes.prompt",
        "UPPER.PROMPT",
        "a/b/c.prompt",
        "a/keep.tmp.prompt",
        "a/z.prompt",
        "a.prompt",
        "sub/deep/only-here.prompt",
        "sub/wanted.tmp.prompt",
    ]


def test_a_folder_inside_a_repository_obeys_what_stands_above(tmp_path: Path) -> None:
    space = workspace(
        tmp_path, {".git/HEAD": "", ".gitignore": "no.prompt\n/out/\n", "in/no.prompt": "", "in/yes.prompt": ""}
    )
    assert found(space, tmp_path / "in") == ["in/yes.prompt"]
    write(tmp_path, {"out/made.prompt": "", "out/no.prompt": ""})
    assert found(space) == ["in/yes.prompt"]
    assert found(space, tmp_path / "out") == ["out/made.prompt", "out/no.prompt"]


def test_excluded_by_settings_unless_named(tmp_path: Path) -> None:
    files = {
        "promptls.toml": 'exclude = ["old/", "/top.prompt"]',
        "old/a.prompt": "",
        "new/old/b.prompt": "",
        "top.prompt": "",
        "new/top.prompt": "",
        "own/promptls.toml": 'exclude = ["mine.prompt"]',
        "own/mine.prompt": "",
        "own/old/kept.prompt": "",
    }
    space = workspace(tmp_path, files)
    assert found(space) == ["new/top.prompt", "own/old/kept.prompt"]
    assert found(space, tmp_path / "old" / "a.prompt", tmp_path / "top.prompt") == ["old/a.prompt", "top.prompt"]


def test_each_file_once(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"b.prompt": "", "a/c.prompt": ""})
    assert found(space, tmp_path / "b.prompt", tmp_path, tmp_path / "a" / ".." / "a") == ["b.prompt", "a/c.prompt"]


def test_what_cannot_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = workspace(tmp_path, {"folder.prompt/x.prompt": "", "locked/x.prompt": "", "notes.txt": ""})
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "loop.prompt").symlink_to("loop.prompt")
    (tmp_path / "gone.prompt").symlink_to("nowhere.prompt")
    (tmp_path / "linked.prompt").symlink_to(tmp_path / "folder.prompt" / "x.prompt")
    (tmp_path / "folderlink.prompt").symlink_to(tmp_path / "folder.prompt", target_is_directory=True)
    os.mkfifo(tmp_path / "pipe.prompt")
    really = os.scandir

    def refuse(path: str) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return really(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found(space) == [
        "folder.prompt/x.prompt",
        "! gone.prompt: is a link to nothing",
        "linked.prompt",
        "! locked: cannot be read: permission denied",
        "! loop.prompt: cannot be read: too many levels of symbolic links",
        "! pipe.prompt: is not a regular file",
    ]
    assert found(space, tmp_path / "nothing", tmp_path / "pipe.prompt", tmp_path / "notes.txt") == [
        "! nothing: there is no such file or folder",
        "! pipe.prompt: is neither a file nor a folder",
        "notes.txt",
    ]
    assert "folder.prompt/x.prompt" in found(space, tmp_path / "folder.prompt")


def test_deep_folders(tmp_path: Path) -> None:
    inner = tmp_path.joinpath(*["d"] * 600)
    inner.mkdir(parents=True)
    (inner / "x.prompt").write_text("")
    assert len(found(workspace(tmp_path))) == 1


# Reading


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"ok\nn\xff", "is not UTF-8: byte 0xff on line 2, at byte offset 4"),
        ("né".encode("latin-1"), "is not UTF-8: byte 0xe9 on line 1, at byte offset 1"),
        (b"\xed\xa0\x80", "is not UTF-8: byte 0xed on line 1, at byte offset 0"),
        (b"\x7fELF\0\0", "is not a text: it holds NUL bytes"),
        ("hello".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (b"x" * (10 * 1024 * 1024 + 1), "is too large: 10,485,761 bytes, the limit is 10,485,760"),
    ],
)
def test_unreadable_texts(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "x.prompt").write_bytes(data)
    with pytest.raises(FileProblem) as caught:
        workspace(tmp_path).prompt(tmp_path / "x.prompt")
    assert caught.value.message == message
    assert str(caught.value) == f"{tmp_path / 'x.prompt'}: {message}"


def test_folders_pipes_and_missing_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "folder.prompt").mkdir()
    os.mkfifo(tmp_path / "pipe.prompt")
    space = workspace(tmp_path)
    for name, message in {
        "folder.prompt": "is a folder",
        "pipe.prompt": "is not a regular file",
        "gone.prompt": "cannot be read: no such file or directory",
        "nul\0.prompt": "cannot be read: embedded null byte",
    }.items():
        with pytest.raises(FileProblem) as caught:
            space.prompt(tmp_path / name)
        assert caught.value.message == message


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    space = workspace(tmp_path, {"x.prompt": ""})
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(FileProblem, match="cannot be read: permission denied"):
        space.prompt(tmp_path / "x.prompt")


def test_texts_are_kept_as_they_are(tmp_path: Path) -> None:
    text = "\ufeffa\r\nb\rc\u2028d 😀"
    (tmp_path / "x.prompt").write_bytes(text.encode())
    assert workspace(tmp_path).prompt(tmp_path / "x.prompt").text == text


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("greet.prompt", ("greet", None, False)),
        ("greet.formal.prompt", ("greet", "formal", False)),
        ("my.greet.formal.prompt", ("my.greet", "formal", False)),
        ("_tone.prompt", ("tone", None, True)),
        ("_tone.formal.prompt", ("tone", "formal", True)),
        (".hidden.prompt", ("hidden", None, False)),
        ("notes.txt", ("notes", "txt", False)),
    ],
)
def test_prompt_name(file: str, expected: tuple[str, str | None, bool]) -> None:
    assert prompt_name(Path("folder") / file) == expected


# Prompts and what makes them anew


def test_a_prompt_is_kept_until_its_text_changes(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"x.prompt": "one"})
    path = tmp_path / "x.prompt"
    first = space.prompt(path)
    assert space.prompt(path) is first
    assert space.prompt(tmp_path / "y" / ".." / "x.prompt") is first
    path.write_text("changed")
    assert space.prompt(path).text == "changed"
    assert first.text == "one"


def test_buffers_go_before_the_disk(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"x.prompt": "disk"})
    path, unsaved = tmp_path / "x.prompt", tmp_path / "new.prompt"
    before = space.revision
    source = Source("buffer")
    space.open(path, source)
    assert space.prompt(path).source is source
    path.write_text("disk again")
    assert space.prompt(path).source is source
    space.open(path, Source("buffer"))
    assert space.prompt(path).source is not source
    space.open(unsaved, Source("unsaved"))
    assert space.prompt(unsaved).text == "unsaved"
    assert set(space.open_paths) == {path, unsaved}
    space.close(path)
    assert space.prompt(path).text == "disk again"
    space.close(unsaved)
    with pytest.raises(FileProblem):
        space.prompt(unsaved)
    assert space.revision == before + 5


def test_settings_are_found_cached_and_read_again(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"a/promptls.toml": 'helpers = ["one"]\nnope = 1', "a/b/x.prompt": "", "y.prompt": ""})
    path = tmp_path / "a" / "b" / "x.prompt"
    prompt = space.prompt(path)
    assert list(prompt.settings.helpers) == ["one"]
    assert space.settings(tmp_path / "a" / "other.prompt") is prompt.settings
    assert space.settings(tmp_path / "y.prompt").folder == tmp_path
    assert [problem.key for problem in space.settings_problems] == ["nope"]
    (tmp_path / "a" / "promptls.toml").write_text('helpers = ["two"]')
    assert space.prompt(path) is prompt
    space.changed_on_disk([tmp_path / "a" / "promptls.toml"])
    assert list(space.prompt(path).settings.helpers) == ["two"]
    assert space.settings_problems == ()
    space.configure(sources=SettingsSources(user=None, variables={}, editor={"helpers": ["three"]}))
    assert list(space.prompt(path).settings.helpers) == ["three"]


def test_the_settings_file_may_be_given_or_refused(tmp_path: Path) -> None:
    write(
        tmp_path, {"promptls.toml": 'helpers = ["near"]', "other/promptls.toml": 'helpers = ["given"]', "x.prompt": ""}
    )
    given = Workspace(
        [tmp_path], SettingsSources(user=None, variables={}), find_settings=lambda _: tmp_path / "other/promptls.toml"
    )
    assert list(given.settings(tmp_path / "x.prompt").helpers) == ["given"]
    refused = Workspace([tmp_path], SettingsSources(user=None, variables={}), find_settings=lambda _: None)
    assert list(refused.settings(tmp_path / "x.prompt").helpers) == []


@facet
def whole(prompt: Prompt) -> str:
    """A text with its partials in place: an answer that depends on other files."""
    parts = [prompt.text]
    for name in included_names(prompt.text):
        partial = prompt.project.partial(name, prompt)
        parts.append("?" if partial is None else whole(partial))
    return " ".join(parts)


def test_a_changed_partial_makes_new_prompts_of_those_that_include_it(tmp_path: Path) -> None:
    space = workspace(
        tmp_path, {"x.prompt": "x {{> one}}", "_one.prompt": "1 {{> two}}", "_two.prompt": "2", "other.prompt": "o"}
    )
    path, other = tmp_path / "x.prompt", tmp_path / "other.prompt"
    before, unrelated = space.prompt(path), space.prompt(other)
    assert whole(before) == "x {{> one}} 1 {{> two}} 2"
    assert whole(unrelated) == "o"
    assert space.prompt(path) is before
    space.open(tmp_path / "_two.prompt", Source("two"))
    after = space.prompt(path)
    assert after is not before
    assert whole(after) == "x {{> one}} 1 {{> two}} two"
    assert whole(before) == "x {{> one}} 1 {{> two}} 2"
    assert space.prompt(path) is after
    assert space.prompt(other) is unrelated
    (tmp_path / "_one.prompt").unlink()
    assert whole(space.prompt(path)) == "x {{> one}} ?"
    space.open(tmp_path / "_one.prompt", Source("one"))
    assert whole(space.prompt(path)) == "x {{> one}} one"


def test_a_cycle_of_partials_comes_to_rest(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"_a.prompt": "{{> b}}", "_b.prompt": "{{> a}} {{> a}}"})
    a, b = tmp_path / "_a.prompt", tmp_path / "_b.prompt"
    for path in (a, b):
        prompt = space.prompt(path)
        for name in included_names(prompt.text):
            assert prompt.project.partial(name, prompt) is not None
    assert space.prompt(a) is space.prompt(a)
    space.open(b, Source("{{> a}} changed"))
    first = space.prompt(a)
    assert first.project.partial("b", first) is space.prompt(b)
    assert space.prompt(a) is first


def test_a_chain_and_a_lattice_of_partials_take_little_time(tmp_path: Path) -> None:
    files = {f"_p{n}.prompt": f"{{{{> p{n + 1}}}}}{{{{> q{n + 1}}}}}" for n in range(300)}
    files |= {f"_q{n}.prompt": f"{{{{> p{n + 1}}}}}{{{{> q{n + 1}}}}}" for n in range(300)}
    space = workspace(tmp_path, files)
    for name in [*files]:
        prompt = space.prompt(tmp_path / name)
        for included in included_names(prompt.text):
            prompt.project.partial(included, prompt)
    start = time.perf_counter()
    space.prompt(tmp_path / "_p0.prompt")
    assert time.perf_counter() - start < 2


# Partials


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("tone", "_tone.prompt"),
        ("dir/tone", "dir/_tone.prompt"),
        ("a/b/tone.formal", "a/b/_tone.formal.prompt"),
        ("été", "_été.prompt"),
        ("", None),
        ("..", None),
        ("../tone", None),
        ("dir/../tone", None),
        ("./tone", None),
        ("/etc/passwd", None),
        ("C:/tone", None),
        ("\\tone", None),
        ("dir/", None),
        ("dir//tone", None),
        ("tone\0", None),
        ("%2e%2e/tone", None),
        ("tone%00", None),
    ],
)
def test_partial_file(name: str, file: str | None) -> None:
    found = partial_file(name)
    assert (None if found is None else found.as_posix()) == file


def test_partials_are_looked_for_upwards_nearest_first(tmp_path: Path) -> None:
    files = {
        "_tone.prompt": "top",
        "a/_tone.prompt": "near",
        "a/b/x.prompt": "",
        "lib/_style.formal.prompt": "formal",
        "a/lib/_other.prompt": "",
    }
    space = workspace(tmp_path, files)
    prompt = space.prompt(tmp_path / "a" / "b" / "x.prompt")

    def text(name: str) -> str | None:
        partial = space.partial(name, prompt)
        return None if partial is None else partial.text

    assert (text("tone"), text("lib/style.formal"), text("lib/style")) == ("near", "formal", None)
    assert (text("style.formal"), text("../tone"), text("")) == (None, None, None)
    assert space.partial_path("lib/new", prompt) == tmp_path / "a" / "b" / "lib" / "_new.prompt"
    assert space.partial_path("../tone", prompt) is None
    assert space.partial_names(prompt) == ["lib/other", "lib/style.formal", "tone"]
    assert all(space.partial(name, prompt) for name in space.partial_names(prompt))


def test_partials_are_not_looked_for_above_the_workspace(tmp_path: Path) -> None:
    write(tmp_path, {"_tone.prompt": "outside"})
    space = workspace(tmp_path / "in", {"x.prompt": ""})
    assert space.partial("tone", space.prompt(tmp_path / "in" / "x.prompt")) is None
    write(tmp_path, {"elsewhere/.git/HEAD": "", "elsewhere/a/x.prompt": "", "elsewhere/_y.prompt": "y"})
    outside = space.prompt(tmp_path / "elsewhere" / "a" / "x.prompt")
    assert space.partial("tone", outside) is None
    assert space.partial("y", outside) is not None


def test_prompt_roots_of_the_settings(tmp_path: Path) -> None:
    files = {
        "promptls.toml": 'prompt-roots = ["lib", "more"]',
        "lib/_one.prompt": "lib",
        "more/_one.prompt": "more",
        "more/_two.prompt": "more",
        "x/_three.prompt": "",
        "x/x.prompt": "",
    }
    space = workspace(tmp_path, files)
    prompt = space.prompt(tmp_path / "x" / "x.prompt")
    assert [
        partial and partial.text for partial in (space.partial(name, prompt) for name in ("one", "two", "three"))
    ] == [
        "lib",
        "more",
        None,
    ]
    assert space.partial_path("new", prompt) == tmp_path / "lib" / "_new.prompt"
    assert space.partial_names(prompt) == ["one", "two"]


def test_bare_names_below_the_folder_that_genkit_loads(tmp_path: Path) -> None:
    files = {
        "app/prompts/chat/x.prompt": "",
        "app/prompts/shared/deep/_tone.prompt": "found",
        "other/_style.prompt": "not of this app",
    }
    space = workspace(tmp_path, files)
    prompt = space.prompt(tmp_path / "app" / "prompts" / "chat" / "x.prompt")
    tone = space.partial("tone", prompt)
    assert tone is not None
    assert tone.text == "found"
    assert space.partial("style", prompt) is None
    assert {"tone", "shared/deep/tone"} <= set(space.partial_names(prompt))
    write(tmp_path, {"app/prompts/shared/_late.prompt": "later"})
    assert space.partial("late", prompt) is not None


def test_unsaved_and_unreadable_partials(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"x.prompt": ""})
    (tmp_path / "_bad.prompt").write_bytes(b"\xff")
    (tmp_path / "_folder.prompt").mkdir()
    space.open(tmp_path / "_unsaved.prompt", Source("text"))
    prompt = space.prompt(tmp_path / "x.prompt")
    assert (space.partial("bad", prompt), space.partial("folder", prompt)) == (None, None)
    assert space.partial("unsaved", prompt) is not None
    assert "unsaved" in space.partial_names(prompt)
    assert space.partial("x", Prompt("", settings=prompt.settings)) is None


def test_included_names() -> None:
    text = (
        "{{> a}}{{>b/c d=e}}{{~#> f}}x{{/f}}{{> \"g h\" }}{{> 'i'}}{{> [j k]}}{{> (lookup x)}}{{#> @partial-block}}{{>"
    )
    assert list(included_names(text)) == ["a", "b/c", "f", "g h", "i", "j k", "@partial-block"]


def test_dependents(tmp_path: Path) -> None:
    files = {
        "a.prompt": "{{> one}}",
        "b.prompt": "{{> sub/two}}",
        "c.prompt": "nothing",
        "_one.prompt": "{{> sub/two}}",
        "sub/_two.prompt": "{{> sub/two}}",
    }
    space = workspace(tmp_path, files)

    def names(path: str, among: list[Path] | None = None) -> list[str]:
        return sorted(each.relative_to(tmp_path).as_posix() for each in space.dependents(tmp_path / path, among))

    assert names("sub/_two.prompt") == ["_one.prompt", "a.prompt", "b.prompt"]
    assert names("_one.prompt") == ["a.prompt"]
    assert names("c.prompt") == []
    assert names("sub/_two.prompt", [tmp_path / "a.prompt"]) == ["_one.prompt", "a.prompt"]
    space.open(tmp_path / "c.prompt", Source("{{> one}}"))
    space.open(tmp_path / "a.prompt", Source("no more"))
    assert names("_one.prompt") == ["c.prompt"]
    assert names("missing.prompt") == []


# Neighbours


def test_a_dotprompt_neighbour_is_evidence(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"plain.prompt": "Write about {{x}}.", "lonely/plain.prompt": "Write about {{x}}."})
    plain = tmp_path / "plain.prompt"
    assert recognised(space.prompt(plain)).format == "text"
    write(tmp_path, {"clear.prompt": HEAD})
    assert recognised(space.prompt(plain)).format == "dotprompt"
    assert recognised(space.prompt(tmp_path / "lonely" / "plain.prompt")).format == "text"
    (tmp_path / "clear.prompt").write_text("no longer")
    assert recognised(space.prompt(plain)).format == "text"
    space.open(tmp_path / "unsaved.prompt", Source(HEAD))
    assert recognised(space.prompt(plain)).format == "dotprompt"


def test_test_cases_stand_beside_a_prompt(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"a.prompt": HEAD, "a.formal.prompt": HEAD, "ab.prompt": HEAD})
    plain, variant, other = (tmp_path / name for name in ("a.prompt", "a.formal.prompt", "ab.prompt"))
    before = space.prompt(plain)
    assert not before.project.has_tests(before)
    (tmp_path / "a.test.yaml").write_text("cases: []\n")
    after = space.prompt(plain)
    assert after is not before
    assert [space.has_tests(space.prompt(path)) for path in (plain, variant, other)] == [True, True, False]


def test_neighbours_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"plain.prompt": "text"})
    (tmp_path / "a.prompt").write_bytes(b"\xff")
    (tmp_path / "b.prompt").mkdir()
    assert recognised(space.prompt(tmp_path / "plain.prompt")).format == "text"


# Questions about many files


def test_a_settled_workspace_looks_once_and_then_again(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"x.prompt": "{{> one}}", "_one.prompt": "before"})
    path, partial = tmp_path / "x.prompt", tmp_path / "_one.prompt"
    with space.settled():
        assert whole(space.prompt(path)) == "{{> one}} before"
        (tmp_path / "_one.prompt").write_text("changed on disk")
        with space.settled():
            assert whole(space.prompt(path)) == "{{> one}} before"
        space.open(partial, Source("told of"))
        assert whole(space.prompt(path)) == "{{> one}} told of"
    space.close(partial)
    assert whole(space.prompt(path)) == "{{> one}} changed on disk"


def test_another_thread_is_not_settled(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"x.prompt": "before"})
    path = tmp_path / "x.prompt"
    seen: list[str] = []
    with space.settled():
        space.prompt(path)
        path.write_text("after!")
        reader = threading.Thread(target=lambda: seen.append(space.prompt(path).text))
        reader.start()
        reader.join()
    assert seen == ["after!"]


def test_a_changed_partial_does_not_make_its_includers_be_parsed_again(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"x.prompt": "{{> one}}", "_one.prompt": "before"})
    old = space.prompt(tmp_path / "x.prompt")
    assert whole(old) == "{{> one}} before"
    tree = template(old)
    space.open(tmp_path / "_one.prompt", Source("after"))
    new = space.prompt(tmp_path / "x.prompt")
    assert new is not old and template(new) is tree
    assert whole(new) == "{{> one}} after"


def test_includers_and_what_is_included(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"x.prompt": "{{> one}}{{> gone}}", "_one.prompt": "{{> d/two}}", "d/_two.prompt": ""})
    one, two, gone = tmp_path / "_one.prompt", tmp_path / "d" / "_two.prompt", tmp_path / "_gone.prompt"
    assert list(space.included(tmp_path / "x.prompt")) == [("one", one), ("gone", gone)]
    assert space.includers() == {one: {tmp_path / "x.prompt"}, gone: {tmp_path / "x.prompt"}, two: {one}}
    assert space.dependents(two) == {one, tmp_path / "x.prompt"}


# Threads and time


def test_readers_never_see_a_mixture(tmp_path: Path) -> None:
    space = workspace(tmp_path, {"x.prompt": "{{> one}}", "_one.prompt": "start"})
    path, partial = tmp_path / "x.prompt", tmp_path / "_one.prompt"
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert whole(space.prompt(path)).startswith("{{> one}} ")
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(300):
        space.open(partial, Source(f"text {number}"))
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert whole(space.prompt(path)) == "{{> one}} text 299"


def test_many_files(tmp_path: Path) -> None:
    write(tmp_path, {f"d{n % 40}/e/p{n}.prompt": HEAD + "text\n" * 60 for n in range(1000)})
    start = time.perf_counter()
    space = workspace(tmp_path)
    paths = [path for path in space.discover() if isinstance(path, Path)]
    assert all(space.prompt(path).text for path in paths)
    print(f"discovered and read {len(paths)} files in {time.perf_counter() - start:.3f} s")
    assert len(paths) == 1000
