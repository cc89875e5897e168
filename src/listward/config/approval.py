"""Whether the organisation has approved the very rules that run."""

from dataclasses import dataclass
from enum import StrEnum

from listward.config.policy import Policy
from listward.config.site import PolicyTable
from listward.config.vocabulary import Vocabulary

SHOWN = 12
"""How much of a policy's hash is shown; as much of it is enough to approve one."""


class Standing(StrEnum):
    """What the organisation has said of the rules."""

    APPROVED = "approved"
    CHANGED = "not-approved"
    NEVER = "never-approved"


@dataclass(frozen=True, slots=True)
class Approval:
    """How rules stand. `digest` is their hash; who approved them when is "" unless they are approved."""

    standing: Standing
    digest: str
    by: str = ""
    on: str = ""
    resolution: str = ""

    @property
    def is_given(self) -> bool:
        """Whether these very rules are approved."""
        return self.standing is Standing.APPROVED

    @property
    def is_outdated(self) -> bool:
        """Whether other rules than these were approved."""
        return self.standing is Standing.CHANGED

    def sentence(self, words: Vocabulary) -> str:
        """Say it in one or two sentences."""
        match self.standing:
            case Standing.NEVER:
                return words.say("page", "never_approved")
            case Standing.CHANGED:
                return words.say("page", "not_approved")
        name = f"approved{'_by' if self.by else ''}{'_on' if self.on else ''}"
        said = words.say("page", name, by=self.by, on=self.on)
        return f"{said} {words.say('page', 'resolution', resolution=self.resolution)}" if self.resolution else said


def approval_of(policy: Policy, table: PolicyTable) -> Approval:
    """Return how a policy stands. Any change of rules, clauses, phrases or payees since makes it unapproved."""
    if not table.approved_hash:
        return Approval(Standing.NEVER, policy.digest)
    if not policy.digest.startswith(table.approved_hash):
        return Approval(Standing.CHANGED, policy.digest)
    return Approval(Standing.APPROVED, policy.digest, table.approved_by, table.approved_on, table.resolution)
