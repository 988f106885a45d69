"""Random prompt files that are valid and untidy: a frontmatter in many notations, and a template from a grammar."""

import random
from collections.abc import Sequence
from typing import Any

from promptls.syntax.handlebars import parse
from tests.language.render_cases import RenderCases
from tests.syntax.templates import TemplateGenerator

KEYS = ["model", "config", "input", "output", "tools", "name", "version", "metadata", "description", "app", "my.ext"]
INNER_KEYS = [
    "schema",
    "default",
    "a",
    "b?",
    "items(array, the list)",
    '"quoted key"',
    "'q'",
    "temperature",
    "é",
    "x-y",
]
PLAIN = [
    "1",
    "0.5",
    "true",
    "~",
    "null",
    "text",
    "two words",
    "googleai/gemini",
    "a#b",
    "-1",
    "2020-01-01",
    "é 𝒳",
    "yes",
]
QUOTED = ['"a"', "'b'", '"a: b"', "'it''s'", '"\\n\\"x"', '"{{x}}"', "''", '"# no"']
FLOW = ["[]", "{}", "[a, b]", "[ a,b ]", "{ a: 1,b: [2,  3] }", '["x", {y: z}]', "{a: , b: }"]
PROSE = [
    "First line",
    "second  line",
    "- dash",
    "key: value",
    "# no comment",
    "{{name}}",
    "",
    "   ",
    "\ttab",
    "  deeper",
]
COMMENTS = ["# a comment", "#tight", "#", "# promptls: ignore-file variables"]


class PromptFiles:
    """Files drawn from `seed`; the same seed gives the same sequence."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._templates = TemplateGenerator(seed)
        self._cases = RenderCases(seed, dotprompt=True)
        self._anchors: list[str] = []

    def file(self) -> str:
        """One file; about one in ten has no frontmatter, and a few templates have errors."""
        template = self._template()
        while parse(template).errors and self._chance(0.9):
            template = self._template()
        return self.around(template)

    def _template(self) -> str:
        return self._templates.template() if self._chance(0.6) else self._cases.case().template

    def around(self, template: str) -> str:
        """A file with this template."""
        if self._chance(0.1):
            return template
        gap = self._pick(["", "", "\n", "  \n\n\n"])
        text = f"---{self._blanks()}\n{self.frontmatter()}---{self._blanks()}\n{gap}{template}"
        text += self._pick(["", "\n", "\n\n \n"])
        return text.replace("\r\n", "\n").replace("\n", "\r\n") if self._chance(0.15) else text

    def frontmatter(self) -> str:
        """YAML without fences; nearly always valid."""
        self._anchors = []
        keys = self._random.sample(KEYS, self._random.randint(0, 5))
        indent = " " * self._pick([0, 0, 0, 0, 2])
        return self._idle(0) + "".join(self._entry(key, indent, 0) for key in keys)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _pick(self, options: Sequence[Any]) -> Any:
        return self._random.choice(options)

    def _blanks(self) -> str:
        return self._pick(["", "", "", " ", "  ", "\t"])

    def _idle(self, column: int) -> str:
        """Empty lines and comments."""
        text = ""
        while self._chance(0.25):
            if self._chance(0.5):
                text += self._pick(["", "", "  "]) + "\n"
            else:
                text += " " * self._pick([column, column, 0, column + 1]) + self._pick(COMMENTS) + self._blanks() + "\n"
        return text

    def _end(self) -> str:
        return (self._pick([" # c", "   # two words "]) if self._chance(0.1) else self._blanks()) + "\n"

    def _entry(self, key: str, indent: str, depth: int) -> str:
        colon = self._pick([":", ":", ":", " :", "  :"])
        return self._idle(len(indent)) + indent + key + colon + self._value(indent, depth)

    def _value(self, indent: str, depth: int) -> str:
        """What follows `key:`, through its last line end."""
        gap = self._pick([" ", " ", "  ", "    ", " \t"])
        anchor = ""
        if self._chance(0.04):
            self._anchors.append(f"n{len(self._anchors)}")
            anchor = gap + "&" + self._anchors[-1]
        kind = self._random.random()
        if depth < 3 and kind < 0.4:
            return anchor + self._end() + self._nested(indent, depth)
        if kind < 0.55:
            return anchor + gap + self._block_scalar(indent)
        if kind < 0.65:
            return anchor + gap + self._continued(indent)
        if kind < 0.68 and not anchor:
            return self._end()
        if kind < 0.71 and self._anchors and not anchor:
            return gap + "*" + self._pick(self._anchors) + self._end()
        if kind < 0.74:
            return anchor + self._end() + indent + " " * self._pick([1, 2, 4]) + self._pick(PLAIN) + self._end()
        return anchor + gap + self._scalar() + self._end()

    def _scalar(self) -> str:
        return self._pick(self._pick([PLAIN, PLAIN, QUOTED, FLOW]))

    def _nested(self, indent: str, depth: int) -> str:
        inner = indent + " " * self._pick([1, 2, 2, 3, 4])
        if self._chance(0.6):
            keys = self._random.sample(INNER_KEYS, self._random.randint(1, 4))
            return "".join(self._entry(key, inner, depth + 1) for key in keys)
        # The dashes may stand under the key.
        column = indent if self._chance(0.3) else inner
        return "".join(self._item(column, depth + 1) for _ in range(self._random.randint(1, 3)))

    def _item(self, indent: str, depth: int) -> str:
        gap = self._pick([" ", " ", "   "])
        text = self._idle(len(indent)) + indent + "-"
        kind = self._random.random()
        if depth < 3 and kind < 0.25:
            inner = indent + " " + gap
            keys = self._random.sample(INNER_KEYS, self._random.randint(1, 3))
            first, *others = (self._entry(key, inner, depth + 1) for key in keys)
            return text + gap + first.lstrip() + "".join(others) if "#" not in first.split(":")[0] else text + " 1\n"
        if depth < 3 and kind < 0.32:
            inner = indent + " " + gap
            return text + gap + "- " + self._scalar() + self._end() + inner + "-   " + self._scalar() + self._end()
        if depth < 3 and kind < 0.4:
            inner = indent + "  "
            return text + self._end() + self._entry(self._pick(INNER_KEYS), inner, depth + 1)
        if kind < 0.5:
            return text + gap + self._block_scalar(indent)
        return text + gap + self._scalar() + self._end()

    def _block_scalar(self, indent: str) -> str:
        extra = self._pick([1, 2, 2, 4])
        indicator = str(extra) if self._chance(0.25) else ""
        header = self._pick("|>") + indicator + self._pick(["", "-", "+"])
        lines = [self._pick(PROSE) for _ in range(self._random.randint(1, 4))]
        inner = indent + " " * extra
        first = "" if indicator else inner + "text\n"
        body = "".join((inner + line if line.strip() else line[: len(inner)]) + "\n" for line in lines)
        return header + self._end() + first + body + self._pick(["", "", "\n", "\n\n", inner + "\n"])

    def _continued(self, indent: str) -> str:
        """A value over several lines that is no block scalar."""
        inner = indent + " " * self._pick([1, 2, 5])
        return self._pick(
            [
                f"plain text\n{inner}that goes on\n",
                f'"quoted text  \n{inner}that goes on\n\n{inner}and on"\n',
                f"'single \\\n{inner}{inner}quotes'\n",
                f"[a,\n{inner}b, # c\n\n{inner}{{c: d}}\n{inner}]\n",
                f"{{a: 1,\n{inner}b: [2,\n{inner}  3]}}\n",
            ]
        )
