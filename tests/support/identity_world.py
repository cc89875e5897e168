"""A small world for identity: one organisation, its lists and people, transactions, keys and signed messages."""

import base64
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from listward.config.site import Site
from listward.filters.identity.authenticate import reporters
from listward.filters.identity.canonical import canonical_body
from listward.filters.identity.claims import Claims, claims_of, signatures_of
from listward.filters.identity.dmarc import aligned
from listward.filters.identity.names import NameKey, readings
from listward.filters.identity.origin import Authentication, AuthResult, Role
from listward.filters.identity.roster import SiteRosters
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message
from listward.filters.probes import RosterEntry
from listward.filters.transaction import Client, Listener, Transaction

BOARD = "board@lists.party.example"
NEWS = "news@lists.party.example"
OUTSIDE = "198.51.100.7"
INSIDE = "10.1.2.3"
ROSTER = """address,name,role,until
ana@party.example,Ana Ruiz,officer,
ben@mail.example,Ben Okoro,member,
cem@mail.example,José Álvarez,member,
dov@mail.example,Dov Levi,banned,
eve@soft.example,Eve Stone,member,
"""


def site(directory: Path | None = None, **tables: Any) -> Site:
    """The organisation party.example; `tables` replace whole tables by their TOML names."""
    plain: dict[str, Any] = {
        "organisation": {
            "name": "Example Party",
            "domains": ["party.example"],
            "internal_domains": ["office.example"],
            "internal_networks": ["10.0.0.0/8"],
            "dkim_internal": ["party.example:sel1"],
        },
        "addresses": {"appeal": "appeal@party.example", "notices": "listward@party.example"},
        "gateway": {"hostname": "mx.party.example"},
        "list": [
            {"address": BOARD, "zone": "members", "next_hop": "lmtp://127.0.0.1:8024", "roster": "board.csv"},
            {"address": NEWS, "zone": "public", "next_hop": "lmtp://127.0.0.1:8024"},
        ],
        "directory": directory or Path("/nonexistent"),
    }
    return Site.model_validate({**plain, **tables})


def rosters(directory: Path, text: str = ROSTER, **arguments: Any) -> SiteRosters:
    """The board's roster, read from a file in the folder."""
    (directory / "board.csv").write_text(text, encoding="utf-8")
    return SiteRosters(site(directory), **arguments)


class FixedRosters:
    """Rosters from values; `asked` counts look-ups of addresses."""

    def __init__(self, *entries: RosterEntry) -> None:
        self.entries = {entry.address: entry for entry in entries}
        self.asked: list[str] = []

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """The entry of the address, on every list."""
        self.asked.append(address)
        return self.entries.get(address)

    def names(self, list_address: str) -> frozenset[NameKey]:
        """The readings of every name."""
        return frozenset(key for entry in self.entries.values() for key in readings(entry.name))

    def officers(self) -> frozenset[NameKey]:
        """Those of any list are those of this one."""
        return frozenset()


def person(address: str, name: str = "", role: Role = Role.MEMBER, until: date | None = None) -> RosterEntry:
    """One entry of a roster."""
    return RosterEntry(address, name, role, until=until)


def transaction(raw: bytes, **changes: Any) -> Transaction:
    """A message that came in from outside; `address`, `helo`, `identity` and `submitted_as` describe the client."""
    client = Client(
        address=changes.pop("address", OUTSIDE),
        helo=changes.pop("helo", "out.mail.example"),
        identity=changes.pop("identity", None),
        submitted_as=changes.pop("submitted_as", ""),
    )
    plain: dict[str, Any] = {
        "id": "t1",
        "listener": Listener.INGRESS,
        "sender": "ben@mail.example",
        "recipients": (BOARD,),
        "received_at": time.time(),
    }
    return Transaction(client=client, raw=raw, **{**plain, **changes})


def message(raw: bytes) -> Message:
    """The bytes, parsed."""
    return parse_message(raw)


