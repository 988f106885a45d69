"""Handlebars 4.7: a tolerant lexer and parser that keep every position."""

from promptls.syntax.handlebars.errors import ParseError
from promptls.syntax.handlebars.parser import Template, parse

__all__ = ["ParseError", "Template", "parse"]
