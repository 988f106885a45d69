"""Texts of a given length to measure on."""

from __future__ import annotations

_HEAD = """---
model: googleai/gemini-2.5-flash
config:
  temperature: 0.4
input:
  schema:
    question: string, what the reader asks
    tone?: string, how to answer
    documents(array, what to answer from):
      title: string
      text: string
output:
  format: text
---
{{role "system"}}
You answer questions from the documents below and from nothing else.
"""

_SECTION = """
## Part {n}

Read every document before you answer. Quote the title in brackets.
{{{{#each documents as |document|}}}}
- {{{{document.title}}}}: {{{{document.text}}}} ({{{{@index}}}})
{{{{/each}}}}
{{{{#if tone}}}}
Write in a {{{{tone}}}} tone, and keep to it throughout the whole answer.
{{{{else}}}}
Write plainly.
{{{{/if}}}}
"""

_TAIL = """
{{role "user"}}
<question>
{{question}}
</question>
"""


def prompt_text(lines: int) -> str:
    """A valid prompt of about this many lines, with a tag on every third."""
    head, tail = _HEAD.count("\n"), _TAIL.count("\n")
    each = _SECTION.count("\n")
    sections = max(1, round((lines - head - tail) / each))
    return _HEAD + "".join(_SECTION.format(n=n) for n in range(sections)) + _TAIL


def python_text(lines: int, *, with_findings: bool) -> str:
    """A Python file of about this many lines; with findings, a linter reports about 200 of them in 300 lines."""
    block = """
def function_{n}(items, tone=None):
    \"\"\"Answer from the items.\"\"\"
    result = []
    for index, item in enumerate(items):
        if tone is not None:
            result.append(f"{{item.title}}: {{item.text}} ({{index}})")
        else:
            result.append(str(item))
    return result

"""
    if with_findings:
        block = """
def function_{n}(items, tone=None):
    \"\"\"Answer from the items.\"\"\"
    import module_{n}
    unused = f"text"
    other = undefined_{n} + missing_{n}
    if tone == None: print(absent_{n})
    if tone != None: print(f"none")
    from package_{n} import name
    return unknown_{n}

"""
    return "import os\nimport sys\n" + "".join(block.format(n=n) for n in range(max(1, lines // block.count("\n"))))
