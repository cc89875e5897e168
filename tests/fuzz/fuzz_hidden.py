"""Another reader as the judge: what Python's own parser finds in a message, we find too, or we call it doubtful."""

from email import message_from_bytes
from email.message import Message as Other
from email.policy import Policy, compat32, default

from ambiguous_mail import CASES, TEST_FILE

from listward.filters.content import ambiguity, attachments, structure
from listward.filters.context import Context
from listward.filters.message.parse import parse_message

SEEDS = tuple(case.raw for case in CASES)
CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset())


def one(data: bytes) -> None:
    """Look for the scanners' test file, and for a program's name."""
    raw = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if not another_sees(raw):
        return
    message = parse_message(raw)
    found = [finding for reader in (attachments, ambiguity, structure) for finding in reader.check(message, CONTEXT)]
    assert any(finding.category in {"malware", "ambiguity", "malformed", "size"} for finding in found)


def another_sees(raw: bytes) -> bool:
    """Whether Python's parser, the old one or the new, comes upon either."""
    return any(_walked(raw, policy) for policy in (compat32, default) if len(raw) < 4000)


def _walked(raw: bytes, policy: "Policy[Other[str, str]]") -> bool:
    try:
        return any(_holds(part) for part in message_from_bytes(raw, policy=policy).walk())
    except Exception:  # it broke on the message, as it does in many ways: nothing to compare with
        return False


def _holds(part: "Other[str, str]") -> bool:
    payload = part.get_payload(decode=True)
    name = part.get_filename() or ""
    return (isinstance(payload, bytes) and TEST_FILE in payload) or name.strip().endswith("a.exe")
