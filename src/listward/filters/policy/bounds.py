"""What the machine may do to whom. No policy.toml can lift these bounds, but for the one opt-in named here."""

from listward.config.policy import Rule
from listward.filters.identity.origin import Origin, OriginKind
from listward.filters.judgement import Action, Mode
from listward.filters.policy.situation import FAILURE, HARMFUL, Situation
from listward.filters.routing.kinds import Kind

# Facts about a message; every other category is about what its text says.
FACTS = frozenset({"routing", "malware", "malformed", "ambiguity", "loop", "size", "flood", FAILURE})
# Conditions on what a text says. A field of the header may be one too: the subject, to begin with.
WORDY = frozenset({"score", "phrases", "subject", "text", "header"})
OURS = frozenset({OriginKind.MEMBER, OriginKind.INTERNAL})


def bounded(rule: Rule, mode: Mode, situation: Situation) -> tuple[Action | None, str]:
    """Return the action a fired rule may take, None for no action, and why it is less than the rule asked."""
    action = Action(rule.action)
    if mode in {Mode.SHADOW, Mode.OFF}:
        return None, "it only watches"
    if mode is Mode.HOLD and action is not Action.ACCEPT:
        action = Action.HOLD
    action, why = _for_author(rule, action, situation)
    return (action, why) if why else _for_address(rule, action, situation)


def about_text(rule: Rule, situation: Situation) -> bool:
    """Whether a rule judges what a text says, rather than a fact about the message."""
    if rule.stage == "content" or is_wordy(rule):
        return True
    named = [f for f in situation.findings if f.rule in rule.when.finding or f.category in rule.when.category]
    return any(finding.category not in FACTS for finding in named)


def is_wordy(rule: Rule) -> bool:
    """Whether a rule asks for words, or how words score."""
    return not WORDY.isdisjoint(rule.when.given)


def opted_in(rule: Rule, origin: Origin) -> bool:
    """Whether the committee wrote down, by mode and by origin, that this rule may refuse this kind of author."""
    return rule.mode == "enforce" and "mode" in rule.model_fields_set and origin.kind.value in rule.when.origin


def _for_author(rule: Rule, action: Action, situation: Situation) -> tuple[Action, str]:
    origin = situation.origin
    if action is Action.DISCARD and origin.kind.authenticated:
        return Action.HOLD, "a known author's message is never dropped by machine"
    if action is Action.REJECT and origin.kind in OURS and about_text(rule, situation) and not opted_in(rule, origin):
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
