"""One reply answers all recipients, so their verdicts are settled before anybody acts on them."""

from dataclasses import replace

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action, Mode, RecipientVerdict, RuleOutcome
from listward.filters.routing.kinds import Kind, Zone

SETTLED = "settled"
# A case belongs to a list; what comes for commands, bounces and ourselves has none to be held for.
HOLDABLE = frozenset({Kind.POST, Kind.OWNER})
# A command is sent again by itself; a complaint beside a refused post arrives all the same.
_REPEATABLE = frozenset({Kind.COMMAND, Kind.BOUNCE})


def settle(
    verdicts: tuple[RecipientVerdict, ...], internal: bool, queues: dict[str, str]
) -> tuple[Action, tuple[RecipientVerdict, ...]]:
    """Return the message's action and the recipients' settled verdicts. `queues` names each list's own queue.

    Any defer defers all, since only one reply can be given. All rejects are a reject. A reject beside a recipient who
    gets the message makes that recipient a hold, since we send no bounces; where it cannot be held, all are refused.
    What is forged or malformed is refused beside commands and bounces too: such an address more makes no case of it.
    An internal matter has one verdict for all its lists: it is never split. An address that does not exist gets
    nothing, and changes nothing for the others.
    """
    verdicts = _as_one(verdicts) if internal else verdicts
    known = tuple(verdict for verdict in verdicts if not is_unknown(verdict))
    actions = {verdict.action for verdict in known}
    if Action.DEFER in actions:
        verdicts = tuple(_as(verdict, Action.DEFER, "another recipient must wait", ()) for verdict in verdicts)
    elif Action.REJECT in actions and len(actions) > 1:
        verdicts = _mixed(verdicts, queues)
    counting = [verdict.action for verdict in verdicts if not is_unknown(verdict)] or [Action.REJECT]
    return max(counting, key=lambda action: action.strength), verdicts


def is_unknown(verdict: RecipientVerdict) -> bool:
    """Whether the address was refused because it does not exist here."""
    return verdict.target.zone is Zone.EXTERNAL and verdict.action is Action.REJECT and not verdict.outcomes


def _as_one(verdicts: tuple[RecipientVerdict, ...]) -> tuple[RecipientVerdict, ...]:
    posts = [verdict for verdict in verdicts if verdict.target.kind is Kind.POST]
    strongest = max(posts, key=lambda verdict: verdict.action.strength, default=None)
    if strongest is None:
        return verdicts
    why = "an internal matter has one verdict for all its lists"
    return tuple(
        _as(verdict, strongest.action, why, verdict.queues or strongest.queues, strongest.deciding)
        if verdict.target.kind is Kind.POST
        else verdict
        for verdict in verdicts
    )


def _mixed(verdicts: tuple[RecipientVerdict, ...], queues: dict[str, str]) -> tuple[RecipientVerdict, ...]:
    refused = [verdict for verdict in verdicts if verdict.action is Action.REJECT and not is_unknown(verdict)]
    stuck = next((verdict for verdict in refused if verdict.target.kind not in HOLDABLE), None)
    why = "refused beside an address whose mail cannot be held"
    if stuck is None and _are_beside_commands(refused, verdicts):
        stuck, why = refused[0], "refused beside commands only"
    if stuck is not None:
        return tuple(_as(verdict, Action.REJECT, why, (), stuck.deciding) for verdict in verdicts)
    return tuple(_held(verdict, queues) if verdict in refused else verdict for verdict in verdicts)


def _are_beside_commands(refused: list[RecipientVerdict], verdicts: tuple[RecipientVerdict, ...]) -> bool:
    """Whether what is refused is forged or malformed, and nothing but commands and bounces goes with it."""
    others = (verdict for verdict in verdicts if verdict not in refused and not is_unknown(verdict))
    return all(map(_is_worthless, refused)) and all(verdict.target.kind in _REPEATABLE for verdict in others)


def _is_worthless(verdict: RecipientVerdict) -> bool:
    malformed = verdict.deciding is not None and verdict.deciding.reply == "malformed"
    return malformed or verdict.origin.kind is OriginKind.FORGED


def _held(verdict: RecipientVerdict, queues: dict[str, str]) -> RecipientVerdict:
    queue = queues.get(verdict.target.list, "")
    return _as(verdict, Action.HOLD, "a refusal beside other recipients becomes a hold", (queue,) if queue else ())


def _as(
    verdict: RecipientVerdict,
    action: Action,
    why: str,
    queues: tuple[str, ...],
    cause: RuleOutcome | None = None,
) -> RecipientVerdict:
    """Change a verdict, and write down why, citing the rule that caused it."""
    if verdict.action is action:
        return verdict
    cause = cause or verdict.deciding
    outcome = RuleOutcome(
        SETTLED,
        SETTLED,
        Mode.ENFORCE,
        True,
        f"{why}; by rule {cause.rule}" if cause else why,
        action,
        queues[0] if queues else "",
        cause.clause if cause else "",
        cause.words if cause else "",
        reply=cause.reply if cause else "policy",
    )
    return replace(verdict, action=action, queues=queues, outcomes=(*verdict.outcomes, outcome))
