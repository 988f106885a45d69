"""Findings: what is wrong with a prompt, where, why, and what would mend it.

Invariants: a rule sees a `Prompt` and nothing else (no editor, no command line, no file system); a rule that fails
costs its own findings only; nothing registers itself by being imported.
"""
