"""The API's verbs on rules on trial: what they would have done, examples for tuners, and their marks."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from listward.queue.desk.api.caller import CaseWorker, TheDesk
from listward.queue.desk.api.views import iso, utf8
from listward.queue.desk.trial_report import CRITERIA, Line
from listward.queue.desk.trials import Report, Trials
from listward.queue.store.observations import Kept, Place

router = APIRouter(prefix="/api/v1/trials")
_MARKS = {"right": True, "wrong": False, "none": None}
_SAID = {True: "right", False: "wrong", None: "none"}


class Mark(BaseModel):
    """Where an example lies, as listing gives it, and whether the rule would have been right."""

    model_config = ConfigDict(extra="forbid")

    list: str = Field(max_length=320)
    rule: str = Field(max_length=200)
    day: int = Field(ge=0, le=1_000_000)
    slot: int = Field(ge=1, le=1000)
    id: str = Field(max_length=32)
    said: Literal["right", "wrong", "none"]


def trials_of(desk: TheDesk) -> Trials:
    """The trials of this desk."""
    return desk.trials


TheTrials = Annotated[Trials, Depends(trials_of)]


@router.get("", summary="What rules on trial would have done")
async def report(
    trials: TheTrials,
    person: CaseWorker,
    list_address: Annotated[list[str] | None, Query(alias="list", max_length=50)] = None,
) -> dict[str, Any]:
    """On your lists, or those of them in `list`. Counts only."""
    return report_view(await trials.report(person, only=tuple(list_address or ())))


@router.get("/examples", summary="Examples of one rule on one list")
async def examples(
    trials: TheTrials,
    person: CaseWorker,
    list_address: Annotated[str, Query(alias="list", max_length=320)],
    rule: Annotated[str, Query(max_length=200)],
) -> dict[str, Any]:
    """403 for everybody but the list's named tuners. The reading is written down."""
    kept = await trials.examples(person, list_address, rule)
    return {"examples": [example_view(one, rule) for one in kept]}


@router.post("/mark", summary="Say whether the rule would have been right")
async def mark(body: Mark, trials: TheTrials, person: CaseWorker) -> dict[str, Any]:
    """`none` takes a mark away. 404 where the example is gone."""
    place = Place(body.list, body.day, body.rule, body.slot, body.id)
    await trials.mark(person, body.rule, place, _MARKS[body.said])
    return {"said": body.said}


def report_view(report: Report) -> dict[str, Any]:
    """The report as programs read it."""
    return {
        "lists": list(report.lists),
        "observing": report.observing,
        "since": iso(report.since),
        "criteria": list(CRITERIA),
        "rules": [_line(line) for line in report.lines],
    }


def example_view(kept: Kept, rule: str) -> dict[str, Any]:
    """One example."""
    place, example = kept.place, kept.example
    view: dict[str, Any] = utf8(
        {
            "list": place.list,
            "rule": rule,
            "day": place.day,
            "slot": place.slot,
            "id": place.id,
            "said": _SAID[kept.mark],
            "action": example.action.value,
            "saw": example.saw,
            "subject": example.subject,
            "first_lines": example.text,
            "words": list(example.words),
            "origin": example.origin,
        }
    )
    return view


def _line(line: Line) -> dict[str, Any]:
    decided = line.decided
    return {
        "rule": line.rule,
        "mode": line.mode,
        "on_trial": line.watched,
        "judged": line.judged,
        "would": {action.value: count for action, count in line.would.items()},
        "after_another_rule": line.after,
        "undecided": line.undecided,
        "right": line.right,
        "wrong": line.wrong,
        "kept_back": decided.kept,
        "let_through": decided.through,
        "members_kept_back": decided.members_kept,
        "members_let_through": decided.members_through,
        "readiness": line.readiness.value,
        "next_step": line.next_step,
        "sentence": line.sentence(),
    }
