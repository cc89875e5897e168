"""Which domains many people send by, so that they tell nobody apart."""

from functools import lru_cache

from listward.config.shared_senders import SHARED_SENDERS
from listward.filters.identity.domains import is_within, public_suffix


@lru_cache(maxsize=4096)
def is_shared(domain: str) -> bool:
    """Whether everybody may send by a domain: a public suffix, a mail company, a bulk mailer."""
    return public_suffix(domain) == domain or is_within(domain, SHARED_SENDERS)
