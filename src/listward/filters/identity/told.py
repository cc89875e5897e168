"""Who wrote it, and how sure are we: an origin and what proves it, in sentences for people and as values for programs.

Of the roster no more is told than role and whether first posts are read: no rulings, no reasons of a ban.
"""

from typing import Any

from listward.filters.identity.origin import Authentication, AuthResult, Origin, OriginKind, Role

MOST_RESULTS = 20
DETAIL_LETTERS = 200
METHODS = {
    "spf": "Sending server (SPF)",
    "dkim": "Signature (DKIM)",
    "dmarc": "The domain's own rule (DMARC)",
    "arc": "Seal of a server on the way (ARC)",
}
_OF_DOMAINS = ("spf", "dkim", "dmarc")  # what ARC found is of no one domain, but of how many seals pass
RESULTS = {
    "pass": "confirmed",
    "fail": "not confirmed",
    "softfail": "not confirmed",
    "hardfail": "not confirmed",
    "neutral": "says nothing",
    "none": "there is none",
    "policy": "not accepted",
    "temperror": "no answer",
    "permerror": "it is written wrongly",
}
ROLES = {
    Role.MEMBER: "On the roster of this list.",
    Role.CANDIDATE: "On the roster of this list, as a candidate.",
    Role.MODERATOR: "On the roster of this list, as a moderator.",
    Role.OFFICER: "On the roster of this list, as an officer.",
    Role.ON_LEAVE: "On the roster of this list, at present on leave.",
    Role.BANNED: "On the roster of this list, and barred from writing.",
}


def reasons(origin: Origin, authentication: Authentication) -> tuple[str, ...]:
    """Return why the origin is what it is: the proof first, then the roster, then what each method found."""
    found = [origin.proof] if origin.proof else []
    if origin.vouched:
        found.append("Somebody has vouched for this way of sending.")
    if origin.role is not None:
        found.append(ROLES[origin.role])
    elif origin.kind is OriginKind.KNOWN:
        found.append("The address is not on the roster of this list.")
    if origin.first_posts_moderated:
        found.append("A moderator reads this person's first messages.")
    return (*found, *map(_sentence, authentication.results[:MOST_RESULTS]))


def _sentence(result: AuthResult) -> str:
    """One result: "Signature (DKIM): confirmed for mail.example."""
    method, outcome = METHODS.get(result.method, result.method), RESULTS.get(result.result, result.result)
    about = f" for {result.identity}" if result.identity and result.method in _OF_DOMAINS else ""
    detail = f" ({result.detail[:DETAIL_LETTERS]})" if result.detail and result.result != "pass" else ""
    return f"{method}: {outcome}{about}{detail}."


def origin_json(origin: Origin, authentication: Authentication) -> dict[str, Any]:
    """Return the same for programs; `kind` and `address` are those that scripts rely on."""
    return {
        "kind": origin.kind.value,
        "address": origin.address,
        "basis": origin.basis.value,
        "reasons": list(reasons(origin, authentication)),
        "role": origin.role.value if origin.role is not None else "",
        "first_posts_moderated": origin.first_posts_moderated,
        "vouched": origin.vouched,
        "undecided": origin.undecided,
        "policy": authentication.policy,
        "results": [_result(result) for result in authentication.results[:MOST_RESULTS]],
    }


def _result(result: AuthResult) -> dict[str, Any]:
    return {
        "method": result.method,
        "result": result.result,
        "identity": result.identity,
        "property": result.property,
        "selector": result.selector,
        "aligned": result.aligned,
        "detail": result.detail[:DETAIL_LETTERS],
    }
