"""The real editors, driving the real server on a copy of `samples/`. Run by `make test-editors`, not by `make test`."""
