"""The terminal's door: arguments in, reports and exit codes out.

Invariants: nothing here decides anything about prompts; a module at start-up imports only what parsing arguments takes,
everything else loads inside the function that needs it; results go to stdout, everything else to stderr.
"""
