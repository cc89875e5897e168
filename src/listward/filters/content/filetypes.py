"""What a file is, by name and by its first bytes: only the kinds that rules speak of."""

import re
import unicodedata

# A multi-line text reads better here than a hundred quoted strings.
_RUN_WHEN_OPENED = """
    exe com scr pif bat cmd cpl msi msp mst dll ocx drv vbs vbe vb jse ws wsf wsc wsh hta ps1 psm1 psc1 lnk scf jar apk
    ade adp chm hlp msc job gadget application appref-ms appx msix xll sct shb shs ins isp settingcontent-ms diagcab
    library-ms search-ms website vhd vhdx udl bash csh ksh elf workflow dmg pkg rpm deb iqy slk js one img iso
"""
# Names that harmless files have too: alone they prove nothing, behind a document's name they do.
_RUN_OR_NOT = "sh py pl url run desktop action command reg inf sys app bin theme"
_MACROS = "docm dotm xlsm xltm xlam xlsb pptm potm ppsm ppam sldm"
RUN_WHEN_OPENED = frozenset(_RUN_WHEN_OPENED.split())
EXECUTABLE_NAMES = RUN_WHEN_OPENED | frozenset(_RUN_OR_NOT.split())
MACRO_NAMES = frozenset(_MACROS.split())
# An extension that people take for a document, before one that runs.
_DOCUMENT = "pdf|docx?|xlsx?|pptx?|odt|ods|rtf|txt|jpe?g|png|gif|csv|html?|mp[34]|zip"
DOUBLE_EXTENSION = re.compile(rf"\.(?:{_DOCUMENT})[\s._\u00a0]*\.([a-z0-9-]{{2,14}})[\s.]*\Z", re.IGNORECASE)
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
    # An archive may stand behind other data: readers look for its directory at the end (APPNOTE 4.3.16).
    return "zip" if content.find(b"PK\x05\x06", max(0, len(content) - 65_600)) >= 0 else ""


def extension(name: str) -> str:
    """The last extension as systems take it: compatibility forms, without white space and dots at the end."""
    plain = unicodedata.normalize("NFKC", name[-300:]).replace("\x00", "").strip(" .\t\r\n\"'")
    plain = re.split(r"[/\\:]", plain)[-1]
    stem, dot, last = plain.rpartition(".")
    return last.strip().lower() if dot and (stem or last) else ""


def runs_by_name(name: str) -> bool:
    """Whether a system would run a file of that name when it is opened."""
    last = extension(name)
    # "www.party.example.com" and "ana@example.com" are names of pages and messages, not of programs.
    return last in RUN_WHEN_OPENED and not (last == "com" and ("@" in name or name.lower().startswith("www.")))


def poses_by_name(name: str) -> bool:
    """Whether the name makes people believe in another type: "invoice.pdf.exe", or reversed by bidi controls."""
    match = DOUBLE_EXTENSION.search(unicodedata.normalize("NFKC", name[-300:]))
    return bool(_BIDI.search(name)) or (match is not None and match.group(1).lower() in EXECUTABLE_NAMES)


def has_macros_by_name(name: str) -> bool:
    """Whether the name is that of a document with macros."""
    return extension(name) in MACRO_NAMES
