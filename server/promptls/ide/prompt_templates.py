"""Prompts to begin with: the shapes that guides to prompting agree on, ready to be filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from promptls.ide.snippets import without_places


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A whole file as a snippet: `${1:…}` are the places to fill in. Every variable that it uses is declared in it."""

    name: str
    title: str
    summary: str
    snippet: str

    @property
    def text(self) -> str:
        """The file with the suggested words in place."""
        return without_places(self.snippet)


_HEAD = """\
---
model: ${1:googleai/gemini-2.5-flash}
input:
  schema:
    ${2:question}: string, ${3:what the user asks}
---
"""

_TABLE = (
    PromptTemplate(
        "basic",
        "Basic prompt",
        "One instruction and one input.",
        _HEAD
        + """\
{{role "system"}}
${4:Answer the question in at most three sentences.}

{{role "user"}}
{{${2:question}}}
$0""",
    ),
    PromptTemplate(
        "role-based",
        "Role-based prompt",
        "Who the model is, for whom it works, what it must and must not do.",
        _HEAD
        + """\
{{role "system"}}
# Role
You are ${4:an editor of a cookbook}. You work for ${5:people who cook at home}.

# Task
${6:Answer the question of a reader.}

# Limits
- ${7:Say so when you do not know the answer.}

{{role "user"}}
{{${2:question}}}
$0""",
    ),
    PromptTemplate(
        "few-shot",
        "Few-shot prompt",
        "Examples show what a good answer looks like.",
        _HEAD
        + """\
{{role "system"}}
${4:Name the mood of the message in one word.}

# Examples
<example>
<input>${5:The parcel is here already, thank you!}</input>
<output>${6:happy}</output>
</example>
<example>
<input>${7:Third call this week and still no answer.}</input>
<output>${8:annoyed}</output>
</example>

{{role "user"}}
<input>{{${2:question}}}</input>
$0""",
    ),
    PromptTemplate(
        "chain-of-thought",
        "Chain-of-thought prompt",
        "The model reasons before it answers, and the answer stands apart.",
        _HEAD
        + """\
{{role "system"}}
${4:Solve the problem.}

First write down your reasoning inside <thinking>: what is given, what is asked, and how one leads to the other.
Then write the answer alone inside <answer>.

{{role "user"}}
{{${2:question}}}
$0""",
    ),
    PromptTemplate(
        "step-by-step",
        "Step-by-step prompt",
        "Numbered steps, followed in order.",
        _HEAD
        + """\
{{role "system"}}
# Task
${4:Summarise the text for a busy reader.}

# Steps
1. ${5:Read the whole text.}
2. ${6:List its three most important statements.}
3. ${7:Write one paragraph from that list.}

# Output
${8:The paragraph, and nothing else.}

{{role "user"}}
{{${2:question}}}
$0""",
    ),
)

PROMPT_TEMPLATES: Mapping[str, PromptTemplate] = MappingProxyType({each.name: each for each in _TABLE})

FRONTMATTER_SNIPPET = _HEAD + "$0"
"""A frontmatter alone, for a text that has none yet."""
