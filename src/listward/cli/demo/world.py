"""The sample organisation of the demo: where everything listens, and its configuration on disk."""

import base64
from dataclasses import dataclass
from pathlib import Path

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

MEMBERS = {
    "ann@members.example": "Ann Ito",
    "ben@members.example": "Ben Osei",
    "carla@members.example": "Carla Ruiz",
}
OFFICERS = {"treasurer@party.example": "Dora Lind", "chair@party.example": "Emil Vega"}
MODERATOR = "moderator@party.example"
SELECTOR = "server1"

SITE = """\
# The sample organisation of `listward demo`; written anew at each start.
[organisation]
name = "The Example Party"
domains = ["party.example"]
internal_domains = ["party.example"]
dkim_internal = ["party.example:{selector}"]
languages = ["en", "es"]

[addresses]
report = "report@party.example"
appeal = "appeal@party.example"
help = "office@party.example"

[gateway]
listen = ["127.0.0.1:{smtp}"]
hostname = "lists.party.example"

[egress]
listen = ["127.0.0.1:{egress}"]
next_hop = "smtp://127.0.0.1:{mailboxes}"

[dns]
servers = ["127.0.0.1:{dns}"]

[console]
listen = "127.0.0.1:{console}"
public_url = "http://127.0.0.1:{console}"

[metrics]
listen = "127.0.0.1:{metrics}"

[notices]
next_hop = "smtp://127.0.0.1:{mailboxes}"
from = "listward@party.example"

[[list]]
address = "members@party.example"
zone = "members"
next_hop = "smtp://127.0.0.1:{list_server}"
roster = "rosters/members.csv"

[[list]]
address = "board@party.example"
zone = "internal"
next_hop = "smtp://127.0.0.1:{list_server}"
roster = "rosters/board.csv"
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the demo listens on 127.0.0.1, all shifted by one offset."""

    offset: int = 0

    def named(self) -> dict[str, int]:
        """Return every port by name."""
        ports = {
            "smtp": 2525,
            "egress": 2526,
            "list_server": 2527,
            "mailboxes": 2528,
            "dns": 5390,
            "console": 8025,
            "metrics": 9325,
        }
        return {name: port + self.offset for name, port in ports.items()}


@dataclass(frozen=True, slots=True)
class World:
    """One demo: its folder, ports and the signing key of the organisation's own server."""

    directory: Path
    ports: Ports
    signing_key: bytes

    @property
    def zone(self) -> dict[str, str]:
        """TXT records: members write from 127.0.0.1, the organisation signs; nobody else may use these names."""
        key = serialization.load_pem_private_key(self.signing_key, None).public_key()
        encoded = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return {
            "members.example": "v=spf1 ip4:127.0.0.1 -all",
            "_dmarc.members.example": "v=DMARC1; p=none",
            "elsewhere.example": "v=spf1 ip4:127.0.0.1 -all",
            "_dmarc.elsewhere.example": "v=DMARC1; p=none",
            "party.example": "v=spf1 -all",
            "_dmarc.party.example": "v=DMARC1; p=reject",
            f"{SELECTOR}._domainkey.party.example": f"v=DKIM1; k=rsa; p={base64.b64encode(encoded).decode()}",
        }

    def sign(self, message: bytes) -> bytes:
        """Sign as the organisation's own server does, To and Cc included."""
        headers = [b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID", b"Content-Type"]
        signer = dkim.DKIM(message)
        signature = signer.sign(SELECTOR.encode(), b"party.example", self.signing_key, include_headers=headers)
        return signature + message


def build_world(directory: Path, ports: Ports) -> World:
    """Write the configuration and rosters below `directory` and make a signing key."""
    rosters = directory / "rosters"
    rosters.mkdir(parents=True, exist_ok=True)
    (directory / "site.toml").write_text(SITE.format(selector=SELECTOR, **ports.named()), encoding="utf-8")
    _write_roster(rosters / "members.csv", {**MEMBERS, **OFFICERS})
    _write_roster(rosters / "board.csv", {**OFFICERS, "ben@members.example": MEMBERS["ben@members.example"]})
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return World(directory, ports, pem)


def _write_roster(path: Path, people: dict[str, str]) -> None:
    roles = {address: "officer" if address in OFFICERS else "member" for address in people}
    lines = [f"{address},{name},{roles[address]}" for address, name in people.items()]
    path.write_text("\n".join(["address,name,role", *lines, ""]), encoding="utf-8")