def claims(raw: bytes, settings: Site | None = None, now: float | None = None) -> Claims:
    """What a message claims, its signatures among it; `now` is the present where it is not given."""
    parsed = parse_message(raw)
    signatures = signatures_of(parsed, time.time() if now is None else now)
    return claims_of(parsed, reporters(settings or site()), signatures)


def proven(author: str, *results: AuthResult, policy: str = "none") -> Authentication:
    """An authentication whose author is proven, by SPF where no results are given."""
    domain = author.rpartition("@")[2]
    found = results or (AuthResult("spf", "pass", domain, property="smtp.mailfrom"),)
    marked = (replace(item, aligned=aligned(domain, item.identity, strict=False)) for item in found)
    return Authentication(author, tuple(marked), aligned=True, policy=policy)


def unproven(author: str, policy: str = "none", *, undecided: bool = False) -> Authentication:
    """An authentication that proves nothing."""
    return Authentication(author, (AuthResult("spf", "fail"),), aligned=False, policy=policy, undecided=undecided)


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A test key, made once for each size."""
    return rsa.generate_private_key(65537, bits)


@cache
def edwards_key() -> Ed25519PrivateKey:
    """A test key, made once."""
    return Ed25519PrivateKey.generate()


def rsa_record(bits: int = 2048, tags: str = "v=DKIM1; k=rsa; ") -> str:
    """The key record of the RSA test key, with these tags in front of p=."""
    public = rsa_key(bits).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"{tags}p={base64.b64encode(der).decode()}"


def edwards_record() -> str:
    """The key record of the Ed25519 test key."""
    raw = edwards_key().public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"


def signed(
    raw: bytes,
    domain: str = "mail.example",
    selector: str = "sel",
    *,
    fields: str = "from:to:subject:date:message-id",
    tags: Mapping[str, str] | None = None,
    bits: int = 2048,
) -> bytes:
    """Put a DKIM signature in front, with whatever tags: also such as no honest signer writes.

    `tags` replace or add to v, a, c, d, s, h, bh; a tag with the value "" is left out.
    """
    header, _, body = raw.partition(b"\r\n\r\n")
    given = dict(tags or {})
    sha1 = given.get("a") == "rsa-sha1"
    digest = hashes.Hash(hashes.SHA1() if sha1 else hashes.SHA256())
    length = int(given["l"]) if given.get("l") else None
    digest.update(b"".join(canonical_body(body, relaxed=True))[:length])
    plain = {"v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": domain, "s": selector, "h": fields}
    plain["bh"] = base64.b64encode(digest.finalize()).decode()
    value = "; ".join(f"{name}={text}" for name, text in {**plain, **given}.items() if text) + "; b="
    canonical = _canonical_fields(header, given.get("h", fields)) + b"dkim-signature:" + value.encode()
    signature = _signature(canonical, {**plain, **given}["a"], bits)
    return f"DKIM-Signature: {value}{base64.b64encode(signature).decode()}\r\n".encode() + raw


def _canonical_fields(header: bytes, names: str) -> bytes:
    """The named fields from the bottom up, relaxed (RFC 6376 sections 3.4.2 and 5.4.2)."""
    unfolded = [line for line in header.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n") if line]
    left = [(line.partition(b":")[0].strip().lower(), b" ".join(line.partition(b":")[2].split())) for line in unfolded]
    chosen = b""
    for name in names.lower().split(":"):
        found = next((at for at in reversed(range(len(left))) if left[at][0] == name.strip().encode()), None)
        if found is not None:
            field, value = left.pop(found)
            chosen += field + b":" + value + b"\r\n"
    return chosen


def _signature(octets: bytes, algorithm: str, bits: int) -> bytes:
    if algorithm.startswith("ed25519"):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(octets)
        return edwards_key().sign(digest.finalize())
    chosen = hashes.SHA1() if algorithm == "rsa-sha1" else hashes.SHA256()
    return rsa_key(bits).sign(octets, padding.PKCS1v15(), chosen)
