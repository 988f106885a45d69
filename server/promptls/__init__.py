"""Language server and headless checker for `.prompt` files: YAML frontmatter and a Handlebars body (dotprompt)."""

__version__ = "0.1.0"
