"""What the rules of a policy look for in a message: readers look for it once, whoever asks."""

from collections.abc import Iterator

from listward.config.conditions import Asked, Conditions
from listward.config.policy import Policy


def patterns_of(policy: Policy) -> tuple[Asked, ...]:
    """The patterns of all rules that are not off, each once."""
    found = (asked for when in _conditions(policy) for asked in (*when.in_subject, *when.in_text, *when.in_header))
    return tuple(dict.fromkeys(found))


def phrases_of(policy: Policy) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The phrase lists that some rule asks for, by name."""
    names = dict.fromkeys(name for when in _conditions(policy) for name in when.phrases)
    return tuple((name, policy.phrases[name].entries) for name in names if name in policy.phrases)


def _conditions(policy: Policy) -> Iterator[Conditions]:
    for rule in policy.rules:
        if rule.mode != "off":
            yield rule.when
            if rule.unless is not None:
                yield rule.unless
