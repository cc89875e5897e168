"""Where an internal matter may go."""

import pytest
from policy_bench import finding, make_site, scores

from listward.filters.findings import Finding
from listward.filters.routing.internal import Matter, Route, judge_route
from listward.filters.routing.targets import Directory

DIRECTORY = Directory(make_site())
MARK = finding("internal-mark", "internal", "internal")


def judged(*findings: Finding, to: tuple[str, ...], named: tuple[str, ...] = (), internal: float = 0.0) -> Matter:
    """Judge the route of a message to these recipients that names these addresses."""
    return judge_route(Route.of(to, named), findings, scores(internal=internal), DIRECTORY)


def rules(matter: Matter) -> dict[str, list[str]]:
    """The addresses each finding rests on."""
    return {found.rule: [place.text for place in found.evidence] for found in matter.findings}


def test_a_marked_message_inside_is_fine() -> None:
    """Marked, to an internal list and internal mailboxes: an internal matter without a finding."""
    matter = judged(MARK, to=("board@party.example",), named=("chair@inside.party.example",))
    assert (matter.internal, matter.findings) == (True, ())


@pytest.mark.parametrize(
    ("to", "named"),
    [
        (("members@party.example", "x@out.example"), ()),
        (("members@party.example",), ("X@out.example",)),
        (("board@party.example",), ("x@out.example", "board@party.example")),
    ],
)
def test_one_outside_address_is_named(to: tuple[str, ...], named: tuple[str, ...]) -> None:
    """An outside address counts in the envelope, in To and in Cc alike."""
    found = rules(judged(MARK, to=to, named=named))["internal-outside-address"]
    assert [address.lower() for address in found] == ["x@out.example"]


def test_an_internal_list_makes_it_internal_without_any_mark() -> None:
    """What goes to an internal list is internal, also where only To names the list."""
    for to, named in ((("board@party.example",), ()), (("members@party.example",), ("board@party.example",))):
        assert judged(to=to, named=named).internal


def test_all_outside_addresses_are_named_once() -> None:
    """Every outside address, each once, however often and in whatever case it is written."""
    matter = judged(MARK, to=("a@out.example", "A@OUT.example"), named=("a@out.example", "b@out.example"))
    assert rules(matter)["internal-outside-address"] == ["a@out.example", "b@out.example"]


def test_our_other_lists_have_findings_of_their_own() -> None:
    """A public list and a members' list are not outside the organisation, yet not inside either."""
    matter = judged(MARK, to=("news@party.example", "members@party.example"))
    assert set(rules(matter)) == {"internal-public-list", "internal-members-list"}


def test_complaint_and_control_addresses_never_count() -> None:
    """Whoever writes to the board's owners, or appeals, names no outside address and touches no internal list."""
    matter = judged(to=("board-owner@party.example", "appeal@party.example", "news-request@party.example"))
    assert (matter.internal, matter.findings) == (False, ())


def test_words_alone_are_only_doubtful() -> None:
    """Without a mark a high score is a finding only where the message would leave; it is no internal matter."""
    leaving = judged(to=("members@party.example",), named=("x@out.example",), internal=0.9)
    staying = judged(to=("members@party.example",), internal=0.9)
    assert (leaving.internal, list(rules(leaving))) == (False, ["internal-looking"])
    assert staying.findings == ()


def test_the_list_raises_the_score() -> None:
    """The internal score counts where a message goes, and stays within bounds."""
    inside, outside = (
        judged(to=("board@party.example",), internal=0.5),
        judged(to=("news@party.example",), internal=0.5),
    )
    assert outside.scores.internal == 0.5 < inside.scores.internal <= 1.0
