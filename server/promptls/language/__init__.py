"""What the tree means in dotprompt.

Invariants: no input or output here (other files come through `Project`), no findings, no protocol. Everything asked of
a prompt is a function of a `Prompt`, marked `@facet` where its answer is worth keeping.
"""
