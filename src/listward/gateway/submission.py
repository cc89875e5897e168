"""The way in for the organisation's own programs: they log in, and write only as who they may.

Recipients are the configured lists and their offices, as on ingress: mail between people is neither judged nor relayed
here.
"""

from dataclasses import dataclass, replace

from listward.filters.identity.author import sole_author
from listward.filters.identity.origins import is_role_address
from listward.filters.message.parse import parse_message
from listward.filters.transaction import Listener
from listward.gateway.ingress import Ingress
from listward.gateway.session.door import Arrival
from listward.gateway.session.terms import Terms
from listward.gateway.snapshot import Snapshot


@dataclass(frozen=True)
class Submission(Ingress):
    """The submission listener."""

    @property
    def listener(self) -> Listener:
        """Submission."""
        return Listener.SUBMISSION

    def terms(self) -> Terms:
        """The terms that stand now."""
        return self.current().submission

    def admitted(self, snapshot: Snapshot, arrival: Arrival, header: bytes) -> Arrival | None:
        """Return the message as what its identity hands in, None where From is not one of its addresses.

        The identity is looked up in the configuration of this transaction: one that a reload took away is refused.
        """
        identities = snapshot.submission.identities
        identity = identities.named(arrival.client.identity) if identities is not None else None
        author = sole_author(parse_message(header + b"\r\n"))
        # Nobody writes as a list or as our own notices (`origins`).
        if identity is None or not identity.may_write_as(author) or is_role_address(author, snapshot.site):
            return None
        return replace(arrival, client=replace(arrival.client, submitted_as=identity.origin))
