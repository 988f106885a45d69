"""Refactorings: changes that leave the rendered messages as they are, offered cheaply and worked out when chosen.

`refactorings` lists what can be done at a range, `resolve` makes the edit of one of them.
"""

from promptls.ide.refactor.catalogue import offered, refactorings, resolve
from promptls.ide.refactor.offer import Kind, Offer, Refactoring

__all__ = ["Kind", "Offer", "Refactoring", "offered", "refactorings", "resolve"]
