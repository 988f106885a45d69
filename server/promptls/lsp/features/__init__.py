"""Answers to requests, by theme: parameters into offsets, a question to `ide`, its answer into the protocol's types."""
