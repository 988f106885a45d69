"""Rules of quality on what is no prompt, or none that they can read: no failure, and nothing absurd."""

import json
import time

import pytest

from promptls.language.prompt import Prompt
from promptls.lint.registry import built_in_rules
from promptls.lint.rule import Finding, Rule
from promptls.lint.runner import INTERNAL_ERROR, run
from promptls.settings import Settings
from tests.support.project import InMemoryProject

FAMILIES = ("output", "examples", "structure")
RULES = [rule for rule in built_in_rules() if rule.family in FAMILIES]


def found(text: str, rules: list[Rule] = RULES, *, name: str = "x.prompt") -> list[Finding]:
    project = InMemoryProject({"_other.prompt": "x"}, settings=Settings(), has_siblings=True)
    return list(run(project.prompt(name, text), rules))


LANGUAGES = {
    "ar": "أنت مساعد في متجر للكتب. أجب عن سؤال العميل في جملتين. لا تذكر متاجر أخرى.\n\n{{question}}",
    "bn": "আপনি একটি বইয়ের দোকানের সহকারী। গ্রাহকের প্রশ্নের উত্তর দুই বাক্যে দিন।\n\n{{question}}",
    "cs": "Jsi pomocník knihkupectví. Odpověz zákazníkovi dvěma větami. Nezmiňuj jiné obchody.\n\n{{question}}",
    "de": "Du hilfst in einem Buchladen. Beantworte die Frage in zwei Sätzen. Nenne keine Konkurrenz.\n\n{{question}}",
    "el": "Είσαι βοηθός σε βιβλιοπωλείο. Απάντησε στην ερώτηση με δύο προτάσεις.\n\n{{question}}",
    "fi": "Olet kirjakaupan avustaja. Vastaa asiakkaan kysymykseen kahdella lauseella.\n\n{{question}}",
    "fr": "Tu aides dans une librairie. Réponds à la question en deux phrases. Reste poli.\n\n{{question}}",
    "he": "אתה עוזר בחנות ספרים. ענה על שאלת הלקוח בשני משפטים.\n\n{{question}}",
    "hi": "आप किताबों की दुकान के सहायक हैं। ग्राहक के प्रश्न का उत्तर दो वाक्यों में दें।\n\n{{question}}",
    "id": "Anda membantu di toko buku. Jawab pertanyaan pelanggan dalam dua kalimat.\n\n{{question}}",
    "it": "Aiuti in una libreria. Rispondi alla domanda in due frasi. Non citare altri negozi.\n\n{{question}}",
    "ja": "あなたは書店の担当者です。お客様の質問に二文で答えてください。\n\n{{question}}",
    "ko": "당신은 서점의 도우미입니다. 고객의 질문에 두 문장으로 답하세요.\n\n{{question}}",
    "nl": "Je helpt in een boekwinkel. Beantwoord de vraag in twee zinnen.\n\n{{question}}",
    "pl": "Pomagasz w księgarni. Odpowiedz na pytanie dwoma zdaniami.\n\n{{question}}",
    "pt": "Você ajuda numa livraria. Responda à pergunta em duas frases.\n\n{{question}}",
    "ru": "Ты помощник в книжном магазине. Ответь на вопрос двумя предложениями.\n\n{{question}}",
    "sv": "Du hjälper till i en bokhandel. Svara på frågan med två meningar.\n\n{{question}}",
    "th": "คุณเป็นผู้ช่วยในร้านหนังสือ ตอบคำถามของลูกค้าเป็นสองประโยค\n\n{{question}}",
    "tr": "Bir kitapçıda yardımcısın. Müşterinin sorusunu iki cümleyle yanıtla.\n\n{{question}}",
    "uk": "Ти помічник у книгарні. Дай відповідь на запитання двома реченнями.\n\n{{question}}",
    "vi": "Bạn giúp việc trong hiệu sách. Trả lời câu hỏi bằng hai câu.\n\n{{question}}",
    "zh": "你是书店的助手。请用两句话回答顾客的问题。\n\n{{question}}",
}

CODE = '''def classify(text: str) -> str:
    """Classify the text."""
    # Extract the words.
    if text < "a" and text > "b":
        return List[str](text)
    return {"label": text}


class Node<T> {
    List<String> items;
}
</div>
'''

