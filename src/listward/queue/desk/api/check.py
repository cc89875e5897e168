"""POST /check: judge a message or plain text. Stateless: nothing of it is kept."""

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from listward.config.site import Site
from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Judgement
from listward.filters.transaction import Client, Listener, Transaction
from listward.filters.verdict_json import verdict_json
from listward.queue.desk.api.views import utf8
from listward.queue.desk.plain import plain


class CheckBody(BaseModel):
    """What to judge: either `message` (a whole e-mail) or `text` (plain text, as from a chat)."""

    model_config = ConfigDict(extra="forbid")

    message: str = ""
    text: str = ""
    sender: str = Field(default="", max_length=320)
    recipients: list[str] = Field(default_factory=list, max_length=100)
    client_ip: str = Field(default="", max_length=64)
    origin: Literal["", "forged", "internal", "member", "known", "unproven"] = ""


def transaction_for(body: CheckBody, raw: bytes, site: Site, identity: str, now: float) -> Transaction:
    """Build the transaction to judge `raw`, or the body's own; without recipients the site's first list is taken."""
    raw = raw or body.message.encode() or _as_message(body.text, site)
    raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    recipients = tuple(body.recipients) or (site.lists[0].address,)
    return Transaction(identity, Listener.INGRESS, Client(body.client_ip or None), body.sender, recipients, raw, now)


def origin_given(body: CheckBody) -> OriginKind | None:
    """The origin to take as given. Plain text has no author to prove: a member's, unless said otherwise."""
    if body.origin:
        return OriginKind(body.origin)
    return OriginKind.MEMBER if body.text else None


def _as_message(text: str, site: Site) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"chat@{site.organisation.domains[0]}"
    message["To"] = site.lists[0].address
    message["Subject"] = "Chat"
    message["Date"] = "Thu, 01 Jan 2026 00:00:00 +0000"
    message["Message-ID"] = f"<chat@{site.organisation.domains[0]}>"
    message.set_content(plain(text, lines=True))
    return message.as_bytes()


def verdict_view(judgement: Judgement) -> dict[str, Any]:
    """The judgement as programs read it, the same shape as `listward check --json` without its path."""
    view: dict[str, Any] = utf8(verdict_json(judgement))
    return view
