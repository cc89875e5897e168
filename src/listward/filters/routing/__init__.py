"""Kinds of addresses, zones, internal matters."""
