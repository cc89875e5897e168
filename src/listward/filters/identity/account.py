"""What is found of the account that a post comes from: frozen, unlike itself, or not to be known now."""

from collections.abc import Iterable

from listward.filters.findings import Finding
from listward.filters.identity.freezing import frozen_findings
from listward.filters.identity.habits import habit_findings
from listward.filters.identity.origin import Origin
from listward.filters.identity.standing import Path, Standing
from listward.filters.judgement import MessageFacts
from listward.filters.policy.situation import FAILURE

UNKNOWN = Finding("account-unknown", FAILURE, 1.0, "Whether the author's account is frozen could not be found out.")


def account_findings(
    standing: Standing | None, origin: Origin, paths: Iterable[Path], facts: MessageFacts
) -> tuple[Finding, ...]:
    """Return the findings for a post to one list. `standing` is None where the store could not be asked.

    `paths` are all that DNS and cryptography confirm. Nothing is found of authors who are not proven.
    """
    if not origin.kind.authenticated:
        return ()
    if standing is None:
        return (UNKNOWN,)
    return (*frozen_findings(standing, origin), *habit_findings(standing.habits, origin, paths, facts))
