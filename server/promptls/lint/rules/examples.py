"""Rules about worked examples."""

from promptls.lint.rules import examples_choice, examples_form

RULES = (*examples_choice.RULES, *examples_form.RULES)
