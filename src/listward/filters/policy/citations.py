"""Which clause of the organisation each finding falls under. Only the policy knows; filters do not."""

from dataclasses import replace

from listward.config.policy import Policy, Rule
from listward.filters.findings import Finding
from listward.filters.judgement import RecipientVerdict


def with_clauses(
    findings: tuple[Finding, ...], policy: Policy, verdicts: tuple[RecipientVerdict, ...]
) -> tuple[Finding, ...]:
    """Fill in each finding's clause: of a rule that fired on it. What no fired rule rests on is cited with nothing.

    So nobody reads a clause that does not bind them, as an outsider would with one for members.
    """
    fired = {outcome.rule for verdict in verdicts for outcome in verdict.outcomes if outcome.fired}
    rules = [rule for rule in policy.rules if rule.clause and rule.name in fired]
    return tuple(replace(finding, clause=_clause(finding, rules)) for finding in findings)


def _clause(finding: Finding, rules: list[Rule]) -> str:
    naming = (rule for rule in rules if finding.rule in rule.when.finding or finding.category in rule.when.category)
    return next((rule.clause for rule in naming), "")
