"""Measurements that `make bench` prints; none of them fails a build."""
