"""A moderator's walk on a phone, without scripts: log in, list, open, release, undo, reject, bundle."""

from time import monotonic

import pytest
from desk_browser import Reader, reading, wait_for
from desk_world import World
from memory_cases import draft, stranger
from messages import build
from playwright.sync_api import Browser

from listward.queue.cases.case import Case, CaseState, Reason
from listward.wire.payload import Payload

BODY = build(
    text="Dear all, please send money to me. See https://paypal.example/ana\n", attachments=[("a.pdf", b"%PDF-")]
)


def hold(world: World, count: int = 1, **changes: object) -> list[Case]:
    """Hold members' messages."""
    return [wait_for(world.cases.hold(draft(**changes), Payload(BODY))) for _ in range(count)]


def state(world: World, case: Case) -> CaseState:
    """Where a case stands now."""
    return world.cases.cases[case.number].state


@pytest.mark.parametrize("width", [360, 1280])
def test_the_whole_walk_without_scripts(chromium: Browser, width: int) -> None:
    """Every step works by plain links and forms, on a phone and on a desk."""
    world = World()
    first, second = hold(world, 2)
    with reading(chromium, world, width, scripts=False) as reader:
        page = reader.page
        reader.log_in()
        assert page.locator("h1").inner_text() == "Waiting for you"
        page.click(f"a[href='/cases/{first.number}']")
        assert page.locator(".text mark").inner_text() == "please send money"
        page.click("button:has-text('Release to the list')")
        page.wait_for_url("**/?done=*")
        assert state(world, first) is CaseState.RELEASED
        page.click("button:has-text('Undo')")
        page.wait_for_url(f"**/cases/{first.number}")
        assert state(world, first) is CaseState.HELD
        reader.open(f"/cases/{second.number}")
        page.click("summary")
        page.select_option("#clause", "A 7.1")
        page.fill("#sentence", "Please write without the appeal.")
        page.click("button:text-is('Reject')")
        page.wait_for_url("**/?done=*")
        assert state(world, second) is CaseState.REJECTED
        ruling = world.cases.cases[second.number].ruling
        assert ruling is not None
        assert (ruling.clause, ruling.sentence) == ("A 7.1", "Please write without the appeal.")
        page.click("a:has-text('Decided')")
        assert "rejected it" in page.inner_text("main")
        page.click("button:has-text('Log out')")
        page.wait_for_url("**/login")


@pytest.mark.parametrize("width", [360, 1280])
def test_reject_in_the_bar_opens_the_form_in_one_touch(chromium: Browser, width: int) -> None:
    """The link leads into the folded part, which unfolds without scripts."""
    world = World()
    (case,) = hold(world)
    with reading(chromium, world, width, scripts=False) as reader:
        reader.log_in()
        reader.open(f"/cases/{case.number}")
        assert not reader.page.is_visible("#sentence")
        reader.page.click(".bar a:has-text('Reject…')")
        reader.page.wait_for_selector("#sentence", state="visible")
        reader.page.fill("#sentence", "Please write without the appeal.")
        reader.page.click("button:text-is('Reject')")
        reader.page.wait_for_url("**/?done=*")
        assert state(world, case) is CaseState.REJECTED


@pytest.mark.parametrize("width", [360, 1280])
def test_many_quoted_words_stand_in_order(chromium: Browser, width: int) -> None:
    """Eight pieces wrap inside their card, the subject's word is marked in the title, the release is one line."""
    world = World()
    words = [
        "rent",
        "please send money",
        "https://paypal.example/" + "x" * 150,
        *(f"piece {n} of the text" for n in range(7)),
    ]
    views = ["subject", "text", "attached_text", *(["text"] * 7)]
    reasons = tuple(
        Reason("r", "c", "A 7.3", "Why.", view, 0, 0, word) for view, word in zip(views, words, strict=True)
    )
    (case,) = hold(world, reasons=reasons)
    with reading(chromium, world, width) as reader:
        reader.log_in()
        page = reader.open(f"/cases/{case.number}")
        reader.assert_inert()
        assert page.locator("h1 mark").inner_text() == "rent"
        assert page.locator(".quotes mark").count() == 8
        assert "in an attached text" in page.inner_text(".quotes")
        assert "and 2 more" in page.inner_text(".quotes")
        assert page.evaluate(FURTHEST_QUOTE) <= 0
        assert page.locator(".bar button").bounding_box()["height"] < 60


