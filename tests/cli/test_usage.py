"""What the command says of itself, of wrong usage, and how little it loads for that."""

import json
import subprocess
import sys

import pytest

from promptls import __version__
from promptls.cli.main import COMMANDS, parsers
from tests.cli.conftest import Terminal

LOADED = """
import sys
from promptls.cli.main import run
try:
    run(sys.argv[1:])
except SystemExit:
    pass
print(" ".join(sys.modules))
"""
AT_START = {
    "promptls",
    "promptls.cli",
    "promptls.cli.chosen",
    "promptls.cli.errors",
    "promptls.cli.main",
    "promptls.cli.prompts",
    *(f"promptls.cli.{command}" for command in COMMANDS),
}
SLOW = {
    "attrs", "cattrs", "concurrent", "detect_secrets", "genai_prices", "httpx", "lsprotocol", "openai", "pathspec",
    "platformdirs", "pybars", "pydantic", "pygls", "rich", "shtab", "sqlite3", "sqlite_utils", "tiktoken", "yaml",
}  # fmt: skip


def loaded_by(*arguments: str, cwd: str = ".") -> set[str]:
    command = [sys.executable, "-c", LOADED, *arguments]
    out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd).stdout
    return set(out.splitlines()[-1].split())


@pytest.mark.parametrize("argument", ["--version", "--help", "no-such-command"])
def test_starting_loads_little(argument: str) -> None:
    modules = loaded_by(argument)
    assert {each for each in modules if each.split(".")[0] == "promptls"} == AT_START
    assert {each.split(".")[0] for each in modules} & SLOW == set()


def test_checking_loads_nothing_of_editors_models_or_engines(terminal: Terminal) -> None:
    terminal.write({"a.prompt": "---\nmodel: openai/gpt-4.1\n---\n{{#if x}}"})
    modules = {each.split(".")[0] for each in loaded_by("check", "a.prompt", cwd=str(terminal.folder))}
    assert modules & {"lsprotocol", "pygls", "openai", "tiktoken", "pybars", "rich", "sqlite_utils", "shtab"} == set()


def test_version(terminal: Terminal) -> None:
    assert terminal.run("--version").out == f"promptls {__version__}\n"
    assert terminal.execute("--version").out == f"promptls {__version__}\n"


def test_help_names_every_command(terminal: Terminal) -> None:
    outcome = terminal.run("--help")
    assert outcome.code == 0
    assert {line.split()[0] for line in outcome.out.splitlines() if line.startswith("    ")} >= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(terminal: Terminal, command: str) -> None:
    outcome = terminal.run(command, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"usage: promptls {command}")


def test_without_a_command(terminal: Terminal) -> None:
    outcome = terminal.run()
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("usage: promptls")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("chek",), "there is no command 'chek' (did you mean check?); see promptls --help"),
        (("--verson",), "unknown option --verson (did you mean --version?); see promptls --help"),
        (("check", "--fromat", "json"), "unknown option --fromat (did you mean --format?); see promptls check --help"),
        (("check", "--format", "xml"), "argument --format: invalid choice: 'xml'"),
        (("check", "--jobs", "0"), "argument --jobs: expected a whole number above 0, found '0'"),
        (("check", "--jobs"), "argument --jobs: expected one argument"),
        (("check", "-", "a.prompt"), "- stands for stdin and cannot be mixed with other paths"),
        (("check", "--stdin-filename", "a.prompt"), "--stdin-filename goes with the path -"),
        (("check", "--watch", "-"), "--watch needs files"),
        (("check", "--watch", "--format", "json"), "--watch reports as text only, not as json"),
        (("check", "--baseline", "a", "--write-baseline", "b"), "not allowed with argument --baseline"),
        (("check", "--config", "a", "--isolated"), "not allowed with argument --config"),
        (("render",), "PATH"),
        (("rule", "template/unclosed-blok"), "(did you mean template/unclosed-block?)"),
        (("serve", "--tcp", "nowhere"), "argument --tcp: expected HOST:PORT, found 'nowhere'"),
        (("serve", "--tcp", "localhost:99999"), "argument --tcp: expected HOST:PORT"),
        (("completions", "tcsh"), "invalid choice: 'tcsh'"),
    ],
)
def test_wrong_usage_is_one_line(terminal: Terminal, arguments: tuple[str, ...], said: str) -> None:
    outcome = terminal.run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("promptls: ")
    assert outcome.err.count("\n") == 1
    assert said in outcome.err


def test_options_may_stand_between_paths(terminal: Terminal) -> None:
    terminal.write({"a.prompt": "A", "b.prompt": "B", "c.prompt": "C"})
    outcome = terminal.run("check", "a.prompt", "--format", "json", "b.prompt", "-q", "c.prompt")
    assert [file["path"] for file in json.loads(outcome.out)["files"]] == ["a.prompt", "b.prompt", "c.prompt"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_commands_and_options(terminal: Terminal, shell: str) -> None:
    outcome = terminal.run("completions", shell)
    assert outcome.code == 0
    whole, _ = parsers()
    assert all(command in outcome.out for command in COMMANDS)
    assert "write-baseline" in outcome.out
    assert whole.prog in outcome.out


def test_bash_takes_its_completions(terminal: Terminal) -> None:
    script = terminal.run("completions", "bash").out
    ask = """
    COMP_WORDS=(promptls check --unsa)
    COMP_CWORD=2
    read -ra registered <<< "$(complete -p promptls)"
    "${registered[-2]}" promptls --unsa check
    echo "${COMPREPLY[@]}"
    """
    result = subprocess.run(["bash"], input=script + ask, capture_output=True, text=True, check=False)
    assert result.stdout.split() == ["--unsafe-fixes"], result.stderr
