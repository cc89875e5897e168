"""Messages sealed by others (RFC 8617), honestly or not, written without the code under test."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import dkim
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from identity_world import rsa_key, rsa_record

SELECTOR = "arc"
FIELDS = "from:to:subject:date:message-id"
_KINDS = ("arc-authentication-results", "arc-message-signature", "arc-seal")


def said(author: str = "mail.example", dmarc: str = "pass", server: str = "mx.relay.example") -> str:
    """Results as a server writes them about an author's domain."""
    return f"{server}; spf=pass smtp.mailfrom=bounce.example; dmarc={dmarc} header.from={author}"


def sealed(
    raw: bytes,
    domain: str = "relay.example",
    results: str = "",
    *,
    number: int | None = None,
    seal: Mapping[str, str] | None = None,
    message: Mapping[str, str] | None = None,
    fields: str = FIELDS,
    bits: int = 2048,
) -> bytes:
    """Put one more ARC set in front. `seal` and `message` replace or add tags of these fields; "" leaves one out."""
    count = number or raw.lower().count(b"\r\narc-seal:") + raw.lower().startswith(b"arc-seal:") + 1
    header, _, body = raw.partition(b"\r\n\r\n")
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", header).split(b"\r\n")
    results_line = f"ARC-Authentication-Results: i={count}; {results or said()}"
    common = {"i": str(count), "a": "rsa-sha256", "d": domain, "s": SELECTOR}
    digest = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()
    tags = {**common, "c": "relaxed/relaxed", "h": fields, "bh": digest, **(message or {})}
    message_line = _signed("ARC-Message-Signature", tags, _chosen(unfolded, tags["h"]), bits)
    before = sorted((_place(line), _relaxed(line)) for line in unfolded if _name(line) in _KINDS)
    scope = [text for _, text in before] + [_relaxed(line.encode()) for line in (results_line, message_line)]
    tags = {**common, "cv": "none" if count == 1 else "pass", **(seal or {})}
    seal_line = _signed("ARC-Seal", tags, scope, bits)
    return "\r\n".join([seal_line, message_line, results_line, ""]).encode() + raw


def keys(*domains: str, bits: int = 2048, tags: str = "v=DKIM1; k=rsa; ") -> dict[str, Any]:
    """A zone with the key of each sealer."""
    return {f"{SELECTOR}._domainkey.{domain}": {"TXT": [rsa_record(bits, tags)]} for domain in domains}


def by_dkimpy(raw: bytes, zone: Mapping[str, Any]) -> tuple[str, str]:
    """What dkimpy says of the chain, and why."""

    def lookup(name: bytes, timeout: int = 5) -> bytes | None:
        del timeout
        found = zone.get(name.decode().rstrip("."))
        return found["TXT"][0].encode() if found else None

    state, _, reason = dkim.arc_verify(raw, dnsfunc=lookup)
    return (state or b"fail").decode(), reason


def _signed(name: str, tags: Mapping[str, str], scope: list[bytes], bits: int) -> str:
    text = "; ".join(f"{tag}={value}" for tag, value in tags.items() if value) + "; b="
    octets = b"\r\n".join([*scope, f"{name.lower()}:{text}".encode()])
    value = rsa_key(bits).sign(octets, padding.PKCS1v15(), hashes.SHA256())
    return f"{name}: {text}{base64.b64encode(value).decode()}"


def _name(line: bytes) -> str:
    return line.partition(b":")[0].strip().lower().decode("latin-1")


def _place(line: bytes) -> tuple[int, int]:
    number = re.search(rb"[\s;:]i\s*=\s*(\d+)", line)
    assert number is not None
    return int(number[1]), _KINDS.index(_name(line))


def _relaxed(line: bytes) -> bytes:
    name, _, value = line.partition(b":")
    return name.strip().lower() + b":" + b" ".join(value.split())


def _chosen(lines: list[bytes], names: str) -> list[bytes]:
    left, found = list(lines), []
    for name in names.split(":"):
        at = next((at for at in reversed(range(len(left))) if _name(left[at]) == name.strip().lower()), None)
        if at is not None:
            found.append(_relaxed(left.pop(at)))
    return found


def _relaxed_body(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
