"""Marking examples of a rule on trial on a telephone, without scripts, by touch and by keyboard."""

from typing import Any

import pytest
from desk_browser import reading
from desk_world import World, site
from memory_observations import MemoryObservations
from playwright.sync_api import Browser

from listward.config.policy import Policy, Rule
from listward.config.site import MailingList, PolicyTable
from listward.filters.judgement import Action
from listward.filters.policy.trial import trial_of
from listward.queue.store.observations import Figures

BOARD, MOD = "board@party.example", "mod@party.example"
POLICY = Policy(rule=(Rule(name="heat", stage="content", action="hold", mode="shadow"),), digest="0123456789abcdef")
HEAT = trial_of(POLICY, observing=True).keys["heat"]


def world_with(*subjects: str, **more: Any) -> World:
    """A site that observes, and a tuner with examples."""
    kept = MemoryObservations()
    kept.by_list[BOARD] = Figures({(POLICY.digest, True): 1902}, {HEAT: {Action.HOLD: 41}})
    trial = trial_of(POLICY, observing=True)
    kept.known = {POLICY.digest: {HEAT: trial.standings["heat"]}}
    for subject in subjects:
        kept.put(BOARD, HEAT, subject, **more)
    board = MailingList(address=BOARD, zone="members", next_hop="smtp://127.0.0.1:2527", tuners=(MOD,))
    tables = {"list": (board,), "policy": PolicyTable(mode="observe")}
    return World(site=site(**tables), policy=POLICY, observations=kept)


@pytest.mark.parametrize("width", [360, 1280])
def test_one_touch_an_example(chromium: Browser, width: int) -> None:
    """From the red line on any page to the mark; the next example comes to the top."""
    world = world_with("First", "Second")
    with reading(chromium, world, width, scripts=False) as reader:
        page = reader.page
        reader.log_in()
        page.click("p.observe a")
        assert "Would have held 41 of 1,902" in page.inner_text("main")
        reader.assert_inert()
        page.click("a:has-text('Examples')")
        assert "2 examples are left" in page.inner_text("main")
        reader.assert_inert()
        page.click("#next button:has-text('Right')")
        assert "1 example is left" in page.inner_text("main")
        assert page.inner_text("#next h2") == "Second"
        assert [kept.mark for kept in world.observations.kept] == [True, None]


def test_by_the_keyboard(chromium: Browser) -> None:
    """A button is reached by the tab key and pressed by the space bar."""
    world = world_with("First")
    with reading(chromium, world, 360, scripts=False) as reader:
        page = reader.page
        reader.log_in()
        reader.open(f"/trials/{BOARD}/heat")
        page.focus("#next button:has-text('Right')")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.wait_for_selector("text=Marked wrong")
        assert [kept.mark for kept in world.observations.kept] == [False]


def test_an_example_is_inert_whatever_stands_in_it(chromium: Browser) -> None:
    """Text of strangers is text."""
    hostile = "<script>window.pwned=1</script><img src=//evil.example/x>\u202e" + "w" * 300
    world = world_with(hostile, text=hostile, words=(hostile,), saw=hostile)
    with reading(chromium, world) as reader:
        reader.log_in()
        reader.open(f"/trials/{BOARD}/heat")
        reader.assert_inert()
        assert "www" in reader.page.inner_text("#next")
