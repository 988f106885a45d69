"""Characters that nobody sees and models read all the same: which are there, and which of them their script needs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True)
class InvisibleRun:
    """Invisible characters that stand side by side; `hidden_text` is what tag characters among them spell."""

    range: Range
    text: str

    @property
    def names(self) -> tuple[str, ...]:
        """Code point and name of each different character, in order of appearance."""
        return tuple(f"U+{ord(char):04X} {unicodedata.name(char, 'UNNAMED')}" for char in dict.fromkeys(self.text))

    @property
    def hidden_text(self) -> str:
        return "".join(chr(ord(char) - _TAGS) for char in self.text if _TAGS + 0x20 <= ord(char) <= _TAGS + 0x7E)


_TAGS = 0xE0000
_JOINERS = "\u200c\u200d"
_MARKS = "\u200e\u200f\u061c"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_INVISIBLE = re.compile(
    "["
    "\u200b\u2060-\u2064\ufeff\u180e\u3164\uffa0"  # spaces and operators without width
    "\u202a-\u202e\u2066-\u206f"  # embedding, overriding and isolating direction; deprecated format characters
    "\ufff9-\ufffb\U000e0000-\U000e007f" + _JOINERS + _MARKS + _SELECTORS + "]+"
)
_JOINING_SCRIPTS = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1a20-\u1aaf\u1b00-\u1bff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010d00-\U00010eff\U00011000-\U000114ff\U0001e900-\U0001e95f]"
)
"""Arabic, Syriac, N'Ko, Indic, Tibetan, Myanmar, Khmer, Mongolian and their relatives, whose spelling uses joiners."""

_SPACELESS_SCRIPTS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf]")
"""Thai, Lao, Myanmar, Khmer and Tai scripts, which mark where a line may break with U+200B."""

_MONGOLIAN = re.compile("[\u1800-\u18af]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff\uffa0-\uffdc]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_EMOJI = re.compile("[\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\ufe0f\u20e3\U0001f000-\U0001faff\U000e007f]")
_FLAG = "\U0001f3f4"
_FLAG_TAGS = re.compile("[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f")


def invisible_runs(text: str) -> Iterator[InvisibleRun]:
    """The runs of invisible characters that no script, emoji or direction mark explains, in source order.

    Which scripts need joiners and which emoji are joined sequences follows the Unicode Standard (chapters 9 to 14, 23)
    and UTS #51.
    """
    if text.isascii():
        return
    for match in _INVISIBLE.finditer(text):
        start, end = match.span()
        if start == 0 and text.startswith("\ufeff"):
            start = 1
        if start < end and not _is_needed(text, start, end):
            yield InvisibleRun(Range(start, end), text[start:end])


def _is_needed(text: str, start: int, end: int) -> bool:
    run = text[start:end]
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == _FLAG and _FLAG_TAGS.fullmatch(run):
        return True
    if re.fullmatch(f"[{_SELECTORS}]\u200d?", run):
        # A selector chooses the look of the visible character before it; between emoji a joiner may follow.
        return bool(before.strip()) and (len(run) == 1 or _joins_emoji(before, after))
    if len(run) > 1:
        return False
    if run in _JOINERS:
        needs_joiner = _JOINING_SCRIPTS.match(before) or _JOINING_SCRIPTS.match(after)
        return bool(needs_joiner) or (run == "\u200d" and _joins_emoji(before, after))
    if run in _MARKS:
        return _RIGHT_TO_LEFT.search(text, *_line(text, start, end)) is not None
    if run == "\u200b":
        return bool(_SPACELESS_SCRIPTS.match(before) or _SPACELESS_SCRIPTS.match(after))
    if run == "\u180e":
        return bool(_MONGOLIAN.match(before))
    return run in "\u3164\uffa0" and bool(_HANGUL.match(before) or _HANGUL.match(after))


def _joins_emoji(before: str, after: str) -> bool:
    return bool(_EMOJI.match(before) and _EMOJI.match(after))


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    line_end = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, line_end if line_end >= 0 else len(text)
