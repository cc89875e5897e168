"""Conditions on what can be measured: size, counts, and when a message came."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from listward.config.conditions import DAYS, Conditions, CountTest, SizeTest, TimeTest, size_words
from listward.filters.policy.seen import Fact, Seen, Test
from listward.filters.policy.situation import Situation

_COUNTED = {
    "recipients": "addresses it is sent to",
    "attachments": "attachments",
    "links": "links",
    "posts-today": "messages of the author in 24 hours",
}


def size(when: Conditions) -> Test:
    """The whole message in octets, as it came."""
    bound = when.size or SizeTest()

    def test(situation: Situation) -> Seen:
        octets = situation.measures.size
        if octets < bound.at_least:
            return Seen(False, f"it has {octets} bytes, fewer than {size_words(bound.at_least)}")
        if bound.at_most is not None and octets > bound.at_most:
            return Seen(False, f"it has {octets} bytes, more than {size_words(bound.at_most)}")
        return Seen(True, f"it has {octets} bytes")

    return test


def count(when: Conditions) -> Test:
    """How many there are of something; how often an author wrote is known to the store alone."""
    bound = when.count or CountTest(name="links")
    what = _COUNTED[bound.name]

    def test(situation: Situation) -> Seen:
        value = situation.measures.count(bound.name)
        if value is None:
            return Seen(None, f"the number of {what} could not be established", Fact.STORE)
        return _within(value, bound.at_least, bound.at_most, what)

    return test


def time(when: Conditions) -> Test:
    """The hour and day at which a message came, by the organisation's clock."""
    bound = when.time or TimeTest(days=DAYS)
    days = f"{', '.join(bound.days) or 'any day'} {bound.since} to {bound.until}"

    def test(situation: Situation) -> Seen:
        zone = situation.measures.zone
        moment = datetime.fromtimestamp(situation.measures.at, UTC if zone == "UTC" else ZoneInfo(zone))
        holds = _is_in(bound, moment)
        return Seen(holds, f"it came {DAYS[moment.weekday()]} {moment:%H:%M}, {'in' if holds else 'not in'} {days}")

    return test


def _within(value: int, at_least: int, at_most: int | None, what: str) -> Seen:
    if value < at_least:
        return Seen(False, f"{value} {what}, fewer than {at_least}")
    if at_most is not None and value > at_most:
        return Seen(False, f"{value} {what}, more than {at_most}")
    return Seen(True, f"{value} {what}")


def _is_in(bound: TimeTest, moment: datetime) -> bool:
    """A span over midnight belongs to the day on which it begins."""
    clock = f"{moment:%H:%M}"
    day = moment.weekday()
    if bound.since == bound.until:
        inside = True
    elif bound.since < bound.until:
        inside = bound.since <= clock < bound.until
    else:
        inside = clock >= bound.since or clock < bound.until
        day -= clock < bound.until
    return inside and (not bound.days or DAYS[day % 7] in bound.days)
