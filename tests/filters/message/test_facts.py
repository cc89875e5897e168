"""The facts that outlive the parsed message."""

from messages import build

from listward.filters.message.facts import facts
from listward.filters.message.parse import parse_message


def test_facts_of_a_message() -> None:
    """Subject, ids, digest, own text and size."""
    raw = build(text="I agree.\n> quoted\n", headers=[("In-Reply-To", "<0@party.example>")])
    message = parse_message(raw)
    found = facts(message)
    assert found.subject == "Minutes of Tuesday"
    assert found.message_id == "<one@party.example>"
    assert found.body_digest == message.body_digest
    assert found.text.strip() == "I agree."
    assert found.size == len(raw)
    assert found.has_message_id
    assert found.has_date


def test_missing_fields_are_known() -> None:
    """What must be added on the way is known here."""
    found = facts(parse_message(build(message_id=None, date=None)))
    assert not found.has_message_id
    assert not found.has_date
    assert found.message_id == ""


def test_signed_fields_of_all_signatures() -> None:
    """The union of all "h=" tags, folded or not, lower case."""
    first = "v=1; a=rsa-sha256; h=From:To:\r\n\tMessage-ID; b=abc"
    second = "h = Date : Subject; bh=h=x"
    found = facts(parse_message(build(headers=[("DKIM-Signature", first), ("DKIM-Signature", second)])))
    assert found.dkim_signed_fields == {"from", "to", "message-id", "date", "subject"}