SCRAPS = {
    "one word": "Hello",
    "one value": "{{question}}",
    "emoji": "🎉✨🚀 ❤️🔥",
    "blank": " \n\t\n",
    "empty": "",
    "code": CODE,
    "fenced code": f"```python\n{CODE}```\n",
    "json": json.dumps({"answer": "x", "reason": "y", "labels": ["a", "b"], "examples": [{"input": 1, "output": 2}]}),
    "json lines": '{"input": "a", "output": "b"}\n{"input": "c", "output": "d"}\n',
    "markup": "<html><body><p>Classify this.<br></p></body></html>",
    "signs": "<<<>>> {}[]() ### --- === *** ``` ~~",
    "a chat": '{{role "system"}}\nYou are a friendly assistant.\n{{history}}\n{{role "user"}}\n{{message}}',
    "an agent": "---\nmodel: x\ntools: [search]\n---\nExtract and classify whatever the user asks.\n{{query}}",
    "a partial's call": "{{> other}}\n{{text}}",
    "a prompt that calls what is not there": "{{> missing}}\nExtract all names.\n{{text}}",
}


@pytest.mark.parametrize("text", LANGUAGES.values(), ids=LANGUAGES)
def test_other_languages(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", [text for name, text in SCRAPS.items() if name != "signs"], ids=lambda text: text[:20])
def test_scraps(text: str) -> None:
    assert [each.message for each in found(text) if each.rule != "structure/unclosed-tag"] == []


@pytest.mark.parametrize("text", [*LANGUAGES.values(), *SCRAPS.values()], ids=[*LANGUAGES, *SCRAPS])
@pytest.mark.parametrize(
    "prefix", ["", "---\nmodel: x\noutput: {format: json}\n---\n", '{{role "system"}}\n', "{{#if a}}"]
)
def test_ranges_and_fixes_hold(text: str, prefix: str) -> None:
    whole = prefix + text
    for finding in found(whole):
        assert finding.rule != INTERNAL_ERROR
        assert 0 <= finding.range.start < finding.range.end <= len(whole)
        if finding.fix is not None:
            assert Prompt(whole, settings=Settings()).source.edited(finding.fix.edits).text != whole


def test_a_partial_is_no_whole_prompt() -> None:
    text = "Classify the message by topic and extract all names from it as JSON.\n\n{{text}}\n\n<rules>\nNo slang.\n"
    assert found(text) != []
    assert [each.rule for each in found(text, name="_part.prompt")] == []


def test_a_prompt_that_quotes_a_prompt() -> None:
    text = (
        "Translate the prompt inside the tags into Spanish, in at most 200 words.\n\n<prompt>\n# Task\n\n"
        "### Classify\nInput: a\nOutput: b\n\nReturn JSON.\n</prompt>\n"
    )
    assert [each.rule for each in found(text) if each.rule.startswith("structure/unclosed")] == []


def test_a_novel() -> None:
    page = (
        "“Come in,” said the old man, and he closed the door. The rain fell on the roof as it had done all night. "
        "She never answered. Nobody should have been there at that hour, least of all the boy who sold the papers. "
        "Write to me, he had said; and she had written. It was, he thought, the most important letter of his life.\n\n"
    )
    novel = "# Chapter 1\n\n" + page * (1_000_000 // len(page))
    assert [each.rule for each in found(novel) if each.rule != "structure/buried-instruction"] == []
    assert_linear(novel)


def assert_linear(text: str) -> None:
    """Four times the text takes about four times as long; there is room for a busy machine."""
    taken = []
    for part in (text[: len(text) // 4], text):
        began = time.process_time()
        found(part)
        taken.append(time.process_time() - began)
    assert taken[1] < 8 * taken[0] + 0.5


@pytest.mark.parametrize(
    "text",
    [
        "<a>\n" * 5_000,
        "</a>\n" * 5_000,
        "```\n" * 5_001,
        "# a\n### b\n" * 2_000,
        "Input: a\nOutput: b\n" * 2_000,
        '{"answer": 1, "reason": 2}\n' * 2_000,
        "Return `a_b` JSON. " * 2_000,
        "Classify it. " * 5_000,
        "{" * 20_000,
        "Extract the names from {{text}}. " * 2_000,
        "**a**\n" * 5_000,
    ],
    ids=lambda text: repr(text[:16]),
)
def test_long_rows_take_linear_time(text: str) -> None:
    assert_linear(text)
