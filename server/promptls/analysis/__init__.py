"""What the prose of a prompt is like: its sentences, sections, intent, examples and what it asks for."""
