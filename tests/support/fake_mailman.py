"""Mailman's REST interface as far as rosters need it, with room for every kind of mischief."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PASSWORD = "s3cret-of-the-interface"
LIST_ID = "board.party.example"
Row = dict[str, Any]


@dataclass
class Answer:
    """A whole answer of its own making."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


class FakeMailman:
    """People by role of one list, and what else a Mailman knows. `mischief` may answer in its place."""

    def __init__(self) -> None:
        self.rosters: dict[str, list[Row]] = {"member": [], "owner": [], "moderator": [], "nonmember": []}
        self.addresses: list[Row] = []
        self.bans: dict[str, list[str]] = {"site": [], "list": []}
        self.default_action = "defer"
        self.languages: dict[str, str] = {}
        self.asked: list[str] = []
        self.mischief: Callable[[str], Answer | None] = lambda path: None

    def add(self, email: str, role: str = "member", **more: Any) -> None:
        """Subscribe an address. `user` is the user's id."""
        user = more.pop("user", "")
        row = {"email": email, "self_link": f"http://elsewhere.example/3.1/members/{role}-{email}", **more}
        if user:
            row["user"] = f"http://elsewhere.example/3.1/users/{user}"
        self.rosters[role].append(row)
        self.rosters[role].sort(key=lambda entry: entry["email"])

    def remove(self, email: str) -> None:
        """Unsubscribe an address."""
        self.rosters["member"] = [row for row in self.rosters["member"] if row["email"] != email]

    def know(self, user: str, *emails: str, verified: bool = True) -> None:
        """Let a user have these addresses."""
        for email in emails:
            row = {"email": email, "self_link": f"http://elsewhere.example/3.1/addresses/{email}"}
            row["user"] = f"http://elsewhere.example/3.1/users/{user}"
            self.addresses.append({**row, **({"verified_on": "2026-01-01T00:00:00"} if verified else {})})

    def answer(self, path: str) -> Answer:
        """What Mailman would say."""
        self.asked.append(path)
        if (mischief := self.mischief(path)) is not None:
            return mischief
        parts = urlsplit(path.removeprefix("/3.1/"))
        found = self._found(unquote(parts.path), {key: value[-1] for key, value in parse_qs(parts.query).items()})
        return Answer(404, b'{"title": "404 Not Found"}') if found is None else Answer(body=json.dumps(found).encode())

    def _found(self, path: str, query: dict[str, str]) -> Row | None:
        collections = {
            "addresses": lambda: self.addresses,
            "bans": lambda: self._bans("site"),
            f"lists/{LIST_ID}/bans": lambda: self._bans("list"),
            "members/find": lambda: self._members(query),
        }
        if path in collections:
            return _paged(collections[path](), query)
        if path == f"lists/{LIST_ID}/config/default_member_action":
            return {"default_member_action": self.default_action}
        if path == "system/preferences":
            return {"preferred_language": "en"}
        if path.endswith("/all/preferences"):
            email = path.split("/")[1].partition("-")[2]
            return {"preferred_language": self.languages.get(email, "en")}
        if path.startswith("addresses/"):
            return next((row for row in self.addresses if row["email"] == path.partition("/")[2]), None)
        if path.startswith(f"lists/{LIST_ID}/member/"):
            email = path.rpartition("/")[2]
            return next((row for row in self.rosters["member"] if row["email"] == email), None)
        return None

    def _members(self, query: dict[str, str]) -> list[Row]:
        rows = self.rosters[query["role"]] if query["list_id"] == LIST_ID else []
        action = query.get("moderation_action")
        return [row for row in rows if action is None or row.get("moderation_action") == action]

    def _bans(self, which: str) -> list[Row]:
        return [{"email": ban, "self_link": f"http://elsewhere.example/3.1/bans/{ban}"} for ban in self.bans[which]]


def _paged(rows: list[Row], query: dict[str, str]) -> Row:
    count, page = int(query["count"]), int(query["page"])
    some = rows[(page - 1) * count : page * count]
    return {"start": (page - 1) * count, "total_size": len(rows), **({"entries": some} if some else {})}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        answer = self._answer()
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def _answer(self) -> Answer:
        expected = "Basic " + base64.b64encode(f"rest:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != expected:
            return Answer(401, b'{"title": "401 Unauthorized"}')
        return self.server.mailman.answer(self.path)  # type: ignore[attr-defined]  # set by `serving`

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that went away is no error of a test."""


@contextmanager
def serving(mailman: FakeMailman, wrap: Callable[[Any], Any] = lambda socket: socket) -> Iterator[int]:
    """Serve it on a free port of this machine; `wrap` may put TLS around its socket."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.mailman = mailman  # type: ignore[attr-defined]  # read by _Handler
    server.socket = wrap(server.socket)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
