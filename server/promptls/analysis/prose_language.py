"""The language that a prompt is written in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.prose import prose
from promptls.analysis.sections import sections
from promptls.analysis.wordforms import word_forms
from promptls.language.prompt import Prompt, facet

_SAMPLE = 6_000  # characters: more would not change the answer
_FEWEST_LETTERS = 8

# One class for each script, tried in one pass; the language it mostly stands for.
_SCRIPTS: Mapping[str, str] = {
    "ja": "\u3040-\u30ff",
    "zh": "\u3400-\u4dbf\u4e00-\u9fff",
    "ko": "\uac00-\ud7af\u1100-\u11ff",
    "ru": "\u0400-\u04ff",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "he": "\u0590-\u05ff",
    "ar": "\u0600-\u06ff",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "pa": "\u0a00-\u0a7f",
    "gu": "\u0a80-\u0aff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "kn": "\u0c80-\u0cff",
    "ml": "\u0d00-\u0d7f",
    "si": "\u0d80-\u0dff",
    "th": "\u0e00-\u0e7f",
    "lo": "\u0e80-\u0eff",
    "my": "\u1000-\u109f",
    "km": "\u1780-\u17ff",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0530-\u058f",
    "am": "\u1200-\u137f",
    "latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
}
_ASCII = re.compile(r"[\x00-\x7f]+")
_ASCII_LETTERS = re.compile(r"[A-Za-z]+")
_RUNS = {code: re.compile(f"[{characters}]+") for code, characters in _SCRIPTS.items()}
# Letters that tell apart the languages of one script.
_TELLING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ru": (("uk", "іїєґ"), ("sr", "ђћџљњј"), ("be", "ў")),
    "ar": (("ur", "ٹڈڑےں"), ("fa", "پچژگ")),
}
_STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": EN.stop_words,
    "es": ES.stop_words,
    **{
        code: frozenset(words.split())
        for code, words in {
            "fr": "le la les des du et en un une est pour dans que qui sur avec ce cette pas vous votre sont par au "
            "aux plus ne ou il elle être tu à l d",
            "de": "der die das und ist in den dem des ein eine einen einer zu mit auf für von nicht sie du wird "
            "sind im als auch es an bei nach oder wie dass ihr",
            "it": "il lo la gli le di del della dei e è un una per che con non in sono si al alla nel nella come "
            "più questo questa tuo ogni devi o",
            "pt": "o os as de do da dos das e em um uma para com que não no na nos nas se por ao é você seu sua "
            "como mais ou este esta deve cada são",
            "nl": "de het een en van in is op te dat met voor niet zijn je aan die als door wordt worden bij naar "
            "ook maar jouw uit",
            "sv": "och att det som en ett är på för med av till den inte om du de har ska eller från kan din",
            "da": "og at det som en et er på for med af til den ikke om du de har skal eller fra kan din i",
            "no": "og å det som en et er på for med av til den ikke om du de har skal eller fra kan din i",
            "fi": "ja on ei se että olet joka kun tai mutta ovat sekä jos niin myös oli ole sen",
            "pl": "i w na z do nie że się jest to o jak dla po od przez oraz lub jesteś są czy który która",
            "cs": "a v na je se že s z do o pro jsi jako nebo ale jsou který která podle tak být není",
            "hu": "a az és hogy nem is egy van vagy ha meg ez azt mint de csak",
            "ro": "și de la în cu pe nu un o este care pentru din sau că ești sunt al ale mai să",
            "tr": "ve bir bu için ile de da olarak çok ne gibi daha veya sen ise değil her olan",
            "vi": "và của là các một cho trong không được với có những bạn này để theo người về từ",
            "id": "dan yang di untuk dengan ini itu dari adalah pada tidak anda dalam atau ke akan sebagai",
            "ca": "el la els les de del i en que un una per amb no és són als aquest aquesta més o",
        }.items()
    },
}

# An order is often all there is ("Summarize {{text}}").
_TELLING_WORDS: Mapping[str, frozenset[str]] = {
    **_STOP_WORDS,
    "en": EN.stop_words | (EN.imperatives - ES.imperatives),
    "es": ES.stop_words | (ES.imperatives - EN.imperatives),
}


@facet
def prose_language(prompt: Prompt) -> str | None:
    """The ISO 639-1 code of the prose's main language, or None where there is too little prose to tell.

    Code within fences is left out. Scripts decide first, then letters that only one language of the script has; among
    languages in Latin letters, the share of their most frequent words.
    """
    text = prose(prompt).text
    pieces, start = [], 0
    for section in sections(prompt):
        if section.kind == "fence" and section.range.start >= start:
            pieces.append(text[start : section.range.start])
            start = section.range.end
    pieces.append(text[start:])
    return language_of(" ".join(" ".join(pieces).split()))


def language_of(text: str) -> str | None:
    """The language of a text; None where there is too little of it."""
    sample = text[:_SAMPLE]
    letters = Counter({"latin": sum(map(len, _ASCII_LETTERS.findall(sample)))})
    if not sample.isascii():
        foreign = _ASCII.sub("", sample)
        letters.update({code: sum(map(len, runs.findall(foreign))) for code, runs in _RUNS.items()})
    # One ideograph says about as much as two letters, and some kana among many ideographs are Japanese all the same.
    letters["zh"] *= 2
    letters["ja"] *= 2
    if letters["ja"] * 8 > letters["zh"]:
        letters["ja"] += letters.pop("zh")
    script, count = letters.most_common(1)[0]
    if count < _FEWEST_LETTERS:
        return None
    if script == "latin":
        return _latin_language(sample)
    for code, telling in _TELLING.get(script, ()):
        if sum(map(sample.count, telling)) * 100 > count:
            return code
    return script


def _latin_language(sample: str) -> str | None:
    words = Counter(word_forms(sample))
    hits = {code: sum(words[each] for each in words.keys() & telling) for code, telling in _TELLING_WORDS.items()}
    best = max(hits, key=lambda code: hits[code])
    return best if hits[best] >= 1 and hits[best] * 12 >= words.total() else None
