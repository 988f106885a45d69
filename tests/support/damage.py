"""Texts as an editor sees them half-way: cut off, with pieces lost, doubled, swapped or stray."""

import random

_STRAY = (
    "{{", "}}", "{{{", "}}}", "{{#", "{{/", "{{>", "{{else", "{{! ", "--}}", "{{{{", "}", "{", '"', "'", "(", ")", "[",
    "]", "|", "as |", "=", ".", "../", "@", "~", "---", "---\n", "\n", "\r\n", "  ", ":", ": ", "- ", "#", " # ", "&a ",
    "*a", "\t", "\\", "$", "é", "🙂", "\u2028", "\0", "\ufeff", '{{role "', "{{#if ", "{{#each x as |y|}}", "input:\n",
    "schema:", "enum)",
)  # fmt: skip


def damaged(text: str, seed: int) -> str:
    """One to four random mishaps to a text; the same seed gives the same result."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice((0, 1, 2, 5, 20, 100)))
        match chance.randrange(6):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:start] + chance.choice(_STRAY) + text[start:]
            case 2:
                text = text[:start] + text[start:end] + text[start:]
            case 3:
                at = chance.randint(0, len(text))
                text = text[:at] + text[start:end] + text[at:]
            case 4:
                text = text[:start] + chance.choice(_STRAY) + text[end:]
            case _ if chance.random() < 0.3:
                text = text[:start]
            case _:
                text = text[:start] + "".join(chance.sample(text[start:end], end - start)) + text[end:]
    return text
