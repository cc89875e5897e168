"""The verdict on one message: per recipient, then settled to one action, with everything needed to explain it."""

from dataclasses import dataclass
from enum import StrEnum

from listward.filters.findings import Finding, Scores
from listward.filters.identity.origin import Authentication, Origin
from listward.filters.identity.standing import Path
from listward.filters.routing.kinds import Target


class Action(StrEnum):
    """What happens to a message for one recipient."""

    ACCEPT = "accept"
    DISCARD = "discard"
    HOLD = "hold"
    DEFER = "defer"
    REJECT = "reject"

    @property
    def strength(self) -> int:
        """Order of strength: reject > defer > hold > discard > accept."""
        return _STRENGTH[self]


_STRENGTH = {action: strength for strength, action in enumerate(Action)}


class Mode(StrEnum):
    """How much of a rule is in force."""

    OFF = "off"
    SHADOW = "shadow"
    HOLD = "hold"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One rule tried for one recipient. `observed` says in words what it saw and why it did or did not fire.

    `action` is what the rule asked for after its mode; None where it did not fire, is in shadow, or came after another
    rule of its stage. `undecided` means a fact could not be established. `reply` names the model of the SMTP reply.
    `would` is what a rule that only watches would have done here, None for all others. `copy_to` gets a copy.
    """

    rule: str
    stage: str
    mode: Mode
    fired: bool
    observed: str
    action: Action | None = None
    queue: str = ""
    clause: str = ""
    words: str = ""
    undecided: bool = False
    reply: str = "policy"
    would: Action | None = None
    copy_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """The SMTP reply a verdict asks for; in `text` (ASCII) the gateway fills `{case}` and `{id}`."""

    code: int
    enhanced: str
    text: str


@dataclass(frozen=True, slots=True)
class RecipientVerdict:
    """The verdict for one recipient. `queues` are those that must approve when the action is hold, in order."""

    target: Target
    origin: Origin
    action: Action
    queues: tuple[str, ...] = ()
    outcomes: tuple[RuleOutcome, ...] = ()

    @property
    def deciding(self) -> RuleOutcome | None:
        """The fired rule whose action became the verdict, None where nothing fired."""
        return next((outcome for outcome in self.outcomes if outcome.fired and outcome.action is self.action), None)


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What later steps need of the message, so that nobody parses it twice. Digests are hex SHA-256.

    `payees` and `language` are the author's manner (`content.manner`): whom her own words say to pay, in what language.
    `attachments` and `links` are how many there are.
    """

    subject: str
    message_id: str
    body_digest: str
    text: str
    size: int
    has_message_id: bool
    has_date: bool
    dkim_signed_fields: frozenset[str] = frozenset()
    author_name: str = ""
    payees: tuple[str, ...] = ()
    language: str = ""
    attachments: int = 0
    links: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found and decided. `recipients` are settled: acting needs no further comparison between them.

    `paths` are the ways the message took that somebody could vouch for, none where its author is proven.
    """

    action: Action
    reply: ReplyWords
    origin: Origin
    authentication: Authentication
    scores: Scores
    findings: tuple[Finding, ...]
    recipients: tuple[RecipientVerdict, ...]
    facts: MessageFacts
    policy_hash: str
    paths: tuple[Path, ...] = ()

    @property
    def watched(self) -> frozenset[tuple[str, Action]]:
        """The rules that only watch and would have acted, each with what it would have done to some recipient."""
        outcomes = (outcome for verdict in self.recipients for outcome in verdict.outcomes)
        return frozenset((outcome.rule, outcome.would) for outcome in outcomes if outcome.would is not None)
