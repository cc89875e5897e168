"""Of a very long text the first 5 MiB are read; the rest is searched for malware alone, and a finding says so."""

import pytest
from messages import build

from listward.filters.context import Context
from listward.filters.learner import SpamModel
from listward.filters.message import limits
from listward.filters.message.parse import parse_message
from listward.filters.reading import Reading, read

CONTEXT = Context("Party", frozenset({"party.example"}), frozenset(), frozenset(), frozenset())
APPEAL = (
    "I lost my job and I cannot pay my rent, my children are hungry and I am desperate. Please could you send me "
    "money, any amount helps, my paypal is paypal.me/annhelp. God bless you, I will pay you back.\n"
)
LINE = "The next meeting of the branch is on Thursday in the small hall.\n"
FULL = LINE * (limits.TEXT_BYTES // len(LINE) + 2)
TEST_FILE = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\n"


def reading(text: str, subtype: str = "plain") -> Reading:
    """What is read of a message with this text."""
    raw = build(text="@@").replace(b"text/plain", f"text/{subtype}".encode(), 1)
    return read(parse_message(raw.replace(b"@@", text.replace("\n", "\r\n").encode(), 1)), 1.0, CONTEXT, SpamModel())


def rules(found: Reading) -> set[str]:
    """The names of its findings."""
    assert not found.failures
    return {finding.rule for finding in found.findings}


@pytest.mark.parametrize("subtype", ["plain", "html"])
def test_a_text_beyond_the_bound_says_that_it_was_read_in_part(subtype: str) -> None:
    """The finding has a name and a plain sentence of its own; a text within the bound has none."""
    found = reading(FULL, subtype)
    (finding,) = (finding for finding in found.findings if finding.rule == "text-truncated")
    assert (finding.category, finding.reason) == ("size", "The text is too long to be checked in full.")
    assert "text-truncated" not in rules(reading(FULL[: limits.TEXT_BYTES // 2], subtype))


@pytest.mark.parametrize("subtype", ["plain", "html"])
def test_an_appeal_behind_the_bound_is_not_read(subtype: str) -> None:
    """What stands in the sixth MiB gives no score: that is what the finding warns of."""
    early, late = reading(APPEAL + FULL, subtype), reading(FULL + APPEAL, subtype)
    assert "personal-appeal" in rules(early)
    assert not {"personal-appeal", "personal-appeal-doubtful"} & rules(late)
    assert late.scores.solicitation < 0.1 < early.scores.solicitation


def test_malware_behind_the_bound_is_found() -> None:
    """The rest is searched for what harms."""
    assert {"malware-test-file", "text-truncated"} <= rules(reading(FULL + TEST_FILE))


def test_twenty_megabytes_are_read_in_part() -> None:
    """Far beyond the bound it is the same."""
    assert {"text-truncated", "text-unread"} <= rules(reading(FULL * 4 + APPEAL))


def test_links_and_words_behind_the_bound_are_not_read() -> None:
    """Every view of the text ends at the bound."""
    message = parse_message(build(text=FULL + "https://late.example/ confidential"))
    assert len(message.visible_text.encode()) <= limits.TEXT_BYTES
    assert not message.links
    assert "late.example" not in message.visible_text
