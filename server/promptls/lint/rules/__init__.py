"""The built-in rules, one module per family; each lists its own in `RULES`."""
