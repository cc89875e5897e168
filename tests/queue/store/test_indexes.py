"""Where cases stand in the indexes."""

from dataclasses import replace

from case_samples import draft

from listward.queue.cases.case import Case, CaseState
from listward.queue.cases.commands import Verb
from listward.queue.store.indexes import STAGES, moves, places, text_kept_as
from listward.queue.store.names import ListKeys

KEYS = ListKeys("board@party.example")
HELD = Case("10008", 1, CaseState.HELD, draft(queues=("a", "b")), 100.0, 100.0)


def test_a_new_case_joins_its_state_its_queues_and_the_clock() -> None:
    """Nothing is taken out."""
    changes = moves(KEYS, None, HELD, 50.0).scores
    assert changes == {
        KEYS.state(CaseState.HELD): 100.0,
        KEYS.queue("a", CaseState.HELD): 100.0,
        KEYS.queue("b", CaseState.HELD): 100.0,
        KEYS.waiting("remind"): 150.0,
    }


def test_claiming_leaves_the_clock_running() -> None:
    """Otherwise claiming and handing back would put reminders off for ever."""
    claimed = replace(HELD, state=CaseState.CLAIMED, changed_at=120.0)
    changes = moves(KEYS, HELD, claimed, 50.0, Verb.CLAIM).scores
    assert not any("waiting" in key for key in changes)
    assert changes[KEYS.state(CaseState.HELD)] is None
    assert changes[KEYS.state(CaseState.CLAIMED)] == 100.0


def test_a_decision_ends_every_stage_of_the_clock() -> None:
    """Also those that have been reached already."""
    released = replace(HELD, state=CaseState.RELEASED, deliver_after=180.0)
    changes = moves(KEYS, HELD, released, 50.0, Verb.RELEASE).scores
    assert all(changes[KEYS.waiting(stage)] is None for stage in STAGES)
    assert changes[KEYS.due] == 180.0


def test_coming_back_starts_the_clock_anew() -> None:
    """People have their full time again after an undo, and after a case was handed up."""
    released = replace(HELD, state=CaseState.RELEASED, deliver_after=180.0)
    back = replace(HELD, changed_at=130.0)
    assert moves(KEYS, released, back, 50.0, Verb.UNDO).scores[KEYS.waiting("remind")] == 180.0
    handed = moves(KEYS, HELD, back, 50.0, Verb.ESCALATE).scores
    assert (handed[KEYS.waiting("remind")], handed[KEYS.waiting("deputy")]) == (180.0, None)


def test_only_strangers_mail_can_expire() -> None:
    """An authenticated author's message waits until somebody decides."""
    stranger = replace(HELD, draft=draft(authenticated=False))
    assert KEYS.strangers in places(KEYS, stranger)
    assert KEYS.strangers not in places(KEYS, HELD)
    assert KEYS.strangers not in places(KEYS, replace(stranger, state=CaseState.RELEASED))


def test_each_end_has_its_retention() -> None:
    """A discarded stranger's mail goes with the strangers', a member's as long as a rejected one."""
    assert text_kept_as(replace(HELD, state=CaseState.DELIVERED)) == "released"
    assert text_kept_as(replace(HELD, state=CaseState.DISCARDED)) == "rejected"
    stranger = replace(HELD, state=CaseState.DISCARDED, draft=draft(authenticated=False))
    assert text_kept_as(stranger) == "strangers"
    assert text_kept_as(HELD) == ""
    assert text_kept_as(replace(HELD, state=CaseState.APPEALED)) == ""


def test_all_keys_of_a_list_share_one_slot() -> None:
    """Braces in an address cannot move a key elsewhere."""
    odd = ListKeys("Bo{a}r}d@party.example")
    names = (odd.case("1"), odd.outbox, odd.queue("q{x}", CaseState.HELD), odd.waiting("remind"))
    assert len({name[name.index("{") + 1 : name.index("}")] for name in names}) == 1
    assert ListKeys("a}b@x").outbox != ListKeys("a%7db@x").outbox
