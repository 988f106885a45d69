"""What is found in a prompt as a whole, and nothing absurd where there is little to find."""

import json
from pathlib import Path

import pytest

from promptls.analysis.constraints import constraints
from promptls.analysis.entities import entities
from promptls.analysis.intent import intent
from promptls.analysis.measures import measures, technical_terms
from promptls.analysis.prose_language import prose_language
from promptls.analysis.text import features
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from tests.support import ROOT

LANGUAGES = {
    "en": "Answer the question of the user in one sentence.",
    "es": "Responde a la pregunta del usuario en una frase.",
    "fr": "Répondez à la question de l'utilisateur en une phrase.",
    "de": "Beantworte die Frage des Nutzers in einem Satz.",
    "it": "Rispondi alla domanda dell'utente con una frase.",
    "pt": "Responda à pergunta do usuário em uma frase, e não mais.",
    "nl": "Beantwoord de vraag van de gebruiker in een zin.",
    "pl": "Odpowiedz na pytanie użytkownika w jednym zdaniu i nie więcej.",
    "tr": "Kullanıcının sorusunu bir cümle ile yanıtla ve daha fazla yazma.",
    "vi": "Hãy trả lời câu hỏi của người dùng trong một câu.",
    "ru": "Ответь на вопрос пользователя одним предложением.",
    "uk": "Дай відповідь на запитання користувача одним реченням, і не більше.",
    "el": "Απάντησε στην ερώτηση του χρήστη με μία πρόταση.",
    "he": "ענה על שאלת המשתמש במשפט אחד.",
    "ar": "أجب عن سؤال المستخدم في جملة واحدة.",
    "hi": "उपयोगकर्ता के प्रश्न का उत्तर एक वाक्य में दें।",
    "th": "ตอบคำถามของผู้ใช้ในหนึ่งประโยค",
    "ko": "사용자의 질문에 한 문장으로 답하세요.",
    "ja": "ユーザーの質問に一文で答えてください。",
    "zh": "请用一句话回答用户的问题。",
}

ODD = {
    "nothing": "",
    "one word": "Hello",
    "emoji": "🎉👩‍💻🇪🇸",
    "code": "```python\nfor i in range(3):\n    print(i)\n```\n",
    "json": '{"role": "user", "content": [1, 2, {"a": null}]}',
    "quoted prompt": 'Judge this prompt:\n\n"""\n# Task\nYou are a poet. Always rhyme.\n"""\n\nGive a mark.\n',
    "frontmatter alone": "---\nmodel: a/b\n---\n",
    "broken template": "{{#if a}}Write {{b",
}


def read(text: str, path: Path | None = None) -> Prompt:
    return Prompt(text, settings=Settings(), path=path)


@pytest.mark.parametrize("code", LANGUAGES)
def test_languages(code: str) -> None:
    prompt = read(LANGUAGES[code])
    assert prose_language(prompt) == code
    json.dumps(features(prompt).to_json())


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_texts(text: str) -> None:
    found = features(read(text))
    json.dumps(found.to_json())
    assert 0 <= found.measures.complexity <= 1
    assert found.intent.name is None or found.intent.range is not None


@pytest.mark.parametrize("text", ["", "12", "🎉", "{{a}}"])
def test_too_little_for_a_language(text: str) -> None:
    assert prose_language(read(text)) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("generate", "Write three taglines for {{brand}}."),
        ("extract", "Extract the names of all people from the minutes."),
        ("classify", "Decide whether the review is positive, negative or neutral."),
        ("rewrite", "Translate the text into French."),
        ("summarise", "Summarise the article in three sentences."),
        ("summarise", "Escribe un resumen del artículo."),
        ("answer", "Answer the question from the leaflet."),
        ("code", "Write a Python function that merges two lists."),
        ("plan", "Plan a weekend in Lisbon for a family."),
        ("converse", "Chat with the user and stay in character."),
        ("classify", "Clasifica el correo en una de estas categorías."),
        (None, "The sea is blue."),
    ],
)
def test_intents(name: str | None, text: str) -> None:
    assert intent(read(text)).name == name


def test_entities() -> None:
    text = (
        "Write for young parents. Use the orders and customers tables and notes.md, call `findUser` by 3 May 2025, "
        "in at most 120 words. The app called Acorn has five users."
    )
    found = [(each.kind, each.text) for each in entities(read(text))]
    assert found == [
        ("audience", "young parents"),
        ("table", "orders"),
        ("table", "customers"),
        ("file", "notes.md"),
        ("tool", "findUser"),
        ("date", "3 May 2025"),
        ("number", "120 words"),
        ("product", "Acorn"),
    ]
    assert all(text[slice(*each.range)] == each.text for each in entities(read(text)))


def test_constraints() -> None:
    text = "Write a post. Use at most 50 words. Never mention prices. Try to keep a friendly tone. The sea is blue."
    found = [(each.polarity, each.binds, each.softened) for each in constraints(read(text))]
    assert found == [("demands", "length", False), ("forbids", "content", False), ("demands", "tone", True)]


def test_complexity_is_its_formula() -> None:
    found = measures(read("One two three four. One two three four."))
    assert (found.word_count, found.distinct_words, found.mean_sentence_length) == (8, 4, 4.0)
    assert found.complexity == pytest.approx(0.2 * 8 / 500 + 0.3 * 4 / 20 + 0.3 * 4 / 8, abs=0.001)


def test_technical_terms() -> None:
    found = [each.text for each in technical_terms(read("Return JSON for `userId` and snake_case. DO NOT shout it."))]
    assert found == ["JSON", "userId", "snake_case"]


@pytest.mark.parametrize("path", sorted((ROOT / "samples").rglob("*.prompt")), ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = features(read(text, path))
    json.dumps(found.to_json())
    for ranges in ([each.range for each in part] for part in (found.sentences, found.sections, found.entities)):
        assert all(range.end <= len(text) for range in ranges)
