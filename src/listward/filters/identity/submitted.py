"""Mail that one of our own programs handed in with a log-in: whose it is was settled at the door."""

from listward.filters.transaction import Client, Transaction

PROOF = "The mail was handed in with a log-in of our own."


def is_submitted(transaction: Transaction) -> bool:
    """Whether From was found to be one of the identity's addresses: nothing else has to prove it."""
    return bool(transaction.client.submitted_as)


def internal_proof(client: Client) -> str:
    """The proof that it is internal, "" where the identity hands in what members write: the roster knows them."""
    return PROOF if client.submitted_as == "internal" else ""
