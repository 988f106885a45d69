"""How good a prompt is, and why: what it has and what rules find wrong with it, every point with a place."""
