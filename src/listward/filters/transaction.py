"""What the edge hands to judgement: one message with the facts of its transaction."""

from dataclasses import dataclass
from enum import StrEnum


class Listener(StrEnum):
    """The door a message came in by."""

    INGRESS = "ingress"
    EGRESS = "egress"
    SUBMISSION = "submission"


@dataclass(frozen=True, slots=True)
class Client:
    """Who connected. `address` is None where a peer stands between and names no client: then networks prove nothing.

    `identity` is the authenticated name on the submission listener, else None; `submitted_as` says whose mail it hands
    in there, "internal" or "member", once From has been found to be one of its own. `authserv_ids` are those whose
    Authentication-Results count, by configuration of the peer that stands between.
    """

    address: str | None
    helo: str = ""
    identity: str | None = None
    after_queue: bool = False
    one_reply: bool = False
    tls: bool = False
    authserv_ids: tuple[str, ...] = ()
    submitted_as: str = ""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One message at the final dot. `raw` has CRLF line ends and no trace field of ours; times are Unix seconds.

    `attempt` counts the tries of this very message, from 1, where somebody counts them: from the third on, what a
    filter could not read is held instead of deferred.
    """

    id: str
    listener: Listener
    client: Client
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    received_at: float
    attempt: int = 1
