"""Times as people read them: how long ago in words, and the moment in the reader's zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from listward.queue.notices.languages import zone_name

_STEPS = ((86_400 * 2, 86_400, "day"), (3600, 3600, "hour"), (60, 60, "minute"))


def ago(at: float, now: float) -> str:
    """How long ago in words: "just now", "5 minutes ago", "2 hours ago", "3 days ago"."""
    passed = now - at
    for least, unit, name in _STEPS:
        if passed >= least:
            count = int(passed // unit)
            return f"{count} {name}{'s' if count != 1 else ''} ago"
    return "just now"


def machine_time(at: float) -> str:
    """The moment for machines: ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local_time(at: float, zone: str) -> str:
    """The moment for people: "Tue 3 Nov, 14:05" in the reader's zone, which is named."""
    moment = datetime.fromtimestamp(at, zone_named(zone))
    return f"{moment:%a} {moment.day} {moment:%b, %H:%M} {zone_name(moment)}"


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name, UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def size_words(size: int) -> str:
    """A size for people: "812 bytes", "14 KB", "2.1 MB"."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
