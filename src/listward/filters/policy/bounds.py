"""What the machine may do to whom. No policy.toml can lift these bounds, but for the one opt-in named here."""

from listward.config.catalogue import FINDINGS
from listward.config.conditions import Conditions
from listward.config.policy import Rule
from listward.filters.identity.origin import Origin, OriginKind
from listward.filters.judgement import Action, Mode
from listward.filters.policy.situation import FAILURE, HARMFUL, Situation
from listward.filters.routing.kinds import Kind

# Facts about a message; every other category is about what its text says.
FACTS = frozenset({"routing", "malware", "malformed", "ambiguity", "loop", "size", "flood", FAILURE})
# What the facts among the findings are called, wherever the message at hand does not show it.
_FACT_NAMES = frozenset(name for category in FACTS for name in FINDINGS.get(category, ()))
# Conditions on what a text says. A field of the header may be one too: the subject, to begin with.
WORDY = frozenset({"score", "phrases", "subject", "text", "header"})
# Conditions on who wrote it, of which nothing may be held against a complaint: a ban, to begin with.
WHO = frozenset({"role", "group", "author", "first_posts"})
# To put a message off until its sender's server gives up is a refusal, five days late.
_REFUSALS = frozenset({Action.REJECT, Action.DEFER})
OURS = frozenset({OriginKind.MEMBER, OriginKind.INTERNAL})


def bounded(rule: Rule, mode: Mode, situation: Situation) -> tuple[Action | None, str]:
    """Return the action a fired rule may take, None for no action, and why it is less than the rule asked."""
    action = Action(rule.action)
    if mode in {Mode.SHADOW, Mode.OFF}:
        return None, "it only watches"
    if mode is Mode.HOLD and action is not Action.ACCEPT:
        action = Action.HOLD
    action, why = _for_author(rule, action, situation)
    taken, and_why = _for_address(rule, action, situation)
    return taken, "; ".join(filter(None, (why, and_why)))


def about_text(rule: Rule, situation: Situation) -> bool:
    """Whether a rule judges what a text says, rather than a fact about the message."""
    if rule.stage == "content" or is_wordy(rule):
        return True
    when, found = rule.when, situation.findings
    named = [[each for each in found if each.rule in when.finding]] if when.finding else []
    named += [[each for each in found if each.category in when.category]] if when.category else []
    factual = all(any(each.category in FACTS for each in one) for one in named)  # a fact beside a text suffices
    return not factual or not _excepts_facts_alone(rule)


def is_wordy(rule: Rule) -> bool:
    """Whether a rule asks for words, or how words score, or excepts those who use some."""
    return any(not WORDY.isdisjoint(when.given) or _counts_links(when) for when in _conditions(rule))


def asks_who(rule: Rule) -> bool:
    """Whether a rule hangs on the roster's word of a person, or on whose address it is."""
    return any(not WHO.isdisjoint(when.given) for when in _conditions(rule))


def _conditions(rule: Rule) -> tuple[Conditions, ...]:
    return (rule.when,) if rule.unless is None else (rule.when, rule.unless)


def _counts_links(when: Conditions) -> bool:
    """Links are part of what a text says."""
    return when.count is not None and when.count.name == "links"


def _excepts_facts_alone(rule: Rule) -> bool:
    """Whether what is excepted are facts. Whoever is refused for what is not found was judged by it all the same."""
    unless = rule.unless or Conditions()
    return FACTS.issuperset(unless.category) and _FACT_NAMES.issuperset(unless.finding)


def opted_in(rule: Rule, origin: Origin) -> bool:
    """Whether the committee wrote down, by mode and by origin, that this rule may refuse this kind of author."""
    return rule.mode == "enforce" and "mode" in rule.model_fields_set and origin.kind.value in rule.when.origin


def _for_author(rule: Rule, action: Action, situation: Situation) -> tuple[Action, str]:
    origin = situation.origin
    if action is Action.DISCARD and origin.kind.authenticated:
        return Action.HOLD, "a known author's message is never dropped by machine"
    refused = action in _REFUSALS and origin.kind in OURS and about_text(rule, situation)
    if refused and not opted_in(rule, origin):
        return Action.HOLD, "a member is never refused by machine for what a text says"
    return action, ""


def _for_address(rule: Rule, action: Action, situation: Situation) -> tuple[Action | None, str]:
    """Mail to control addresses is never held or dropped; ours is never held, since it has no list to be held for."""
    if action not in {Action.HOLD, Action.DISCARD}:
        return action, ""
    if situation.limited:
        return None, "mail to control addresses is never held"
    if situation.target.kind is Kind.OWN:
        harmful = any(finding.rule in rule.when.finding and finding.rule in HARMFUL for finding in situation.findings)
        return (Action.REJECT, "nothing is held here") if harmful else (None, "complaints and appeals always arrive")
    return action, ""
