"""Messages too short to tell junk by: "Yes, I will come", a vote, condolences."""

import re

from listward.filters.message.message import Message

FEWEST_WORDS = 12
MOST_SURE = 0.89
"""Below what a member's message is held at, and what a stranger's is bundled at; above what strangers are held at."""

_WORD = re.compile(r"\w+")
_ENOUGH_TEXT = 400


def tempered(score: float, message: Message) -> float:
    """Return the spam score, bounded where a few words without link, file or hidden text are all there is."""
    return min(score, MOST_SURE) if score > MOST_SURE and _is_thin(message) else score


def _is_thin(message: Message) -> bool:
    text = f"{message.subject} {message.visible_text[:_ENOUGH_TEXT]}"
    if len(_WORD.findall(text)) >= FEWEST_WORDS:
        return False
    return not (message.links or message.attachments or message.hidden_text.strip())
