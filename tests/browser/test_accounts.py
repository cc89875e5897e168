"""Freezing an account on a telephone, without scripts: from a case to the switch, and back."""

import pytest
from desk_browser import reading, wait_for
from desk_world import World
from memory_cases import draft
from messages import build
from playwright.sync_api import Browser

from listward.queue.store.accounts import Freeze
from listward.wire.payload import Payload

ANA = "ana@party.example"


@pytest.mark.parametrize("width", [360, 1280])
def test_from_a_case_to_the_switch_and_back(chromium: Browser, width: int) -> None:
    """Two touches and a sentence; the page says what was done, and nothing is wider than the screen."""
    world = World()
    case = wait_for(world.cases.hold(draft(), Payload(build())))
    with reading(chromium, world, width, scripts=False) as reader:
        page = reader.page
        reader.log_in()
        reader.open(f"/cases/{case.number}")
        page.click("a:has-text('Freeze the account')")
        assert page.input_value("#address") == ANA
        page.fill("#reason", "She telephoned: the mailbox was broken into.")
        page.click("button:has-text('Freeze the account')")
        assert "Please tell them by telephone" in page.inner_text("[role=status]")
        assert set(world.freezes.kept) == {ANA}
        page.click("summary:has-text('End the freeze')")
        page.fill("#why1", "She has a new password.")
        page.click("button:has-text('End the freeze')")
        assert "No longer frozen" in page.inner_text("[role=status]")
        assert world.freezes.kept == {}


def test_the_page_is_inert_whatever_stands_in_it(chromium: Browser) -> None:
    """Addresses and reasons are text."""
    hostile = "<script>window.pwned=1</script><img src=//evil.example/x>" + "w" * 200
    world = World()
    world.freezes.kept[ANA] = Freeze(ANA, hostile, hostile, world.clock.now())
    world.freezes.kept["x"] = Freeze("", "", "The record cannot be read.", 0.0)
    with reading(chromium, world) as reader:
        reader.log_in()
        reader.open(f"/accounts?address={hostile}")
        reader.assert_inert()
        assert "cannot be read" in reader.page.inner_text("main")
