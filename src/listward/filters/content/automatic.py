"""Reader: answers that programs send by themselves. People's short answers are none of this filter's business."""

from collections.abc import Iterator

from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message

CATEGORY = "automatic"
_REASON = "This looks like an answer that a program sent by itself."
_RECEIPT = "This is a receipt that a mail program sent by itself."


def check(message: Message, context: Context) -> Iterator[Finding]:
    """Out-of-office answers, delivery and read receipts (RFC 3834, 3464, 8098)."""
    sign = _sign(message)
    if sign:
        view, text, reason = sign
        yield Finding("automatic-reply", CATEGORY, 0.9, reason, (Evidence(view, 0, len(text), text),))


def _sign(message: Message) -> tuple[str, str, str] | None:
    automatic = message.first("Auto-Submitted").strip().lower()
    # RFC 3834, section 5: "no" is a person; "auto-generated" is a program's own report, not an answer.
    if automatic.startswith("auto-replied"):
        return "header", "Auto-Submitted: auto-replied", _REASON
    for part in message.parts[:3]:
        if part.content_type in {"message/disposition-notification", "message/delivery-status"}:
            return "structure", part.content_type, _RECEIPT
    for name in ("X-Autoreply", "X-Autorespond", "X-Autoreply-From"):
        if message.first(name):
            return "header", name, _REASON
    precedence = message.first("Precedence").strip().lower()
    if precedence in {"auto_reply", "auto-reply"}:
        return "header", f"Precedence: {precedence}", _REASON
    return None
