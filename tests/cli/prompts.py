"""Small prompts, each with what its name says."""

GOOD = """\
---
model: openai/gpt-4.1
input:
  schema:
    text: string
---
{{role "system"}}
Summarise the text in one sentence.
{{role "user"}}
<text>{{text}}</text>
"""

UNCLOSED = GOOD.replace("<text>{{text}}</text>", "{{#if text}}<text>{{text}}</text>")
"""One error (`template/unclosed-block`) with a safe fix."""

BLOCK_ROLE = GOOD.replace('{{role "system"}}', '{{#role "system"}}').replace("sentence.", "sentence.{{/role}}")
"""One error (`template/block-role`) with a safe fix."""

UNUSED = GOOD.replace("    text: string\n", "    text: string\n    tone: string\n")
"""One warning (`variables/unused`) with an unsafe fix."""

UNDEFINED = GOOD.replace("Summarise the text", "Summarise the text for {{reader}}")
"""One warning (`variables/undefined`) with a safe fix."""

INCLUDING = GOOD.replace("Summarise", "{{> tone}} Summarise")
"""One error (`partials/missing`) unless there is a partial `tone`."""
