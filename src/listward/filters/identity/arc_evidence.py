"""ARC where the message is read: its sets as plain values that keys alone can confirm. Pure, in linear time."""

import base64
import hashlib
import re
from dataclasses import dataclass, field

from dkim.canonicalization import CanonicalizationPolicy, InvalidCanonicalizationPolicyError
from dkim.util import InvalidTagValueList, parse_tag_value

from listward.filters.identity.arc import NO_CHAIN, ArcSet, Chain
from listward.filters.identity.authres_syntax import VALUE_OCTETS, Field, parse
from listward.filters.identity.canonical import canonical_field
from listward.filters.identity.domains import ascii_domain
from listward.filters.identity.signatures import Flaw, Signature
from listward.filters.identity.source import (
    DIGITS,
    FIELD_OCTETS,
    HeaderField,
    Source,
    Unreadable,
    chosen,
    header_digest,
    unsigned,
)

SETS = 20
"""How many sets are looked at. RFC 8617 section 4.2.1 allows 50; real chains have fewer than ten."""
FIELDS_SIGNED = 200
RESULTS_OCTETS = 4096
"""Longer results are not read: a set that carries them vouches for nobody. Real ones have some hundred octets."""
AHEAD_S = 36_000
"""How far a sealer's clock may be ahead of ours."""
SEAL, MESSAGE, RESULTS = b"arc-seal", b"arc-message-signature", b"arc-authentication-results"
KINDS = (SEAL, MESSAGE, RESULTS)

_ANY = re.compile(rb"\narc-(?:seal|message-signature|authentication-results):", re.IGNORECASE)
_INSTANCE = re.compile(rb"[1-9][0-9]?")
_RESULTS_INSTANCE = re.compile(rb"\s*i\s*=\s*([1-9][0-9]?)\s*;")
_COLON = re.compile(rb"\s*:\s*")
_BLANKS = re.compile(rb"\s+")
_ALGORITHMS = {b"rsa-sha256": "rsa", b"ed25519-sha256": "ed25519"}

_Tags = dict[bytes, bytes]


class BrokenChain(Exception):
    """The sets are no chain, whatever their keys say. The text says why, in our own words."""


@dataclass(slots=True)
class Kinds:
    """The fields of ARC by the number of their set; those that have tags, with them."""

    seals: dict[int, tuple[HeaderField, _Tags]] = field(default_factory=dict)
    messages: dict[int, tuple[HeaderField, _Tags]] = field(default_factory=dict)
    results: dict[int, HeaderField] = field(default_factory=dict)

    @property
    def numbers(self) -> tuple[set[int], set[int], set[int]]:
        """Which sets there are, by each kind of field."""
        return set(self.seals), set(self.messages), set(self.results)

    @property
    def ended(self) -> bool:
        """Whether the newest seal says that the chain is broken (RFC 8617 section 5.2 step 2)."""
        return self.seals[len(self.seals)][1].get(b"cv") == b"fail"


def read_chain(source: Source, now: float) -> Chain:
    """Read the sets of a message. Never raises for anything the message holds. `now` is in Unix seconds."""
    if _ANY.search(b"\n" + source.block) is None:
        return NO_CHAIN
    try:
        return Chain(_sets(source, now))
    except Unreadable:
        return Chain(flaw="the header cannot be read")
    except BrokenChain as reason:
        return Chain(flaw=str(reason))


def _sets(source: Source, now: float) -> tuple[ArcSet, ...]:
    kinds = collect_sets(source.header)
    _check_order(kinds)
    count = len(kinds.seals)
    digest, sets = hashlib.sha256(), []
    for number in range(1, count + 1):
        (seal, tags), (message, message_tags), results = (
            kinds.seals[number],
            kinds.messages[number],
            kinds.results[number],
        )
        # RFC 8617 section 5.1.1: each seal covers all sets up to its own, each as results, message signature, seal.
        digest.update(canonical_field(*results, relaxed=True) + canonical_field(*message, relaxed=True))
        sealed = digest.copy()
        sealed.update(unsigned(seal, relaxed=True))
        digest.update(canonical_field(*seal, relaxed=True))
        signature = _message(source, message, message_tags, now, newest=number == count)
        sets.append(ArcSet(_seal(tags, sealed.digest(), now), signature, _said(results)))
    return tuple(sets)


def collect_sets(header: list[HeaderField]) -> Kinds:
    """Return the sets of a header. Raises BrokenChain where they are not whole, numbered from 1 without a gap."""
    kinds, seen = Kinds(), 0
    for one in header:
        kind = one[0].lower()
        if kind in KINDS:
            seen += 1
            if seen > SETS * len(KINDS):
                raise BrokenChain("there are more sets than are looked at")
            _collect(kinds, kind, one)
    if any(numbers != set(range(1, len(kinds.seals) + 1)) for numbers in kinds.numbers):
        # RFC 8617 section 5.2 step 3.
        raise BrokenChain("a set is not whole")
    return kinds


def _collect(kinds: Kinds, kind: bytes, one: HeaderField) -> None:
    table: dict[int, tuple[HeaderField, _Tags]] = kinds.seals if kind == SEAL else kinds.messages
    if kind == RESULTS:
        number = _number_of(one)
        twice = number in kinds.results
        kinds.results[number] = one
    else:
        tags = _tags(one)
        if not _INSTANCE.fullmatch(tags.get(b"i", b"")):
            raise BrokenChain("a set has no number")
        number = int(tags[b"i"])
        twice = number in table
        table[number] = (one, tags)
    if twice:
        # RFC 8617 section 5.2 step 3: each field once in a set.
        raise BrokenChain("a set has a field twice")


