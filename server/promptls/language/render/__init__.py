"""Rendering: a prompt and data to messages, every piece of output knowing the template text that it came from."""
