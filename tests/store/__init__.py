"""The index, searching it, and what becomes of both when things go wrong."""
