"""Rules about how a prompt is laid out."""

from promptls.lint.rules import structure_layout, structure_markers

RULES = (*structure_markers.RULES, *structure_layout.RULES)
