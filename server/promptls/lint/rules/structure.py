"""Rules about how a prompt is laid out."""

from promptls.lint.rules import structure_layout, structure_markers, structure_order

RULES = (*structure_markers.RULES, *structure_layout.RULES, *structure_order.RULES)
