"""What one delivery means for custody."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.gateway.course import Fate
from listward.gateway.relay import judge_delivery
from listward.wire.outcome import Delivery, Step
from listward.wire.reply import Reply


def passed(code: int, step: Step, lost: bool = False) -> tuple[Fate, bool]:
    """Fate and whether it is a case for people."""
    outcome = judge_delivery(Delivery(Reply(code, "", ""), step, lost))
    return outcome.fate, outcome.broken


@pytest.mark.parametrize(
    ("code", "step", "fate", "broken"),
    [
        (250, Step.DOT, Fate.RELAYED, False),
        (250, Step.RCPT, Fate.DEFERRED, False),
        (354, Step.DATA, Fate.DEFERRED, False),
        (354, Step.DOT, Fate.DEFERRED, False),
        (451, Step.CONNECT, Fate.DEFERRED, False),
        (554, Step.CONNECT, Fate.DEFERRED, False),
        (550, Step.MAIL, Fate.REFUSED, False),
        (550, Step.RCPT, Fate.REFUSED, False),
        (550, Step.DATA, Fate.REFUSED, True),
        (550, Step.DOT, Fate.REFUSED, True),
        (450, Step.DOT, Fate.DEFERRED, False),
    ],
)
def test_the_table(code: int, step: Step, fate: Fate, broken: bool) -> None:
    """Final is what is clearly final; a 5xx with the content is the next hop's own trouble."""
    assert passed(code, step) == (fate, broken)


@settings(max_examples=200, deadline=None)
@given(code=st.integers(100, 999), step=st.sampled_from(list(Step)), lost=st.booleans())
def test_only_a_2xx_after_the_dot_is_custody(code: int, step: Step, lost: bool) -> None:
    """No other answer, at no other step, and no lost one, lets us say 250."""
    fate, _broken = passed(code, step, lost)
    assert fate.settled == (200 <= code < 300 and step is Step.DOT and not lost)
    if lost:
        assert fate is Fate.UNKNOWN
