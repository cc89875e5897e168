"""Keeps cases and carries them out: store, life of a case, courier, notices, audit, and the people's doors."""
