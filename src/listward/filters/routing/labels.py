"""Labels of attachments that say "internal": in the file's name, or in the first lines of a text or office document."""

import re
import zipfile
import zlib
from collections.abc import Iterable
from io import BytesIO

from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message, Part
from listward.filters.routing.marks import CATEGORY, RULE, fold_words, is_label

MOST_ATTACHMENTS, MOST_NAME, MOST_BYTES, FIRST_LINES = 50, 255, 65_536, 6
# Papers that carry a mark in their name: "internal-minutes.pdf" is one, "internal-combustion.pdf" is not.
_PAPER_WORDS = (
    "minutes agenda report memo note notes paper plan budget draft protocol list roster decision decisions "
    "acta actas orden informe borrador presupuesto protokoll tagesordnung bericht entwurf haushalt beschluss"
)
PAPERS = frozenset(_PAPER_WORDS.split())
DOCUMENTS = frozenset({"word/document.xml", "content.xml"})  # of .docx and .odt
_TAGS = re.compile(rb"<[^<>]{0,2000}>")
_PARAGRAPH = re.compile(rb"</(?:w:p|text:p|text:h)>|<w:br/>")


def check(message: Message, context: Context) -> Iterable[Finding]:
    """Find the first labelled attachment."""
    for part in message.attachments[:MOST_ATTACHMENTS]:
        if evidence := _labelled_name(part, context.internal_marks) or _labelled_text(part, context.internal_marks):
            yield Finding(RULE, CATEGORY, 1.0, "An attachment is labelled as internal.", (evidence,))
            return


def _labelled_name(part: Part, marks: tuple[str, ...]) -> Evidence | None:
    for name in dict.fromkeys((part.filename, *part.names)):
        name = name[:MOST_NAME]
        if _is_labelled(name, marks):
            return Evidence("attachment", 0, len(name), name)
    return None


def _is_labelled(name: str, marks: tuple[str, ...]) -> bool:
    """A tag in brackets, a mark in capitals, a mark at the end, or a mark beside the word for a paper."""
    stem = name.rpartition(".")[0] or name
    if any(is_label(inside, marks) for inside in re.findall(r"[\[({]([^\[\](){}]{1,60})[\])}]", stem)):
        return True
    words = re.findall(r"[^\W_]+", stem)
    hits = [position for position, word in enumerate(words) if is_label(word, marks)]
    return any(words[hit].isupper() or hit == len(words) - 1 for hit in hits) or bool(
        hits and PAPERS.intersection(fold_words(stem))
    )


def _labelled_text(part: Part, marks: tuple[str, ...]) -> Evidence | None:
    text = _opening(part)
    lines = [line.strip() for line in text.splitlines() if line.strip()][:FIRST_LINES]
    for line in lines:
        if len(line) <= 80 and is_label(line, marks):
            start = text.find(line)
            return Evidence("attachment", start, start + len(line), line)
    return None


def _opening(part: Part) -> str:
    """The first text of an attachment; nothing where it is of a kind that is not read."""
    if part.content_type.startswith("text/"):
        return part.content[:4096].decode("utf-8", "replace")
    if part.content.startswith(b"PK\x03\x04"):
        return _document_opening(part.content)
    return ""


def _document_opening(content: bytes) -> str:
    """Read the beginning of an office document. At most MOST_BYTES are ever expanded, so no bomb goes off here."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            name = next((name for name in archive.namelist()[:200] if name in DOCUMENTS), "")
            if not name:
                return ""
            with archive.open(name) as member:
                xml = member.read(MOST_BYTES)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError):
        # Whether a broken archive may pass is the structure filter's question, not a label's.
        return ""
    return _TAGS.sub(b"", _PARAGRAPH.sub(b"\n", xml)).decode("utf-8", "replace")
