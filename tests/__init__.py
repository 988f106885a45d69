"""Tests, laid out as `server/promptls` is."""
