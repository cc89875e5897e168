"""Case records: everything comes back, private text is sealed, other releases' fields do no harm."""

import json
from dataclasses import replace

import pytest
from case_samples import draft
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.filters.identity.standing import Method, Path
from listward.queue.cases.case import (
    Answer,
    Approval,
    Case,
    CaseDraft,
    CaseState,
    Reason,
    Ruling,
    Said,
    StoredEnvelope,
)
from listward.queue.store.codec import Codec
from listward.queue.store.keys import KeyRing, key_id
from listward.queue.store.ports import DamagedBody
from listward.queue.store.record import StoredCase, draft_fields, known, read_record, standing_fields, to_json

KEY = b"k" * 32
CODEC = Codec(KeyRing(KEY, {key_id(KEY): KEY}))
TEXT = st.text(st.characters(), max_size=30)


def stored(case: Case) -> StoredCase:
    """A case with a body of two pieces."""
    return StoredCase(case, "ab" * 32, 300, 2)


def as_hash(value: StoredCase) -> dict[bytes, bytes]:
    """What Redis would give back."""
    words = (*draft_fields(CODEC, value), *standing_fields(CODEC, value.case))
    texts = [word if isinstance(word, bytes) else repr(word).strip("'").encode() for word in words]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def case_of(changed: CaseDraft | None = None) -> Case:
    """A case with everything in it."""
    return Case(
        number="10008",
        version=7,
        state=CaseState.RELEASED,
        draft=changed or draft(),
        opened_at=1.5,
        changed_at=2.25,
        approvals=(Approval("moderators", "mod@party.example", 2.0),),
        ruling=Ruling("release", "mod@party.example", 2.0, "A 1", "Fine."),
        deliver_after=62.0,
        failure="450 busy",
        attempts=2,
    )


@settings(deadline=None, max_examples=60)
@given(subject=TEXT, quote=TEXT, parameters=st.lists(TEXT, max_size=3), queues=st.lists(TEXT, max_size=3))
def test_every_case_comes_back(subject: str, quote: str, parameters: list[str], queues: list[str]) -> None:
    """Whatever text a message brings, lone surrogates included."""
    envelope = StoredEnvelope("\udce9@x", ("a@x", "b@x"), tuple(parameters), (tuple(parameters), ()))
    reasons = (Reason("r", "c", "A 1", "Because.", "text", 1, 2, quote),)
    made = draft(subject=subject, envelope=envelope, reasons=reasons, queues=tuple(queues), linked=("10013",))
    value = stored(case_of(made))
    assert read_record(CODEC, "10008", as_hash(value)) == value


def test_private_text_is_not_readable() -> None:
    """Subject, first lines, names, quotations, sentences and people are sealed."""
    case = case_of(draft(subject="Secretmeeting", first_lines="Firstwords", author="ana@member.example"))
    lying = b"".join(as_hash(stored(case)).values())
    for word in (b"Secretmeeting", b"Firstwords", b"ana@", b"donate", b"Fine.", b"mod@"):
        assert word not in lying


@pytest.mark.parametrize("name", [b"x", b"y"])
def test_parts_of_another_case_or_version_do_not_open(name: bytes) -> None:
    """Swapping records between cases, or putting an old standing back, is noticed."""
    mine = as_hash(stored(case_of()))
    other = as_hash(stored(replace(case_of(), number="10013", version=6)))
    with pytest.raises(DamagedBody):
        read_record(CODEC, "10008", {**mine, name: other[name]})


@pytest.mark.parametrize("name", [b"v", b"s", b"x", b"y", b"o", b"p"])
def test_a_missing_field_is_damage(name: bytes) -> None:
    """A torn record is never half a case."""
    lying = as_hash(stored(case_of()))
    del lying[name]
    with pytest.raises(DamagedBody):
        read_record(CODEC, "10008", lying)


def test_fields_of_other_releases_do_no_harm() -> None:
    """Unknown ones are left out, missing ones get their default."""
    made = known(Reason, {"rule": "r", "category": "c", "clause": "", "sentence": "s", "later": [1]})
    assert made == Reason("r", "c", "", "s")


def test_json_is_the_same_every_time() -> None:
    """Sorted keys and ASCII: what is hashed and sealed does not depend on order."""
    assert to_json({"b": "\udce9", "a": 1}) == b'{"a":1,"b":"\\udce9"}'
    assert json.loads(to_json({"b": "\udce9"})) == {"b": "\udce9"}


def test_paths_and_an_answer_come_back() -> None:
    """A confirmed message is read as a member's, a denied one as it came."""
    paths = (Path(Method.DKIM, "small-host.example", "s1"), Path(Method.SPF, "small-host.example"))
    kept = draft(origin="unproven", authenticated=False, role="", paths=paths)
    reasons = (Reason("first-posts", "identity", "", "First messages are read."),)
    denied = stored(replace(case_of(kept), answer=Answer(Said.NOT_HERS, 2.0)))
    assert read_record(CODEC, "10008", as_hash(denied)) == denied
    confirmed = stored(replace(case_of(kept), answer=Answer(Said.HERS, 2.0, "member", reasons)))
    back = read_record(CODEC, "10008", as_hash(confirmed)).case
    assert (back.draft.origin, back.draft.authenticated, back.draft.role) == ("member", True, "member")
    assert (back.draft.reasons, back.draft.paths, back.answer) == (reasons, paths, confirmed.case.answer)


def test_a_record_from_before_answers_is_read() -> None:
    """An earlier release wrote neither paths nor answers."""
    words = as_hash(stored(case_of()))
    standing = json.loads(CODEC.open(words[b"y"], "standing:10008:7"))
    del standing["answer"]
    words[b"y"] = CODEC.seal(to_json(standing), "standing:10008:7")
    sealed = json.loads(CODEC.open_record(words[b"x"], "draft:10008"))
    del sealed["draft"]["paths"]
    words[b"x"] = CODEC.seal_record(to_json(sealed), "draft:10008")
    case = read_record(CODEC, "10008", words).case
    assert (case.answer, case.draft.paths) == (None, ())
