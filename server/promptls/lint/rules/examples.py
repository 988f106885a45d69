"""Rules about worked examples."""

from promptls.lint.rules import examples_choice

RULES = (*examples_choice.RULES,)
