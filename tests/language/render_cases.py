"""Random templates with data and partials, to compare renderings with the reference."""

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

NAMES = ["a", "b", "c", "list", "obj", "s", "n", "t", "f", "nil", "0", "length", "this", "a b", "hypothis"]
PLAIN_NAMES = [name for name in NAMES if name.isalpha() and name != "this"]
TEXTS = [
    *("x", "y z", " ", "\n", "\n\n", "  \n", "\n  ", " \t", "\r\n", "line\n", "é𝒳", "\\", "{", "}", "\u00a0", "<&>"),
    *("\\{{a}}", "  \n  text", "-\n", "\u2028"),
]
VALUES: list[Any] = [
    *(
        "",
        "text",
        "l1\nl2",
        "𝒳é",
        "5",
        "<b>!",
        " ",
        True,
        False,
        None,
        0,
        5,
        -1,
        2.0,
        1.5,
        1e21,
        1e-7,
        123456789012345680000,
    ),
    *([], [1], ["x", None, [1, [2]], {"k": 1}], [[], ""], [0, False, "z"], {}, {"a": 1, "b": "B"}),
    {"2": "two", "1": "one", "z": 0, "length": 9},
    {"a": {"b": {"c": "deep"}}, "list": [{"a": "A1"}, {"a": "A2", "b": [3, 4]}]},
    [{"a": 1, "list": [1, 2]}, {"b": 2}],
]
DATA_NAMES = [
    "index",
    "key",
    "first",
    "last",
    "root",
    "root.a",
    "../index",
    "../key",
    "state.x",
    "missing",
    "../../index",
]
PARTIALS = ["p", "q", "nested", "with-block"]


@dataclass
class RenderCase:
    template: str
    data: dict[str, Any]
    partials: dict[str, str] = field(default_factory=dict)


