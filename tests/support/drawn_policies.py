"""Policies and situations drawn at random, of everything that a policy.toml may say."""

from typing import Any

from hypothesis import strategies as st
from policy_bench import finding, make_policy, make_site, origin, target

from listward.config.policy import STAGES, Policy
from listward.config.policy_checks import check_policy
from listward.filters.findings import Finding, Scores
from listward.filters.identity.origin import Basis, OriginKind, Role
from listward.filters.policy.situation import Measures, Situation
from listward.filters.routing.kinds import Kind, Zone

CLAUSES = [
    {"number": "7.1", "title": "Files", "text": "No files."},
    {"number": "4.1", "title": "Opinions", "text": "Be loyal.", "judgement": True},
]
LISTS = {
    "approved": {
        "entries": ["some words"],
        "approved_by": "The committee",
        "approved_on": "2026-01-01",
        "expires": "2099-01-01",
    },
    "unapproved": {"entries": ["other words"]},
}
SITE = make_site(group=[{"name": "moderators", "members": ["ana@party.example"]}])
# What the texts of messages may be found to hold, and what is a fact about them.
TEXTUAL = (
    finding("personal-appeal", "solicitation"),
    finding("internal-looking", "internal"),
    finding("phrases-approved", "phrase"),
    finding("phrases-unapproved", "phrase"),
    finding(make_policy({"when": {"text": ["rent"]}}).rules[0].when.in_text[0].name, "pattern"),
    finding(make_policy({"when": {"subject": ["rent"]}}).rules[0].when.in_subject[0].name, "pattern"),
    finding(make_policy({"when": {"header": [{"name": "X-Mailer"}]}}).rules[0].when.in_header[0].name, "pattern"),
)
FACTUAL = (
    finding("mail-loop", "loop"),
    finding("executable-attachment", "malware"),
    finding("hidden-field", "ambiguity"),
    finding("internal-outside-address", "routing"),
    finding("filter-failed", "failure"),
    finding("account-frozen", "account"),
)
_NAMES = [each.rule for each in (*TEXTUAL, *FACTUAL)]
_CATEGORIES = sorted({each.category for each in (*TEXTUAL, *FACTUAL)})


def _some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


_ASKED: dict[str, st.SearchStrategy[Any]] = {
    "finding": _some(_NAMES),
    "category": _some(_CATEGORIES),
    "phrases": _some(sorted(LISTS)),
    "subject": st.just(["rent"]),
    "text": st.just(["rent"]),
    "header": st.just([{"name": "X-Mailer"}]),
    "origin": _some([kind.value for kind in OriginKind]),
    "author": _some(["ana@party.example", "@party.example", "@out.example"]),
    "group": st.just(["moderators"]),
    "role": _some([role.value for role in Role]),
    "zone": _some(["internal", "members", "public", "external"]),
    "list": _some(["members", "board@party.example"]),
    "score": st.fixed_dictionaries(
        {"name": st.sampled_from(["spam", "internal"]), "at_least": st.sampled_from([0, 0.5])}
    ),
    "size": st.sampled_from([{"at_least": 10}, {"at_most": 9}]),
    "count": st.fixed_dictionaries(
        {"name": st.sampled_from(["recipients", "attachments", "links", "posts-today"]), "at_least": st.integers(0, 2)}
    ),
    "first_posts": st.booleans(),
}


ACTIONS = ("accept", "discard", "hold", "defer", "reject")


def conditions(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Up to three conditions of those names."""
    chosen = st.lists(st.sampled_from(names), max_size=3, unique=True)
    return chosen.flatmap(lambda asked: st.fixed_dictionaries({name: _ASKED[name] for name in asked}))


def rules(
    stages: tuple[str, ...] = STAGES, actions: tuple[str, ...] = ACTIONS, names: tuple[str, ...] = tuple(_ASKED)
) -> st.SearchStrategy[dict[str, Any]]:
    """Rules as policy.toml writes them."""
    return st.fixed_dictionaries(
        {"stage": st.sampled_from(stages), "action": st.sampled_from(actions), "when": conditions(names)},
        optional={
            "unless": conditions(names),
            "mode": st.sampled_from(["enforce", "enforce", "hold", "shadow", "off"]),
            "clause": st.sampled_from(["7.1", "4.1"]),
            "reply": st.sampled_from(["policy", "barred", "malformed", "loop"]),
            **{f"without_{what}": st.sampled_from(["defer", "hold", "skip"]) for what in ("dns", "roster", "store")},
        },
    )


def policies(most: int = 6, drawn: st.SearchStrategy[dict[str, Any]] | None = None) -> st.SearchStrategy[Policy]:
    """Policies that `config check` accepts: what it points at is left out."""
    some = st.lists(rules() if drawn is None else drawn, min_size=1, max_size=most)
    return some.map(_accepted).filter(lambda policy: policy is not None)


def _accepted(drawn: list[dict[str, Any]]) -> Any:
    policy = make_policy(*drawn, clause=CLAUSES, phrases=LISTS)
    faulty = {key[1] for where, key, _ in check_policy(policy, SITE) if where == "policy"}
    kept = tuple(rule for at, rule in enumerate(policy.rules) if at not in faulty)
    return policy.model_copy(update={"rules": kept}) if kept else None


_TARGETS = st.builds(
    lambda kind, zone: target(kind, Zone.MEMBERS if kind is not Kind.POST else zone),
    st.sampled_from(list(Kind)),
    st.sampled_from(list(Zone)),
)
_ORIGINS = st.builds(
    lambda kind, role, first, undecided, basis, address: origin(
        kind,
        role=role if kind.authenticated else None,
        first_posts_moderated=first and kind.authenticated,
        undecided=undecided and not kind.authenticated,
        basis=basis,
        address=address,
    ),
    st.sampled_from(list(OriginKind)),
    st.sampled_from([None, *Role]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([Basis.NO_DNS, Basis.NO_ROSTER]),
    st.sampled_from(["ana@party.example", "x@out.example"]),
)
MEASURES = st.builds(
    Measures,
    size=st.sampled_from([9, 10]),
    recipients=st.integers(0, 2),
    attachments=st.integers(0, 2),
    links=st.integers(0, 2),
    posts_today=st.sampled_from([None, 0, 2]),
)
FOUND: st.SearchStrategy[tuple[Finding, ...]] = st.lists(st.sampled_from((*TEXTUAL, *FACTUAL)), unique=True).map(tuple)
SCORES = st.builds(Scores, spam=st.sampled_from([0.0, 0.5, 1.0]), internal=st.sampled_from([0.0, 0.9]))
SITUATIONS = st.builds(
    Situation,
    target=_TARGETS,
    origin=_ORIGINS,
    findings=FOUND,
    scores=SCORES,
    attempt=st.integers(1, 4),
    measures=MEASURES,
    groups=st.sampled_from([frozenset(), frozenset({"moderators"})]),
    ended=st.sampled_from([frozenset(), frozenset({"approved"})]),
)
