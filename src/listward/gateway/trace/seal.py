"""One ARC set for a message on its way out (RFC 8617 section 5.1), after everything that changes it."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from listward.filters.identity.arc import sets_counted
from listward.filters.identity.arc_evidence import SETS, BrokenChain, Kinds, collect_sets
from listward.filters.identity.authres_syntax import Reported, parse
from listward.filters.identity.canonical import canonical_field
from listward.filters.identity.source import HeaderField, Unreadable, chosen, read_header
from listward.wire import headers

_TWICE = ("from", "reply-to", "subject", "date", "message-id", "content-type", "x-listward-id")
"""Signed once more than they are there, so that none can be added (RFC 6376 section 5.4.2)."""
_ONCE = (
    "sender",
    "to",
    "cc",
    "in-reply-to",
    "references",
    "mime-version",
    "content-transfer-encoding",
    "list-id",
    "list-post",
    "list-help",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-subscribe",
    "list-owner",
    "list-archive",
    "archived-at",
    "dkim-signature",
)
_MOST_NAMES = 100
_CHUNK = 64  # of a signature, so that its lines stay short
_MOST_MADE = 32
SAME_S = 300
"""How long the same message gets the same set."""
_Fields = list[HeaderField]


class Unsealed(Exception):
    """The message has to leave without a seal of ours; the text says why, in one word."""


class Sealer:
    """Seals with one key. `authserv_id` names us in a set that has no results to tell.

    A list server may hand in one post again and again, for each subscriber by herself: what is the same within some
    minutes gets the same set, for signing takes most of the time.
    """

    def __init__(self, domain: str, selector: str, authserv_id: str, key: rsa.RSAPrivateKey) -> None:
        self.domain, self.selector, self.authserv_id, self.key = domain, selector, authserv_id, key
        self._made: dict[bytes, _Made] = {}

    def seal(self, header: bytes, body_digest: bytes, results: str, at: float) -> bytes:
        """Return the fields to put in front of a header: seal, message signature and results.

        `body_digest` is that of the relaxed body (`canonical.relaxed_digest`). `results` is what our ingress found
        when this message came in, "" where that is not known for sure. `at` is Unix seconds. Raises Unsealed.
        """
        work = self._work(header, body_digest, results)
        known = self._made.get(work.digest)
        if known is not None and 0 <= at - known.at < SAME_S:
            return known.fields
        fields = self._sealed(work, int(at))
        if len(self._made) >= _MOST_MADE:
            self._made.clear()
        self._made[work.digest] = _Made(at, fields)
        return fields

    def _work(self, header: bytes, body_digest: bytes, results: str) -> "_Work":
        try:
            fields = read_header(header.removesuffix(b"\r\n"))
            before = collect_sets(fields)
        except Unreadable:
            raise Unsealed("header") from None
        except BrokenChain:
            raise Unsealed("broken") from None
        state = _state(before, results)
        names, number = _names(fields), len(before.seals) + 1
        said = headers.field("ARC-Authentication-Results", f"i={number}; {results or f'{self.authserv_id}; none'}")
        signed = [canonical_field(*one, relaxed=True) for one in chosen(fields, names)]
        # RFC 8617 section 5.1.2: a chain that is broken is not vouched for; only our own set is sealed.
        scope = [] if state == "fail" else _sealed_before(before)
        return _Work(number, state, b":".join(names).decode(), body_digest, said, b"".join(signed), b"".join(scope))

    def _sealed(self, work: "_Work", moment: int) -> bytes:
        tags = f"i={work.number}; a=rsa-sha256; d={self.domain}; s={self.selector}; t={moment}; "
        listed = work.names.replace(":", ": ")
        text = f"{tags}c=relaxed/relaxed; h={listed}; bh={base64.b64encode(work.body_digest).decode()}; b="
        message = self._signed("ARC-Message-Signature", text, work.signed)
        scope = work.scope + _canonical(work.said) + _canonical(message)
        return self._signed("ARC-Seal", f"{tags}cv={work.state}; b=", scope) + message + work.said

    def _signed(self, name: str, tags: str, before: bytes) -> bytes:
        """A signature field over what stands before it and itself; its value is added last (RFC 6376 section 3.7)."""
        octets = before + f"{name.lower()}:{tags}".encode()
        value = base64.b64encode(self.key.sign(octets, padding.PKCS1v15(), hashes.SHA256())).decode()
        chunks = (value[start : start + _CHUNK] for start in range(0, len(value), _CHUNK))
        return headers.field(name, tags + " ".join(chunks))


@dataclass(frozen=True, slots=True)
class _Made:
    """A set, and when it was made."""

    at: float
    fields: bytes


@dataclass(frozen=True, slots=True)
class _Work:
    """All that a set is made from: `signed` are the fields under the message signature, `scope` the earlier sets."""

    number: int
    state: str
    names: str
    body_digest: bytes
    said: bytes
    signed: bytes
    scope: bytes

    @property
    def digest(self) -> bytes:
        """The same for the same work alone."""
        parts = (f"{self.number} {self.state} {self.names}".encode(), self.said, self.signed, self.scope)
        whole = hashlib.sha256(self.body_digest)
        for part in parts:
            whole.update(hashlib.sha256(part).digest())
        return whole.digest()


def _state(before: Kinds, results: str) -> str:
    """The cv= of our seal: the chain as our ingress found it, before the list server changed the message."""
    count = len(before.seals)
    if not count:
        return "none"
    found = _arc_result(results)
    if count >= SETS or before.ended:
        # Section 5.1 step 2: a chain that has ended is not extended.
        raise Unsealed("ended")
    if found is not None and found.result == "fail":
        return "fail"
    if found is None or found.result != "pass":
        raise Unsealed("unknown")
    if sets_counted(found.property("reason")) != count:
        raise Unsealed("changed")
    return "pass"


def _arc_result(results: str) -> Reported | None:
    said = parse(results.encode())
    found = [result for result in said.results if result.method == "arc"] if said is not None else []
    return found[0] if len(found) == 1 else None


def _names(fields: _Fields) -> list[bytes]:
    """The h= of the message signature: every one that is there, from the bottom up."""
    present = [name.lower() for name, _ in fields]
    names = [name for text in _ONCE for name in [text.encode()] * present.count(text.encode())]
    names += [name for text in _TWICE for name in [text.encode()] * (present.count(text.encode()) + 1)]
    if len(names) > _MOST_NAMES:
        raise Unsealed("header")
    return names


def _canonical(emitted: bytes) -> bytes:
    name, _, value = emitted.partition(b":")
    return canonical_field(name, value, relaxed=True)


def _sealed_before(before: Kinds) -> list[bytes]:
    """Section 5.1.1: the sets from the oldest, each as results, message signature, seal."""
    return [
        canonical_field(*one, relaxed=True)
        for number in sorted(before.seals)
        for one in (before.results[number], before.messages[number][0], before.seals[number][0])
    ]
