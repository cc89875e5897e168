"""How fast this machine is at this moment, so that bounds on CPU time mean the same on a slow or busy one.

Figures belong in bench/; a bound in a test says only that nothing blows up, and must not fail for the machine's sake.
"""

import re
import time
from statistics import median

REFERENCE_S = 0.0015
"""What `_work` takes on a quiet two-core machine of 2026, the one the bounds were written on."""
_WORD = re.compile(rb"[a-z]+")
_TEXT = b"The quick brown fox jumps over the lazy dog, and another one does too. " * 40


def _work() -> int:
    """What parsing does most: search, cut, look up, join."""
    seen: dict[bytes, int] = {}
    for _ in range(10):
        for match in _WORD.finditer(_TEXT):
            word = match.group()
            seen[word] = seen.get(word, 0) + len(word)
    return len(b"".join(seen))


def allowed(seconds: float) -> float:
    """Return a bound of so many seconds of CPU, longer by as much as this machine is slower now; never shorter."""
    spent = []
    for _ in range(9):
        start = time.process_time()
        _work()
        spent.append(time.process_time() - start)
    return seconds * max(1.0, median(spent) / REFERENCE_S)
