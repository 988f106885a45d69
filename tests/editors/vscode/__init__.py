"""The VS Code extension: its grammar, its parts, and the whole of it in VS Code's own window."""
