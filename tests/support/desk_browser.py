"""A desk in a real browser: what it asks for, what it runs, and a person at its keys."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from desk_server import served
from desk_world import PASSWORD, World
from playwright.sync_api import Browser, Dialog, Page, Request

T = TypeVar("T")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: the browser's driver has the loop of this one."""
    outcome: list[T] = []
    thread = threading.Thread(target=lambda: outcome.append(asyncio.run(work)))
    thread.start()
    thread.join()
    return outcome[0]


@dataclass
class Reader:
    """A page with what went wrong on it: requests to elsewhere, dialogs, scripts that ran."""

    page: Page
    url: str
    elsewhere: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note_request)
        self.page.on("dialog", self._note_dialog)

    def open(self, path: str) -> Page:
        """Go to one of our pages."""
        self.page.goto(self.url + path)
        return self.page

    def log_in(self, address: str = "mod@party.example") -> None:
        """Fill in the form."""
        self.open("/login")
        self.page.fill("#address", address)
        self.page.fill("#password", PASSWORD)
        self.page.click("button:has-text('Log in')")
        self.page.wait_for_url(self.url + "/")

    def assert_inert(self) -> None:
        """Nothing of a message has become part of the page."""
        assert self.elsewhere == []
        assert self.dialogs == []
        found = self.page.evaluate(
            """() => ({
                pwned: typeof window.pwned,
                live: document.querySelectorAll(
                    'script,iframe,frame,object,embed,img,svg,video,audio,base,style').length,
                refresh: document.querySelectorAll('meta[http-equiv]').length,
                handlers: [...document.querySelectorAll('*')].some(
                    e => [...e.attributes].some(a => a.name.startsWith('on') || a.name === 'style')),
                links: [...document.querySelectorAll('a[href],form[action],link[href]')]
                    .map(e => e.href || e.action).filter(u => !u.startsWith(location.origin + '/')),
                wide: document.documentElement.scrollWidth > window.innerWidth,
            })"""
        )
        assert found == {"pwned": "undefined", "live": 0, "refresh": 0, "handlers": False, "links": [], "wide": False}

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(self.url + "/"):
            self.elsewhere.append(request.url)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def reading(chromium: Browser, world: World, width: int = 360, scripts: bool = True) -> Iterator[Reader]:
    """Serve a desk and open a browser window of that width, with or without JavaScript."""
    wait_for(world.people(("mod@party.example", "mod2@party.example")))
    with served(world.app()) as url:
        context = chromium.new_context(
            viewport={"width": width, "height": 780}, java_script_enabled=scripts, accept_downloads=True
        )
        try:
            yield Reader(context.new_page(), url)
        finally:
            context.close()
