"""An origin in words: what people and programs are told of who wrote a message, and no more."""

from documents import first_column, text_of

from listward.filters.identity.origin import Authentication, AuthResult, Basis, Origin, OriginKind, Role
from listward.filters.identity.told import ROLES, origin_json, reasons

SPF = AuthResult("spf", "fail", "mail.example", "the client is not named", "smtp.mailfrom")
DKIM = AuthResult("dkim", "pass", "party.example", property="header.d", selector="s1", aligned=True)
FOUND = Authentication("ana@party.example", (SPF, DKIM), aligned=True, policy="reject")


def test_the_reasons_of_a_member_in_order() -> None:
    """The proof, then the roster, then what each method found."""
    origin = Origin(OriginKind.MEMBER, "ana@party.example", Role.OFFICER, True, "It is proven.")
    assert reasons(origin, FOUND) == (
        "It is proven.",
        "On the roster of this list, as an officer.",
        "A moderator reads this person's first messages.",
        "Sending server (SPF): not confirmed for mail.example (the client is not named).",
        "Signature (DKIM): confirmed for party.example.",
    )


def test_a_stranger_and_a_vouched_member() -> None:
    """Who is proven and not on the roster is told as such; nothing is said of the roster while nothing is proven."""
    nothing = Authentication("x@mail.example", (), aligned=False)
    known = Origin(OriginKind.KNOWN, "x@mail.example", proof="It is proven.")
    unproven = Origin(OriginKind.UNPROVEN, "x@mail.example", proof="Nothing proves it.")
    vouched = Origin(OriginKind.MEMBER, "x@mail.example", Role.MEMBER, vouched=True)
    assert reasons(known, nothing)[-1] == "The address is not on the roster of this list."
    assert reasons(unproven, nothing) == ("Nothing proves it.",)
    assert reasons(vouched, nothing)[0] == "Somebody has vouched for this way of sending."


def test_a_chain_of_seals_is_of_no_domain() -> None:
    """RFC 8617's oldest pass is a number, and says nothing to people."""
    sealed = AuthResult("arc", "pass", "0", "i=1", "header.oldest-pass")
    found = Authentication("x@mail.example", (sealed,), aligned=False)
    unproven = Origin(OriginKind.UNPROVEN, "x@mail.example")
    assert reasons(unproven, found) == ("Seal of a server on the way (ARC): confirmed.",)


def test_every_role_has_words() -> None:
    """No role is told by its short name."""
    assert set(ROLES) == set(Role)


def test_programs_get_the_same_and_what_scripts_rely_on() -> None:
    """Kind and address as ever; basis, reasons and each result besides."""
    shown = origin_json(Origin(OriginKind.KNOWN, "a@b.example", basis=Basis.DKIM_ALIGNED), FOUND)
    assert (shown["kind"], shown["address"], shown["basis"], shown["policy"]) == (
        "known",
        "a@b.example",
        "dkim-aligned",
        "reject",
    )
    assert shown["results"][1] == {
        "method": "dkim",
        "result": "pass",
        "identity": "party.example",
        "property": "header.d",
        "selector": "s1",
        "aligned": True,
        "detail": "",
    }


def test_results_are_bounded() -> None:
    """A message with a hundred signatures does not make a page of reasons."""
    many = Authentication("a@b.example", (SPF,) * 100, aligned=False)
    assert len(reasons(Origin(OriginKind.UNPROVEN, "a@b.example", proof="x"), many)) == 21


def test_the_page_for_administrators_has_every_basis() -> None:
    """The table of words that an origin rests on is complete, and has none besides."""
    told = first_column(text_of("docs/operating.md"), "basis")
    assert set(told) == {basis.value for basis in Basis}