class RenderCases:
    """Cases drawn from `seed`; with `dotprompt` they use its helpers too, which plain Handlebars does not have."""

    def __init__(self, seed: int, *, dotprompt: bool) -> None:
        self._random = random.Random(seed)
        self._dotprompt = dotprompt
        self._block_params: list[str] = []

    def case(self) -> RenderCase:
        partials = {}
        if self._chance(0.5):
            partials["p"] = self._program(2)
        if self._chance(0.3):
            partials["q"] = self._program(1) + self._pick(
                ["{{> @partial-block}}", "{{#if @partial-block}}y{{/if}}", ""]
            )
        if self._chance(0.2):
            partials["nested"] = "n{{> p}}\n  {{> q}}\n{{a}}"
        if self._chance(0.2):
            partials["with-block"] = "<{{> @partial-block}}>\n  {{> @partial-block a=1}}\n"
        return RenderCase(self._program(3), self._data(), partials)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _pick(self, options: Sequence[Any]) -> Any:
        return self._random.choice(options)

    def _data(self) -> dict[str, Any]:
        return {name: copy.deepcopy(self._pick(VALUES)) for name in NAMES if self._chance(0.7)}

    def _program(self, depth: int) -> str:
        return "".join(self._statement(depth) for _ in range(self._random.randint(0, 5)))

    def _statement(self, depth: int) -> str:
        options: list[Callable[[int], str]] = [self._text, self._text, self._mustache, self._mustache, self._comment]
        if depth > 0:
            options += [self._block, self._block, self._block, self._partial, self._standalone]
            options += [self._inline_partial, self._partial_block]
        if self._dotprompt:
            options.append(self._marker)
        return str(self._pick(options)(depth))

    def _text(self, depth: int) -> str:
        return str(self._pick(TEXTS))

    def _standalone(self, depth: int) -> str:
        blanks = self._pick(["", "  ", "\t"])
        inside = self._pick([self._partial, self._block, self._comment, self._partial_block])(depth - 1)
        return f"\n{blanks}{inside}{self._pick(['', ' '])}\n"

    def _open(self, kind: str = "") -> str:
        return "{{" + ("~" if self._chance(0.1) else "") + kind

    def _close(self) -> str:
        return ("~" if self._chance(0.1) else "") + "}}"

    def _comment(self, depth: int) -> str:
        if self._chance(0.5):
            return self._open("!-- {{x}} --") + self._close()
        return self._open("! note") + self._close()

    def _segment(self) -> str:
        name = self._pick(NAMES)
        return f"[{name}]" if " " in name or self._chance(0.05) else name

    def _path(self) -> str:
        kind = self._random.random()
        if kind < 0.12:
            return "@" + str(self._pick(DATA_NAMES))
        if kind < 0.2:
            return str(self._pick(["this", ".", "..", "../..", "../../.."]))
        if self._block_params and kind < 0.4:
            return str(self._pick(self._block_params)) + self._pick(["", "", ".a", ".length"])
        prefix = self._pick(["", "", "", "", "../", "../../", "this.", "./"])
        segments = [self._pick(PLAIN_NAMES) if self._chance(0.8) else self._segment()]
        while self._chance(0.25):
            segments.append(self._segment() if self._chance(0.5) else self._pick(["a", "length", "0", "b"]))
        # `this` and `..` may stand only at the beginning.
        segments = [name for index, name in enumerate(segments) if name != "this" or (index == 0 and not prefix)]
        return prefix + self._pick([".", "/"]).join(segments or ["a"])

    def _literal(self) -> str:
        return str(self._pick(['"x"', "'a'", "5", "0", "-1.50", "true", "false", "null", "undefined", '""']))

    def _expression(self) -> str:
        kind = self._random.random()
        if kind < 0.2:
            return self._literal()
        if kind < 0.3:
            return f"(lookup {self._expression()} {self._expression()})"
        if self._dotprompt and kind < 0.35:
            return f"(json {self._expression()})"
        return self._path()

    def _mustache(self, depth: int) -> str:
        kind = self._random.random()
        if kind < 0.1:
            inside = f"lookup {self._expression()} {self._expression()}"
        elif kind < 0.15:
            inside = self._literal()
        elif kind < 0.17:
            inside = f"log {self._expression()}"
        elif self._dotprompt and kind < 0.3:
            indent = self._pick(["", " indent=2", ' indent="--"'])
            inside = f"json {self._expression()}{indent}"
        else:
            inside = self._path()
        if self._chance(0.1):
            return "{{{" + inside + "}}}"
        return self._open() + inside + self._close()

    def _marker(self, depth: int) -> str:
        return str(
            self._pick(
                [
                    '{{role "system"}}',
                    '{{role "user"}}',
                    '{{role "model"}}',
                    "{{role s}}",
                    "{{history}}",
                    "{{media url=s}}",
                    '{{media url="u" contentType=a}}',
                    '{{section "x"}}',
                    "{{section s}}",
                    '{{#role "system"}}hidden{{/role}}',
                    "{{role}}",
                ]
            )
        )

    def _block(self, depth: int) -> str:
        helpers = ["if", "unless", "each", "with", "", "^"]
        if self._dotprompt:
            helpers += ["ifEquals", "unlessEquals"]
        helper = self._pick(helpers)
        names: list[str] = []
        head = name = self._path()
        kind = "#"
        if helper == "^":
            kind = "^"
        elif helper:
            name = helper
            head = f"{helper} {self._expression()}"
            if helper in ("ifEquals", "unlessEquals"):
                head += " " + self._expression()
            if helper in ("if", "unless") and self._chance(0.2):
                head += f" includeZero={self._expression()}"
        if helper in ("each", "with", "") and self._chance(0.3):
            names = self._random.sample(["x", "y", "index", "a", "hypothis"], 2)
            head += f" as |{' '.join(names)}|"
        outer = self._block_params
        self._block_params = [*names, *outer]
        body = self._program(depth - 1)
        self._block_params = outer
        inverse = self._inverse(depth) if kind == "#" else ""
        block = f"{self._open(kind)}{head}{self._close()}{body}{inverse}{self._open('/')}{name}{self._close()}"
        # Plain Handlebars adds up the numbers around a section in another order than with known helpers only.
        return block if self._dotprompt or name in helpers else f"|{block}|"

    def _inverse(self, depth: int) -> str:
        result = ""
        while self._chance(0.2):
            result += f"{self._open()}else if {self._expression()}{self._close()}{self._program(depth - 1)}"
        if self._chance(0.35):
            result += self._open() + self._pick(["else", "^"]) + self._close() + self._program(depth - 1)
        return result

    def _partial_arguments(self) -> str:
        result = f" {self._expression()}" if self._chance(0.25) else ""
        return result + (f" {self._pick(['a', 'b', 'new'])}={self._expression()}" if self._chance(0.25) else "")

    def _partial(self, depth: int) -> str:
        name = self._pick(
            [*PARTIALS, "inline", "missing", "p", "p", '(lookup "p" "0")', '"p"', "@partial-block", "[p]"]
        )
        return f"{self._open('>')} {name}{self._partial_arguments()}{self._close()}"

    def _inline_partial(self, depth: int) -> str:
        outer, self._block_params = self._block_params, []
        body = self._program(depth - 1)
        self._block_params = outer
        opening = f'{self._open("#*")}inline "{self._pick(["inline", "p"])}"{self._close()}'
        return f"{opening}{body}{self._open('/')}inline{self._close()}"

    def _partial_block(self, depth: int) -> str:
        name = self._pick([*PARTIALS, "missing", "inline"])
        body = self._program(depth - 1)
        opening = f"{self._open('#>')} {name}{self._partial_arguments()}{self._close()}"
        return f"{opening}{body}{self._open('/')}{name}{self._close()}"
