"""Reader: what two mail programs could understand differently is said, never guessed."""

from collections.abc import Iterator

from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message

CATEGORY = "ambiguity"
_PARTS = "Mail programs may disagree on which parts this message has."
_ENCODING = "Mail programs may disagree on the content of a part."
_TEXT = "Mail programs may show different texts of this message."
_NAME = "Mail programs may disagree on the name or type of a file."
_HEADER = "Mail programs may disagree on a header line of this message."

# Defects that are no finding are harmless: every reader shows the same, or the structure reader says it.
REASONS = {
    "duplicate-content-type": (_PARTS, 0.9),
    "several-boundaries": (_PARTS, 0.9),
    "odd-boundary": (_PARTS, 0.8),
    "fields-after-blank-line": (_PARTS, 0.8),
    "missing-boundary": (_PARTS, 0.8),
    "boundary-not-found": (_PARTS, 0.7),
    "near-boundary": (_PARTS, 0.8),
    "hidden-boundary": (_PARTS, 0.9),
    "parts-after-end": (_PARTS, 0.8),
    "malformed-content-type": (_PARTS, 0.8),
    "encoded-multipart": (_PARTS, 0.9),
    "encoded-boundary": (_PARTS, 0.8),
    "nested-same-boundary": (_PARTS, 0.9),
    "parts-outside": (_PARTS, 0.8),
    "external-body": (_PARTS, 0.7),
    "odd-mime-version": (_PARTS, 0.7),
    "embedded-file": (_PARTS, 0.7),
    "undeclared-base64": (_ENCODING, 0.7),
    "odd-charset": (_TEXT, 0.7),
    "conflicting-charsets": (_TEXT, 0.7),
    "unknown-charset": (_TEXT, 0.6),
    "odd-file-name": (_NAME, 0.7),
    "duplicate-mime-version": (_HEADER, 0.6),
    "duplicate-content-transfer-encoding": (_ENCODING, 0.9),
    "odd-transfer-encoding": (_ENCODING, 0.8),
    "unknown-transfer-encoding": (_ENCODING, 0.8),
    "broken-base64": (_ENCODING, 0.7),
    "broken-quoted-printable": (_ENCODING, 0.6),
    "duplicate-content-disposition": (_NAME, 0.7),
    "conflicting-file-names": (_NAME, 0.7),
    "disordered-parameter": (_NAME, 0.7),
    "malformed-header-line": (_HEADER, 0.7),
    "mixed-line-ends": (_HEADER, 0.7),
    "odd-line-break": (_HEADER, 0.8),
    "odd-field-name": (_HEADER, 0.9),
    "hidden-field": (_HEADER, 0.9),
    "blank-fold-line": (_HEADER, 0.7),
    "space-before-colon": (_HEADER, 0.7),
    "no-body-separator": (_HEADER, 0.3),
    "ambiguous-author": ("Mail programs may disagree on who wrote this message.", 1.0),
}


def check(message: Message, context: Context) -> Iterator[Finding]:
    """One finding for each way in which readers may differ."""
    for defect in message.all_defects:
        known = REASONS.get(defect.name)
        if known:
            reason, weight = known
            detail = defect.detail
            evidence = (Evidence("structure", 0, len(detail), detail),) if detail else ()
            yield Finding(defect.name, CATEGORY, weight, reason, evidence)
