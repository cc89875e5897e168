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
TEXT_BYTES: Final = 5 * 1024 * 1024
ATTACHED_BYTES: Final = 64 * 1024
CARVED_BYTES: Final = 8 * 1024 * 1024
HTML_BYTES: Final = 1024 * 1024
HTML_DEPTH: Final = 200
# Every byte may be read this many times over by nested and alternative readings before the walk stops.
READINGS: Final = 16
