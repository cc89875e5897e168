"""The HTTP API, version 1."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import ValidationError

from listward.config.approval import approval_of
from listward.queue.cases.commands import Verb
from listward.queue.desk.access.person import Person
from listward.queue.desk.api.bodies import Act, Bundle, Release
from listward.queue.desk.api.caller import CaseWorker, Checker, TheDesk
from listward.queue.desk.api.check import CheckBody, origin_given, transaction_for, verdict_view
from listward.queue.desk.api.views import case_view, vouch_view
from listward.queue.desk.desk import Desk
from listward.queue.desk.listing import Wanted, listed, states_of
from listward.queue.desk.reads import note_search, note_vouches
from listward.queue.desk.rulings import BundleOutcome
from listward.runtime.ids import new_id

router = APIRouter(prefix="/api/v1")
health = APIRouter()


@router.get("/cases", summary="List cases of your queues, oldest first")
async def list_cases(
    desk: TheDesk,
    person: CaseWorker,
    state: Annotated[list[str] | None, Query(max_length=20)] = None,
    list_address: Annotated[list[str] | None, Query(alias="list", max_length=50)] = None,
    queue: Annotated[str, Query(max_length=100)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> dict[str, Any]:
    """`state` and `list` may be given several times; `cursor` is "" on the last page."""
    try:
        wanted = Wanted(states_of(state or ["held", "claimed"]), tuple(list_address or ()), queue, q)
    except ValueError as problem:
        raise HTTPException(422, str(problem)) from None
    page = await listed(desk.cases, desk.rulings, person, wanted, limit, cursor)
    if q:
        await note_search(desk.reads, page.cases, person.address, desk.clock.now())
    return {"cases": [case_view(case) for case in page.cases], "cursor": page.cursor}


@router.get("/cases/{number}", summary="Read one case")
async def get_case(number: str, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """403 when it is in none of your queues. The reading is written down."""
    return case_view(await desk.open(person, number))


@router.get("/cases/{number}/message", summary="Download the message as it came", response_class=Response)
async def get_message(number: str, desk: TheDesk, person: CaseWorker) -> Response:
    """The raw message as text/plain, as a download. The reading is written down."""
    return await download(desk, person, number)


async def download(desk: Desk, person: Person, number: str) -> Response:
    """Answer with the message as it came, never in a form that a browser would render."""
    case = await desk.open(person, number, "downloaded")
    body = await desk.cases.body(case.number)
    fields = {"Content-Disposition": f'attachment; filename="case-{case.number}.txt"'}
    return Response(body, media_type="text/plain", headers=fields)


@router.post("/cases/bulk", summary="Discard strangers' likely spam together")
async def bulk(body: Bundle, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """Each case is decided by itself; a member's message is never discarded this way."""
    items = [(item.number, item.version) for item in body.cases]
    outcomes = await desk.rulings.discard_bundle(person, items)
    return {"results": [_outcome(outcome) for outcome in outcomes]}


def _outcome(outcome: BundleOutcome) -> dict[str, Any]:
    if outcome.case is None:
        return {"number": outcome.number, "done": False, "error": outcome.problem}
    return {"number": outcome.number, "done": True, "case": case_view(outcome.case)}


async def _act(desk: Desk, person: Person, number: str, verb: Verb, body: Act) -> dict[str, Any]:
    case = await desk.rulings.rule(person, number, verb, body.version, body.clause, body.reason)
    return case_view(case)


