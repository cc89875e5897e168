"""Origin: who wrote this, and how sure are we."""

from dataclasses import dataclass
from enum import StrEnum


class OriginKind(StrEnum):
    """The rows of the origin table, in the order they are tried."""

    FORGED = "forged"
    INTERNAL = "internal"
    MEMBER = "member"
    KNOWN = "known"
    UNPROVEN = "unproven"

    @property
    def authenticated(self) -> bool:
        """Whether the author's address is proven."""
        return self in {OriginKind.INTERNAL, OriginKind.MEMBER, OriginKind.KNOWN}


class Basis(StrEnum):
    """What an origin rests on, in one word: the mail log says it, programs may ask for it."""

    LOGIN = "login"
    INSIDE_NETWORK = "inside-network"
    OWN_SIGNATURE = "own-signature"
    DKIM_ALIGNED = "dkim-aligned"
    SPF_ALIGNED = "spf-aligned"
    ARC = "arc"
    VOUCHED = "vouched"
    GIVEN = "given"
    NO_AUTHOR = "no-author"
    NO_DNS = "no-dns"
    NO_ROSTER = "no-roster"
    NO_STORE = "no-store"
    NOT_PROVEN = "not-proven"
    OUR_DOMAIN = "our-domain"
    DMARC_REJECT = "dmarc-reject"
    DMARC_QUARANTINE = "dmarc-quarantine"


class Role(StrEnum):
    """What the roster says of a person on one list."""

    MEMBER = "member"
    CANDIDATE = "candidate"
    MODERATOR = "moderator"
    OFFICER = "officer"
    ON_LEAVE = "on-leave"
    BANNED = "banned"


@dataclass(frozen=True, slots=True)
class AuthResult:
    """One method's result (RFC 8601): method "spf"|"dkim"|"dmarc"|"arc", result "pass"|"fail"|"temperror"|...

    `identity` is what was authenticated (a domain), `detail` a short reason for people and the trace field. `property`
    is where the identity was found ("smtp.mailfrom", "smtp.helo", "header.d", "header.from"). For DKIM, `selector` is
    s=, `fields` are the names that the signature covers, in lower case, and `signed_at` is t= in Unix seconds.
    `aligned` says that the identity speaks for the author by DMARC; only `authenticate` says so.
    """

    method: str
    result: str
    identity: str = ""
    detail: str = ""
    property: str = ""
    selector: str = ""
    fields: frozenset[str] = frozenset()
    signed_at: int | None = None
    aligned: bool = False


@dataclass(frozen=True, slots=True)
class Authentication:
    """What DNS and cryptography say of the message as a whole, before any roster is asked.

    `aligned` means DMARC-aligned SPF or DKIM passes for the From domain, or a trusted sealer vouches for it: `sealer`
    is the domain of the ARC seal whose word it is, "" where SPF or DKIM speak. `undecided` means DNS trouble left a
    question open whose answer could change the outcome; `policy` is the DMARC policy that applies ("none",
    "quarantine", "reject", or "" where there is no record).
    """

    author: str
    results: tuple[AuthResult, ...]
    aligned: bool
    policy: str = ""
    undecided: bool = False
    sealer: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a message for one list. `address` is the author ("" where From is not exactly one address).

    `undecided` says that a fact could not be had (DNS, roster): such an origin is never better than `unproven`.
    `vouched` says that a member counts as one because somebody vouched for this way of sending, and not by a proof.
    `proof` is the reason in one plain sentence, `basis` the same in one word.
    """

    kind: OriginKind
    address: str
    role: Role | None = None
    first_posts_moderated: bool = False
    proof: str = ""
    undecided: bool = False
    vouched: bool = False
    basis: Basis = Basis.NOT_PROVEN
