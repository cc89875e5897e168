"""A real server for the audit log's tests."""

from store_world import clock, server, site, store

__all__ = ["clock", "server", "site", "store"]
