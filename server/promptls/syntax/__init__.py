"""Text to tree: positions, YAML frontmatter and Handlebars, with error recovery.

Invariants: nothing here knows dotprompt's helpers, schemas or the file system; nothing here raises on any text; every
range is a pair of code-point offsets into the whole file.
"""
