"""Services that many people send by, as the product ships them: nobody can be told apart by them."""

from listward.config.find import DEFAULTS
from listward.config.wordlists import read_entries

SHARED_SENDERS: tuple[str, ...] = read_entries(DEFAULTS / "shared-senders.txt")
"""Domains; what lies below one of them is meant too."""
