"""The language server: the only room that knows the Language Server Protocol.

`server` puts it together; `routes` is the table of what it answers; `ide` and `lint` know the answers.
"""