@router.post("/cases/{number}/release", summary="Send it on to the list")
async def release(number: str, body: Release, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """It leaves after the time for undo. With `vouch` the answer says whether its way of sending is remembered."""
    if not body.vouch:
        return await _act(desk, person, number, Verb.RELEASE, body)
    case, problem = await desk.rulings.release_and_vouch(person, number, body.version)
    return {**case_view(case), "vouched": not problem, "vouch_problem": problem}


@router.post("/cases/{number}/reject", summary="Send it back to the author, with clause and reason")
async def reject(number: str, body: Act, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """422 without clause and reason."""
    return await _act(desk, person, number, Verb.REJECT, body)


@router.post("/cases/{number}/discard", summary="Drop it")
async def discard(number: str, body: Act, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """422 without clause and reason where the author is proven."""
    return await _act(desk, person, number, Verb.DISCARD, body)


@router.post("/cases/{number}/claim", summary="Take it")
async def claim(number: str, body: Act, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """Colleagues see that you are at it."""
    return await _act(desk, person, number, Verb.CLAIM, body)


@router.post("/cases/{number}/unclaim", summary="Give it back")
async def unclaim(number: str, body: Act, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """No reason is needed."""
    return await _act(desk, person, number, Verb.UNCLAIM, body)


@router.post("/cases/{number}/undo", summary="Take a release back")
async def undo(number: str, body: Act, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """Possible until the message leaves."""
    return await _act(desk, person, number, Verb.UNDO, body)


@router.post("/cases/{number}/escalate", summary="Pass it on to who decides next")
async def escalate(number: str, body: Act, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """No reason is needed."""
    return await _act(desk, person, number, Verb.ESCALATE, body)


@router.get("/vouches", summary="List the ways of sending that somebody vouched for")
async def list_vouches(desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """Those of your lists, newest first. The reading is written down."""
    vouches = await desk.rulings.vouching.listed(person)
    await note_vouches(desk.reads, vouches, person.address, desk.clock.now())
    return {"vouches": [vouch_view(one) for one in vouches]}


@router.post("/vouches/{id}/revoke", summary="End one at once")
async def revoke_vouch(id: str, desk: TheDesk, person: CaseWorker) -> dict[str, Any]:
    """Mail that comes this way waits for a moderator again."""
    return vouch_view(await desk.rulings.vouching.revoke(person, id))


@router.post("/check", summary="Judge a message or plain text without effect")
async def check(request: Request, desk: TheDesk, _: Checker) -> dict[str, Any]:
    """Takes JSON, or the message itself as message/rfc822, or plain text as text/plain. Nothing of it is kept."""
    content = await request.body()
    body, raw = _check_body(request.headers.get("content-type", ""), content)
    transaction = transaction_for(body, raw, desk.configuration.site, new_id(), desk.clock.now())
    return verdict_view(await desk.judge.judge(transaction, origin_given(body)))


def _check_body(content_type: str, content: bytes) -> tuple[CheckBody, bytes]:
    """What is asked, and the message as it came where it is the whole body."""
    kind = content_type.partition(";")[0].strip().lower()
    if not content:
        raise HTTPException(422, "There is nothing to check.")
    if kind == "message/rfc822":
        return CheckBody(), content
    if kind == "text/plain":
        return CheckBody(text=content.decode("utf-8", "replace")), b""
    if kind != "application/json":
        raise HTTPException(415, "Send application/json, message/rfc822 or text/plain.")
    body = _read_json(content)
    if bool(body.message) == bool(body.text):
        raise HTTPException(422, "Give either `message` or `text`.")
    return body, b""


def _read_json(content: bytes) -> CheckBody:
    try:
        return CheckBody.model_validate_json(content)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HTTPException(422, f"{place or 'body'}: {first['msg']}") from None


@health.get("/healthz", summary="Alive")
@router.get("/healthz", summary="Alive")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@health.get("/readyz", summary="Can keep its promise")
@router.get("/readyz", summary="Can keep its promise")
async def readyz(desk: TheDesk, response: Response) -> dict[str, str]:
    """200 when a hold would be kept, else 503 with the reason; and the hash and approval of the rules that run."""
    problem = await desk.ready()
    approval = approval_of(desk.configuration.policy, desk.configuration.site.policy)
    rules = {"policy": approval.digest, "approval": approval.standing.value}
    response.status_code = 503 if problem else 200
    return {**({"status": "not ready", "error": problem} if problem else {"status": "ok"}), **rules}
