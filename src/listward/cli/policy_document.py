"""The rules as people read them, from the heading to the version: the same for a terminal and for a browser."""

from dataclasses import dataclass

from listward.config.approval import SHOWN, approval_of
from listward.config.policy import Policy, Rule
from listward.config.site import Site
from listward.config.vocabulary import Vocabulary
from listward.filters.identity.origin import Origin, OriginKind
from listward.filters.policy.bounds import is_wordy, opted_in
from listward.filters.policy.edition import members_edition
from listward.filters.policy.prose import StageText, clause_text, policy_text


@dataclass(frozen=True, slots=True)
class Document:
    """What is read, in this order. `observing` is "" where rules are in force, `questions` where nobody is named."""

    title: str
    intro: str
    observing: str
    order: str
    bounds_title: str
    bounds: tuple[str, ...]
    stages: tuple[StageText, ...]
    clauses_title: str
    clauses: tuple[str, ...]
    appeal: str
    questions: str
    approval: str
    version: str


def document(policy: Policy, site: Site, words: Vocabulary, *, public: bool) -> Document:
    """Return the rules to read. The members' edition (`public`) adds every clause that members are asked to keep."""

    return Document(
        title=words.say("page", "public_title" if public else "title", name=site.organisation.name),
        intro=words.say("page", "intro"),
        observing=words.say("page", "observing") if site.policy.mode == "observe" else "",
        order=words.say("page", "order"),
        bounds_title=words.say("page", "bounds"),
        bounds=tuple(words.say("page", name) for name in _bounds(policy)),
        stages=members_edition(policy, site, words) if public else policy_text(policy, words),
        clauses_title=words.say("page", "clauses"),
        clauses=tuple(clause_text(clause, words) for clause in policy.clauses_in(words.language)) if public else (),
        appeal=words.say("page", "appeal"),
        questions=words.say("page", "questions", help=site.addresses.help) if site.addresses.help else "",
        approval=approval_of(policy, site.policy).sentence(words),
        version=words.say("page", "version", digest=policy.digest[:SHOWN]),
    )


def _bounds(policy: Policy) -> tuple[str, ...]:
    """The names of the bounds; the first one is another where the committee has let rules on texts refuse members."""
    first = "bounds_1_but" if any(_refuses_members(rule) for rule in policy.rules) else "bounds_1"
    return (first, "bounds_2", "bounds_3", "bounds_4", "bounds_5")


def _refuses_members(rule: Rule) -> bool:
    ours = (Origin(kind, "") for kind in (OriginKind.MEMBER, OriginKind.INTERNAL))
    refuses = rule.action in {"reject", "defer"} and (rule.stage == "content" or is_wordy(rule))
    return refuses and any(opted_in(rule, origin) for origin in ours)
