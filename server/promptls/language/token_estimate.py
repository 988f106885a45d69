"""How many tokens a text takes, estimated: no vocabulary is read, so that it is cheap and always there."""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"""(?P<word>[A-Za-z]+(?![A-Za-z\u00c0-\u024f]))
      | (?P<accented>[A-Za-z\u00c0-\u024f]+)
      | (?P<unit>[0-9]{1,3} | [ \t]*[\r\n]\s* | [ \t]{2,})
      | (?P<blank>[ \t])
      | (?P<punctuation>[!-/:-@\[-`{-~]+[\r\n]*)
      | (?P<ideograph>[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff])
      | (?P<hangul>[\uac00-\ud7a3])
      | (?P<emoji>[\u2600-\u27bf\U0001f000-\U0001faff\u200d\ufe0f])
      | (?P<letters>[^\x00-\x7f\s]+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMON_WORD = 7
_LONGEST_WORD = 25


def estimate_tokens(text: str) -> int:
    """About how many tokens a text takes; never exact.

    The figures were fitted to OpenAI's `o200k_base`. Over 156 real prompt files (35,300 tokens) the estimate is off by
    4 % on average, and by 10 % or more in one file of twenty; Cyrillic comes out up to 35 % too high, Thai and Hindi
    25 % too low. Other vendors' tokenizers differ from that one by about as much again.
    """
    return round(
        sum(_tokens(match.lastgroup or "other", match.end() - match.start()) for match in _PIECE.finditer(text))
    )


_EACH = {"unit": 1.0, "blank": 0.0, "ideograph": 0.7, "hangul": 0.65, "emoji": 1.5, "other": 1.5}
_PER_CHARACTER = {"accented": 0.36, "punctuation": 0.36, "letters": 0.31}


def _tokens(kind: str, length: int) -> float:
    if kind == "word":
        return 1 + max(0, length - _COMMON_WORD) * 0.12 if length < _LONGEST_WORD else length * 0.6
    return max(1.0, length * _PER_CHARACTER[kind]) if kind in _PER_CHARACTER else _EACH[kind]
