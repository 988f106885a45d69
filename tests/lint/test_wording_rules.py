"""The rules about wording and about text of others, on prompts that nobody wrote them for."""

import pytest

from promptls.lint.registry import built_in_rules
from promptls.lint.rule import Finding
from promptls.lint.runner import INTERNAL_ERROR, run
from promptls.settings import Settings
from tests.support.project import InMemoryProject

RULES = [rule for rule in built_in_rules() if rule.family in ("clarity", "load", "security") and rule.enabled]

LANGUAGES = {
    "ar": "لخص النص التالي في جملتين. لا تستخدم المصطلحات التقنية.",
    "bn": "নিচের লেখাটি দুই বাক্যে সংক্ষেপ করো।",
    "ca": "Resumeix el text en dues frases. Escriu en català i no facis servir tecnicismes.",
    "cs": "Shrň následující text ve dvou větách. Nepoužívej odborné výrazy.",
    "de": "Fasse den Text in zwei Sätzen zusammen. Verwende keine Fachwörter.",
    "el": "Σύνοψισε το κείμενο σε δύο προτάσεις.",
    "en": "Summarise the text in two sentences. Write for a reader of twelve years.",
    "es": "Resume el texto en dos frases. Escribe para un lector de doce años.",
    "fa": "متن را در دو جمله خلاصه کن.",
    "fr": "Résume le texte en deux phrases. Écris pour un lecteur de douze ans.",
    "he": "סכם את הטקסט בשני משפטים.",
    "hi": "नीचे दिए गए पाठ का दो वाक्यों में सारांश लिखें।",
    "it": "Riassumi il testo in due frasi. Scrivi per un lettore di dodici anni.",
    "ja": "次の文章を二文で要約してください。",
    "ko": "다음 글을 두 문장으로 요약하세요.",
    "pl": "Streść tekst w dwóch zdaniach. Pisz dla dwunastolatka.",
    "pt": "Resuma o texto em duas frases. Escreva para um leitor de doze anos.",
    "ru": "Кратко изложи текст в двух предложениях.",
    "th": "สรุปข้อความต่อไปนี้เป็นสองประโยค",
    "zh": "用两句话概括下面的文字。",
}
ODD = {
    "nothing": "",
    "one word": "Hello",
    "emoji": "🎉🎉🎉 ❤️",
    "code": "def total(items):\n    return sum(item.price for item in items)\n",
    "fenced code": "```python\nprint('MUST NEVER ALWAYS ONLY, if possible, etc.')\n```\n",
    "JSON": '{"text": "try to be helpful, etc.", "best": true}\n',
    "a quoted prompt": 'Translate this prompt: "You MUST always try to write the best answer, if possible, etc."',
}


def found(text: str, **settings: object) -> list[Finding]:
    chosen = Settings.model_validate({"select": ["all"], **settings})
    return list(run(InMemoryProject(settings=chosen, has_siblings=True).prompt("a.prompt", text), RULES))


@pytest.mark.parametrize("code", LANGUAGES)
def test_languages_are_left_alone(code: str) -> None:
    assert [(each.rule, each.message) for each in found(LANGUAGES[code])] == []


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_prose_is_left_alone(kind: str) -> None:
    assert [(each.rule, each.message) for each in found(ODD[kind])] == []


def test_a_novel_breaks_nothing() -> None:
    novel = "It was a good day, and the best of all. Some of them went home, etc.\n\n" * 15_000
    assert INTERNAL_ERROR not in {each.rule for each in found(novel)}


def test_terms_of_the_project_are_accepted() -> None:
    text = "Use proper motion. Cite the best value award in an appropriate form."
    assert {each.rule for each in found(text)} == {"clarity/vague", "clarity/subjective"}
    assert found(text, dictionary=["proper motion", "Best Value", "appropriate form"]) == []


def test_partials_are_no_whole_prompts() -> None:
    project = InMemoryProject(settings=Settings(select=["all"]))
    prompt = project.prompt("_facts.prompt", "The shop opens at nine. <text>{{text}}</text> {{question}}")
    rules = {each.rule for each in run(prompt, RULES)}
    assert rules.isdisjoint({"clarity/no-task", "security/untrusted-in-system", "security/no-data-rule"})
