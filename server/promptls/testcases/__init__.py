"""Test cases beside a prompt, `<name>.test.yaml`: what they say, and whether an answer passes."""
