"""Why a message is held, as a case keeps it: pure."""

from collections.abc import Iterable
from dataclasses import replace

from listward.filters.findings import Finding
from listward.filters.judgement import Action, RecipientVerdict
from listward.queue.cases.case import Reason

COVERED = frozenset({"abuse", "harassment", "hate", "sexual"})  # categories of text that is shown once it is touched


def reasons_for(verdict: RecipientVerdict, findings: Iterable[Finding]) -> tuple[Reason, ...]:
    """Return why this recipient's copy is held: the rule that decided, the others that asked, then what was found.

    Notices take their sentence and clause from the first: each reason names its rule, whose words stand in the policy.
    """
    first = verdict.deciding
    rules = [
        Reason(outcome.rule, outcome.stage, outcome.clause, outcome.words or outcome.observed)
        for outcome in sorted(verdict.outcomes, key=lambda outcome: outcome is not first)
        if outcome.fired and outcome.action is not None and outcome.action.strength >= Action.DISCARD.strength
    ]
    return (*rules, *(reason for finding in findings for reason in _found(finding)))


def _found(finding: Finding) -> tuple[Reason, ...]:
    plain = Reason(finding.rule, finding.category, finding.clause, finding.reason)
    quoted = tuple(
        replace(plain, view=piece.view, start=piece.start, end=piece.end, quote=piece.text)
        for piece in finding.evidence
    )
    return quoted or (plain,)
