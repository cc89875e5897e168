"""What a filter says: frozen values with evidence and a reason in plain words. A finding carries no verdict."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words a finding rests on: `text` stands at [start, end) characters of the message's view of that name."""

    view: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation. `rule` names it (kebab-case, stable), `weight` is in [0, 1], `reason` is one plain sentence.

    `clause` is filled in by the policy, which alone knows the organisation's numbering.
    """

    rule: str
    category: str
    weight: float
    reason: str
    evidence: tuple[Evidence, ...] = ()
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Scores:
    """Calibrated scores in [0, 1]: higher means more of it. Present for every message."""

    spam: float = 0.0
    solicitation: float = 0.0
    internal: float = 0.0
