"""The envelope of one mail transaction (RFC 5321 section 2.3.1), exactly as the client gave it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipient:
    """One RCPT: the forward path between its angle brackets, and its parameters as written."""

    address: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """One transaction's envelope. `sender` is "" for the null reverse path; `parameters` are MAIL's, without SIZE."""

    sender: str
    recipients: tuple[Recipient, ...]
    parameters: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The recipients' addresses, in the order they were given."""
        return tuple(recipient.address for recipient in self.recipients)

    def only(self, addresses: tuple[str, ...]) -> "Envelope":
        """Return the same envelope for these recipients alone, parameters kept."""
        kept = tuple(recipient for recipient in self.recipients if recipient.address in addresses)
        return Envelope(self.sender, kept, self.parameters)
