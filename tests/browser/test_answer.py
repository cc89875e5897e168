"""The page of a question in a real browser: without scripts, on a phone, by keyboard."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from answering_world import ANA, AnasRosters, MembersJudge, MemoryVouches, unproven, unproven_body
from desk_browser import Reader, wait_for
from desk_server import served
from desk_world import World, site
from playwright.sync_api import Browser

from listward.config.site import Addresses, Organisation
from listward.queue.cases.case import CaseState
from listward.queue.notices.tokens import Tokens, Way
from listward.wire.payload import Payload


@contextmanager
def asked(chromium: Browser, width: int) -> Iterator[tuple[World, Reader, str]]:
    """A question in two languages, and a browser that is nobody's."""
    both = Organisation(name="The Party", domains=("party.example",), languages=("en", "es"))
    world = World(site=site(organisation=both, addresses=Addresses(help="office@party.example")))
    world.accounts, world.judge = MemoryVouches(), MembersJudge()  # type: ignore[assignment]  # it judges as well
    case = wait_for(world.cases.hold(unproven(), Payload(unproven_body())))
    token = wait_for(Tokens(world.redis).issue(case.number, ANA, Way.LINK, 1000))
    with served(world.app(AnasRosters())) as url:
        context = chromium.new_context(viewport={"width": width, "height": 780}, java_script_enabled=False)
        try:
            yield world, Reader(context.new_page(), url), f"/answer/{token}"
        finally:
            context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "es"])
def test_yes_by_keyboard_alone(chromium: Browser, width: int, language: str) -> None:
    """Tab leads from the box to the buttons in order; Enter answers. Nothing is wider than the screen."""
    with asked(chromium, width) as (world, reader, path):
        page = reader.open(path)
        assert page.locator("html").get_attribute("lang") == "en"
        page.focus(f"#remember-{language}")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        assert page.locator("button:focus").get_attribute("value") == "hers"
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "The message is yours." in page.inner_text("main")
        (case,) = world.cases.cases.values()
        assert case.state is CaseState.RELEASED
        assert world.accounts.kept == {}
        assert reader.elsewhere == []


def test_every_control_has_a_name_and_room(chromium: Browser) -> None:
    """For screen readers and thumbs: named sections, boxes and buttons, 16 pixels and more, no sideways scrolling."""
    with asked(chromium, 360) as (_, reader, path):
        page = reader.open(path)
        for name in ("Yes, it is mine", "This is not from me", "Sí, es mío", "Esto no es mío"):
            box = page.get_by_role("button", name=name, exact=True).bounding_box()
            assert box is not None
            assert box["height"] >= 44
        assert page.get_by_role("checkbox").count() == 2
        assert page.get_by_role("checkbox", name="Remember the way this mail took").is_checked()
        assert page.get_by_role("region", name="Is this message yours?").get_attribute("lang") == "en"
        assert page.get_by_role("region", name="¿Es tuyo este mensaje?").get_attribute("lang") == "es"
        main = page.locator("main").bounding_box()
        assert main is not None
        assert main["width"] <= 360
        size = "e => parseFloat(getComputedStyle(e).fontSize)"
        sizes = [page.locator(where).first.evaluate(size) for where in ("p", "dd", ".soft")]
        assert min(sizes) >= 16


def test_no_by_touch(chromium: Browser) -> None:
    """The second button; the page thanks, and the link is spent."""
    with asked(chromium, 360) as (world, reader, path):
        page = reader.open(path)
        with page.expect_navigation():
            page.click("button:has-text('This is not from me')")
        assert "It is not yours" in page.inner_text("main")
        assert next(iter(world.cases.cases.values())).denied
        reader.open(path)
        assert "does not work any more" in page.inner_text("main")
