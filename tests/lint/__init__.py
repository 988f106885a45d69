"""Tests of `promptls.lint`."""
