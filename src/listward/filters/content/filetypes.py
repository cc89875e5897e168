"""What a file is, by name and by its first bytes: only the kinds that rules speak of."""

import re
import unicodedata

from listward.filters.message.normalise import fold

# A multi-line text reads better here than a hundred quoted strings.
_RUN_WHEN_OPENED = """
    exe com scr pif bat cmd cpl msi msp mst dll ocx drv vbs vbe vb jse ws wsf wsc wsh hta ps1 psm1 psc1 lnk scf jar apk
    ade adp chm hlp msc job gadget application appref-ms appx msix xll sct shb shs ins isp settingcontent-ms diagcab
    library-ms search-ms website vhd vhdx udl bash csh ksh elf workflow dmg pkg rpm deb iqy slk js one img iso
"""
# Names that harmless files have too: alone they prove nothing, behind a document's name they do.
_RUN_OR_NOT = "sh py pl url run desktop action command reg inf sys app bin theme"
# Honest people send these too, and what opens them may run what is inside: a person looks first.
_LOOKED_AT = (
    "url sh py pyw pyz rb pl php reg inf desktop command action theme svgz shtml mht mhtml xap swf wsb rdp xps xsl"
)
# Pages and drawings: doubtful only where something in them acts.
_PAGES = "html htm xhtml xht svg xml"
_CLOSED = "7z rar r00 r01 ace arj cab lzh lha zst lz lz4 lzma z zoo sit sitx zpaq alz egg"
_MACROS = "docm dotm xlsm xltm xlam xlsb pptm potm ppsm ppam sldm"
RUN_WHEN_OPENED = frozenset(_RUN_WHEN_OPENED.split())
EXECUTABLE_NAMES = RUN_WHEN_OPENED | frozenset(_RUN_OR_NOT.split())
LOOKED_AT = frozenset(_LOOKED_AT.split())
PAGES = frozenset(_PAGES.split())
CLOSED_NAMES = frozenset(_CLOSED.split())
MACRO_NAMES = frozenset(_MACROS.split())
# An extension that people take for a document, before one that runs.
_DOCUMENT = "pdf|docx?|xlsx?|pptx?|odt|ods|rtf|txt|jpe?g|png|gif|csv|html?|mp[34]|zip"
DOUBLE_EXTENSION = re.compile(rf"\.(?:{_DOCUMENT})[\s._\u00a0]*\.([a-z0-9-]{{2,14}})[\s.]*\Z", re.IGNORECASE)
PAGE_BYTES = 1024 * 1024
_ACTING = re.compile(
    rb"<script|javascript:|vbscript:|<(?:iframe|frame|object|embed|applet|form|foreignobject|base|!entity|hta:)[\s/>:]"
    rb"|[\s/\"']on[a-z]{3,20}\s{0,10}=|http-equiv\s{0,10}=\s{0,10}[\"']?refresh|<animate[^>]{0,200}href",
    re.IGNORECASE,
)
_DROPPED = " .\t\r\n\"'"
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")

_MAGIC = (
    (b"MZ", "executable"),
    (b"\x7fELF", "executable"),
    (b"\xca\xfe\xba\xbe", "executable"),
    (b"\xfe\xed\xfa\xce", "executable"),
    (b"\xfe\xed\xfa\xcf", "executable"),
    (b"\xce\xfa\xed\xfe", "executable"),
    (b"\xcf\xfa\xed\xfe", "executable"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "executable"),
    (b"dex\n", "executable"),
    (b"ITSF", "executable"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "executable"),
    (b"vhdxfile", "executable"),
    (b"conectix", "executable"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"Rar!\x1a\x07", "closed-archive"),
    (b"7z\xbc\xaf\x27\x1c", "closed-archive"),
    (b"MSCF", "closed-archive"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "closed-archive"),
)


def kind(content: bytes) -> str:
    """The kind by magic number, as named above; "" for what no rule speaks of."""
    found = next((name for magic, name in _MAGIC if content.startswith(magic)), "")
    if found:
        return found
    if content[257:262] == b"ustar":
        return "tar"
    if content[32_769:32_774] == b"CD001":  # a disk image (ISO 9660, section 8.1)
        return "executable"
    # An archive may stand behind other data: readers look for its directory at the end (APPNOTE 4.3.16).
    return "zip" if content.find(b"PK\x05\x06", max(0, len(content) - 65_600)) >= 0 else ""


def extension(name: str) -> str:
    """The last extension as systems take it: folded, without white space and dots at the end."""
    return next(iter(extensions(name)), "")


def extensions(name: str) -> tuple[str, ...]:
    """The last extension, and those before a semicolon, where some systems end the name."""
    folded = _folded(name)
    pieces = (folded, *folded.split(";")[:20]) if ";" in folded else (folded,)
    return tuple(dict.fromkeys(_extension(piece) for piece in pieces))


def _folded(name: str) -> str:
    """Look-alikes as Latin letters, without what nobody sees and what systems drop at the end."""
    plain = unicodedata.normalize("NFKC", str(fold(name)))
    return "".join(sign for sign in plain.rstrip(_DROPPED)[-300:] if sign.isprintable() or sign in "\t\r\n")


def _extension(name: str) -> str:
    plain = re.split(r"[/\\:]", name.strip(_DROPPED))[-1]
    stem, dot, last = plain.rpartition(".")
    return last.strip().lower() if dot and (stem or last) else ""


def runs_by_name(name: str) -> bool:
    """Whether a system would run a file of that name when it is opened."""
    # "www.party.example.com" and "ana@example.com" are names of pages and messages, not of programs.
    known = RUN_WHEN_OPENED - {"com"} if "@" in name or name.lower().startswith("www.") else RUN_WHEN_OPENED
    return not known.isdisjoint(extensions(name))


def poses_by_name(name: str) -> bool:
    """Whether the name makes people believe in another type: "invoice.pdf.exe", or reversed by bidi controls."""
    match = DOUBLE_EXTENSION.search(_folded(name))
    return bool(_BIDI.search(name)) or (match is not None and match.group(1).lower() in EXECUTABLE_NAMES)


def looked_at_by_name(name: str) -> bool:
    """Whether what opens a file of that name may run what is inside."""
    return not LOOKED_AT.isdisjoint(extensions(name))


def is_page(name: str) -> bool:
    """Whether a browser opens a file of that name."""
    return not PAGES.isdisjoint(extensions(name))


def acts(content: bytes) -> bool:
    """Whether a page or drawing does something when it is opened: scripts, forms, frames, other places."""
    return _ACTING.search(content[:PAGE_BYTES].replace(b"\x00", b"")) is not None


def is_closed_by_name(name: str) -> bool:
    """Whether the name is that of an archive nobody can look into here."""
    return not CLOSED_NAMES.isdisjoint(extensions(name))


def has_macros_by_name(name: str) -> bool:
    """Whether the name is that of a document with macros."""
    return not MACRO_NAMES.isdisjoint(extensions(name))
