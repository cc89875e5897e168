"""Speaks SMTP as a server: listens, bounds, asks the filters, acts on the verdict in the same transaction."""
