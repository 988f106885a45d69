"""Rules about the answer that a prompt asks for."""

from promptls.lint.rules import output_contract, output_missing, output_named

RULES = (*output_missing.RULES, *output_named.RULES, *output_contract.RULES)