def _number_of(results: HeaderField) -> int:
    number = _RESULTS_INSTANCE.match(results[1]) if len(results[1]) <= VALUE_OCTETS else None
    if number is None:
        raise BrokenChain("a set has no number")
    return int(number[1])


def _tags(one: HeaderField) -> _Tags:
    if len(one[1]) > FIELD_OCTETS:
        raise BrokenChain("a field is too large")
    try:
        tags: _Tags = parse_tag_value(one[1])
    except (InvalidTagValueList, IndexError):
        raise BrokenChain("a field is malformed") from None
    return tags


def _check_order(kinds: Kinds) -> None:
    """RFC 8617 section 5.2 steps 2 and 3: what each seal says of the sets before it."""
    if kinds.ended:
        raise BrokenChain("its last sealer found it broken")
    for number, (_, tags) in kinds.seals.items():
        if tags.get(b"cv") != (b"none" if number == 1 else b"pass"):
            raise BrokenChain("a seal says what cannot be of the sets before it")


def _seal(tags: _Tags, digest: bytes, now: float) -> Signature:
    if b"h" in tags:
        # RFC 8617 section 4.1.3: a seal has no h=.
        raise BrokenChain("a seal names fields")
    _check_common(tags, now)
    return _signature(tags, digest)


def _message(source: Source, written: HeaderField, tags: _Tags, now: float, *, newest: bool) -> Signature:
    """Of the sets before the newest, only whoever asks how far back the text is unchanged wants this signature."""
    try:
        return _message_signature(source, written, tags, now)
    except BrokenChain as reason:
        if newest:
            raise
        return Signature(refused=Flaw("fail", str(reason)))


def _message_signature(source: Source, written: HeaderField, tags: _Tags, now: float) -> Signature:
    _check_common(tags, now)
    if b"l" in tags:
        # RFC 6376 section 8.2: with l= anybody can add to the body.
        raise BrokenChain("only a part of the body is signed")
    if b"h" not in tags or b"bh" not in tags:
        raise BrokenChain("a tag is missing")
    names = [name.lower() for name in _COLON.split(tags[b"h"])]
    if SEAL in names or len(names) > FIELDS_SIGNED:
        # RFC 8617 section 4.1.2: seals are not signed here.
        raise BrokenChain("a message signature names a seal, or too many fields")
    try:
        # dkimpy and the published tests take "relaxed" where c= is missing.
        policy = CanonicalizationPolicy.from_c_value(tags.get(b"c", b"relaxed/relaxed"))
    except InvalidCanonicalizationPolicyError:
        raise BrokenChain("a field is malformed") from None
    if source.body_digest(policy.body_algorithm.name == b"relaxed") != _octets(tags[b"bh"]):
        raise BrokenChain("the message was changed after its last seal")
    relaxed = policy.header_algorithm.name == b"relaxed"
    return _signature(tags, header_digest(chosen(source.header, names), written, relaxed=relaxed), names)


def _check_common(tags: _Tags, now: float) -> None:
    """What seals and message signatures have in common."""
    if not {b"a", b"b", b"d", b"s"} <= set(tags):
        raise BrokenChain("a tag is missing")
    if tags[b"a"] not in _ALGORITHMS or tags.get(b"q", b"dns/txt") != b"dns/txt":
        # RFC 8301 section 3.1: rsa-sha1 must not be considered valid.
        raise BrokenChain("the algorithm does not count")
    if b"t" in tags and _moment(tags[b"t"]) > now + AHEAD_S:
        raise BrokenChain("a seal is dated in the future")
    if b"x" in tags and _moment(tags[b"x"]) < now:
        raise BrokenChain("a signature has expired")


def _signature(tags: _Tags, digest: bytes, names: list[bytes] | None = None) -> Signature:
    domain, selector = (ascii_domain(tags[name].decode("utf-8", "replace")) for name in (b"d", b"s"))
    if not domain or not selector:
        raise BrokenChain("d= or s= is no domain name")
    return Signature(
        domain=domain,
        selector=selector,
        algorithm=_ALGORITHMS[tags[b"a"]],
        identity=domain,
        fields=frozenset(name.decode("ascii", "replace") for name in names or ()),
        signed_at=_moment(tags[b"t"]) if b"t" in tags else None,
        digest=digest,
        value=_octets(tags[b"b"]),
    )


def _moment(value: bytes) -> int:
    if not (value.isdigit() and len(value) <= DIGITS):
        raise BrokenChain("a time is malformed")
    return int(value)


def _octets(value: bytes) -> bytes:
    try:
        found = base64.b64decode(_BLANKS.sub(b"", value), validate=True)
    except ValueError:
        found = b""
    if not found:
        raise BrokenChain("a field is malformed")
    return found


def _said(results: HeaderField) -> Field | None:
    """The results behind the number; None where they cannot be read."""
    if len(results[1]) > RESULTS_OCTETS:
        return None
    return parse(_RESULTS_INSTANCE.sub(b"", results[1], count=1))
