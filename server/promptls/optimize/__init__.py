"""Makes prompts better: one pipeline for editors, the command line and batches, with guards that nothing gets past."""
