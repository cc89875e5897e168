"""What comes after a try."""

from dataclasses import replace

import pytest
from case_samples import draft

from listward.config.site import Egress
from listward.queue.cases.case import Case, CaseState, Ruling, StoredEnvelope
from listward.queue.cases.commands import Verb
from listward.queue.courier.planning import after_try, answer_of, envelope_of, hop_for, pause, tally
from listward.wire.envelope import Envelope, Recipient
from listward.wire.outcome import Delivery, Step
from listward.wire.reply import Reply

OK = Delivery(Reply(250, "2.0.0", "ok"), Step.DOT)
BUSY = Delivery(Reply(450, "4.2.0", "busy"), Step.RCPT)
NO = Delivery(Reply(550, "5.7.1", "no"), Step.RCPT)
NO_AT_DOT = Delivery(Reply(550, "5.0.0", "fault"), Step.DOT)
LOST = Delivery(Reply(451, "4.4.2", "gone"), Step.DOT, lost=True)
LOST_5XX = Delivery(Reply(554, "5.0.0", "garbage"), Step.DOT, lost=True)
ACCEPTED_EARLY = Delivery(Reply(250, "", "fine"), Step.RCPT)
CASE = Case("10008", 3, CaseState.DELIVERING, draft(), 0.0, 100.0, ruling=Ruling("release", "mod", 100.0), attempts=1)


@pytest.mark.parametrize(
    ("outcomes", "verb"),
    [
        ((OK,), Verb.DELIVERED),
        ((OK, OK), Verb.DELIVERED),
        ((BUSY,), Verb.RETRY),
        ((LOST,), Verb.RETRY),
        ((LOST_5XX,), Verb.RETRY),
        ((ACCEPTED_EARLY,), Verb.RETRY),
        ((NO,), Verb.FAILED),
        ((NO_AT_DOT,), Verb.FAILED),
        ((OK, NO), Verb.FAILED),
        ((OK, BUSY), Verb.RETRY),
        ((NO, BUSY), Verb.RETRY),
    ],
)
def test_errors_are_temporary_unless_refused_for_good(outcomes: tuple[Delivery, ...], verb: Verb) -> None:
    """Delivered when all are; tried again while one may still be taken; back to people when the rest is refused."""
    result = tally({f"{place}@x": outcome for place, outcome in enumerate(outcomes)})
    assert after_try(CASE, result, 101.0).verb is verb


def test_a_refusal_is_told_with_the_servers_words() -> None:
    """In one printable line."""
    command = after_try(CASE, tally({"a@x": NO}), 101.0)
    assert command.note == "The list server refused it: 550 5.7.1 no"
    long = Delivery(Reply(550, "5.7.1", "one\ntwo\x1b[31m" + "x" * 400), Step.DOT)
    assert answer_of(long).startswith("550 5.7.1 one two [31m")
    assert len(answer_of(long)) == 200


def test_pauses_grow_to_half_an_hour() -> None:
    """Half a minute, doubled each time."""
    assert [pause(attempts) for attempts in (0, 1, 2, 3, 7, 8, 500)] == [30, 30, 60, 120, 1800, 1800, 1800]


def test_after_a_day_people_decide_again() -> None:
    """The last answer goes along."""
    busy = tally({"a@x": BUSY})
    assert after_try(CASE, busy, 100.0 + 86_400).verb is Verb.RETRY
    command = after_try(CASE, busy, 100.0 + 86_401)
    assert (command.verb, "450 4.2.0 busy" in command.note) == (Verb.FAILED, True)


def test_a_second_unknown_outcome_is_for_people() -> None:
    """Also beside a recipient that was only busy; a plain refusal still says that an earlier try may have done it."""
    again = replace(CASE, unknowns=1)
    for outcomes in ({"a@x": LOST}, {"a@x": LOST, "b@x": BUSY}, {"a@x": NO, "b@x": LOST}):
        first, second = (after_try(case, tally(outcomes), 101.0) for case in (CASE, again))
        assert (first.verb, first.unknown) == (Verb.RETRY, True)
        assert (second.verb, second.note.endswith("a person decides.")) == (Verb.FAILED, True)
    assert after_try(again, tally({"a@x": BUSY}), 101.0).verb is Verb.RETRY
    assert after_try(again, tally({"a@x": NO}), 101.0).note.endswith("An earlier try may have delivered it.")


def test_the_envelope_is_replayed_with_its_parameters() -> None:
    """Also where a recipient had none."""
    stored = StoredEnvelope("a@x", ("b@x", "c@x"), ("BODY=8BITMIME",), (("NOTIFY=NEVER",),))
    assert envelope_of(draft(envelope=stored)) == Envelope(
        "a@x", (Recipient("b@x", ("NOTIFY=NEVER",)), Recipient("c@x")), ("BODY=8BITMIME",)
    )


def test_it_goes_where_it_was_bound_while_that_exists(site: object) -> None:
    """A list that moved to another server takes its old cases along; mail on its way out stays on its way out."""
    moved = draft(next_hop="smtp://old.example:25")
    assert hop_for(moved, site) == "smtp://127.0.0.1:2527"  # type: ignore[arg-type]
    leaving = site.model_copy(update={"egress": Egress(next_hop="smtp://out.example:25")})  # type: ignore[attr-defined]
    assert hop_for(draft(next_hop="smtp://out.example:25"), leaving) == "smtp://out.example:25"
    spared = site.model_copy(update={"egress": Egress(next_hop="smtp://new.example:25 smtp://out.example:25")})  # type: ignore[attr-defined]
    assert hop_for(draft(next_hop="smtp://out.example:25"), spared) == "smtp://new.example:25 smtp://out.example:25"
    gone = draft(list="gone@party.example", next_hop="smtp://old.example:25")
    assert hop_for(gone, site) == "smtp://old.example:25"  # type: ignore[arg-type]
