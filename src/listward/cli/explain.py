"""A judgement for people: the verdict in plain words first, then why, then what was found and on which words."""

from rich.console import Console
from rich.text import Text

from listward.cli.output import printable
from listward.config.policy import Policy
from listward.filters.findings import Evidence, Finding
from listward.filters.identity.told import reasons
from listward.filters.judgement import Action, Judgement, RecipientVerdict, RuleOutcome
from listward.filters.message.message import Message
from listward.filters.verdict_json import queue_of, reply_text

AROUND = 40
MOST_EVIDENCE = 5
COLOURS = {
    Action.ACCEPT: "green",
    Action.HOLD: "yellow",
    Action.DEFER: "yellow",
    Action.DISCARD: "red",
    Action.REJECT: "red",
}
VERDICTS = {
    Action.ACCEPT: "Delivered: the message goes to the list.",
    Action.HOLD: "Held: a person reads it first.",
    Action.DEFER: "Not yet: a fact is missing, and the sender's server tries again by itself.",
    Action.DISCARD: "Dropped: the message goes nowhere, and that is written down.",
    Action.REJECT: "Returned: nobody gets it, and the sender is told why.",
}
ORIGINS = {
    "internal": "from inside the organisation",
    "member": "a member of the list",
    "known": "confirmed, but not on the list",
    "unproven": "not confirmed",
    "forged": "not the address it claims to be",
}


def print_judgement(
    judgement: Judgement, message: Message, policy: Policy, explain: bool, console: Console | None = None
) -> None:
    """Print for a person. Colours only on a terminal; nothing of the message can steer the terminal."""
    out = console or Console(highlight=False, soft_wrap=True)
    out.print(Text(VERDICTS[judgement.action], style=f"bold {COLOURS[judgement.action]}"))
    _print_why(out, judgement, policy)
    reply = judgement.reply
    out.print(Text(f"Reply: {reply.code} {reply.enhanced} {reply_text(reply)}"))
    author = printable(judgement.origin.address) or "nobody named plainly"
    out.print(Text(f"Author: {author}, {ORIGINS[judgement.origin.kind.value]} ({judgement.origin.basis})."))
    for reason in reasons(judgement.origin, judgement.authentication):
        out.print(Text(f"  {printable(reason)}"))
    for verdict in judgement.recipients:
        out.print(_recipient_line(verdict))
    scores = judgement.scores
    out.print(
        Text(f"Scores: spam {scores.spam:.2f}, solicitation {scores.solicitation:.2f}, internal {scores.internal:.2f}")
    )
    _print_findings(out, judgement, message)
    if explain:
        for verdict in judgement.recipients:
            _print_rules(out, verdict)


def _print_why(out: Console, judgement: Judgement, policy: Policy) -> None:
    for outcome in _reasons(judgement):
        clause = policy.clause(outcome.clause)
        cited = f" (clause {clause.number}: {clause.title})" if clause else ""
        out.print(Text(f"Why: {outcome.words or outcome.observed}{cited}"))
    if queue := queue_of(judgement):
        out.print(Text(f"Who decides: {queue}"))


def _reasons(judgement: Judgement) -> list[RuleOutcome]:
    """Every rule whose action counted, once, strongest first."""
    acting = (outcome for verdict in judgement.recipients for outcome in verdict.outcomes if outcome.action)
    unique = {outcome.rule: outcome for outcome in acting if outcome.action is not Action.ACCEPT}
    return sorted(unique.values(), key=lambda outcome: -(outcome.action or Action.ACCEPT).strength)


def _recipient_line(verdict: RecipientVerdict) -> Text:
    line = Text(f"To: {printable(verdict.target.address)} ({verdict.target.zone.value}): ")
    return line.append(verdict.action.value, style=COLOURS[verdict.action])


def _print_findings(out: Console, judgement: Judgement, message: Message) -> None:
    if not judgement.findings:
        out.print(Text("Found: nothing."))
        return
    views = _views(message)
    out.print(Text("Found:"))
    for finding in judgement.findings:
        clause = f", clause {finding.clause}" if finding.clause else ""
        line = f"{finding.rule} ({finding.category}, weight {finding.weight:.2f}{clause}): {printable(finding.reason)}"
        out.print(Text(f"  {line}"))
        for place in _places(finding):
            out.print(_marked(place, views.get(place.view, "")))


def _places(finding: Finding) -> tuple[Evidence, ...]:
    return finding.evidence[:MOST_EVIDENCE]


def _views(message: Message) -> dict[str, str]:
    return {"text": message.visible_text, "subject": message.subject, "hidden": message.hidden_text}


def _marked(place: Evidence, view: str) -> Text:
    """The words with what stands around them, where they stand there; else the words alone."""
    around = view[place.start : place.end] == place.text
    before = view[max(0, place.start - AROUND) : place.start] if around else ""
    after = view[place.end : place.end + AROUND] if around else ""
    line = Text(f"    {place.view}: ").append(_one_line(before))
    return line.append(_one_line(place.text), style="bold reverse").append(_one_line(after))


def _one_line(text: str) -> str:
    return printable(text[:400]).replace("\n", " ").replace("\t", " ")


def _print_rules(out: Console, verdict: RecipientVerdict) -> None:
    """One line a rule: a table would cut the words on a narrow screen."""
    out.print(Text(f"Rules tried for {printable(verdict.target.address)}:"))
    for outcome in verdict.outcomes:
        line = Text(f"  {outcome.stage}/{outcome.rule} ({outcome.mode.value}): ")
        if outcome.action:
            line.append(outcome.action.value, style=COLOURS[outcome.action])
        else:
            line.append("fired, without effect" if outcome.fired else "no")
        out.print(line.append(f" - {printable(outcome.observed)}"))
