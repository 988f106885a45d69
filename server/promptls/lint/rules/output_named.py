"""Rules about formats that a prompt names without showing them, or relies on without naming them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from promptls.analysis.contract import FormatMention, output_contract
from promptls.analysis.examples import examples
from promptls.analysis.prose import prose
from promptls.analysis.sentences import Sentence, sentences
from promptls.language.messages import messages
from promptls.language.metadata import metadata
from promptls.language.picoschema import output_schema
from promptls.language.prompt import Prompt, frontmatter, template
from promptls.lint.added_sentences import added_sentence
from promptls.lint.json_skeletons import skeleton
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.whole import whole_text
from promptls.syntax.handlebars.nodes import BlockStatement, path_to
from promptls.syntax.source import Range, TextEdit

_SHOWN_FORMATS = frozenset({"json", "xml", "yaml", "csv"})
_SHAPED = re.compile(r"[{<\[][\s\S]{0,200}?[}>\]]|```|~~~")
_WITHOUT = re.compile(r"\b(?:no|not|without|never|instead of|sin|nunca|en lugar de)\s+(?:\w+\s+){0,2}\Z", re.IGNORECASE)


@rule(
    "output/skeleton-missing",
    Severity.INFO,
    certainty="suggestion",
    fixable="unsafe",
    dimension="specificity",
    applies_to="any",
)
def skeleton_missing(prompt: Prompt) -> Iterator[Finding]:
    """A format is asked for by name, and no part of the prompt shows what the answer looks like in it.

    "Return JSON" leaves open which keys there are, what they are called and what is in them. Prompts that show the
    literal output won 82 % of the decided pairs of a replicated study against those that only name it. An empty
    object with all keys, tags with words in them, or an example will do. The fix writes the skeleton from the output
    schema, or from the fields that the text lists.

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
      schema:
        title: string
        tags(array): string
    ---
    Describe the product. Return JSON.
    {{product}}
    ```

    ```prompt bad
    {{role "system"}}
    Describe the product. Return the result as JSON with:
    - title: the product's name
    - price: what it costs
    {{role "user"}}
    {{product}}
    ```

    ```prompt bad
    Describe el producto y responde con un objeto JSON con los campos `titulo` y `precio`.

    {{producto}}
    ```

    ```prompt good
    Describe the product. Return JSON in this form: {"title": "the product's name", "price": 0}

    {{product}}
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
      schema:
        title: string
    ---
    Give the product a title.
    {{product}}
    ```
    """
    contract = output_contract(prompt)
    if whole_text(prompt) is None or contract.skeletons or examples(prompt):
        return
    mention = _named_format(prompt, contract.mentions)
    if mention is None:
        return
    sentence = next((each for each in sentences(prompt) if each.range.encloses(mention.range)), None)
    if sentence is None or _SHAPED.search(prose(prompt).text, sentence.range.end, sentence.range.end + 80):
        return
    yield Finding(
        mention.range,
        f"{prompt.text[slice(*mention.range)]} is asked for, and nothing shows what the answer looks like",
        help="Show the keys, tags or columns as they are to be written.",
        fix=_shown_skeleton(prompt, mention, sentence) if mention.name == "json" else None,
    )


def _named_format(prompt: Prompt, mentions: tuple[FormatMention, ...]) -> FormatMention | None:
    """The first place in the text that names a format which needs to be shown."""
    head = frontmatter(prompt)
    body = head.range.end if head is not None else 0
    for mention in mentions:
        before = prompt.text[max(0, mention.range.start - 40) : mention.range.start]
        if mention.name in _SHOWN_FORMATS and mention.range.start >= body and not _WITHOUT.search(before):
            return mention
    return None


def _shown_skeleton(prompt: Prompt, mention: FormatMention, sentence: Sentence) -> Fix | None:
    shown, place = _skeleton_and_place(prompt, sentence)
    if shown is None or _in_block(prompt, place):
        return None
    newline = prompt.source.newline
    written = f"```json\n{shown}\n```".replace("\n", newline)
    rest = prompt.text[place:]
    after = "" if not rest.strip() or rest.lstrip(" \t").startswith(("\n", "\r")) else newline
    return Fix("Show the JSON", (TextEdit(Range(place, place), f"{newline}{written}{after}"),), safe=False)


_LISTED_FIELD = re.compile(r"[`\"*]{0,3}(?P<name>[A-Za-z_]\w{0,40})[`\"*]{0,3}\s*(?::|[-–—(]\s?|$)")
_MARKED_FIELD = re.compile(r"[`\"](?P<name>[A-Za-z_]\w{0,40})[`\"]")


