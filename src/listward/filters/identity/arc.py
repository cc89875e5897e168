"""ARC (RFC 8617): what the sets of a message say, as plain values, and whether their keys confirm them.

Where the message is read, `arc_evidence` makes these values; here no octet of the message is needed any more.
"""

import asyncio
from dataclasses import dataclass

from listward.filters.identity.authres_syntax import Field
from listward.filters.identity.keys import KeyRecord, UnusableKey, read_key
from listward.filters.identity.origin import AuthResult
from listward.filters.identity.signatures import Signature, verify
from listward.filters.probes import ProbeUnavailable, Resolver


@dataclass(frozen=True, slots=True)
class ArcSet:
    """One set: its seal, its message signature, and the results it carries, None where these cannot be read."""

    seal: Signature
    message: Signature
    results: Field | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The sets of a message, the oldest first. `flaw` says why they are no chain, whatever their keys say."""

    sets: tuple[ArcSet, ...] = ()
    flaw: str = ""

    @property
    def present(self) -> bool:
        """Whether the message has any field of ARC."""
        return bool(self.sets or self.flaw)

    @property
    def key_names(self) -> frozenset[str]:
        """The names of the keys that have to confirm the chain."""
        needed = (*(each.seal for each in self.sets), *(each.message for each in self.sets[-1:]))
        return frozenset(signature.key_name for signature in needed)


NO_CHAIN = Chain()
NONE = AuthResult("arc", "none")
_Key = KeyRecord | UnusableKey | ProbeUnavailable


async def check_chain(chain: Chain, resolver: Resolver) -> AuthResult:
    """Return the chain's state (RFC 8617 section 5.2); "temperror" where DNS left it open. Never raises.

    For a pass the identity is the number of the oldest set whose message signature still holds, "0" for all of them
    (section 5.2 step 4), and the detail is the number of sets.
    """
    if not chain.present:
        return NONE
    if chain.flaw:
        return AuthResult("arc", "fail", detail=chain.flaw)
    names = tuple(chain.key_names)
    keys = dict(zip(names, await asyncio.gather(*(_key(name, resolver) for name in names)), strict=True))
    # Section 5.2 steps 4 and 6: the newest message signature, then every seal.
    needed = [("the newest message signature", chain.sets[-1].message)]
    needed += [(f"seal {number}", each.seal) for number, each in enumerate(chain.sets, 1)]
    found = [(what, _confirmed(signature, keys)) for what, signature in needed]
    failed = [(what, result) for what, result in found if result.result != "pass"]
    if not failed:
        return AuthResult("arc", "pass", str(_oldest_pass(chain, keys)), _count(chain), "header.oldest-pass")
    definite = next((one for one in failed if one[1].result != "temperror"), None)
    what, result = definite or failed[0]
    return AuthResult("arc", "fail" if definite else "temperror", detail=f"{what}: {result.detail}")


def _count(chain: Chain) -> str:
    return f"i={len(chain.sets)}"


def sets_counted(detail: str) -> int:
    """Return how many sets a pass speaks of, by its detail; 0 where it does not say."""
    number = detail.removeprefix("i=")
    return int(number) if detail.startswith("i=") and number.isascii() and number.isdigit() and len(number) < 4 else 0


async def _key(name: str, resolver: Resolver) -> _Key:
    try:
        return read_key(await resolver.query(name, "TXT"))
    except (ProbeUnavailable, UnusableKey) as trouble:
        return trouble


def _confirmed(signature: Signature, keys: dict[str, _Key]) -> AuthResult:
    if signature.refused is not None:
        return signature.result(signature.refused.result, signature.refused.detail)
    key = keys.get(signature.key_name)
    if isinstance(key, KeyRecord):
        return verify(signature, key)
    if isinstance(key, UnusableKey):
        return signature.result("permerror", str(key))
    return signature.result("temperror", "the key cannot be fetched now")


def _oldest_pass(chain: Chain, keys: dict[str, _Key]) -> int:
    """Section 5.2 step 5, as far as the keys at hand go: for what is only a remark no further question is asked."""
    for number in range(len(chain.sets) - 1, 0, -1):
        if _confirmed(chain.sets[number - 1].message, keys).result != "pass":
            return number + 1
    return 0
