"""What the engine decides on: one recipient's facts, cut down to what may be held against mail of its kind."""

from dataclasses import dataclass, field, replace

from listward.config.policy import Rule
from listward.filters.findings import Finding, Scores
from listward.filters.identity.origin import Origin
from listward.filters.routing.kinds import Kind, Target, Zone

# Categories that say nothing of what a text says: they may be held against mail to control addresses too.
TECHNICAL = frozenset({"loop", "size"})
FAILURE = "failure"
# What may be held against a complaint besides: how it is built, what files it carries, and how often it came.
HARMING = TECHNICAL | {"malware", "malformed", "ambiguity", "flood", FAILURE}
# Files that run or pretend not to: what even a complaint may not carry.
HARMFUL = frozenset({"malware-test-file", "malware", "executable-attachment", "disguised-attachment"})
NO_SCORES = Scores()
NOTHING: frozenset[str] = frozenset()
DEFAULT_QUEUE = "moderators"
LIMITED = frozenset({Kind.COMMAND, Kind.BOUNCE})
"""Whose mail has no content to us: only technical facts count."""
OFFICE_FINDING = "office-route"

# The stages that look at each kind of address. Complaint and control addresses are never judged on what a text says.
STAGES_OF = {
    Kind.POST: ("routing", "identity", "safety", "content"),
    Kind.OWNER: ("safety",),
    Kind.OWN: ("safety",),
    Kind.COMMAND: ("safety",),
    Kind.BOUNCE: ("safety",),
}


@dataclass(frozen=True, slots=True)
class Measures:
    """What can be measured of a message. `size` is in octets, `at` in Unix seconds, `zone` a name of a time zone.

    `posts_today` is how often the author wrote in the last 24 hours, None where nobody knows.
    """

    size: int = 0
    recipients: int = 0
    attachments: int = 0
    links: int = 0
    posts_today: int | None = None
    at: float = 0.0
    zone: str = "UTC"

    def count(self, name: str) -> int | None:
        """The count of that name, as rules call it."""
        found: int | None = getattr(self, name.replace("-", "_"))
        return found


NO_MEASURES = Measures()


@dataclass(frozen=True, slots=True)
class Situation:
    """One recipient's facts. `queue` is the list's own, `office` that of a [[route]] that applies, else "".

    `groups` are the organisation's groups that the author's address is in, `ended` its phrase lists that have expired.
    """

    target: Target
    origin: Origin
    findings: tuple[Finding, ...] = ()
    scores: Scores = NO_SCORES
    queue: str = DEFAULT_QUEUE
    office: str = ""
    attempt: int = 1
    measures: Measures = NO_MEASURES
    groups: frozenset[str] = NOTHING
    ended: frozenset[str] = NOTHING
    rules: frozenset[str] = field(init=False, repr=False, compare=False, default=NOTHING)
    categories: frozenset[str] = field(init=False, repr=False, compare=False, default=NOTHING)

    def __post_init__(self) -> None:
        """Index the findings by name and category, since every rule asks."""
        object.__setattr__(self, "rules", frozenset(finding.rule for finding in self.findings))
        object.__setattr__(self, "categories", frozenset(finding.category for finding in self.findings))

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages whose rules are tried. Mail to people who are not ours is never judged on who or what."""
        return ("routing",) if self.target.zone is Zone.EXTERNAL else STAGES_OF[self.target.kind]

    def office_for(self, rule: Rule) -> str:
        """The office that decides where a rule is about mail that an office must see, else ""."""
        return self.office if OFFICE_FINDING in rule.when.finding else ""

    @property
    def limited(self) -> bool:
        """Whether only technical facts count: mail to command and bounce addresses has no content to us."""
        return self.target.kind in LIMITED


def visible(situation: Situation) -> Situation:
    """Leave out what must not be seen for this kind of address."""
    if situation.target.kind is Kind.POST:
        return situation
    seen = TECHNICAL if situation.limited else HARMING
    findings = tuple(finding for finding in situation.findings if finding.category in seen)
    return replace(situation, findings=findings, scores=NO_SCORES)
