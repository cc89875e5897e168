"""Moments in letters are by the clock that the organisation's members read."""

import pytest
from memory_cases import START, draft
from notices_world import notice_site

from listward.config.find import DEFAULTS
from listward.config.load import Configuration, load
from listward.config.site import Organisation
from listward.queue.cases.case import Case, CaseState
from listward.queue.notices.languages import local, moment
from listward.queue.notices.values import Told, values_for

SHIPPED = load(DEFAULTS)
LATE = 1_793_746_800.0  # 2026-11-03 23:00 UTC: in Madrid it is Wednesday by then


@pytest.mark.parametrize(
    ("zone", "english", "spanish"),
    [
        ("UTC", "Tuesday, 3 November, 23:00 UTC", "martes 3 de noviembre, 23:00 UTC"),
        ("Europe/Madrid", "Wednesday, 4 November, 00:00 CET", "miércoles 4 de noviembre, 00:00 CET"),
        ("America/Bogota", "Tuesday, 3 November, 18:00 UTC-05", "martes 3 de noviembre, 18:00 UTC-05"),
    ],
)
def test_a_moment_is_by_the_organisations_clock(zone: str, english: str, spanish: str) -> None:
    """Weekday, date and hour; a zone without letters of its own says how far it is from UTC."""
    site = notice_site(organisation=Organisation(name="The Party", domains=("party.example",), timezone=zone))
    at = local(LATE, site)
    assert (moment(at, "en"), moment(at, "es")) == (english, spanish)


def test_a_deadline_in_a_letter_is_by_that_clock() -> None:
    """A member reads until when a person decides, and need not know what UTC is."""
    site = notice_site(organisation=Organisation(name="O", domains=("party.example",), timezone="Europe/Madrid"))
    case = Case("10008", 1, CaseState.HELD, draft(), START, START)
    told = Told("held", case)
    values = values_for(told, Configuration(site, SHIPPED.policy, SHIPPED.directory, SHIPPED.templates), "en")
    assert values["deadline"] == "Saturday, 21 November, 12:06 CET"
