"""Where something of ours went wrong, told without a word of the message."""

import traceback


def place_of(error: Exception) -> str:
    """Return module and line where it was raised: its text may quote the message, its place does not."""
    frames = list(traceback.walk_tb(error.__traceback__))
    if not frames:
        return ""
    frame, line = frames[-1]
    return f"{frame.f_globals.get('__name__', '?')}:{line}"
