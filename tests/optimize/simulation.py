"""A task model whose accuracy follows a known law, and an optimising model that is sometimes helpful.

The law. An answer is right with the probability

    p = base - difficulty(case) + 0.09 per helpful rule (of three) - 0.12 per harmful one
        + 0.12 for the first worked example that keeps the output contract, + 0.04 for the second
        - 0.25 per worked example that breaks it, - 0.05 per 100 words beyond 250

cut to 0.02..0.98. Whether one answer is right is drawn from a hash of (seed, prompt, case): asking again gives the same
answer, another prompt draws anew. That examples which break the contract cost more than anything else, and that one or
two good ones help most, follows the replication of PromptWizard and CAPO's figures.

The optimising model adds a helpful rule in 30 % of its rewrites, a harmful one in 20 %, drops a placeholder in 10 %,
and rewords without effect otherwise; after a critique it finds a helpful rule in 55 %. Its examples break the contract
in 30 %.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from promptls.language.token_estimate import estimate_tokens
from promptls.optimize.draft import Usage
from promptls.optimize.llm.conversation import Answer, Ask, ModelError
from promptls.syntax.source import Range
from promptls.testcases.document import TestCase
from promptls.testcases.verdict import Assertion

_EXAMPLE = re.compile(r"<example>\nInput: .*?\nOutput: (.*?)\n</example>", re.S)
_NOWHERE = Range(0, 0)


@dataclass(frozen=True)
class Task:
    """A prompt, its cases and what helps or harms with it."""

    name: str
    prompt: str
    base: float
    helpful: tuple[str, ...]
    harmful: tuple[str, ...]
    answers: tuple[str, ...]
    good_example: tuple[str, str]
    bad_example: tuple[str, str]
    subjects: tuple[str, ...]

    def cases(self, count: int, start: int = 0) -> list[TestCase]:
        """Cases whose answers are known."""
        return [
            TestCase(
                name=f"case {number}",
                range=_NOWHERE,
                name_range=_NOWHERE,
                input={"text": f"{self.subjects[number % len(self.subjects)]} number {number}"},
                assertions=(Assertion("contains", self.answer(number)),),
            )
            for number in range(start, start + count)
        ]

    def answer(self, number: int) -> str:
        return self.answers[number % len(self.answers)]


TASKS = (
    Task(
        "labels",
        "Classify the review as good, bad or mixed. Put the label in tags: <label>good</label>.\n\nReview: {{text}}\n",
        0.42,
        ("Praise with one complaint is mixed.", "Irony counts as bad.", "Judge the product, not the delivery."),
        ("Answer in a full essay.", "Guess quickly.", "Always prefer good."),
        ("<label>good</label>", "<label>bad</label>", "<label>mixed</label>"),
        ("It broke twice.", "<label>bad</label>"),
        ("It broke twice.", "<ANS_START>bad<ANS_END>"),
        ("kettle review", "lamp review", "chair review"),
    ),
    Task(
        "extraction",
        'Extract the city and the year from the text. Return JSON: {"city": "Rome", "year": 1999}.\n\nText: {{text}}\n',
        0.38,
        ("Write the year as a number.", "Use the city's English name.", "Take the first city that is named."),
        ("Add comments to the JSON.", "Use any keys you like.", "Translate the text first."),
        ('{"city": "Oslo", "year": 1901}', '{"city": "Lima", "year": 1950}'),
        ("Born in Turin in 1890.", '{"city": "Turin", "year": 1890}'),
        ("Born in Turin in 1890.", '{"town": "Turin", "when": 1890}'),
        ("letter", "obituary", "label"),
    ),
    Task(
        "sums",
        "Solve the problem and write the result between <result> and </result>, like <result>12</result>.\n\n"
        "Problem: {{text}}\n",
        0.35,
        ("Write each step on its own line.", "Check the units before adding.", "Ignore numbers that nobody asks for."),
        ("Do not show any work.", "Round everything up.", "Answer within one second."),
        ("<result>7</result>", "<result>15</result>", "<result>40</result>"),
        ("Two and two apples?", "<result>4</result>"),
        ("Two and two apples?", "The answer is 4."),
        ("apples", "trains", "coins"),
    ),
)


def probability(task: Task, prompt_text: str, case: str) -> float:
    """The law."""
    p = task.base - 0.15 * _draw("difficulty", task.name, case)
    p += 0.09 * sum(rule in prompt_text for rule in task.helpful)
    p -= 0.12 * sum(rule in prompt_text for rule in task.harmful)
    outputs = [match.strip() for match in _EXAMPLE.findall(prompt_text)]
    kept = sum(_keeps(task, output) for output in outputs)
    p += (0.0, 0.12, 0.16)[min(kept, 2)]
    p -= 0.25 * (len(outputs) - kept)
    p -= 0.05 * max(0, len(prompt_text.split()) - 250) / 100
    return min(0.98, max(0.02, p))


def accuracy(task: Task, prompt_text: str, cases: Sequence[TestCase]) -> float:
    """The expected share of right answers, without noise."""
    return sum(probability(task, prompt_text, str(case.input["text"])) for case in cases) / len(cases)


def _keeps(task: Task, output: str) -> bool:
    shape = re.compile(r"<label>\w+</label>|<result>\w+</result>|\{\"city\": \"\w+\", \"year\": \d+\}")
    return shape.fullmatch(output) is not None and (output[:3] == task.answers[0][:3])


def _draw(*parts: object) -> float:
    digest = hashlib.sha256("\x00".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


@dataclass
class SimulatedModel:
    """Both models in one, as `Model` wants them; counts calls and tokens, and refuses after `most` calls."""

    task: Task
    seed: int
    most: int | None = None
    spent: Usage = field(default_factory=Usage)

    def ask(self, ask: Ask) -> Answer:
        if self.most is not None and self.spent.calls >= self.most:
            raise ModelError("the budget is used up")
        sent = "\n".join(message["content"] for message in ask.messages)
        text, data = self._task_answer(sent) if ask.name == "task" else self._optimiser_answer(ask, sent)
        usage = Usage(1, estimate_tokens(sent), estimate_tokens(text))
        self.spent = self.spent + usage
        return Answer(text, usage, ask.key("", ""), data)

    def ask_all(self, asks: list[Ask]) -> list[Answer | ModelError]:
        answers: list[Answer | ModelError] = []
        for ask in asks:
            try:
                answers.append(self.ask(ask))
            except ModelError as error:
                answers.append(error)
        return answers

    def rate(self, answer: Answer, quality: float) -> None:
        """Nothing is kept."""

    def _task_answer(self, sent: str) -> tuple[str, None]:
        match = re.search(r"(\w+ ?\w* number (\d+))", sent.rpartition("\n\n")[2])
        assert match is not None
        case, number = match[1], int(match[2])
        right = _draw(self.seed, sent) < probability(self.task, sent, case)
        return (self.task.answer(number) if right else "no idea"), None

    def _optimiser_answer(self, ask: Ask, sent: str) -> tuple[str, object]:
        rng = random.Random(ask.key(str(self.seed), ""))
        part = re.search(r"<part>\n(.*)\n</part>", sent, re.S)
        piece = part[1] if part else ""
        data: object
        if ask.name == "critique":
            missing = [rule for rule in self.task.helpful if rule not in piece]
            data = {"critique": rng.choice(missing) if missing and rng.random() < 0.55 else "It could be clearer."}
        elif ask.name == "refine":
            critique = re.search(r"<critique>\n(.*)\n</critique>", sent, re.S)
            rule = critique[1] if critique else ""
            data = {"prompt": _added(piece, rule) if rule in self.task.helpful else _reworded(piece)}
        elif ask.name == "mutate":
            data = {"prompt": self._mutated(piece, rng)}
        elif ask.name == "synthesise-examples":
            pairs = [self.task.bad_example if rng.random() < 0.3 else self.task.good_example for _ in range(3)]
            data = {"examples": [{"input": given, "output": output} for given, output in pairs]}
        else:
            data = {"sentence": "You are an expert who reads with care."}
        return json.dumps(data), data

    def _mutated(self, piece: str, rng: random.Random) -> str:
        luck = rng.random()
        if luck < 0.3:
            return _added(piece, rng.choice(self.task.helpful))
        if luck < 0.5:
            return _added(piece, rng.choice(self.task.harmful))
        return piece.replace("{{text}}", "the text") if luck < 0.6 else _reworded(piece)


def _added(piece: str, rule: str) -> str:
    return piece if rule in piece else piece.replace("\n\n", f"\n{rule}\n\n", 1)


def _reworded(piece: str) -> str:
    return "Please r" + piece[1:] if piece.startswith("Read") else f"Read with care.\n{piece}"
