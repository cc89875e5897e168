"""Frozen accounts, as judging sees them."""

import pytest

from listward.filters.identity.freezing import FROZEN, frozen_findings
from listward.filters.identity.origin import Origin, OriginKind
from listward.filters.identity.standing import NO_STANDING, Standing

STOPPED = Standing(frozen=True)


@pytest.mark.parametrize("kind", [OriginKind.INTERNAL, OriginKind.MEMBER, OriginKind.KNOWN])
def test_a_proven_author_who_is_frozen_is_found(kind: OriginKind) -> None:
    """Whatever proves the author."""
    assert [one.rule for one in frozen_findings(STOPPED, Origin(kind, "ana@mail.example"))] == [FROZEN]
    assert frozen_findings(NO_STANDING, Origin(kind, "ana@mail.example")) == ()


@pytest.mark.parametrize("kind", [OriginKind.UNPROVEN, OriginKind.FORGED])
def test_mail_that_nothing_proves_tells_nothing(kind: OriginKind) -> None:
    """Whoever writes in somebody's name must not learn that her account is frozen."""
    assert frozen_findings(STOPPED, Origin(kind, "ana@mail.example")) == ()
