"""Held mail that attacks its readers: no script runs, no request leaves, nothing of it acts."""

import json
from pathlib import Path

import pytest
from desk_browser import Reader, reading, wait_for
from desk_world import World
from memory_cases import draft, stranger
from messages import build
from playwright.sync_api import Browser

from listward.filters.message.parse import parse_message
from listward.queue.cases.case import Case, CaseDraft, Reason, StoredEnvelope
from listward.wire.payload import Payload

PAYLOADS = (
    "<script>window.pwned=1;alert(1)</script>",
    '<img src=x onerror="window.pwned=1">',
    '"><svg onload=window.pwned=1>',
    "'-alert(1)-'",
    "</textarea></title><script>window.pwned=1</script>",
    "<iframe src=http://evil.example/></iframe>",
    "<base href=http://evil.example/>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<form action=http://evil.example/><button>Release</button></form>",
    "<style>@import 'http://evil.example/x';*{background:url(http://evil.example/y)}</style>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "{{ 7*7 }}{% for x in y %}${7*7}#{7*7}",
    "javascript:window.pwned=1",
    "+ADw-script+AD4-window.pwned=1+ADw-/script+AD4-",
    "\u202e\u2066gnp.exe\u2069 \x1b[2J\x00\x07",
    "\ud800 lone surrogate \udfff",
)


def hostile(payload: str) -> CaseDraft:
    """A case with the payload wherever a stranger's words can stand."""
    reasons = (
        Reason("rule", "c", "A 7.3", payload, "text", 0, len(payload), payload),
        Reason("rule", "c", payload, payload, "subject", 0, len(payload), payload),
    )
    return draft(
        subject=payload,
        author=f'"{payload}"@evil.example',
        author_name=payload,
        first_lines=payload,
        reasons=reasons,
        role=payload,
        envelope=StoredEnvelope(f'"{payload}"@evil.example', (f'"{payload}"@party.example', "board@party.example")),
        linked=(payload,),
    )


def open_everything(reader: Reader, cases: list[Case], world: World) -> None:
    """Every page that shows anything of the cases; each case's own page and its download."""
    before = dict(world.cases.cases)
    for path in ("/", "/bundle", "/decided", "/find?q=e", f"/?done={cases[0].number}"):
        reader.open(path)
        reader.assert_inert()
    for case in cases:
        reader.open(f"/cases/{case.number}")
        assert reader.page.title() == f"Case {case.number} · The Party"
        reader.assert_inert()
        with reader.page.expect_download() as started:
            reader.page.click("a:has-text('Download the message')")
        assert started.value.suggested_filename == f"case-{case.number}.txt"
    assert world.cases.cases == before


def test_words_of_a_stranger_stay_words(chromium: Browser) -> None:
    """Subject, names, addresses, reasons, file names and texts are shown and never obeyed."""
    world = World()
    cases = []
    for payload in PAYLOADS:
        written = payload.encode("utf-8", "replace").decode().replace("\x00", "").replace("\x1b", "")
        body = build(text=f"{written}\n", html=f"<p>{written}</p>", attachments=[(f"{written}.exe", b"MZ")])
        cases.append(wait_for(world.cases.hold(hostile(payload), Payload(body))))
        spam = stranger(subject=payload, first_lines=payload, author=f"{payload}@x.example")
        wait_for(world.cases.hold(spam, Payload(body)))
    with reading(chromium, world) as reader:
        reader.log_in()
        open_everything(reader, cases, world)


def test_a_moderators_own_words_stay_words(chromium: Browser) -> None:
    """A colleague's sentence and a list server's answer are strangers' words too."""
    world = World()
    case = wait_for(world.cases.hold(draft(), Payload(build())))
    world.cases.cases[case.number] = Case(
        case.number, 1, case.state, case.draft, case.opened_at, case.changed_at, failure=PAYLOADS[0]
    )
    with reading(chromium, world) as reader:
        reader.log_in()
        reader.open(f"/cases/{case.number}")
        reader.assert_inert()
        reader.page.click("summary")
        reader.page.fill("#sentence", PAYLOADS[4])
        reader.page.click("button:text-is('Reject')")
        reader.page.wait_for_url("**/?done=*")
        for path in (f"/cases/{case.number}", "/decided", f"/find?q={PAYLOADS[1]}", f"/login?next={PAYLOADS[2]}"):
            reader.open(path)
            reader.assert_inert()


def from_message(raw: bytes) -> CaseDraft:
    """A case of a message as the gateway would draft it."""
    message = parse_message(raw)
    author = message.author
    text = message.visible_text
    quote = text[:80]
    return draft(
        author=author.address if author else "",
        author_name=author.name if author else "",
        subject=message.subject,
        first_lines=text[:400],
        message_id=message.message_id,
        reasons=(Reason("structure", "structure", "A 7.1", "It is not well formed.", "text", 0, len(quote), quote),),
        size=len(raw),
    )


@pytest.mark.shared
def test_the_shared_hostile_messages_are_inert(chromium: Browser, shared: Path) -> None:
    """Each message of the set, on every page."""
    folder = shared / "conformance" / "hostile-content"
    names = [entry["file"] for entry in json.loads((folder / "index.json").read_text())]
    assert len(names) >= 15
    world = World()
    cases = []
    for name in names:
        raw = (folder / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        cases.append(wait_for(world.cases.hold(from_message(raw), Payload(raw))))
    with reading(chromium, world) as reader:
        reader.log_in()
        open_everything(reader, cases, world)


def test_the_page_policy_would_stop_what_got_through(chromium: Browser) -> None:
    """The second wall: even a script put into the page by force does not run, and no request leaves."""
    world = World()
    with reading(chromium, world) as reader:
        page = reader.open("/login")
        page.evaluate(
            """() => {
                const script = document.createElement('script'), image = new Image();
                script.textContent = 'window.pwned=1';
                image.src = 'http://evil.example/x';
                document.body.append(script, image);
            }"""
        )
        assert page.evaluate("typeof window.pwned") == "undefined"
        assert page.evaluate("fetch('http://evil.example/').then(() => 'sent', () => 'stopped')") == "stopped"
