"""The origin of mail that a program handed in with a log-in."""

import pytest
from identity_world import BOARD, FixedRosters, claims, person, site, transaction, unproven
from messages import build

from listward.filters.identity.origin import Authentication, Origin, OriginKind, Role
from listward.filters.identity.origins import origin_for
from listward.filters.transaction import Listener

PEOPLE = (person("ben@mail.example", "Ben Okoro", Role.MEMBER),)


def origin(author: str, submitted_as: str, listener: Listener = Listener.SUBMISSION) -> Origin:
    """The origin of this author's mail; its From was found to be one of the identity's."""
    raw = build(from_=f"X <{author}>", to=BOARD)
    handed_in = transaction(raw, listener=listener, identity="web", submitted_as=submitted_as)
    authentication = Authentication(author, (), aligned=True) if submitted_as else unproven(author)
    return origin_for(authentication, claims(raw), handed_in, BOARD, site(), FixedRosters(*PEOPLE))


@pytest.mark.parametrize(
    ("author", "submitted_as", "kind"),
    [
        ("ana@party.example", "internal", OriginKind.INTERNAL),
        ("clerk@sister.example", "internal", OriginKind.INTERNAL),
        ("ben@mail.example", "member", OriginKind.MEMBER),
        ("stranger@mail.example", "member", OriginKind.KNOWN),
        ("ana@party.example", "member", OriginKind.KNOWN),
        ("stranger@mail.example", "", OriginKind.UNPROVEN),
    ],
)
def test_the_identity_says_whose_mail_it_is(author: str, submitted_as: str, kind: OriginKind) -> None:
    """A server of ours hands in what is internal; an archive what members write, and the roster says who is one."""
    assert origin(author, submitted_as).kind is kind


def test_nobody_is_internal_as_a_list() -> None:
    """Whatever an identity may write as."""
    assert origin(BOARD, "internal").kind is not OriginKind.INTERNAL
