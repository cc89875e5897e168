"""Forgetting: first a case's text, much later who it was about. The case itself and the audit chain stay."""

from dataclasses import replace

from listward.queue.cases.case import Approval, Case, CaseDraft, StoredEnvelope
from listward.queue.store.codec import Codec
from listward.queue.store.durability import Guard
from listward.queue.store.held_bytes import HeldBytes
from listward.queue.store.indexes import KINDS
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import ListKeys
from listward.queue.store.reading import Reading
from listward.queue.store.record import StoredCase, draft_fields, standing_fields
from listward.queue.store.words import Word


class Forgetting:
    """Rewrites records without what may no longer be kept. Methods raise UnknownCase, DamagedBody, StoreUnavailable."""

    def __init__(self, guard: Guard, codec: Codec, reading: Reading, held: HeldBytes) -> None:
        self._guard = guard
        self._codec = codec
        self._reading = reading
        self._held = held

    async def forget_text(self, number: str) -> bool:
        """Delete the message, its subject, first lines and quotations; False when the case has moved meanwhile."""
        keys, stored = await self._reading.stored(number)
        kept = replace(stored, case=_without_quotations(stored.case), pieces=0)
        scores: dict[str, Word] = {keys.bodies(kind): "" for kind in KINDS}
        scores[keys.facts] = stored.case.changed_at
        done = await self._rewrite(keys, kept, scores, erase=False)
        if done:
            await self._held.uncount(stored.case.number)
        return done

    async def forget_person(self, number: str) -> bool:
        """Put a pseudonym for the author, drop names and erase the audit's clear text of this case."""
        keys, stored = await self._reading.stored(number)
        kept = replace(stored, case=self._without_person(stored.case), pieces=0)
        scores: dict[str, Word] = {keys.facts: ""}
        return await self._rewrite(keys, kept, scores, erase=True)

    async def _rewrite(self, keys: ListKeys, kept: StoredCase, scores: dict[str, Word], *, erase: bool) -> bool:
        number = kept.case.number
        fields = (*draft_fields(self._codec, kept), *standing_fields(self._codec, kept.case))
        call = LIBRARY.call(
            "forget",
            (keys.case(number), keys.body(number), keys.clear, *scores),
            number,
            kept.case.version,
            int(erase),
            len(fields),
            *fields,
            *scores.values(),
        )
        return bool((await self._guard.write(keys.clear, call))[0])

    def _without_person(self, case: Case) -> Case:
        draft = replace(
            without_text(case.draft),
            author=self._codec.pseudonym(case.draft.author) if case.draft.author else "",
            author_name="",
            message_id="",
            envelope=StoredEnvelope("", ()),
            paths=(),
            grounds=(),
        )
        approvals = tuple(Approval(approval.queue, "", approval.at) for approval in case.approvals)
        ruling = replace(case.ruling, by="", sentence="") if case.ruling else None
        without = replace(_without_quotations(case), draft=draft, claimed_by="", failure="")
        return replace(without, approvals=approvals, ruling=ruling)


def _without_quotations(case: Case) -> Case:
    """The case without what the message said; what an answer brought stands in the draft already."""
    answer = replace(case.answer, reasons=()) if case.answer else None
    return replace(case, draft=without_text(case.draft), answer=answer)


def without_text(draft: CaseDraft) -> CaseDraft:
    """Return the draft without what the message said."""
    reasons = tuple(replace(reason, quote="") for reason in draft.reasons)
    return replace(draft, subject="", first_lines="", reasons=reasons)
