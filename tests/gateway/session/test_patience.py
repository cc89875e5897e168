"""How long a slow client may take."""

from types import SimpleNamespace

from listward.gateway.session.patience import Patience


def test_time_is_earned_by_octets_up_to_the_limit() -> None:
    """The grace passes without octets; each octet earns time; the limit ends everything."""
    content = SimpleNamespace(received=0)
    patience = Patience(content, start=100.0, limit=600.0, rate=500, grace=60.0)
    assert patience.more(100.0) == 60.0
    assert patience.more(161.0) == 0.0
    content.received = 50_000
    assert patience.more(161.0) == 99.0
    content.received = 10_000_000
    assert patience.more(100.0) == 600.0
    assert patience.more(701.0) == 0.0
