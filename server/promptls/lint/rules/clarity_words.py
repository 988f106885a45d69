"""Rules about words that leave a reader guessing, and about sentences that are too long to follow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.analysis.prose import VALUE
from promptls.analysis.wordforms import word_forms
from promptls.language.prompt import Prompt
from promptls.lint.own_words import Statement, lexicon, statements
from promptls.lint.rule import Finding, Severity, rule

# An amount counts where something is to be made; a standard counts wherever an instruction sets it.
_VAGUE = {
    "en": re.compile(
        r"\b(?:give|list|include|provide|add|write|suggest|name|offer|generate|create|make|propose|show|mention|ask"
        r"|use|describe|find|return|insert|produce|share)\s+"
        r"(?:(?:me|us|them|the\s+\w+|up\s+to)\s+)?(?P<amount>some|several|various|a\s+few|many|a\s+couple\s+of"
        r"|a\s+number\s+of|a\s+handful\s+of|plenty\s+of|lots\s+of|enough)\s+(?!of\s+the\s+following)[a-z]"
        r"|\b(?P<standard>appropriate(?:ly)?|suitable|suitably|adequate(?:ly)?|proper(?!\s+(?:noun|name)s?)(?:ly)?"
        r"|sensible|sensibly|reasonabl[ey]|sufficient(?:ly)?"
        r"|as\s+(?:needed|necessary|appropriate|required)|(?:when|where|if)\s+(?:needed|necessary|appropriate"
        r"|relevant|applicable|suitable)"
        r"|not\s+too\s+(?:long|short|many|much|formal|technical)|(?:fairly|quite|relatively|reasonably|somewhat"
        r"|rather)\s+(?:short|long|brief|detailed|simple|formal|simply|briefly)"
        r"|soon|asap|nice(?:ly)?|a\s+(?:bit|little)\s+(?:more|less)?\s*[a-z]+(?=\s*[.,;]))\b"
        r"|(?P<rest>\betc\b\.?|\band\s+so\s+(?:on|forth)\b|\band\s+(?:the\s+like|similar\s+things"
        r"|stuff(?:\s+like\s+that)?|things\s+like\s+that|more)(?=\s*[.,;)]))",
    ),
    "es": re.compile(
        r"\b(?:da|dé|lista|enumera|incluye|incluya|proporciona|añade|escribe|sugiere|nombra|ofrece|genera|crea|haz"
        r"|propón|muestra|menciona|pregunta|usa|describe|busca|devuelve)\s+"
        r"(?P<amount>alg[uú]n(?:[oa]s?)?|vari[oa]s|unos\s+cuantos|unas\s+cuantas|much[oa]s|poc[oa]s|diversos"
        r"|diversas|bastantes|suficientes)\s+[a-zñ]"
        r"|\b(?P<standard>apropiad[oa]s?|adecuad[oa]s?|adecuadamente|apropiadamente|razonables?|suficientemente"
        r"|oportun[oa]s?|conveniente(?:s|mente)?"
        r"|(?:cuando|si|donde)\s+(?:sea|es|resulte)\s+(?:necesario|apropiado|oportuno|conveniente|pertinente)"
        r"|según\s+(?:corresponda|proceda|convenga)"
        r"|no\s+(?:muy|demasiado)\s+(?:larg[oa]|cort[oa]|formal|técnic[oa])|(?:bastante|relativamente"
        r"|más\s+bien)\s+(?:breve|cort[oa]|larg[oa]|detallad[oa]|sencill[oa]|formal))\b"
        r"|(?P<rest>\betc\b\.?|\betcétera\b|\by\s+(?:cosas\s+(?:así|por\s+el\s+estilo)|demás"
        r"|similares)(?=\s*[.,;)]))",
    ),
}
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez)\b",
)


@rule("clarity/vague", Severity.INFO, certainty="suggestion", dimension="specificity", applies_to="any")
def vague(prompt: Prompt) -> Iterator[Finding]:
    """A word leaves an amount or a standard open.

    "Some tips", "an appropriate tone" and "etc." mean something else to each reader, and to each call of a model. Say
    how many, which, or what makes it appropriate.

    By itself such a word tells little: among prompts with known results its number does not tell the better one (our
    own count on CAPO's published prompts), and word lists alone were right in 59 % of cases on requirements (arXiv
    1611.08847). Hence only instructions are looked at, amounts only after verbs such as "list" or "include", and
    nothing in a sentence that gives a number. Terms of your project belong into the setting `dictionary`.

    ```prompt bad
    {{role "system"}}
    List some tips for the garden, in an appropriate tone.
    ```

    ```prompt bad
    {{role "system"}}
    Return the title, the author, the year, etc.
    ```

    ```prompt bad
    {{role "system"}}
    Incluye varios ejemplos. Usa un tono adecuado.
    ```

    ```prompt good
    {{role "system"}}
    List 5 tips for the garden, in the tone of a neighbour. Some readers have no garden: add 1 tip for balconies.
    ```

    ```prompt file promptls.toml
    dictionary = ["proper motion"]
    ```

    ```prompt good
    {{role "system"}}
    Give the proper motion of the star and call it "appropriate" where the text does.
    ```
    """
    words = lexicon(prompt)
    if words is None:
        return
    for statement in statements(prompt):
        if not statement.directive or statement.is_heading:
            continue
        found = _VAGUE[words.language].finditer(statement.lowered)
        match = next((each for each in found if not _is_settled(statement.lowered, each)), None)
        if match is not None:
            group = match.lastgroup or "standard"
            shown = statement.said(match, group)
            message, help = _VAGUE_MESSAGES[group]
            yield Finding(statement.place(match, group), f"`{shown}` {message}", help=help)


# Words that choose from what is listed, or tell what something is for, leave nothing open.
_CHOSEN = re.compile(
    r"\s{1,9}(?:\w{1,40}\s{1,9})?(?:categor|class|label|option|answer|tag|domain|choice|type|field|tool|heading|queue|role|section|value|one"
    r"|categoría|etiqueta|clase|opción|campo|tipo)",
)
_BASIS = re.compile(r"\b(?:based\s+on|according\s+to|depending\s+on|from\s+the|among|según|entre)\b")
_PURPOSE = re.compile(
    r"\b(?:ensur(?:e|es|ing)|for|facilitat(?:e|es|ing)|enabl(?:e|es|ing)|to\s+be|para(?:\s+una?)?)\s+\Z"
)


def _is_settled(words: str, match: re.Match[str]) -> bool:
    group = match.lastgroup or "standard"
    start, end = match.span(group)
    if group == "amount":
        return bool(_NUMBER.search(words))
    if group != "standard":
        return False
    if _BASIS.search(words, end) or words.rstrip().endswith(":"):
        return True
    return bool(_CHOSEN.match(words, end) or _PURPOSE.search(words, max(0, start - 20), start))


_VAGUE_MESSAGES = {
    "amount": ("leaves the number open", "Say how many."),
    "standard": ("leaves the standard open", "Say which, or what makes it so."),
    "rest": ("leaves the rest of the list open", "Name all, or say by which rule to go on."),
}

_SUBJECTIVE = {
    "en": re.compile(
        r"\b(?:an?|the|your|this|our|more|most|very|it|be|is|are|sounds?|and|highly|with|in|,|(?P<verb>make|write"
        r"|create|generate|give|provide|produce|suggest|design|craft|use))\s+"
        r"(?P<word>best(?!\s+(?:practi[cs]es?|match\w*|fit\w*|before|known|case|describ\w+|effort|of|interests?"
        r"|represent\w*|suit\w*|answers?\b|reflect\w*|align\w*|captur\w+))"
        r"|better|great(?!\s+(?:britain|deal|detail))|good(?!\s+(?:faith|morning|evening|night|understanding|idea|sense|look))|excellent|amazing"
        r"|awesome|perfect(?!\s+tense)|beautiful|engaging|compelling|user-friendly|intuitive|elegant|high-quality"
        r"|top-quality|interesting|exciting"
        r"|catchy|attractive|impressive|stunning|wonderful|fantastic|outstanding|remarkable|memorable|captivating"
        r"|world-class|state-of-the-art|cutting-edge|optimal|insightful|thoughtful|effective)\b"
        r"(?=\s+(?:and\s+\w+\s+|\w+\s+)?[a-z]+|\s*[.,;!]|\s*\Z)",
    ),
    "es": re.compile(
        r"\b(?P<word>mejor(?:es)?(?!\s+(?:prácticas?|que))|excelentes?|perfect[oa]s?|atractiv[oa]s?|llamativ[oa]s?"
        r"|impactantes?|interesantes?|elegantes?|intuitiv[oa]s?|de\s+(?:alta\s+)?calidad|fácil\s+de\s+usar"
        r"|cautivador(?:a|es|as)?"
        r"|increíbles?|óptim[oa]s?|memorables?|efectiv[oa]s?|emocionantes?|buen[oa]?s?(?=\s+[a-zñ]))\b",
    ),
}


@rule("clarity/subjective", Severity.INFO, certainty="suggestion", dimension="specificity", applies_to="any")
def subjective(prompt: Prompt) -> Iterator[Finding]:
    """An instruction asks for a quality and does not say how to tell it.

    "A good story" and "the best title" leave the judgement to the model, which has no measure for it. Name what makes
    it good: the reader, what has to be in it, what it is compared with. Superlatives and subjective words are among the
    smells of requirements (arXiv 1611.08847).

    Only instructions are looked at. A sentence that gives a number or goes on with a measure ("that", "so that",
    "because", "by which") is left alone, as are terms such as "best practices". Terms of your project belong into the
    setting `dictionary`.

    ```prompt bad
    {{role "user"}}
    Write a good story about a lighthouse.
    ```

    ```prompt bad
    {{role "system"}}
    Choose the best title. Make it engaging and memorable.
    ```

    ```prompt bad
    {{role "user"}}
    Escribe un buen cuento sobre un faro.
    ```

    ```prompt good
    {{role "user"}}
    Write a story about a lighthouse for children of 6, with one surprise that makes a reader laugh.
    ```

    ```prompt good
    {{role "system"}}
    Classify the review as good or bad. Follow the best practices of the guide. Choose the best title, that is, the one
    with the fewest words. The interesting part comes last.
    ```
    """
    words = lexicon(prompt)
    if words is None:
        return
    for statement in statements(prompt):
        if not statement.directive or statement.is_heading or _is_measured(statement):
            continue
        for match in _SUBJECTIVE[words.language].finditer(statement.lowered):
            if _is_choice(statement.words, match):
                continue
            shown = statement.said(match, "word")
            help = "Say what makes it so: for whom, with what in it, compared with what."
            yield Finding(statement.place(match, "word"), f"`{shown}` is a judgement without a measure", help=help)
            break


_MEASURE = re.compile(
    r"\b(?:that\s+[a-z]+|so\s+that|because|by\s+which"
    r"|such\s+as|i\.e\.|e\.g\.|for\s+example|according\s+to|based\s+on|measured|score[ds]?|criteria"
    r"|es\s+decir|de\s+modo\s+que|para\s+que|porque|según|por\s+ejemplo|criterios?)(?!\w)",
)


def _is_measured(statement: Statement) -> bool:
    return bool(_NUMBER.search(statement.lowered) or _MEASURE.search(statement.lowered))


def _is_choice(words: str, match: re.Match[str]) -> bool:
    """Whether the word is one of the answers to choose from ("good or bad", "good, fair or poor")."""
    after, before = words[match.end("word") :].lstrip(), words[: match.start("word")].rstrip()
    return after.startswith(("or ", "/", "|", "o ", "vs")) or before.endswith((" or", "/", "|", " as", " como"))


_LONGEST_SENTENCE = 40
_LIST_LIKE = 8


@rule("clarity/long-sentence", Severity.INFO, certainty="suggestion", dimension="clarity", applies_to="any")
def long_sentence(prompt: Prompt) -> Iterator[Finding]:
    """A sentence has more than 40 words.

    Conditions and exceptions get lost in long sentences, for the model as for whoever maintains the prompt. Cut it up,
    or turn what it enumerates into a list.

    Enumerations (many commas) and headings are left alone.

    ```prompt bad
    {{role "system"}}
    When the customer asks about a delivery that has not arrived and the order was placed before the first of May and
    the parcel was sent with the blue carrier you look the parcel up and tell the customer the day on which it will
    arrive in one sentence.
    ```

    ```prompt bad
    {{role "system"}}
    Si el cliente pregunta por un envío que no ha llegado y el pedido se hizo antes del primero de mayo y el paquete
    salió con el transportista azul busca el paquete en la lista que está al final de este texto y di al cliente en una
    sola frase qué día va a llegar.
    ```

    ```prompt good
    {{role "system"}}
    The customer asks about a delivery that has not arrived. Look the parcel up if the order was placed before the first
    of May. Tell the customer the day on which it will arrive, in one sentence.
    ```

    ```prompt good
    {{role "system"}}
    Allowed colours: red, blue, green, yellow, orange, purple, black, white, grey, brown, pink, cyan, magenta, lime,
    olive, navy, teal, maroon, silver, gold, beige, ivory, coral, salmon, khaki, plum, orchid, violet, indigo, azure,
    crimson, tan, rose, mint, amber, ruby, jade, onyx, pearl, sand, rust, wine.
    ```
    """
    if lexicon(prompt) is None:
        return
    for statement in statements(prompt):
        if statement.is_heading or statement.range.end - statement.range.start < 4 * _LONGEST_SENTENCE:
            continue
        text = statement.words
        count = len(word_forms(text.replace(VALUE, " ")))
        if count > _LONGEST_SENTENCE and not _is_enumeration(text, count):
            yield Finding(statement.range, f"this sentence has {count} words", help="Cut it up, or make a list of it.")


def _is_enumeration(text: str, count: int) -> bool:
    separators = sum(map(text.count, ",;|\t")) + sum(map(text.count, (" - ", "\n- ", "\n* ")))
    return separators * _LIST_LIKE > count
