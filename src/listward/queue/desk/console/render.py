"""Turns values into pages: one Jinja environment with autoescape on and nothing undefined."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from listward.config.approval import approval_of
from listward.config.vocabulary import vocabulary
from listward.queue.desk.access.door import Entry
from listward.queue.desk.console.times import ago, local_time, machine_time, size_words
from listward.queue.desk.console.words import ruling_words, state_words
from listward.queue.desk.desk import Desk
from listward.queue.desk.plain import defanged, plain
from listward.queue.desk.vouching import path_words

HERE = Path(__file__).parent


def environment() -> Environment:
    """The templates' world: no template can reach more than these filters."""
    world = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    world.filters.update(
        plain=plain,
        defanged=defanged,
        size_words=size_words,
        machine_time=machine_time,
        state_words=state_words,
        ruling_words=ruling_words,
        path_words=path_words,
        capitalize_first=lambda text: f"{text[:1].upper()}{text[1:]}",
    )
    return world


class Pages:
    """Renders pages for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = environment()
        configuration = desk.configuration
        self._approval = approval_of(configuration.policy, configuration.site.policy)

    def page(self, name: str, entry: Entry | None, status: int = 200, **values: Any) -> HTMLResponse:
        """Render one template; `entry` is who reads it."""
        now, site = self._desk.clock.now(), self._desk.configuration.site
        zone = entry.person.zone if entry else "UTC"
        text = self._world.get_template(name).render(
            values,
            person=entry.person if entry else None,
            csrf=entry.csrf if entry else "",
            sees_vouches=entry is not None and bool(self._desk.rulings.vouching.lists_of(entry.person)),
            organisation=site.organisation.name,
            observe=site.policy.mode == "observe",
            approval=self._approval,
            approval_said=self._approval.sentence(vocabulary("en")),
            sees_trials=entry is not None and self._desk.trials.shows(entry.person),
            sees_frozen=entry is not None and self._desk.freezing.may_look(entry.person),
            now=now,
            ago=lambda at: ago(at, now),
            local=lambda at: local_time(at, zone),
        )
        return HTMLResponse(text.encode("utf-8", "replace"), status)  # halves of characters are no UTF-8
