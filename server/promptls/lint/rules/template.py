"""Rules about the template as Handlebars reads it."""

from __future__ import annotations

from promptls.lint.rules.template_blocks import constant_condition, empty_block, useless_else
from promptls.lint.rules.template_helpers import helper_arguments, unknown_block, unknown_helper
from promptls.lint.rules.template_inline import block_role, block_section
from promptls.lint.rules.template_syntax import mismatched_close, syntax, unclosed_block, unexpected_close
from promptls.lint.rules.template_text import foreign_syntax, leftover

RULES = (
    unclosed_block,
    unexpected_close,
    mismatched_close,
    syntax,
    unknown_helper,
    unknown_block,
    block_role,
    block_section,
    helper_arguments,
    empty_block,
    constant_condition,
    useless_else,
    foreign_syntax,
    leftover,
)
