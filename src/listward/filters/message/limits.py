"""Bounds of the work one message may cause. Beyond a bound stands a defect, and parsing goes on with what is inside."""

from typing import Final

HEADER_BYTES: Final = 256 * 1024
FIELDS: Final = 1000
FIELD_BYTES: Final = 16 * 1024
PARAMETERS: Final = 100
PARTS: Final = 500
UU_FILES: Final = 20
ALTERNATIVES: Final = 100
DEPTH: Final = 50
ADDRESSES: Final = 500
LINKS: Final = 1000
# Places in plain text that may be a link; most of them are.
LINK_SIGNS: Final = 20_000
# Padded pieces of base64 that are read one by one, and lines that are looked at one by one.
PIECES: Final = 1000
LINES: Final = 50_000
# Characters to be searched for lines that an earlier text shows already.
SEARCHED: Final = 100_000_000
DIGEST_BYTES: Final = 1024 * 1024
TEXT_BYTES: Final = 5 * 1024 * 1024
ATTACHED_BYTES: Final = 64 * 1024
CARVED_BYTES: Final = 4 * 1024 * 1024
HTML_BYTES: Final = 1024 * 1024
# Pages up to this size cost little, however they are built.
HTML_SMALL: Final = 32 * 1024
HTML_FEW_TAGS: Final = 2000
HTML_DEPTH: Final = 200
HTML_TAGS: Final = 20_000
HTML_ATTRIBUTES: Final = 200
HTML_ENTITIES: Final = 100_000
STYLES: Final = 2000
HTML_COSTLY_TAGS: Final = 2000
# Open formatting elements times tags: as many elements a tree parser may have to open again.
HTML_REOPENED: Final = 100_000
# Every byte may be read this many times over by nested and alternative readings before the walk stops.
READINGS: Final = 16
