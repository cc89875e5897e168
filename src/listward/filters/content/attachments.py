"""Reader: files that run, documents with macros, archives that hold them or that cannot be looked into."""

from collections.abc import Iterator

from listward.filters.content import archives, filetypes
from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message, Part

HARMFUL = "malware"
# What cannot be looked into proves nothing: a person decides.
UNSEEN = "malformed"
# The industry's harmless test file, in two pieces so that this source is not taken for it.
_TEST_FILE = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_REASONS = {
    "malware-test-file": (HARMFUL, 1.0, "The message holds the test file for malware scanners."),
    "executable-attachment": (HARMFUL, 0.9, "A file in this message is a program."),
    "disguised-attachment": (HARMFUL, 0.9, "A file in this message has a name that hides its type."),
    "macro-document": (HARMFUL, 0.7, "A document in this message holds macros, small programs inside it."),
    "doubtful-attachment": (HARMFUL, 0.6, "A file in this message may run a program inside it when it is opened."),
    "encrypted-archive": (UNSEEN, 0.6, "A file in this message is locked with a password and cannot be checked."),
    "unreadable-archive": (UNSEEN, 0.6, "A packed file in this message is broken and cannot be checked."),
    "oversized-archive": (UNSEEN, 0.6, "A packed file in this message is too large to be checked."),
    "closed-archive": (UNSEEN, 0.4, "A packed file in this message is of a kind that cannot be checked."),
}
_TROUBLE = {"encrypted": "encrypted-archive", "too-large": "oversized-archive", "unreadable": "unreadable-archive"}
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml"})
_MACROS_INSIDE = ("vbaproject.bin", "vbadata.xml")
_OLE_MACROS = b"V\x00B\x00A\x00"
_ENCRYPTED_OFFICE = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e".encode("latin-1")


def check(message: Message, context: Context) -> Iterator[Finding]:
    """One finding for each rule, with the names of the files it rests on."""
    found: dict[str, list[str]] = {}
    budget = archives.Budget()
    for part in message.attachments:
        for rule in dict.fromkeys(_inspect_part(part, budget)):
            found.setdefault(rule, []).append(part.filename or part.content_type)
    if "malware-test-file" not in found and _test_file_anywhere(message):
        found["malware-test-file"] = ["text"]
    for rule, names in found.items():
        category, weight, reason = _REASONS[rule]
        shown = dict.fromkeys(name[:120] for name in names)
        yield Finding(rule, category, weight, reason, tuple(_evidence(name) for name in list(shown)[:5]))


def _evidence(name: str) -> Evidence:
    return Evidence("attachment", 0, len(name), name)


def _test_file_anywhere(message: Message) -> bool:
    return any(_TEST_FILE in part.content for part in (*message.parts, *message.alternatives))


def _inspect_part(part: Part, budget: archives.Budget) -> Iterator[str]:
    for name in part.names:
        yield from _by_name(name, part.content)
    if part.content_type in _PAGE_TYPES and filetypes.acts(part.content):
        yield "doubtful-attachment"
    yield from _by_content(part.content, budget, 0)


def _by_name(name: str, content: bytes) -> Iterator[str]:
    if filetypes.poses_by_name(name):
        yield "disguised-attachment"
    if filetypes.runs_by_name(name):
        yield "executable-attachment"
    if filetypes.has_macros_by_name(name):
        yield "macro-document"
    if filetypes.is_closed_by_name(name):
        yield "closed-archive"
    if filetypes.looked_at_by_name(name) or (filetypes.is_page(name) and filetypes.acts(content)):
        yield "doubtful-attachment"


def _by_content(content: bytes, budget: archives.Budget, depth: int) -> Iterator[str]:
    if _TEST_FILE in content:
        yield "malware-test-file"
    kind = filetypes.kind(content)
    if kind == "executable":
        yield "executable-attachment"
    elif kind == "closed-archive":
        yield "closed-archive"
    elif kind == "ole":
        yield from _ole(content)
    elif kind:
        yield from _archive(kind, content, budget, depth)


def _ole(content: bytes) -> Iterator[str]:
    """The old Office format: directory entries stand in UTF-16 (MS-CFB, section 2.6)."""
    if _OLE_MACROS in content:
        yield "macro-document"
    if _ENCRYPTED_OFFICE in content:
        yield "encrypted-archive"


def _archive(kind: str, content: bytes, budget: archives.Budget, depth: int) -> Iterator[str]:
    if depth >= archives.DEPTH or budget.entries <= 0:
        yield "oversized-archive"
        return
    listing = archives.read(kind, content, budget)
    budget.entries -= len(listing.members)
    if listing.trouble:
        yield _TROUBLE[listing.trouble]
    for member in listing.members:
        if member.name.lower().endswith(_MACROS_INSIDE):
            yield "macro-document"
        yield from _by_name(member.name, member.content)
        yield from _by_content(member.content, budget, depth + 1)
