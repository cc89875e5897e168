"""Labels of attachments."""

import io
import tracemalloc
import zipfile

import pytest
from messages import build

from listward.filters.context import Context
from listward.filters.message.parse import parse_message
from listward.filters.routing.labels import check

CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset(), ("internal", "intern"))


def labels(name: str, content: bytes = b"x") -> list[str]:
    """The words of each label found on one attachment."""
    raw = build(attachments=[(name, content)])
    return [finding.evidence[0].text for finding in check(parse_message(raw), CONTEXT)]


def document(member: str, xml: str) -> bytes:
    """An office document with one member."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, xml)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "labelled"),
    [
        ("[internal] plan.pdf", True),
        ("minutes_INTERNAL.docx", True),
        ("minutes-internal.pdf", True),
        ("internal-minutes-2026.pdf", True),
        ("Protokoll_intern_2026.pdf", True),
        ("(internal use only).odt", True),
        ("internal-combustion.pdf", False),
        ("international.pdf", False),
        ("minutes.pdf", False),
    ],
)
def test_labels_in_names(name: str, labelled: bool) -> None:
    """A tag, a mark in capitals or at the end, or a mark beside the word for a paper labels a file."""
    assert bool(labels(name)) is labelled


@pytest.mark.parametrize("member", ["word/document.xml", "content.xml"])
def test_first_lines_of_office_documents(member: str) -> None:
    """A line of its own at the beginning of a document labels it; the same words in a sentence do not."""
    labelled = "<w:p><w:t>Agenda</w:t></w:p><w:p><w:t>INTERNAL</w:t> <w:t>USE ONLY</w:t></w:p>"
    sentence = "<w:p><w:t>An internal matter is when nobody else is told.</w:t></w:p>"
    assert labels("agenda.docx", document(member, labelled)) == ["INTERNAL USE ONLY"]
    assert labels("agenda.docx", document(member, sentence)) == []


def test_first_lines_of_text_files() -> None:
    """Only the first lines label a text, and only where a line is nothing but the label."""
    import email.message
    import email.policy

    def text(content: str) -> bytes:
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message["From"] = "a@b.example"
        message.set_content("see the file")
        message.add_attachment(content, filename="a.txt")
        return message.as_bytes()

    first, late = parse_message(text("* Internal *\nBudget\n")), parse_message(text("x\n" * 10 + "Internal\n"))
    assert len(list(check(first, CONTEXT))) == 1
    assert list(check(late, CONTEXT)) == []


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04broken", document("other.xml", "INTERNAL"), document("content.xml", "<p>INTERNAL</p>" * 5)[:60], b""],
)
def test_broken_documents_say_nothing(content: bytes) -> None:
    """What cannot be opened has no label, and raises nothing."""
    assert labels("agenda.docx", content) == []


def test_a_bomb_does_not_go_off() -> None:
    """Of a document that would unpack to much, only the beginning is read."""
    bomb = document("content.xml", "<text:p>INTERNAL</text:p>" + " " * 30_000_000)
    message = parse_message(build(attachments=[("agenda.odt", bomb)]))
    assert len(message.attachments) == 1
    tracemalloc.start()
    found = list(check(message, CONTEXT))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found[0].evidence[0].text == "INTERNAL"
    assert peak < 2_000_000
