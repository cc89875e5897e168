"""The API's verbs on accounts: freeze, thaw, and who is frozen."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from listward.queue.desk.api.caller import CaseWorker, TheDesk
from listward.queue.desk.api.views import iso, utf8
from listward.queue.desk.freezing import LONGEST_REASON, Account, Freezing, Turning

router = APIRouter(prefix="/api/v1/accounts")


class Turn(BaseModel):
    """One account, and why its switch is turned."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(max_length=320)
    reason: str = Field(default="", max_length=LONGEST_REASON)


def freezing_of(desk: TheDesk) -> Freezing:
    """Who freezes at this desk."""
    return desk.freezing


TheFreezing = Annotated[Freezing, Depends(freezing_of)]


@router.get("/frozen", summary="List frozen accounts, newest first")
async def list_frozen(freezing: TheFreezing, person: CaseWorker) -> dict[str, Any]:
    """403 for who neither moderates nor administers. An account is all addresses of one person."""
    return {"accounts": [account_view(account) for account in await freezing.frozen(person)]}


@router.post("/freeze", summary="Freeze the account of the person with this address")
async def freeze(body: Turn, freezing: TheFreezing, person: CaseWorker) -> dict[str, Any]:
    """All mail of theirs to the lists waits from now on. 422 without a reason."""
    return turning_view(await freezing.freeze(person, body.address, body.reason))


@router.post("/thaw", summary="End the freeze of the person with this address")
async def thaw(body: Turn, freezing: TheFreezing, person: CaseWorker) -> dict[str, Any]:
    """What is held stays held until people decide. 422 without a reason, or where the account is not frozen."""
    return turning_view(await freezing.thaw(person, body.address, body.reason))


def account_view(account: Account) -> dict[str, Any]:
    """A frozen account as programs read it."""
    view: dict[str, Any] = utf8(
        {"addresses": list(account.addresses), "by": account.by, "reason": account.reason, "at": iso(account.at)}
    )
    return view


def turning_view(turning: Turning) -> dict[str, Any]:
    """What an act came to: the addresses, released cases on their way, whether the person can be told."""
    return {
        "addresses": list(turning.addresses),
        "on_the_way": list(turning.leaving),
        "told_elsewhere": turning.reachable,
        "all_rosters_read": turning.whole,
        "on_roster": turning.on_roster,
    }