def _skeleton_and_place(prompt: Prompt, sentence: Sentence) -> tuple[str | None, int]:
    """A skeleton of the schema, or of the fields that the sentence or the list behind it names; and its place."""
    schema = output_schema(prompt)
    spoken = sentences(prompt)
    at = spoken.index(sentence)
    listed = []
    end = sentence.range.end
    for each in spoken[at + 1 :]:
        match = _LISTED_FIELD.match(prompt.text, *each.range) if each.kind == "item" else None
        if match is None:
            break
        listed.append(match["name"])
        end = each.range.end
    if schema is not None and schema.type.type == "object" and schema.type.fields and not schema.problems:
        return skeleton(schema.type), end
    names = listed or [match["name"] for match in _MARKED_FIELD.finditer(prompt.text, *sentence.range)]
    if not names or any(name.lower() == "json" for name in names):
        return None, end
    return json.dumps(dict.fromkeys(names, ""), ensure_ascii=False), end


def _in_block(prompt: Prompt, offset: int) -> bool:
    return any(isinstance(node, BlockStatement) for node in path_to(template(prompt).program, offset)[:-1])


@rule(
    "output/json-word-missing",
    Severity.INFO,
    certainty="suggestion",
    fixable="safe",
    dimension="completeness",
)
def json_word_missing(prompt: Prompt) -> Iterator[Finding]:
    """`output.format` is json, and no message says JSON.

    OpenAI's JSON mode refuses a request whose messages do not hold the word, and other models in such a mode may write
    blanks until they are cut off. Genkit adds the word itself for models without a JSON mode, and takes
    `{{section "output"}}` for the place to do so; a host that hands the messages on as they are does not. The fix
    says it once more, in words that change nothing for a host that does.

    ```prompt bad
    ---
    model: openai/gpt-4.1
    output:
      format: json
      schema:
        title: string
    ---
    Give the product a title.
    {{product}}
    ```

    ```prompt bad
    ---
    model: openai/gpt-4.1
    output: {format: json}
    ---
    {{role "system"}}
    Extrae el nombre y la fecha de la carta.
    {{role "user"}}
    {{carta}}
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1
    output:
      format: json
    ---
    Give the product a title. Answer in JSON.
    {{product}}
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
    ---
    Give the product a title.
    {{section "output"}}
    {{product}}
    ```
    """
    told = metadata(prompt).output_format
    text = whole_text(prompt)
    if told is None or told.value.lower() not in ("json", "application/json") or text is None or "json" in text.lower():
        return
    if any(part.kind == "section" for message in messages(prompt) for part in message.parts):
        return
    orders = [each for each in sentences(prompt) if each.kind in ("sentence", "item")]
    place = next((each for each in orders if each.directive), orders[0] if orders else None)
    yield Finding(
        told.range,
        "the answer has to be JSON, and no message says so",
        help="Say it: some providers refuse the request otherwise.",
        fix=added_sentence(prompt, place.range, "Answer in JSON.", "Responde en JSON.", safe=True) if place else None,
        related=(Related("where to say it", place.range),) if place else (),
    )


RULES = (skeleton_missing, json_word_missing)
