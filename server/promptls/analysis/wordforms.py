"""Cutting text into words, whatever its script."""

from __future__ import annotations

import re

# Vowel signs and other marks that belong to a word although Python's `\w` leaves them out.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u094f"
    "\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u0a01-\u0a51\u0a81-\u0acd\u0b01-\u0b57\u0b82-\u0bcd"
    "\u0c00-\u0c56\u0c81-\u0cd6\u0d00-\u0d57\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ecd\u0f71-\u0fbc"
    "\u102b-\u103e\u17b4-\u17d3\u200c\u200d"
)
# Scripts written without spaces count by the character, as word counters do.
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(
    rf"[{_IDEOGRAPHS}]|(?:(?![{_IDEOGRAPHS}_])[\w{_MARKS}])+(?:['’\-](?![{_IDEOGRAPHS}_])\w[\w{_MARKS}]*)*"
)
_ASCII_WORD = re.compile(r"[^\W_]+(?:['\-][^\W_]+)*")


def word_forms(text: str) -> list[str]:
    """The lower-cased words of a text, numbers among them; each ideograph or kana is a word of its own."""
    pattern = _ASCII_WORD if text.isascii() else _WORD
    return pattern.findall(text.lower())
