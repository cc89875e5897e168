"""The readers, in order of cost. A reader sees the message and the context only, and never decides an action."""

from typing import Final

from listward.filters.content import ambiguity, attachments, automatic, solicitation, structure, wording
from listward.filters.context import Reader

READERS: Final[tuple[tuple[str, Reader], ...]] = (
    ("structure", structure.check),
    ("ambiguity", ambiguity.check),
    ("automatic", automatic.check),
    ("attachments", attachments.check),
    ("solicitation", solicitation.check),
    ("wording", wording.check),
)