def test_the_late_moderator_sees_who_was_first(chromium: Browser) -> None:
    """Two windows on one case: the second reads the first one's name."""
    world = World()
    (case,) = hold(world)
    with reading(chromium, world) as reader:
        reader.log_in()
        reader.open(f"/cases/{case.number}")
        other = chromium.new_context()
        colleague = Reader(other.new_page(), reader.url)
        colleague.log_in("mod2@party.example")
        colleague.open(f"/cases/{case.number}")
        colleague.page.click("button:has-text('Release to the list')")
        colleague.page.wait_for_url("**/?done=*")
        reader.page.click("button:has-text('Release to the list')")
        assert "mod2@party.example was first" in reader.page.inner_text("main")
        other.close()


def test_a_full_queue_is_done_in_few_touches(chromium: Browser) -> None:
    """34 strangers' spam and 6 members' messages: the bundle is one touch, each member's message two."""
    world = World()
    members = hold(world, 6)
    spam = [wait_for(world.cases.hold(stranger(subject=f"You have won {n}"), Payload(BODY))) for n in range(34)]
    started, touches = monotonic(), 0
    with reading(chromium, world) as reader:
        page = reader.page
        reader.log_in()
        page.click("a:has-text('Look through 34 messages')")
        page.uncheck(f"#c{spam[3].number}")
        page.click("button:has-text('Discard the ticked messages')")
        page.wait_for_url("**/?discarded=33")
        touches += 3
        for case in members:
            page.click(f"a[href='/cases/{case.number}']")
            page.click("button:has-text('Release to the list')")
            page.wait_for_url(f"**/?done={case.number}")
            touches += 2
    assert touches == 15
    assert monotonic() - started < 120
    assert state(world, spam[3]) is CaseState.HELD
    assert all(state(world, case) is CaseState.RELEASED for case in members)


def test_everything_is_reachable_by_keyboard(chromium: Browser) -> None:
    """The skip link comes first and shows; the release button can be reached and pressed."""
    world = World()
    (case,) = hold(world)
    with reading(chromium, world) as reader:
        reader.log_in()
        page = reader.open(f"/cases/{case.number}")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == "Release to the list":
                break
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        page.keyboard.press("Enter")
        page.wait_for_url("**/?done=*")
        assert state(world, case) is CaseState.RELEASED


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_with_letters_of_sixteen_pixels(chromium: Browser, scheme: str) -> None:
    """No sideways scrolling, no text under 16 px, buttons of 44 px, contrast of at least 4.5."""
    world = World()
    (case,) = hold(world, subject="x" * 200, author_name="y" * 90)
    wait_for(world.cases.hold(stranger(subject="z" * 200), Payload(BODY)))
    with reading(chromium, world) as reader:
        reader.log_in()
        reader.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
        for path in ("/", f"/cases/{case.number}", "/bundle", "/status", "/rules", "/decided", "/find?q=x"):
            page = reader.open(path)
            reader.assert_inert()
            assert page.evaluate(SMALLEST_TEXT) >= 16, path
            assert page.evaluate(LOWEST_BUTTON) >= 44, path
            assert page.evaluate(WORST_CONTRAST) >= 4.5, path


FURTHEST_QUOTE = """() => Math.max(...[...document.querySelectorAll('.quotes li')].map(
    e => e.getBoundingClientRect().right - e.closest('.card').getBoundingClientRect().right))"""
SMALLEST_TEXT = """() => Math.min(...[...document.querySelectorAll('body *')]
    .filter(e => e.textContent.trim()).map(e => parseFloat(getComputedStyle(e).fontSize)))"""
LOWEST_BUTTON = """() => Math.min(999, ...[...document.querySelectorAll('main button, main .button')]
    .filter(e => e.getClientRects().length).map(e => e.getBoundingClientRect().height))"""
WORST_CONTRAST = """() => {
    const parse = c => c.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const ground = e => { for (; e; e = e.parentElement) {
        const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > .99) return c; }
        return [255, 255, 255]; };
    let worst = 21;
    for (const e of document.querySelectorAll('body *')) {
        const written = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!written || !e.getClientRects().length) continue;
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))];
        worst = Math.min(worst, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
    }
    return worst;
}"""
