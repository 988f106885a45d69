"""Writes any number of prompts that read like different ones: `python tests/store/generate.py FOLDER COUNT`."""

from __future__ import annotations

import random
import sys
from pathlib import Path

_TASKS = (
    "summarise", "classify", "translate", "extract", "rewrite", "review", "plan", "explain", "compare", "draft",
    "answer", "grade", "outline", "transcribe", "negotiate",
)  # fmt: skip
_SUBJECTS = (
    "invoices", "tickets", "refunds", "contracts", "recipes", "incidents", "lectures", "meetings", "reviews", "emails",
    "commits", "schemas", "itineraries", "novels", "experiments", "receipts", "policies", "candidates", "shipments",
    "diagnoses",
)  # fmt: skip
_TRADES = (
    "accountant", "editor", "nurse", "pilot", "teacher", "lawyer", "engineer", "chef", "librarian", "analyst",
    "translator", "dispatcher", "gardener", "architect",
)  # fmt: skip
_DOMAINS = ("sql", "branding", "cine", "saas", "devops", "general")
_MODELS = ("googleai/gemini-2.5-flash", "openai/gpt-4.1-mini", "anthropic/claude-sonnet-4", "googleai/gemini-2.5-pro")
_SYLLABLES = (
    "ka",
    "lor",
    "mi",
    "ten",
    "vas",
    "quo",
    "re",
    "sul",
    "par",
    "gan",
    "dol",
    "fi",
    "ner",
    "bra",
    "tis",
    "ume",
)
_COMMON = (
    "the answer must name every item that the reader asked for",
    "and leave out what the text does not say",
    "when a value is missing write null",
    "keep each sentence short use plain words do not guess",
    "quote the source check the result before you return it",
    "list one point a line give the reason first then the rule",
)


def vocabulary(random: random.Random, count: int = 6_000) -> list[str]:
    """Words that only some prompts hold."""
    words = {"".join(random.choices(_SYLLABLES, k=random.randint(2, 4))) for _ in range(count)}
    return sorted(words)


def text(number: int, random: random.Random, rare: list[str]) -> str:
    """The text of one prompt, about 2,500 characters long."""
    task, subject, trade = random.choice(_TASKS), random.choice(_SUBJECTS), random.choice(_TRADES)
    lines = []
    common = " ".join(_COMMON).split()
    for _ in range(random.randint(18, 30)):
        words = [random.choice(rare) if random.random() < 0.15 else random.choice(common) for _ in range(14)]
        lines.append("- " + " ".join(words).capitalize() + ".")
    includes = f"{{{{> tone{random.randint(0, 19)}}}}}\n" if random.random() < 0.3 else ""
    return f"""---
model: {random.choice(_MODELS)}
description: {task.capitalize()} {subject} as a {trade} would, case {number}.
input:
  schema:
    {subject}: string, what to {task}
    tone?: string
metadata:
  domain: {random.choice(_DOMAINS)}
  tags: [{task}, {subject}]
---
{{{{role "system"}}}}
You are a careful {trade}. {task.capitalize()} the {subject} below.
{includes}
# Rules
{chr(10).join(lines)}
{{{{#if tone}}}}
Write in a {{{{tone}}}} tone.
{{{{/if}}}}
{{{{role "user"}}}}
<{subject}>
{{{{{subject}}}}}
</{subject}>
"""


def write_prompts(folder: Path, count: int, seed: int = 1) -> None:
    """Write prompts, a hundred in a folder, and the twenty partials that they include."""
    chosen = random.Random(seed)
    rare = vocabulary(chosen)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(20):
        (folder / f"_tone{number}.prompt").write_text(f"Write as {chosen.choice(_TRADES)}s do.\n", encoding="utf-8")
    for number in range(count):
        target = folder / f"team{number // 100}" / f"case{number}.prompt"
        if number % 100 == 0:
            target.parent.mkdir(exist_ok=True)
        target.write_text(text(number, chosen, rare), encoding="utf-8")


def queries(count: int, seed: int = 2) -> list[str]:
    """Searches for what `write_prompts` wrote: common words and rare ones, phrases, beginnings and fields."""
    chosen = random.Random(seed)
    rare = vocabulary(random.Random(1))
    kinds = (
        lambda: f"{chosen.choice(_TASKS)} {chosen.choice(_SUBJECTS)}",
        lambda: chosen.choice(rare),
        lambda: f"{chosen.choice(rare)} {chosen.choice(_TRADES)}",
        lambda: f"{chosen.choice(_SUBJECTS)[:4]}*",
        lambda: f'"careful {chosen.choice(_TRADES)}"',
        lambda: f"tag:{chosen.choice(_SUBJECTS)} {chosen.choice(_TASKS)}",
        lambda: f"domain:{chosen.choice(_DOMAINS)} {chosen.choice(rare)}",
        lambda: f"model:gemini {chosen.choice(_TASKS)} {chosen.choice(_TRADES)}",
    )
    return [chosen.choice(kinds)() for _ in range(count)]


if __name__ == "__main__":
    write_prompts(Path(sys.argv[1]), int(sys.argv[2]))
